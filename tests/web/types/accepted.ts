// What a strict TypeScript program may write; it is checked, not run.
import {
  Dataset, ERROR_CODES, LeastActionError, Model, Session, System, memory, methods, parseConfig, presets,
  readCsv, readNpy, ready, sensitivities, settings, systems, writeCsv, writeNpy,
} from 'least-action';
import type {
  Activation, AdaptiveMethod, Adjoint, Chart, DatasetJson, ErrorCode, Grid, History, Host, LoadOptions,
  Method, ModelKind, ModelOptions, Numbers, ParameterBlock, Rollout, SampleOptions, Sensitivity,
  SessionConfig, SessionView, SettingKey, SolveOptions, SystemName, TrainingProgress, TrainingResult,
  TrainingRun, TrainOptions, Trajectory,
} from 'least-action';

// The single file is the same package.
const single: typeof import('least-action') = await import('least-action/single-file');

// Loading.
const wasm = new Uint8Array(8);
const load: LoadOptions[] = [
  {}, { wasm }, { wasm: new URL('https://example.org/least_action.wasm') }, { wasm: '/least_action.wasm' },
  { wasm: wasm.buffer }, { locateFile: (name, from) => new URL(name, from) }, { threads: 'never' },
];
const host: Host = await ready(load[0]);
const { threads }: { threads: boolean } = host;
const open: number = memory().objects + memory().bytes;

// Systems: every name, parameters of that system only, arrays of any kind of number.
const names: SystemName[] = (await systems()).map(({ name }) => name);
const pendulum = await System.create('pendulum', { length: 1.2, gravity: 1.62 });
const any = await System.create(names[0] ?? 'spring');
const chart: Chart = 'velocity';
const typical: Float64Array<ArrayBuffer> = pendulum.typicalState();
const sampling: SampleOptions = { trajectories: 30, irregularTimes: true, derivatives: 'estimate', chart };
const data: Dataset = pendulum.sample(sampling);
const inputs: Numbers[] = [[1, 0], new Float64Array(2), Float32Array.of(1, 0), [1, 0] as const];
const solved = { method: 'verlet', step: 0.01, chart: 'canonical' } as const;
const rollouts: Rollout[] = inputs.map((x0) => pendulum.rollout(x0, [0, 1], solved));
const length: number = pendulum.parameters['length'] ?? 1;
const unit: string | undefined = any.coordinates[0]?.unit;
const grid: Grid = pendulum.grid({ columns: 32, rows: 24, chart: 'velocity' });
const converted = pendulum.convert(typical, 'canonical', 'velocity');

// What is a copy can be transferred and put into a file; a view is a Float64Array.
const copy = pendulum.rollout(typical, [0, 1]);
postMessage(copy.states, { transfer: [copy.states.buffer, grid.energy.buffer] });
const seen: Float64Array = pendulum.rollout(typical, [0, 1], { view: true }).states;

// Data.
const measured = await Dataset.create({ train: [{ times: [0, 1, 2], states: new Float32Array(6) }] });
const json: DatasetJson = measured.toJson();
const again = [await Dataset.fromJson(json), await Dataset.fromJson(''), await Dataset.fromCsv(data.toCsv())];
const motions: Trajectory[] = [...data.train(), ...data.test()];
const velocities = data.inChart('velocity', pendulum);

