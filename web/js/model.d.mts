import type {} from './disposable.mjs';
import type { Dataset } from './dataset.mjs';
import type {
  Adjoint, AdjointOptions, Bytes, Chart, Doubles, Grid, GridOptions, Numbers, Rollout, RolloutOptions,
} from './solving.mjs';
import type { System } from './system.mjs';
import type { History, LossOptions, TrainingRun, TrainOptions } from './training.mjs';

/**
 * What is learned. All but `'lnn'` learn in the canonical chart.
 *
 * - `'node'`: a neural ODE, ẋ = f(x).
 * - `'resnet'`: a residual network, a map from one sample to the next.
 * - `'hnn'`: a Hamiltonian network, H(q, p); moves by Hamilton's equations.
 * - `'separable-hnn'`: the same with H = T(p) + V(q), which symplectic solvers of fixed steps ask for.
 * - `'lnn'`: a Lagrangian network, L(q, q̇), in the velocity chart; moves by the Euler–Lagrange equations.
 */
export type ModelKind = 'node' | 'resnet' | 'hnn' | 'separable-hnn' | 'lnn';

/** The function of each hidden neuron; a Lagrangian network wants a smooth one: `'softplus'`. */
export type Activation = 'tanh' | 'softplus' | 'sine' | 'silu';

/** What a model is made of. */
export interface ModelOptions {
  /**
   * What is learned.
   * @defaultValue 'hnn'
   */
  kind?: ModelKind;
  /**
   * The system it is to learn: tells the three options below in their stead, and nothing else about it.
   * @defaultValue none
   */
  system?: System;
  /**
   * Without a system: n, 1 … 256.
   * @defaultValue the system's, or 1
   */
  degreesOfFreedom?: number;
  /**
   * Without a system: which of the n coordinates are angles (the model is then 2π-periodic in them).
   * @defaultValue none of them
   */
  periodic?: readonly boolean[];
  /**
   * Without a system: the typical size of each state component (dimension numbers), to condition the inputs.
   * @defaultValue 1 each (an angle: π)
   */
  scale?: Numbers;
  /**
   * Neurons of each hidden layer; at most 64 layers of 65536.
   * @defaultValue [32, 32]
   */
  hidden?: readonly number[];
  /**
   * The function of each hidden neuron.
   * @defaultValue 'tanh'
   */
  activation?: Activation;
  /**
   * Blocks of a residual network, 1 … 1024.
   * @defaultValue 1
   */
  blocks?: number;
  /**
   * Time by which a block of a residual network advances [s]: the spacing of the samples over `blocks`.
   * @defaultValue 0.1
   */
  blockTime?: number;
  /**
   * Of the starting parameters; a whole number below 2⁵³.
   * @defaultValue 1
   */
  seed?: number;
}

/** How parameters are handed out. */
export interface ThetaOptions {
  /**
   * A view of WebAssembly memory instead of a copy: valid until the next call of any kind to this package, and
   * while the model trains only until the next `await`.
   * @defaultValue false
   */
  view?: boolean;
}

/** A weight matrix or a bias within θ. */
export interface ParameterBlock {
  /** `'network.0.weight'`, `'kinetic.2.bias'`, `'block1.network.0.weight'`, … */
  name: string;
  /** Where it begins in θ. */
  offset: number;
  /** [rows, columns] of a weight, stored column by column; [size] of a bias. */
  shape: [number, number] | [number];
}

/**
 * A network that learns a motion. States are in the model's own `chart`. Evaluates in double precision;
 * trains in single, or double where asked.
 */
export class Model implements Disposable {
  /**
   * A model with starting parameters.
   * @throws `'invalid-argument'` for sizes that cannot be, `'closed'` for a closed system.
   */
  static create(options?: ModelOptions): Promise<Model>;
  /**
   * From a file that `save` gave: on the same data with the same options, training goes on bit for bit.
   * @throws `'bad-file'`.
   */
  static load(file: Uint8Array | ArrayBuffer): Promise<Model>;
  /**
   * From a file that `toSafetensors` gave, here or (with its metadata) in Python.
   * @throws `'bad-file'`.
   */
  static fromSafetensors(file: Uint8Array | ArrayBuffer): Promise<Model>;
  private constructor();

