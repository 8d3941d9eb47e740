import type { Activation, ModelKind } from './model.mjs';
import type { Method, Numbers, Sensitivity } from './solving.mjs';
import type { SystemName } from './system.mjs';
import type { Loss, Optimizer } from './training.mjs';

/**
 * A model in a link: kind, hidden widths, activation and (residual networks) blocks with colons between them,
 * such as `'hnn:32,32:tanh'` or `'resnet:32:tanh:2'`.
 */
export type ModelText = `${ModelKind}:${string}`;

/** Named experiments; {@link presets} describes each. */
export type PresetName = 'pendulum' | 'lagrangian-pendulum' | 'spring' | 'duffing' | 'henon-heiles'
  | 'double-pendulum' | 'kepler' | 'damped' | 'residual' | 'noisy' | 'gaps' | 'positions' | 'adjoint';

/**
 * Settings of a {@link Session}: what is left out has the default experiment's value. {@link settings} lists
 * them with their ranges.
 */
export interface SessionConfig {
  /** Start from a named experiment instead of the default one. */
  preset?: PresetName;
  /** The system that is observed and learned. @defaultValue 'pendulum' */
  system?: SystemName;
  /** Parameters of the system by name, such as `{ length: 1.2 }`; see {@link systems}. */
  p?: Readonly<Record<string, number>>;
  /** 1 to 4 models trained on the same data. @defaultValue ['hnn:32,32:tanh', 'node:32,32:tanh'] */
  models?: readonly ModelText[] | string;
  /** How many motions are observed, training and test together, 1 … 2000. @defaultValue 25 */
  trajectories?: number;
  /** Observations of each motion, 2 … 2000. @defaultValue 30 */
  samples?: number;
  /** Length of each observed motion [s]. @defaultValue 3 */
  duration?: number;
  /** Standard deviation of the noise, in typical sizes, 0 … 2. @defaultValue 0 */
  noise?: number;
  /** Observation times at random instead of a regular grid. @defaultValue false */
  irregular?: boolean;
  /** Part of the state components that are not observed, 0 … 0.9. @defaultValue 0 */
  missing?: number;
  /** Derivatives of the true system, or differences of the observed states. @defaultValue 'exact' */
  targets?: 'exact' | 'difference';
  /** Part of the motions kept for testing, 0 … 0.9. @defaultValue 0.2 */
  test?: number;
  /** What training makes small. @defaultValue 'derivative' */
  loss?: Loss;
  /** How parameters follow the gradient. @defaultValue 'adam' */
  optimizer?: Optimizer;
  /** Learning rate, 1e-7 … 10. @defaultValue 0.003 */
  lr?: number;
  /** Of SGD, 0 … 0.999. @defaultValue 0.9 */
  momentum?: number;
  /** Weight decay, 0 … 1. @defaultValue 0 */
  decay?: number;
  /** Largest norm of a gradient; 0: no limit. @defaultValue 0 */
  clip?: number;
  /** How the learning rate changes. @defaultValue 'constant' */
  schedule?: 'constant' | 'cosine' | 'warmup';
  /** Steps over which `'warmup'` rises. @defaultValue 100 */
  warmup?: number;
  /** Training ends after so many, 1 … 10⁶. @defaultValue 20000 */
  steps?: number;
  /** Samples (or segments) of a training step; 0: all. @defaultValue 64 */
  batch?: number;
  /** Trajectory loss: points predicted from each starting point, 1 … 500. @defaultValue 8 */
  segment?: number;
  /** Trajectory loss: solver steps between two points, 1 … 100. @defaultValue 1 */
  substeps?: number;
  /** Trajectory loss: solves the segments. @defaultValue 'rk4' */
  'train-method'?: Method;
  /** Trajectory loss: relative tolerance of an adaptive solver, 1e-7 … 0.1. @defaultValue 1e-5 */
  'train-rtol'?: number;
  /** Trajectory loss: how the gradient gets back through the solver. @defaultValue 'symplectic' */
  sensitivity?: Sensitivity;
  /** States that `'checkpoint'` keeps; 0: about the logarithm of the number of steps. @defaultValue 0 */
  checkpoints?: number;
  /** Computes the learned motions. @defaultValue 'dopri5' */
  integrator?: Method;
  /** Largest step of fixed-step integrators [s], 1e-5 … 10. @defaultValue 0.01 */
  step?: number;
  /** Relative tolerance of adaptive integrators, 1e-13 … 0.1. @defaultValue 1e-6 */
  rtol?: number;
  /** Absolute tolerance of adaptive integrators, 1e-15 … 0.1. @defaultValue 1e-8 */
  atol?: number;
  /** Length of the compared motions, in typical periods, 0.1 … 200. @defaultValue 10 */
  periods?: number;
  /** Where the compared motions start: 2n numbers, canonical. @defaultValue [1.5, 0] (of the pendulum) */
  x0?: Numbers;
  /** Further starts whose motions are shown, at most 8. @defaultValue [] */
  pins?: readonly Numbers[] | string;
  /** Starts every random number: data, parameters, minibatches; below 2⁵³. @defaultValue 9 */
  seed?: number;
}

