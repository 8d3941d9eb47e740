/** Numbers in: an array or any typed array. Shapes are documented and checked at every call. */
export type Numbers = ArrayLike<number>;

// --- Loading -----------------------------------------------------------------------------------

export interface LoadOptions {
  /** Where least_action.wasm is (an address), or what is in it (bytes, or a compiled module). */
  wasm?: string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module;
  /** Address of a file of the package, given its name and where it would be looked for. */
  locateFile?: (name: string, from: string) => string | URL;
  /** 'auto' (default): training threads where the page is cross-origin isolated; 'never'. */
  threads?: 'auto' | 'never';
}
export interface Host {
  version: string;
  /** Training can run on a thread of its own, beside the calling one. */
  threads: boolean;
}
/** Loads the WebAssembly module, once; everything else does it when needed. */
export function ready(options?: LoadOptions): Promise<Host>;
/** Objects not closed yet, and bytes of WebAssembly memory. */
export function memory(): { objects: number; bytes: number };

// --- Errors ------------------------------------------------------------------------------------

export type ErrorCode = 'invalid-argument' | 'bad-config' | 'bad-file' | 'out-of-memory' | 'internal'
  | 'wrong-type' | 'unknown-option' | 'closed' | 'busy' | 'unavailable';
export const ERROR_CODES: Readonly<Record<ErrorCode, string>>;
export class LeastActionError extends Error {
  readonly name: 'LeastActionError';
  readonly code: ErrorCode;
}

// --- Systems -----------------------------------------------------------------------------------

export type SystemName = 'spring' | 'pendulum' | 'damped-pendulum' | 'double-pendulum' | 'duffing'
  | 'henon-heiles' | 'two-body' | 'coupled-oscillators';
export type Chart = 'canonical' | 'velocity';

export interface SystemCoordinate { symbol: string; unit: string; periodic: boolean;
  typicalPosition: number; typicalVelocity: number; typicalMomentum: number }

export interface SampleOptions {
  trajectories?: number;        // 25
  samples?: number;             // 30
  duration?: number;            // 3
  noise?: number;               // 0
  irregularTimes?: boolean;     // false
  missingFraction?: number;     // 0
  testFraction?: number;        // 0.2
  derivatives?: 'exact' | 'estimate';  // 'exact'
  chart?: Chart;                // 'canonical'
  seed?: number;                // 1
}

export type Method = 'euler' | 'midpoint' | 'rk4' | 'dopri5' | 'symplectic-euler' | 'verlet' | 'yoshida4'
  | 'implicit-midpoint' | 'tsit5' | 'bs32' | 'dop853' | 'radau5' | 'yoshida6' | 'yoshida8' | 'gauss4' | 'gauss6' | 'tao2';
export type Sensitivity = 'full' | 'symplectic' | 'checkpoint' | 'backsolve' | 'interpolating' | 'reversible';

export interface SolveOptions {
  method?: Method;              // 'dopri5'
  step?: number;                // 0.01, largest step of fixed-step methods
  relativeTolerance?: number;   // 1e-8
  absoluteTolerance?: number;   // 1e-10
  maxSteps?: number;            // 1e6
}
export interface RolloutOptions extends SolveOptions {
  /** States as a view of WebAssembly memory instead of a copy: valid until the next call of any kind. */
  view?: boolean;               // false
}
export interface Rollout {
  /** Times reached; fewer than asked for where the solve stopped early. */
  times: Float64Array;
  /** times.length × batch × dimension, one state after another. */
  states: Float64Array;
  /** How many starts x0 held. */
  batch: number;
  /** 'reached-end', or why it stopped. */
  status: 'reached-end' | 'step-limit' | 'step-underflow' | 'non-finite' | 'no-convergence';
  message: string;
  steps: number;
  rejected: number;
  evaluations: number;
}
export interface AdjointOptions extends SolveOptions {
  sensitivity?: Sensitivity;    // 'symplectic'
  checkpoints?: number;         // 0: chosen
}
export interface Adjoint {
  states: Float64Array;
  /** dC/dx₀, batch × dimension. */
  x0: Float64Array;
  /** dC/dθ. */
  theta: Float64Array;
  /** dC/dt of each time. */
  times: Float64Array;
  status: Rollout['status'];
  message: string;
  evaluations: number;
  vectorJacobianProducts: number;
  peakBytes: number;
}
export interface GridOptions {
  xComponent?: number; yComponent?: number;            // 0, degreesOfFreedom (q₁ against p₁)
  xMin?: number; xMax?: number; yMin?: number; yMax?: number;  // the system's or ±1
  columns?: number; rows?: number;                     // 24
  base?: Numbers;                                      // the other components: 0
}
/** Row by row from (xMin, yMin). */
export interface Grid {
  columns: number; rows: number;
  x: Float64Array; y: Float64Array;
  /** Components of ẋ along both axes. */
  dx: Float64Array; dy: Float64Array;
  /** Empty where there is no energy. */
  energy: Float64Array;
}

