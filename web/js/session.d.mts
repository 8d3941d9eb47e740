import type {} from './disposable.mjs';
import type { Bytes, Doubles, Floats, Method, Numbers } from './solving.mjs';
import type { SessionConfig } from './tables.mjs';
import type { History } from './training.mjs';

/** A motion as shown: canonical states at the times of its view, fewer where its solve failed. */
export interface TrajectoryView {
  /** 2n. */
  dimension: number;
  /** One state after another. */
  states: Doubles;
  /** The true energy at each state [J]. */
  energy: Doubles;
  /** Empty, or why the solve stopped early, in words. */
  status: string;
  /** Empty, or how it was computed where not as asked, in words. */
  note: string;
  /** Of the field (NFE). */
  evaluations: number;
}

/** One model of a session. */
export interface ModelView {
  /** `'HNN'`, `'Neural ODE'`, …, numbered where two are of a kind. */
  name: string;
  /** Size of θ. */
  numParameters: number;
  /** Training steps taken. */
  step: number;
  /** NaN before the first entry of the history. */
  trainLoss: number;
  /** NaN where there is no test part. */
  testLoss: number;
  /** Of the next step, after the schedule. */
  learningRate: number;
  /** Of training, since the experiment began. */
  stepsPerSecond: number;
  /** Evaluations of the field in the last training step; a batch counts as one. */
  evaluationsPerStep: number;
  /** Products with the field's Jacobian in the last training step; a batch counts as one. */
  productsPerStep: number;
  /** The most memory the last training step's gradient held at a time [bytes]. */
  gradientBytes: number;
  /** `'recovered'`: a divergence was rolled back; `'failed'`: it diverged again and again. */
  status: 'running' | 'finished' | 'recovered' | 'failed';
  /** Empty, or what happened, in words. */
  message: string;
  /** The learning curve. */
  history: History;
  /** From the initial state, at `SessionView.times`. */
  trajectory: TrajectoryView;
  /** Largest change of the true energy along the trajectory, as a part of the motion's energy. */
  energyDrift: number;
  /** Root mean square over time of the distance to the truth, in typical sizes. */
  trajectoryError: number;
  /** How long the distance to the truth stays below 0.2 typical sizes [s]. */
  validTime: number;
  /** Whether it does so over the whole span. */
  validThroughout: boolean;
}

/** The motions from a pinned start. */
export interface PinnedView {
  /** The true motion. */
  truth: TrajectoryView;
  /** One a model, in order. */
  models: TrajectoryView[];
}

/** All there is to see of a session. */
export interface SessionView {
  /** Grows whenever anything below changes. */
  version: number;
  /** Whether every model has taken all its steps, or failed. */
  finished: boolean;
  /** 2n: `'q'`, `'p'`, or `'q₁'`, …, `'p₁'`, … */
  coordinateSymbols: string[];
  /** 2n. */
  coordinateUnits: string[];
  /** 2n: half-width of the interesting range of each component. */
  coordinateExtent: Doubles;
  /** Typical period of the system [s]. */
  period: number;
  /** Common times of all trajectories [s]. */
  times: Doubles;
  /** The true motion from the initial state. */
  truth: TrajectoryView;
  /** In the order of the settings. */
  models: ModelView[];
  /** One for each start of `setPinned`. */
  pinned: PinnedView[];
  /** Observed states of the training part, canonical, one after another. */
  trainPoints: Doubles;
  /** The same of the test part. */
  testPoints: Doubles;
  /** The state of things in words, for screen readers. */
  summary: string;
}

/** Which rectangle of phase space, and how finely. */
export interface PortraitOptions {
  /**
   * State component (canonical) along x.
   * @defaultValue 0
   */
  xComponent?: number;
  /**
   * State component along y.
   * @defaultValue 1
   */
  yComponent?: number;
  /**
   * The left edge.
   * @defaultValue -1
   */
  xMin?: number;
  /**
   * The right edge.
   * @defaultValue 1
   */
  xMax?: number;
  /**
   * The lower edge.
   * @defaultValue -1
   */
  yMin?: number;
  /**
   * The upper edge.
   * @defaultValue 1
   */
  yMax?: number;
  /**
   * Nodes along x, 2 … 512.
   * @defaultValue 24
   */
  columns?: number;
  /**
   * Nodes along y, 2 … 512.
   * @defaultValue 24
   */
  rows?: number;
  /**
   * The whole state (2n numbers) that gives the other components.
   * @defaultValue the initial state
   */
  base?: Numbers;
}

/** Flow and energy on a grid, row by row from (xMin, yMin). */
export interface Portrait {
  /** Nodes along x. */
  columns: number;
  /** Nodes along y. */
  rows: number;
  /** columns × rows: component of ẋ along x; NaN where undefined. */
  dx: Floats;
  /** columns × rows: component of ẋ along y. */
  dy: Floats;
  /** columns × rows [J]; empty where the model has none. */
  energy: Floats;
}

/** Which Poincaré section (systems of two degrees of freedom or more). */
export interface SectionOptions {
  /**
   * The position that crosses zero upwards; −1: the system's own choice.
   * @defaultValue -1
   */
  sectionComponent?: number;
  /**
   * State component along x.
   * @defaultValue 1
   */
  xComponent?: number;
  /**
   * State component along y.
   * @defaultValue 3
   */
  yComponent?: number;
  /**
   * The energy level of all starts [J].
   * @defaultValue 0
   */
  energy?: number;
  /**
   * Motions on that level, 1 … 64.
   * @defaultValue 12
   */
  starts?: number;
  /**
   * Length of each motion, at most 5000 [s].
   * @defaultValue 200
   */
  duration?: number;
}