  /** What is learned. */
  readonly kind: ModelKind;
  /** For people: `'Hamiltonian network'`. */
  readonly title: string;
  /** The chart of its states: `'velocity'` of a Lagrangian network, else `'canonical'`. */
  readonly chart: Chart;
  /** n. */
  readonly degreesOfFreedom: number;
  /** 2n. */
  readonly dimension: number;
  /** Neurons of each hidden layer. */
  readonly hidden: readonly number[];
  /** The function of each hidden neuron. */
  readonly activation: Activation;
  /** Size of θ. */
  readonly numParameters: number;
  /** Whether it has a learned energy (Hamiltonian and Lagrangian networks). */
  readonly hasEnergy: boolean;
  /** Training steps since training on the present data began. */
  readonly step: number;
  /** Whether a training is under way. */
  readonly training: boolean;
  /** Whether `close()` was called. */
  readonly closed: boolean;

  /** The parameters θ: numParameters. */
  theta(options?: ThetaOptions & { view?: false }): Doubles;
  theta(options: ThetaOptions): Float64Array;
  /**
   * Replaces θ; a training afterwards goes on from it with a fresh optimiser. Once a training in single
   * precision has begun (or was loaded), θ is rounded to that.
   * @throws `'busy'` while training; `'invalid-argument'` for another length.
   */
  setTheta(theta: Numbers): void;
  /** How θ is made of weights and biases, in order. */
  parameters(): ParameterBlock[];

  /**
   * Trains on the data's training part; the model can be evaluated meanwhile. Called again with the same data
   * (the same Dataset object) and options, training goes on (the optimiser, the history and the order of the
   * minibatches too), also where learning rate, momentum, weight decay, clipping, schedule or `testEvery` differ.
   * With other data, or any other option of the loss, the optimiser, the minibatches or the precision, it begins
   * anew from the present θ.
   *
   * Resolves also where training was aborted, ran out of time or diverged: see `status`. Rejects only for a
   * wrong call (it does not throw), or with what `onProgress` throws.
   *
   * @throws `'busy'` while it is training already; `'invalid-argument'` for data in another chart (see
   * {@link Dataset.inChart}) or options that do not fit; `'unavailable'` for `run: 'thread'` where there
   * are no threads.
   */
  train(data: Dataset, options?: TrainOptions): TrainingRun;
  /** The learning curve of the present training. */
  history(): History;

  /** The loss on all of a part of the data, in double precision. */
  loss(data: Dataset, options?: LossOptions): number;
  /** The same with its gradient dloss/dθ: numParameters. */
  gradient(data: Dataset, options?: LossOptions): { loss: number; gradient: Doubles };

  /**
   * The learned motion from x0.
   * @param x0 - one state, or several one after another (batch × dimension), at times[0]
   * @param times - at least one time [s], strictly increasing or strictly decreasing
   * @throws `'invalid-argument'` for wrong lengths, times that are not monotone, or a method that needs
   * H = T(p) + V(q) on a model that is not a `'separable-hnn'`. A solve that stops early does not throw: see
   * `status`.
   */
  rollout(x0: Numbers, times: Numbers, options?: RolloutOptions & { view?: false }): Rollout;
  rollout(x0: Numbers, times: Numbers, options: RolloutOptions): Rollout<Float64Array>;

  /**
   * The gradient of any cost C of a roll-out's states, through the solver.
   * @param statesBar - ∂C/∂states: times.length × batch × dimension, as `Rollout.states`
   * @throws `'invalid-argument'` as `rollout`, or for a length of `statesBar` that does not fit.
   */
  adjoint(x0: Numbers, times: Numbers, statesBar: Numbers, options?: AdjointOptions): Adjoint;

  /** ẋ at each state: states × dimension in, as many out. */
  vectorField(states: Numbers): Doubles;
  /**
   * The learned energy of each state, up to a constant (an `'lnn'`: up to a factor and a constant).
   * @throws `'invalid-argument'` where the model has none (see `hasEnergy`).
   */
  energy(states: Numbers): Doubles;
  /** Field and learned energy on a grid of a plane of phase space. */
  grid(options?: GridOptions): Grid;

  /** Model, θ, optimiser and history as one file, without the data. @throws `'busy'` while training. */
  save(): Bytes;
  /** θ as a safetensors file, one float64 tensor a weight or bias, with the model's options as metadata. */
  toSafetensors(): Bytes;

  /** Frees the memory; may be called again. A training under way is stopped, and resolves as `'aborted'`. */
  close(): void;
  /** As `close`, for `using`. */
  [Symbol.dispose](): void;
}