export class System implements Disposable {
  static create(name: SystemName, parameters?: Record<string, number>): Promise<System>;
  private constructor();
  readonly name: SystemName; readonly title: string; readonly description: string;
  readonly degreesOfFreedom: number; readonly dimension: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly coordinates: readonly SystemCoordinate[];
  readonly isConservative: boolean; readonly isSeparable: boolean;
  readonly typicalPeriod: number;
  readonly closed: boolean;
  typicalState(): Float64Array;
  sample(options?: SampleOptions): Dataset;
  rollout(x0: Numbers, times: Numbers, options?: RolloutOptions & { chart?: Chart }): Rollout;
  vectorField(states: Numbers, options?: { chart?: Chart }): Float64Array;
  energy(states: Numbers, options?: { chart?: Chart }): Float64Array;
  grid(options?: GridOptions & { chart?: Chart }): Grid;
  convert(states: Numbers, from: Chart, to: Chart): Float64Array;
  close(): void;
  [Symbol.dispose](): void;
}

// --- Data --------------------------------------------------------------------------------------

export interface TrajectoryInput {
  /** m strictly increasing times. */
  times: Numbers;
  /** m × dimension, one state after another; NaN: not observed. */
  states: Numbers;
  /** m × dimension; without them they are estimated by finite differences. */
  derivatives?: Numbers;
}
export interface Trajectory { times: Float64Array; states: Float64Array; derivatives: Float64Array }
export interface DatasetOptions {
  degreesOfFreedom?: number;    // from the states of the first trajectory
  chart?: Chart;                // 'canonical'
  train: TrajectoryInput[];
  test?: TrajectoryInput[];
  testFraction?: number;        // 0, of `train` where there is no `test`
  estimateDerivatives?: boolean;  // true
}
export interface DatasetJson { format: 'least-action-dataset'; version: 1; chart: Chart; degreesOfFreedom: number;
  train: TrajectoryJson[]; test: TrajectoryJson[] }
export interface TrajectoryJson { times: number[]; states: (number | null)[]; derivatives: (number | null)[] }

export class Dataset implements Disposable {
  static create(options: DatasetOptions): Promise<Dataset>;
  static fromCsv(text: string): Promise<Dataset>;
  static fromJson(json: string | DatasetJson): Promise<Dataset>;
  private constructor();
  readonly chart: Chart; readonly degreesOfFreedom: number; readonly dimension: number;
  /** Samples (points) of both parts. */
  readonly numTrain: number; readonly numTest: number;
  readonly closed: boolean;
  train(): Trajectory[];
  test(): Trajectory[];
  inChart(chart: Chart, system: System): Dataset;
  toCsv(): string;
  toJson(): DatasetJson;
  close(): void;
  [Symbol.dispose](): void;
}

// --- Models ------------------------------------------------------------------------------------

export type ModelKind = 'node' | 'resnet' | 'hnn' | 'separable-hnn' | 'lnn';
export type Activation = string;   // closed union, from the library's table: see nn/activation

export interface ModelOptions {
  kind?: ModelKind;             // 'hnn'
  /** Sizes, angles and scales of the inputs come from it. */
  system?: System;
  /** Without a system. */
  degreesOfFreedom?: number;    // 1
  /** Without a system: which of the `degreesOfFreedom` coordinates are angles. */
  periodic?: boolean[];
  /** Without a system: typical size of each state component (dimension), 1 each. */
  scale?: Numbers;
  hidden?: number[];            // [32, 32]
  activation?: Activation;      // 'tanh'
  blocks?: number;              // 1, residual networks
  blockTime?: number;           // 0.1 s, residual networks
  seed?: number;                // 1
}

