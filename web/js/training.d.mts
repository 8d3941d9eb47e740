import type { Doubles, Method, Sensitivity } from './solving.mjs';

/**
 * What training makes small. Each is weighed by the size of its component, so that a loss of 1 is that of
 * predicting zero.
 *
 * - `'derivative'`: the field at each sample against the derivative there.
 * - `'trajectory'`: segments, solved from their first point, against what was observed: needs no derivatives.
 * - `'action'`: the discrete Euler–Lagrange equations of three successive positions: Lagrangian networks from
 *   positions alone.
 */
export type Loss = 'derivative' | 'trajectory' | 'action';
/** `'sgd'` with momentum, `'adam'`, or `'adamw'` (Adam with decoupled weight decay). */
export type Optimizer = 'sgd' | 'adam' | 'adamw';
/**
 * The learning rate over the steps: `'constant'`, `'cosine'` (falls to 0), `'warmup-cosine'` (rises first).
 */
export type Schedule = 'constant' | 'cosine' | 'warmup-cosine';

/** Which loss, and how it is computed. All but `loss` and `part` are of the trajectory loss. */
export interface LossOptions {
  /**
   * What is measured.
   * @defaultValue 'derivative'
   */
  loss?: Loss;
  /**
   * Points predicted from each starting point, from 1.
   * @defaultValue 8
   */
  segmentLength?: number;
  /**
   * Solver steps between two points, of a method of fixed steps; at most 10⁵ in a segment.
   * @defaultValue 1
   */
  substeps?: number;
  /**
   * Solves the segments. A residual network is iterated as the map it is.
   * @defaultValue 'rk4'
   */
  method?: Method;
  /**
   * Of an adaptive method, between 0 and 1; the absolute tolerance is a hundredth of it.
   * @defaultValue 1e-5
   */
  relativeTolerance?: number;
  /**
   * How the gradient gets back through the solver.
   * @defaultValue 'symplectic'
   */
  sensitivity?: Sensitivity;
  /**
   * States that `'checkpoint'` keeps; 0: about the logarithm of the number of steps.
   * @defaultValue 0
   */
  checkpoints?: number;
  /**
   * Which part of the data.
   * @defaultValue 'train'
   */
  part?: 'train' | 'test';
}

/** Loss, optimiser, schedule, budget and reporting of {@link Model.train}. */
export interface TrainOptions extends Omit<LossOptions, 'part'> {
  /**
   * Steps of this call, from 1.
   * @defaultValue 2000
   */
  steps?: number;
  /**
   * Stop after about so many milliseconds; 0: no such limit.
   * @defaultValue 0
   */
  milliseconds?: number;
  /**
   * How parameters follow the gradient.
   * @defaultValue 'adam'
   */
  optimizer?: Optimizer;
  /**
   * Size of a step; 1e-4 … 3e-2 suits Adam.
   * @defaultValue 3e-3
   */
  learningRate?: number;
  /**
   * Of `'sgd'`, from 0, below 1.
   * @defaultValue 0.9
   */
  momentum?: number;
  /**
   * Of Adam: how slowly the mean gradient is forgotten, from 0, below 1.
   * @defaultValue 0.9
   */
  beta1?: number;
  /**
   * Of Adam: how slowly the mean square of the gradient is forgotten, from 0, below 1.
   * @defaultValue 0.999
   */
  beta2?: number;
  /**
   * Of Adam: keeps the division by the root of that mean square finite.
   * @defaultValue 1e-8
   */
  epsilon?: number;
  /**
   * Pull of the parameters towards zero; decoupled from the gradient with `'adamw'`.
   * @defaultValue 0
   */
  weightDecay?: number;
  /**
   * Largest Euclidean norm of a gradient; 0: no limit.
   * @defaultValue 0
   */
  gradientClip?: number;
  /**
   * How the learning rate changes over the steps.
   * @defaultValue 'constant'
   */
  schedule?: Schedule;
  /**
   * Steps over which `'warmup-cosine'` rises; fewer than `steps`.
   * @defaultValue 100
   */
  warmupSteps?: number;
  /**
   * Samples (or segments) of a training step; 0: all.
   * @defaultValue 256
   */
  batchSize?: number;
  /**
   * Steps between two entries of the history, each of which computes the test loss.
   * @defaultValue 20
   */
  testEvery?: number;
  /**
   * What training computes with; `'float32'` is about twice as fast. Evaluations are always in double.
   * @defaultValue 'float32'
   */
  precision?: 'float32' | 'float64';
  /**
   * Of the minibatches; a whole number below 2⁵³.
   * @defaultValue 1
   */
  seed?: number;
  /**
   * Stops the training; `train` then resolves with status `'aborted'`, and what was learned stays.
   * @defaultValue none
   */
  signal?: AbortSignal;
  /**
   * Called while training goes on, and once at its end. What it throws ends the training and rejects `train`.
   * @defaultValue none
   */
  onProgress?: (progress: TrainingProgress) => void;
  /**
   * Milliseconds between two calls of `onProgress`, and between two values of the async iterator.
   * @defaultValue 100
   */
  progressEvery?: number;
  /**
   * `'thread'`: on a thread of its own (`'unavailable'` where the host has none); `'slices'`: on the calling
   * thread, in slices that let events through; `'auto'`: the first that can be had. θ is the same either way.
   * @defaultValue 'auto'
   */
  run?: 'auto' | 'slices' | 'thread';
  /**
   * Longest time that slices keep the calling thread busy at a stretch [ms]; one training step is not cut.
   * @defaultValue 10
   */
  slice?: number;
}

/** How far a training has come. */
export interface TrainingProgress {
  /** Steps since training on these data with these options began (also in earlier calls). */
  step: number;
  /** The step at which this call ends. */
  steps: number;
  /** Of this call: 0 … 1. */
  fraction: number;
  /** Mean loss of the minibatches since the history entry before; NaN before the first. */
  trainLoss: number;
  /** Loss on the test part (at most 512 examples of it); NaN where there is none. */
  testLoss: number;
  /** Of the next step, after the schedule. */
  learningRate: number;
  /** Of this call. */
  stepsPerSecond: number;
  /** Since this call began. */
  milliseconds: number;
  /** Empty, or what happened (a divergence that was rolled back, say), in words. */
  message: string;
}

/** What came of a training. */
export interface TrainingResult extends TrainingProgress {
  /**
   * - `'finished'`: all steps were taken.
   * - `'aborted'`: by the signal, by leaving the iteration, or because the model was closed.
   * - `'out-of-time'`: `milliseconds` were used up.
   * - `'failed'`: it diverged again and again; the model has its last good parameters, `message` says more.
   */
  status: 'finished' | 'aborted' | 'out-of-time' | 'failed';
}

/**
 * A training under way: await it for the result, or go through its progress by `for await`. Leaving that loop
 * early stops the training.
 */
export interface TrainingRun extends Promise<TrainingResult>, AsyncIterable<TrainingProgress> {}

/** The learning curve: one entry every `testEvery` steps. */
export interface History {
  /** Training steps taken by then. */
  step: Doubles;
  /** Mean loss of the minibatches since the entry before. */
  trainLoss: Doubles;
  /** NaN where there is no test part. */
  testLoss: Doubles;
  /** Of the step after, by the schedule. */
  learningRate: Doubles;
}
