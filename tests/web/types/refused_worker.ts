// What the compiler must not let through of a worker: a line without its error is an error.
import { Model, type Dataset } from 'least-action';
import { startWorker } from 'least-action/worker';
import type { RemoteModel, WorkerApi } from 'least-action/worker';

declare const worker: WorkerApi;
declare const model: RemoteModel;
declare const here: Dataset;

// @ts-expect-error
startWorker({ thread: 'auto' });
// @ts-expect-error
worker.System.create('pendulm');
// @ts-expect-error
model.train(here);
// @ts-expect-error
model.rollout([1, 0], [0, 1], { view: true });
// @ts-expect-error
model.theta({ view: true });
// @ts-expect-error
model.energy(['1']);
// @ts-expect-error
export const states: Float64Array = model.vectorField([1, 0]);
// @ts-expect-error
export const local: Model = model;
// @ts-expect-error
worker.Model.create({ kind: 'mlp' });
// @ts-expect-error
new worker.Model();
// @ts-expect-error
model.kind = 'hnn';