/** A key of {@link SessionConfig} that is a setting (`preset` and `p` are not). */
export type SettingKey = Exclude<keyof SessionConfig, 'preset' | 'p'>;

/** A setting of a session, for user interfaces. */
export interface Setting {
  /** For {@link SessionConfig} and links. */
  key: SettingKey;
  /** For people: `'Learning rate'`. */
  label: string;
  /** One line: what it does, unit, sensible range. */
  help: string;
  /** What its value is. */
  kind: 'choice' | 'integer' | 'number' | 'boolean' | 'text';
  /** Of numbers (of a list: how many). */
  minimum: number;
  /** Of numbers (of a list: the longest). */
  maximum: number;
  /** Whether a slider should be logarithmic. */
  logarithmic: boolean;
  /** Of choices: the values … */
  choices: string[];
  /** … what people read … */
  choiceLabels: string[];
  /** … and one line about each (may be empty, and may be none). */
  choiceHelps: string[];
  /** Whether a change starts training anew. */
  restarts: boolean;
}

/** A named experiment. */
export interface Preset {
  /** For `preset` in settings. */
  name: PresetName;
  /** For people. */
  title: string;
  /** What it shows. */
  description: string;
  /** Its settings as a link's text. */
  query: string;
}

/** A physical parameter of a system. */
export interface SystemParameter {
  /** Its key: `'mass'`. */
  name: string;
  /** For people: `'m'`. */
  symbol: string;
  /** `'kg'`; empty for a pure number. */
  unit: string;
  /** Where it is left out. */
  defaultValue: number;
  /** The least it may be … */
  minimum: number;
  /** … and the most. */
  maximum: number;
  /** What it is. */
  description: string;
}

/** A mechanical system, described. */
export interface SystemDescription {
  /** For {@link System.create} and settings. */
  name: SystemName;
  /** For people. */
  title: string;
  /** One or two sentences with its Lagrangian and Hamiltonian. */
  description: string;
  /** n. */
  degreesOfFreedom: number;
  /** With units, defaults and ranges. */
  parameters: SystemParameter[];
}

/** A solver, described. */
export interface MethodDescription {
  /** For options and settings. */
  name: Method;
  /** For people. */
  title: string;
  /** One line about it. */
  help: string;
  /** Of accuracy in the step. */
  order: number;
  /** Chooses its steps from tolerances. */
  adaptive: boolean;
  /** Keeps the symplectic form of a Hamiltonian flow. */
  symplectic: boolean;
  /** Only for H = T(p) + V(q). */
  needsSeparable: boolean;
  /** Solves an equation in each step. */
  implicit: boolean;
}

/** A way to get a gradient through a solver, described. */
export interface SensitivityDescription {
  /** For options and settings. */
  name: Sensitivity;
  /** For people. */
  title: string;
  /** One line about it. */
  help: string;
  /** With N steps of s stages: `'O(N s)'`, `'O(N)'`, `'O(log N)'`, `'constant'`. */
  memory: string;
  /** The gradient of the discrete solution, to rounding. */
  exact: boolean;
}

/** What settings come to. */
export interface ParsedConfig {
  /** As a link's text, without what was wrong. */
  query: string;
  /** One sentence for each fault; empty where there is none. */
  faults: string[];
}

/** Every setting of a {@link Session}. */
export function settings(): Promise<Setting[]>;
/** Named experiments that show something worth seeing. */
export function presets(): Promise<Preset[]>;
/** The mechanical systems with their parameters. */
export function systems(): Promise<SystemDescription[]>;
/** The solvers. */
export function methods(): Promise<MethodDescription[]>;
/** How gradients get back through a solver. */
export function sensitivities(): Promise<SensitivityDescription[]>;
/** Reads settings without making a session; does not reject for faults in them. */
export function parseConfig(config?: string | SessionConfig): Promise<ParsedConfig>;
