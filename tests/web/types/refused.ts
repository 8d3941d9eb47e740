// What the compiler must not let through: a line without its error is an error.
import {
  Dataset, LeastActionError, Model, Session, System, readNpy, ready, writeCsv, writeNpy,
} from 'least-action';
import type { Doubles, ErrorCode, Method, SessionConfig, TrainOptions } from 'least-action';

declare const system: System;
declare const model: Model;
declare const data: Dataset;
declare const session: Session;

// Names out of closed sets.
// @ts-expect-error
System.create('pendulm');
// @ts-expect-error
System.create('pendulum', { lenth: 1.2 });
// @ts-expect-error
System.create('spring', { gravity: 9.81 });
// @ts-expect-error
Model.create({ kind: 'mlp' });
// @ts-expect-error
Model.create({ activation: 'relu' });
// @ts-expect-error
model.train(data, { loss: 'mse' });
// @ts-expect-error
model.train(data, { optimizer: 'lbfgs' });
// @ts-expect-error
model.train(data, { schedule: 'warmup' });
// @ts-expect-error
model.rollout([1, 0], [0, 1], { method: 'RK4' });
// @ts-expect-error
model.adjoint([1, 0], [0, 1], [0, 0, 1, 1], { sensitivity: 'adjoint' });
// @ts-expect-error
data.inChart('lagrangian', system);
// @ts-expect-error
export const method: Method = 'ode45';
// @ts-expect-error
export const code: ErrorCode = 'bad';
// @ts-expect-error
ready({ threads: 'always' });

// Options that are not there.
// @ts-expect-error
model.train(data, { epochs: 10 });
// @ts-expect-error
model.train(data, { part: 'test' });
// @ts-expect-error
model.rollout([1, 0], [0, 1], { chart: 'velocity' });
// @ts-expect-error
system.sample({ trajectory: 3 });
// @ts-expect-error
model.grid({ cols: 3 });
// @ts-expect-error
export const config: SessionConfig = { learningRate: 1e-3 };

// Numbers of the wrong kind.
// @ts-expect-error
model.rollout(new BigInt64Array(2), [0, 1]);
// @ts-expect-error
model.rollout([1n, 0n], [0, 1]);
// @ts-expect-error
model.rollout('1,0', [0, 1]);
// @ts-expect-error
model.rollout(new DataView(new ArrayBuffer(16)), [0, 1]);
// @ts-expect-error
model.rollout([[1, 0]], [0, 1]);
// @ts-expect-error
model.rollout({ length: 2, 0: 1, 1: 0 }, [0, 1]);
// @ts-expect-error
model.setTheta(['1']);
// @ts-expect-error
model.train(data, { steps: '100' });
// @ts-expect-error
writeCsv({ t: ['0'] });
// @ts-expect-error
writeNpy('abc');

// Arguments left out, or of another class.
// @ts-expect-error
Dataset.create({});
// @ts-expect-error
Dataset.create({ train: [{ times: [0, 1] }] });
// @ts-expect-error
model.train();
// @ts-expect-error
model.train(system);
// @ts-expect-error
Model.create({ system: data });
// @ts-expect-error
Model.load('model.bin');
// @ts-expect-error
readNpy([1, 2, 3]);
// @ts-expect-error
session.portrait();

// Objects that only `create` makes, and what cannot be changed.
// @ts-expect-error
new Model();
// @ts-expect-error
new System('pendulum');
// @ts-expect-error
class Own extends Session {}
// @ts-expect-error
model.numParameters = 3;
// @ts-expect-error
model.hidden[0] = 3;
// @ts-expect-error
system.parameters['length'] = 2;

// A promise is not what it promises; a view is not a copy.
// @ts-expect-error
Model.create().rollout([1, 0], [0, 1]);
// @ts-expect-error
export const theta: Doubles = model.theta({ view: true });
// @ts-expect-error
export const states: Doubles = model.rollout([1, 0], [0, 1], { view: true }).states;
// @ts-expect-error
export const loss: number = model.train(data, { steps: 1 }).testLoss;
// @ts-expect-error
export const progress: TrainOptions = { onProgress: (loss: number) => loss };
// @ts-expect-error
if (new LeastActionError('closed', '').code === 'shut') throw 0;
