/**
 * Learned mechanics: Hamiltonian and Lagrangian networks, neural ODEs and residual networks, trained on
 * observed motion, in a page or in Node.
 *
 * - {@link System}: a mechanical system with exact equations, to simulate and to compare with.
 * - {@link Dataset}: observed trajectories: simulated, your own arrays, CSV or JSON.
 * - {@link Model}: a network that learns the motion; trains, rolls out, gives energies and gradients.
 * - {@link Session}: a whole experiment of the playground, with up to four models side by side.
 *
 * Conventions. A *state* of n degrees of freedom has `dimension` = 2n components: (q₁…qₙ, p₁…pₙ) in the
 * canonical chart, (q₁…qₙ, q̇₁…q̇ₙ) in the velocity chart. Many states are one flat array, one state after
 * another. Times are in seconds. Arrays that a call returns are copies of your own, unless you asked for a
 * view. Everything that can go wrong is a {@link LeastActionError} with a `code`.
 *
 * @packageDocumentation
 */
export { memory, ready } from './load.mjs';
export type { Host, LoadOptions } from './load.mjs';

export { ERROR_CODES, LeastActionError } from './errors.mjs';
export type { ErrorCode } from './errors.mjs';

export type {
  Adjoint, AdjointOptions, Bytes, Chart, Doubles, FixedStepMethod, AdaptiveMethod, Floats, Grid, GridOptions,
  Method, Numbers, Rollout, RolloutOptions, Sensitivity, SolveOptions, SolveStatus,
} from './solving.mjs';

export { System } from './system.mjs';
export type {
  ChartOptions, ParameterNames, ParametersOf, SampleOptions, SystemCoordinate, SystemGridOptions, SystemName,
  SystemRolloutOptions,
} from './system.mjs';

export { Dataset } from './dataset.mjs';
export type { DatasetJson, DatasetOptions, Trajectory, TrajectoryInput, TrajectoryJson } from './dataset.mjs';

export { Model } from './model.mjs';
export type { Activation, ModelKind, ModelOptions, ParameterBlock, ThetaOptions } from './model.mjs';
export type {
  History, Loss, LossOptions, Optimizer, Schedule, TrainingProgress, TrainingResult, TrainingRun,
  TrainOptions,
} from './training.mjs';

export { readNpy, writeNpy } from './npy.mjs';
export type { NpyArray, NpyData } from './npy.mjs';
export { readCsv, writeCsv } from './csv.mjs';
export type { CsvTable } from './csv.mjs';
export { trajectoriesFromTable } from './trajectories.mjs';
export type { TableColumns } from './trajectories.mjs';
export { readSafetensors, writeSafetensors } from './safetensors.mjs';
export type { Tensor, TensorInput, TensorType } from './safetensors.mjs';

export { Session } from './session.mjs';
export type {
  AccuracyOptions, AccuracyPoint, AccuracyView, ModelView, PinnedView, Portrait, PortraitOptions,
  RoundTripView, Section, SectionOptions, SessionView, TrajectoryView,
} from './session.mjs';

export { methods, parseConfig, presets, sensitivities, settings, systems } from './tables.mjs';
export type {
  MethodDescription, ModelText, ParsedConfig, Preset, PresetName, SensitivityDescription, SessionConfig,
  Setting, SettingKey, SystemDescription, SystemParameter,
} from './tables.mjs';