// Models.
const kinds: ModelKind[] = ['node', 'resnet', 'hnn', 'separable-hnn', 'lnn'];
const options: ModelOptions = { kind: 'lnn', system: pendulum, hidden: [64, 64], activation: 'softplus' };
const model = await Model.create(options);
const free = await Model.create({ degreesOfFreedom: 2, periodic: [true, false], scale: [1, 1, 2, 2] });
const activation: Activation = model.activation;
const training: TrainOptions = {
  loss: 'trajectory', method: 'tsit5', sensitivity: 'checkpoint', steps: 100, optimizer: 'adamw',
  schedule: 'warmup-cosine', precision: 'float64', signal: AbortSignal.timeout(1000), run: 'thread',
  onProgress: ({ fraction }) => console.log(fraction),
};
const run: TrainingRun = model.train(velocities, training);
for await (const progress of run) {
  const { step, testLoss }: TrainingProgress = progress;
  if (step > 50 && testLoss < 1e-3) break;
}
const result: TrainingResult = await run;
switch (result.status) {
  case 'finished': case 'aborted': case 'out-of-time': case 'failed': break;
  default: result.status satisfies never;
}
const history: History = model.history();
const { loss, gradient } = model.gradient(velocities, { part: 'test' });
const theta: Float64Array<ArrayBuffer> = model.theta();
const live: Float64Array = model.theta({ view: true });
model.setTheta(theta.map((value, i) => value - 0.01 * (gradient[i] ?? 0)));
const blocks: ParameterBlock[] = model.parameters();
const adjoint: Adjoint = model.adjoint([1, 0], [0, 1], new Float64Array(4), { sensitivity: 'reversible' });
const solve: SolveOptions = { method: 'dop853', relativeTolerance: 1e-10 };
const values: Float64Array[] = [model.vectorField([1, 0]), model.energy(adjoint.states)];
values.push(model.rollout([1, 0], [0, 1], solve).times);

// Files.
const files = [model.save(), model.toSafetensors(), writeNpy(theta, [theta.length])];
const blob = new Blob(files);
const loaded = [await Model.load(files[0]!), await Model.fromSafetensors(files[1]!.buffer)];
const array = readNpy(files[2]!);
const first: number | bigint | undefined = array.data[0];
const { values: columns, rows } = readCsv(writeCsv({ t: [0, 1], q: new Float64Array(2) }));
const ordered: string = writeCsv([['2', [1]], ['1', columns['q'] ?? []]]);

// Errors: every code can be told apart.
try {
  model.energy([1]);
} catch (error) {
  if (error instanceof LeastActionError) {
    const code: ErrorCode = error.code;
    const meaning: string = ERROR_CODES[code];
    if (error.code === 'closed') console.error(meaning, error.message, error.cause);
  }
}

// `using`, with lib ES2022 as with a later one.
{
  using small = await Model.create({ hidden: [8] });
  const disposables: Disposable[] = [small, pendulum, data];
  disposables[0]?.[Symbol.dispose]();
}

// Sessions.
const config: SessionConfig = {
  preset: 'kepler', system: 'two-body', models: ['hnn:32,32:tanh', 'resnet:16:tanh:2'], p: { mass1: 2 },
  lr: 1e-3, irregular: true, 'train-method': 'dopri5', schedule: 'warmup', x0: [1, 0, 0, 1],
  pins: [[1, 0, 0, 1]],
};
const session = await Session.create(config);
const view: SessionView = session.view();
const drift: number | undefined = view.models[0]?.energyDrift;
const restarted: boolean = session.configure('system=spring&noise=0.1');
session.accuracyDial(-1, { method: 'radau5', settings: [1e-3, 1e-6] }).points.map(({ error }) => error);
const portrait: Float32Array = session.portrait(0, { columns: 8 }).dx;
const other = await Session.open(session.save());
const keys: SettingKey[] = (await settings()).map(({ key }) => key);
const solvers: Method[] = (await methods()).filter(({ adaptive }) => adaptive).map(({ name }) => name);
const sensitive: Sensitivity[] = (await sensitivities()).map(({ name }) => name);
const titles: string[] = (await presets()).map(({ title }) => title);
const faults: string[] = (await parseConfig({ noise: 3 })).faults;
const adaptive: AdaptiveMethod = 'radau5';

export {
  activation, adaptive, again, array, blob, blocks, columns, converted, drift, faults, first, free, history,
  keys, kinds, length, live, loaded, loss, motions, open, ordered, other, portrait, restarted, rollouts, rows,
  seen, sensitive, single, solvers, threads, titles, unit, values,
};
