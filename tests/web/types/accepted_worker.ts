// The package in a worker, as a strict TypeScript program may use it; it is checked, not run.
import { ERROR_CODES, LeastActionError, startWorker } from 'least-action/worker';
import type { RemoteDataset, RemoteModel, WorkerApi, WorkerOptions } from 'least-action/worker';

const options: WorkerOptions = { wasm: '/least_action.wasm', threads: 'auto' };
const worker: WorkerApi = await startWorker(options);
const system = await worker.System.create('pendulum', { length: 2 });
const data: RemoteDataset = await system.sample({ chart: 'velocity', noise: 0.1 });
const model: RemoteModel = await worker.Model.create({ kind: 'lnn', system });
for await (const { fraction } of model.train(data, { steps: 10, signal: AbortSignal.timeout(10) })) {
  if (fraction > 0.5) break;
}
const status: 'finished' | 'aborted' | 'out-of-time' | 'failed' = (await model.train(data)).status;
const parameters: number = model.numParameters;
const states: Float64Array<ArrayBuffer> = (await model.rollout([1, 0], [0, 1], { method: 'rk4' })).states;
const theta: Float64Array = await model.theta();
await model.setTheta(theta);
const loss: number = await model.loss(data, { part: 'test' });
const converted: RemoteDataset = await data.inChart('canonical', system);
const energy = await system.energy(states, { chart: 'velocity' });
const session = await worker.Session.create({ seed: 1 });
await session.advance(3);
const names: string[] = (await session.view()).models.map(({ name }) => name);
const copy = await worker.Model.load(await model.save());
{
  await using small = await worker.Model.create({ hidden: [4] });
  await small.close();
}
await worker.close();
export { ERROR_CODES, LeastActionError, converted, copy, energy, loss, names, parameters, status };
