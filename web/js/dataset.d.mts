import type {} from './disposable.mjs';
import type { Chart, Doubles, Numbers } from './solving.mjs';
import type { System } from './system.mjs';

/** An observed motion, to make a dataset of. */
export interface TrajectoryInput {
  /** m strictly increasing times [s]. */
  times: Numbers;
  /** m × dimension, one state after another; NaN: not observed. */
  states: Numbers;
  /** m × dimension: ẋ at those points; NaN: not known. Without them they are estimated. */
  derivatives?: Numbers;
}

/** An observed motion of a dataset. */
export interface Trajectory {
  /** m times [s]. */
  times: Doubles;
  /** m × dimension, one state after another; NaN: not observed. */
  states: Doubles;
  /** m × dimension: the derivatives that models learn; NaN: not known. */
  derivatives: Doubles;
}

/** What a dataset is made of. */
export interface DatasetOptions {
  /**
   * n, half the components of a state.
   * @defaultValue from the sizes of the first trajectory
   */
  degreesOfFreedom?: number;
  /**
   * What the second half of each state holds.
   * @defaultValue 'canonical'
   */
  chart?: Chart;
  /** At least one motion to train on. */
  train: readonly TrajectoryInput[];
  /**
   * Motions to test on.
   * @defaultValue none
   */
  test?: readonly TrajectoryInput[];
  /**
   * Where there is no `test`: the part of `train`, from its end, that is kept for testing, below 1.
   * @defaultValue 0
   */
  testFraction?: number;
  /**
   * Fill derivatives that are not given by differences of second order (three points or more).
   * @defaultValue true
   */
  estimateDerivatives?: boolean;
}

/** A trajectory as JSON; `null` is a number that was not observed. */
export interface TrajectoryJson {
  /** m times [s]. */
  times: number[];
  /** m × dimension, one state after another. */
  states: (number | null)[];
  /** m × dimension. */
  derivatives: (number | null)[];
}

/** A dataset as JSON. */
export interface DatasetJson {
  /** Tells it from other JSON. */
  format: 'least-action-dataset';
  /** Of the format. */
  version: 1;
  /** What the second half of each state holds. */
  chart: Chart;
  /** n. */
  degreesOfFreedom: number;
  /** The training motions. */
  train: TrajectoryJson[];
  /** The test motions. */
  test: TrajectoryJson[];
}

/**
 * Observed motions in one chart, split into a training and a test part. Every motion has its own times.
 * Immutable.
 *
 * NaN marks what was not observed. Losses leave it out; what needs a whole state (the input of a field, the
 * start of a segment) uses only the points where every component was observed.
 */
export class Dataset implements Disposable {
  /**
   * From your own arrays, which are copied.
   * @throws `'invalid-argument'` for wrong lengths or times that do not increase; `'wrong-type'` for infinite
   * numbers; `'unknown-option'`.
   */
  static create(options: DatasetOptions): Promise<Dataset>;

  /**
   * From a table with the header `part,trajectory,t,q1,…,qn,p1,…,pn,dq1,…,dqn,dp1,…,dpn` (velocity
   * chart: `v` in place of p), as `toCsv` writes it; for other tables see `readCsv`. `part` is `train` or `test`;
   * an empty field was not observed; the samples of a trajectory stand together in order of time.
   * @throws `'bad-file'` with the line that is wrong.
   */
  static fromCsv(text: string): Promise<Dataset>;

  /** From what `toJson` gave, or its text. @throws `'bad-file'` for anything else. */
  static fromJson(json: string | DatasetJson): Promise<Dataset>;
  private constructor();

  /** What the second half of each state holds. */
  readonly chart: Chart;
  /** n. */
  readonly degreesOfFreedom: number;
  /** 2n. */
  readonly dimension: number;
  /** Points of all training motions. */
  readonly numTrain: number;
  /** Points of all test motions. */
  readonly numTest: number;
  /** Whether `close()` was called. */
  readonly closed: boolean;

  /** The training motions. */
  train(): Trajectory[];
  /** The test motions. */
  test(): Trajectory[];

  /**
   * The same observations in the other chart, by the exact p = ∂L/∂q̇ of `system`.
   * @throws `'invalid-argument'` where the degrees of freedom differ.
   */
  inChart(chart: Chart, system: System): Dataset;

  /** As the table that `fromCsv` reads; every number reads back as the same one. */
  toCsv(): string;
  /** As a plain object for `JSON.stringify`; every number reads back as the same one. */
  toJson(): DatasetJson;

  /** Frees the memory; may be called again. A model in training keeps the data it needs. */
  close(): void;
  /** As `close`, for `using`. */
  [Symbol.dispose](): void;
}