export interface LossOptions {
  loss?: 'derivative' | 'trajectory' | 'action';   // 'derivative'
  segmentLength?: number;       // 8
  substeps?: number;            // 1
  method?: Method;              // 'rk4'
  relativeTolerance?: number;   // 1e-5
  sensitivity?: Sensitivity;    // 'symplectic'
  checkpoints?: number;         // 0
  part?: 'train' | 'test';      // 'train'
}
export interface TrainOptions extends Omit<LossOptions, 'part'> {
  steps?: number;               // 2000, of this call
  milliseconds?: number;        // 0: no limit
  optimizer?: 'sgd' | 'adam' | 'adamw';            // 'adam'
  learningRate?: number;        // 3e-3
  momentum?: number;            // 0.9
  beta1?: number; beta2?: number; epsilon?: number;  // 0.9, 0.999, 1e-8
  weightDecay?: number;         // 0
  gradientClip?: number;        // 0
  schedule?: 'constant' | 'cosine' | 'warmup-cosine';  // 'constant'
  warmupSteps?: number;         // 100
  batchSize?: number;           // 256
  testEvery?: number;           // 20
  precision?: 'float32' | 'float64';               // 'float32'
  seed?: number;                // 1, of the minibatches
  signal?: AbortSignal;
  onProgress?: (progress: TrainingProgress) => void;
  /** Milliseconds between two calls of onProgress. */
  progressEvery?: number;       // 100
  /** 'auto': on a thread where there are threads, else in slices that let the page live. */
  run?: 'auto' | 'slices' | 'thread';
  /** Longest time the calling thread is kept busy at a stretch, in milliseconds. */
  slice?: number;               // 10
}
export interface TrainingProgress {
  step: number;                 // since training of this data began
  steps: number;                // where it ends
  fraction: number;             // of this call, 0…1
  trainLoss: number; testLoss: number; learningRate: number;
  stepsPerSecond: number; milliseconds: number;
  message: string;
}
export interface TrainingResult extends TrainingProgress {
  status: 'finished' | 'aborted' | 'out-of-time' | 'failed';
}
/** A training under way: await it for the result, or iterate over its progress. */
export interface TrainingRun extends Promise<TrainingResult>, AsyncIterable<TrainingProgress> {}

export interface History { step: Float64Array; trainLoss: Float64Array; testLoss: Float64Array; learningRate: Float64Array }
export interface ParameterBlock { name: string; offset: number; shape: [number, number] | [number] }

export class Model implements Disposable {
  static create(options?: ModelOptions): Promise<Model>;
  static load(file: Uint8Array | ArrayBuffer): Promise<Model>;
  static fromSafetensors(file: Uint8Array | ArrayBuffer): Promise<Model>;
  private constructor();
  readonly kind: ModelKind; readonly title: string; readonly chart: Chart;
  readonly degreesOfFreedom: number; readonly dimension: number;
  readonly hidden: readonly number[]; readonly activation: Activation;
  readonly numParameters: number; readonly hasEnergy: boolean;
  readonly step: number;
  readonly training: boolean;
  readonly closed: boolean;
  theta(options?: { view?: boolean }): Float64Array;
  setTheta(theta: Numbers): void;
  parameters(): ParameterBlock[];
  train(data: Dataset, options?: TrainOptions): TrainingRun;
  history(): History;
  loss(data: Dataset, options?: LossOptions): number;
  gradient(data: Dataset, options?: LossOptions): { loss: number; gradient: Float64Array };
  rollout(x0: Numbers, times: Numbers, options?: RolloutOptions): Rollout;
  adjoint(x0: Numbers, times: Numbers, statesBar: Numbers, options?: AdjointOptions): Adjoint;
  vectorField(states: Numbers): Float64Array;
  energy(states: Numbers): Float64Array;
  grid(options?: GridOptions): Grid;
  save(): Uint8Array;
  toSafetensors(): Uint8Array;
  close(): void;
  [Symbol.dispose](): void;
}

// --- Interchange -------------------------------------------------------------------------------

export interface NpyArray { data: Float64Array | Float32Array | Int32Array | Uint8Array | BigInt64Array; shape: number[] }
export function readNpy(file: Uint8Array | ArrayBuffer): NpyArray;
export function writeNpy(data: Float64Array | Float32Array | Int32Array | Uint8Array | number[], shape?: number[]): Uint8Array;
/** Numbers by column, from a table with a header line. */
export function readCsv(text: string): { columns: string[]; rows: number; values: Record<string, Float64Array> };
export function writeCsv(columns: Record<string, Numbers>): string;

// --- Experiments: Session, settings(), presets(), systems(), methods(), sensitivities(),
//     parseConfig(): as in index.mjs now (types still to be written here).