/** The crossings of a Poincaré section. */
export interface Section {
  /** Component along x of each crossing. */
  x: Floats;
  /** Component along y of each crossing. */
  y: Floats;
  /** Which start each point belongs to. */
  start: Doubles;
  /** Empty, or why there is none, or why it ends early, in words. */
  message: string;
}

/** Which tolerances the accuracy dial is turned to. */
export interface AccuracyOptions {
  /**
   * Which solver.
   * @defaultValue '' (the roll-out's)
   */
  method?: Method | '';
  /**
   * Relative tolerances of an adaptive method, or steps [s] of a fixed-step one, at most 64.
   * @defaultValue [] (a range of them)
   */
  settings?: Numbers;
}

/** One turn of the accuracy dial. */
export interface AccuracyPoint {
  /** The relative tolerance, or the step [s]. */
  setting: number;
  /** Distance to the reference, in typical sizes; NaN where there is none. */
  error: number;
  /** Of the field (NFE). */
  evaluations: number;
  /** Accepted steps. */
  steps: number;
  /** Steps that were tried again with a smaller size. */
  rejected: number;
  /** Time it took. */
  milliseconds: number;
  /** Time up to which the error was measured [s]. */
  reached: number;
  /** Empty, or why the solve stopped early, in words. */
  status: string;
}

/** Error, evaluations and time of a model's motion against the solver's tolerance or step. */
export interface AccuracyView {
  /** For people: `'Dormand–Prince 5(4)'`. */
  method: string;
  /** Whether settings are tolerances; else they are steps. */
  byTolerance: boolean;
  /** Errors near it are not to be trusted. */
  referenceTolerance: number;
  /** Empty, or why there is less than asked for, in words. */
  message: string;
  /** In the order asked. */
  points: AccuracyPoint[];
}

/** A model's motion forward over the roll-out's span, and back. */
export interface RoundTripView {
  /** Whether both ways reached their ends. */
  returned: boolean;
  /** How far from the start it ends, in typical sizes; NaN where it did not return. */
  error: number;
  /** Canonical, 2n. */
  start: Doubles;
  /** Canonical, 2n; empty where nothing came back. */
  end: Doubles;
  /** Of the field, both ways. */
  evaluations: number;
  /** The outcome in words. */
  message: string;
}

/**
 * One experiment of the playground: a system, its data and up to four models trained on them. Models are
 * numbered from 0; −1 is the truth where that makes sense. States are canonical.
 *
 * Calls run on the calling thread: in a page, `train(8)` once a frame keeps it smooth.
 */
export class Session implements Disposable {
  /**
   * From settings: an object, the text of a playground link, or nothing for the default experiment.
   * @throws `'bad-config'` with a sentence for each fault.
   */
  static create(config?: string | SessionConfig): Promise<Session>;
  /** From a file that `save` gave. @throws `'bad-file'`. */
  static open(file: Uint8Array | ArrayBuffer): Promise<Session>;
  private constructor();

  /** The settings as a link's text; empty for the default experiment. */
  readonly query: string;
  /** Whether `close()` was called. */
  readonly closed: boolean;

  /**
   * Other settings; those not named have their defaults. Returns whether training began anew.
   * @throws `'bad-config'`; then nothing was changed.
   */
  configure(config?: string | SessionConfig): boolean;
  /** The compared motions start here: 2n. */
  setInitialState(x0: Numbers): void;
  /** Further starts (2n each, at most 8) whose motions `view().pinned` shows, in place of those before. */
  setPinned(starts: readonly Numbers[]): void;

  /** Trains every model by so many steps. @defaultValue 1 */
  advance(steps?: number): void;
  /** Trains all models for about so many milliseconds. */
  train(milliseconds: number): void;
  /** Back to the starting parameters, on the same data. */
  reset(): void;

  /** All there is to see, up to date. */
  view(): SessionView;
  /** Flow and energy of a model on a grid of a plane. */
  portrait(model: number, options?: PortraitOptions): Portrait;
  /** A Poincaré section of a model on one energy level. */
  section(model: number, options?: SectionOptions): Section;
  /** A model's motion from x0 (2n) at strictly increasing times [s]. */
  rollout(model: number, x0: Numbers, times: Numbers): TrajectoryView;
  /** Turns the accuracy dial of a model. */
  accuracyDial(model: number, options?: AccuracyOptions): AccuracyView;
  /** How far from its start does a model's motion end, forward over the roll-out's span and back? */
  roundTrip(model: number): RoundTripView;

  /** A model's parameters. */
  theta(model: number): Doubles;
  /** Replaces a model's parameters, of the same length. */
  setTheta(model: number, theta: Numbers): void;

  /** The whole run as one file. */
  save(): Bytes;
  /** Goes on, bit for bit, from a file that `save` gave. @throws `'bad-file'`; then nothing was changed. */
  load(file: Uint8Array | ArrayBuffer): void;
  /** The data as a table: see {@link Dataset.fromCsv}, which reads it. */
  datasetCsv(): string;
  /** The learning curves as a table: model,step,train_loss,test_loss,learning_rate. */
  historyCsv(): string;

  /** Frees the memory; may be called again. */
  close(): void;
  /** As `close`, for `using`. */
  [Symbol.dispose](): void;
}
