/**
 * The package in a worker: the same classes and functions, every call a promise, so that nothing of it keeps
 * the page (or Node's event loop) busy. Results are moved, not copied; arguments are copied.
 *
 * ```js
 * import { startWorker } from 'least-action/worker';
 *
 * const worker = await startWorker();
 * const pendulum = await worker.System.create('pendulum');
 * const data = await pendulum.sample();
 * const model = await worker.Model.create({ system: pendulum });
 * for await (const { fraction } of model.train(data)) console.log(fraction);
 * const { states } = await model.rollout([1, 0], [0, 1, 2]);
 * await worker.close();
 * ```
 *
 * What differs from the package itself:
 *
 * - Every method gives a promise; `close()` too, and `Symbol.asyncDispose` stands for `Symbol.dispose`.
 * - Properties (`kind`, `numParameters`, …) are read as before. Those that change (`model.step`,
 *   `model.training`, `session.query`) are as of the worker's last answer or progress about that object.
 * - Objects belong to their worker: {@link RemoteModel.train} takes a {@link RemoteDataset} of the same one.
 *   To bring others there, send what they are made of: `worker.Model.load(model.save())`,
 *   `worker.Dataset.fromJson(data.toJson())`.
 * - There are no views of WebAssembly memory: every array that comes back is your own.
 * - What is thrown is a `LeastActionError` with the same code and message. A worker that failed or could not be
 *   loaded: `'unavailable'`; one that was closed: `'closed'`.
 *
 * @packageDocumentation
 */
import type { Dataset, DatasetJson, DatasetOptions } from './dataset.mjs';
import type { Host, LoadOptions } from './load.mjs';
import type { Model, ModelOptions } from './model.mjs';
import type { Session } from './session.mjs';
import type { Doubles, Numbers, Rollout, RolloutOptions } from './solving.mjs';
import type { ParametersOf, System, SystemName, SystemRolloutOptions } from './system.mjs';
import type {
  MethodDescription, ParsedConfig, Preset, SensitivityDescription, SessionConfig, Setting, SystemDescription,
} from './tables.mjs';
import type { TrainingRun, TrainOptions } from './training.mjs';

export { ERROR_CODES, LeastActionError } from './errors.mjs';
export type { ErrorCode } from './errors.mjs';

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>;
  }
}

/** An object of the package as an argument of a call: the worker's own. */
export type Sent<T> = T extends System ? RemoteSystem : T extends Dataset ? RemoteDataset : T;
/** A result of a call: objects stay in the worker, everything else is moved here. */
export type Received<T> = T extends System ? RemoteSystem : T extends Dataset ? RemoteDataset
  : T extends Model ? RemoteModel : T;

/** A class of the package, as an object of the worker: its methods give promises, its properties are as they were. */
export type Remote<T> = {
  [Key in keyof T as Key extends typeof Symbol.dispose ? never : Key]: T[Key] extends
    (...args: infer Arguments) => infer Result
    ? (...args: { [Index in keyof Arguments]: Sent<Arguments[Index]> }) => Promise<Received<Result>>
    : T[Key];
} & AsyncDisposable;

/** A {@link System} in the worker. */
export interface RemoteSystem extends Remote<Omit<System, 'rollout'>> {
  /** See {@link System.rollout}. */
  rollout(x0: Numbers, times: Numbers, options?: Omit<SystemRolloutOptions, 'view'>): Promise<Rollout>;
}
/** A {@link Dataset} in the worker. */
export interface RemoteDataset extends Remote<Dataset> {}
/** A {@link Model} in the worker. */
export interface RemoteModel extends Remote<Omit<Model, 'rollout' | 'theta' | 'train'>> {
  /** See {@link Model.rollout}. */
  rollout(x0: Numbers, times: Numbers, options?: Omit<RolloutOptions, 'view'>): Promise<Rollout>;
  /** See {@link Model.theta}. */
  theta(): Promise<Doubles>;
  /**
   * See {@link Model.train}: `onProgress`, `signal` and iteration are as there, and `slice` is how long the
   * worker may go without hearing of an abort. All refusals reject.
   */
  train(data: RemoteDataset, options?: TrainOptions): TrainingRun;
}
/** A {@link Session} in the worker. */
export interface RemoteSession extends Remote<Session> {}

/** {@link ModelOptions} with a system of the worker's. */
export interface RemoteModelOptions extends Omit<ModelOptions, 'system'> {
  system?: RemoteSystem;
}

/** How to start a worker. */
export interface WorkerOptions extends Omit<LoadOptions, 'threads'> {
  /**
   * `'auto'`: training gets a thread of its own beside the worker where the page is cross-origin isolated;
   * `'never'`: it runs in the worker, in slices between which other calls are answered.
   * @defaultValue 'never'
   */
  threads?: 'auto' | 'never';
  /**
   * Makes the worker, for hosts that must do so themselves: of `worker_host.mjs` beside this file, as a module
   * (or a bundle of it). A `Worker` of a page, or of Node's `worker_threads`.
   * @defaultValue one of worker_host.mjs, where this package is
   */
  worker?: () => WorkerLike | Promise<WorkerLike>;
}
/** What is needed of a worker. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** The package in a worker. */
export interface WorkerApi extends AsyncDisposable {
  readonly System: {
    create<Name extends SystemName>(name: Name, parameters?: ParametersOf<Name>): Promise<RemoteSystem>;
    readonly prototype: RemoteSystem;
  };
  readonly Dataset: {
    create(options: DatasetOptions): Promise<RemoteDataset>;
    fromCsv(text: string): Promise<RemoteDataset>;
    fromJson(json: string | DatasetJson): Promise<RemoteDataset>;
    readonly prototype: RemoteDataset;
  };
  readonly Model: {
    create(options?: RemoteModelOptions): Promise<RemoteModel>;
    load(file: Uint8Array | ArrayBuffer): Promise<RemoteModel>;
    fromSafetensors(file: Uint8Array | ArrayBuffer): Promise<RemoteModel>;
    readonly prototype: RemoteModel;
  };
  readonly Session: {
    create(config?: string | SessionConfig): Promise<RemoteSession>;
    open(file: Uint8Array | ArrayBuffer): Promise<RemoteSession>;
    readonly prototype: RemoteSession;
  };
  /** What the module can do in the worker. */
  ready(): Promise<Host>;
  /** Objects of the worker that are not closed, and its WebAssembly memory. */
  memory(): Promise<{ objects: number; bytes: number }>;
  settings(): Promise<Setting[]>;
  presets(): Promise<Preset[]>;
  systems(): Promise<SystemDescription[]>;
  methods(): Promise<MethodDescription[]>;
  sensitivities(): Promise<SensitivityDescription[]>;
  parseConfig(config?: string | SessionConfig): Promise<ParsedConfig>;
  /** Ends the worker and everything in it. Calls under way, and all later ones, reject with `'closed'`. */
  close(): Promise<void>;
}

/**
 * Starts a worker and loads WebAssembly in it. In Node an idle worker does not keep the process alive.
 * @throws `'unavailable'` where the worker or WebAssembly cannot be loaded; `'unknown-option'` or `'wrong-type'`
 * for wrong options.
 */
export function startWorker(options?: WorkerOptions): Promise<WorkerApi>;
