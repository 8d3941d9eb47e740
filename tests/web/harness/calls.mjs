// Every public call of the package, with arguments that are right and, for each, a list of
// values that are wrong (bad_values.mjs). The suite `errors` says where a call is missing here.
import * as bad from './bad_values.mjs';

const solve = {
  method: bad.word, step: () => bad.number({ minimum: 0, above: true }),
  relativeTolerance: () => bad.number({ minimum: 0, above: true }),
  absoluteTolerance: () => bad.number({ minimum: 0, above: true }), maxSteps: () => bad.whole(1),
};
const rollout = { ...solve, view: bad.flag };
const adjoint = { ...solve, sensitivity: bad.word, checkpoints: () => bad.whole(0) };
const chart = { chart: bad.word };
const grid = {
  xComponent: () => [...bad.whole(0), 2, 7], yComponent: () => [...bad.whole(0), 2, 7],
  xMin: bad.number, xMax: bad.number, yMin: bad.number, yMax: bad.number,
  columns: () => [...bad.whole(2), 1e9, 2 ** 31 - 1], rows: () => [...bad.whole(2), 1e9, 2 ** 31 - 1],
  base: () => bad.list(2).slice(1),
};
const seed = () => bad.whole(0).filter((value) => value !== 2 ** 31);
const loss = {
  loss: bad.word, segmentLength: () => bad.whole(1), substeps: () => [...bad.whole(1), 1e9], method: bad.word,
  relativeTolerance: () => bad.number({ minimum: 0, above: true, maximum: 1 }), sensitivity: bad.word,
  checkpoints: () => bad.whole(0), part: bad.word,
};
const { part, ...trainLoss } = loss;
const train = {
  ...trainLoss, steps: () => bad.whole(1), milliseconds: () => bad.number({ minimum: 0 }),
  optimizer: bad.word, learningRate: () => bad.number({ minimum: 0 }),
  momentum: () => bad.number({ minimum: 0, maximum: 1 }), beta1: () => bad.number({ minimum: 0, maximum: 1 }),
  beta2: () => bad.number({ minimum: 0, maximum: 1 }), epsilon: () => bad.number({ minimum: 0 }),
  weightDecay: () => bad.number({ minimum: 0 }), gradientClip: () => bad.number({ minimum: 0 }),
  schedule: bad.word, warmupSteps: () => bad.whole(0), batchSize: () => bad.whole(0),
  testEvery: () => bad.whole(1), precision: bad.word, seed,
  signal: bad.signal, onProgress: bad.callback, progressEvery: () => bad.number({ minimum: 0 }),
  run: bad.word, slice: () => bad.number({ minimum: 0, above: true }),
};
const sample = {
  trajectories: () => [...bad.whole(1), 1e9], samples: () => [...bad.whole(2), 1e9],
  duration: () => bad.number({ minimum: 0, above: true }), noise: () => bad.number({ minimum: 0 }),
  irregularTimes: bad.flag, missingFraction: () => bad.number({ minimum: 0, maximum: 1 }),
  testFraction: () => bad.number({ minimum: 0, maximum: 1 }), derivatives: bad.word, ...chart, seed,
};
const trajectory = { times: [0, 1, 2, 3], states: [0, 0, 1, 1, 2, 2, 3, 3] };
const trajectories = () => [
  ...bad.list(0).slice(1), [null], [5], ['abc'], [[0, 1]], [{}], [{ times: [0, 1, 2] }], [{ states: [0, 0] }],
  ...[...bad.times(), [0, 1, 2], [3, 2, 1, 0], [0, 1, 2, 2]].map((times) => [{ ...trajectory, times }]),
  ...bad.list(8, { nan: true }).map((states) => [{ ...trajectory, states }]),
  ...bad.list(8, { nan: true }).slice(1).map((derivatives) => [{ ...trajectory, derivatives }]),
  [trajectory, { ...trajectory, states: [0, 0] }],
];
const dataset = {
  degreesOfFreedom: () => [...bad.whole(1), 2, 1e9], ...chart, train: trajectories,
  test: () => notEmpty(trajectories()),
  testFraction: () => bad.number({ minimum: 0, maximum: 1 }), estimateDerivatives: bad.flag,
};
const model = {
  kind: bad.word, hidden: bad.sizes, activation: bad.word, blocks: () => [...bad.whole(1), 1e9],
  blockTime: () => bad.number({ minimum: 0, above: true }), seed,
};
const modelWithout = {
  degreesOfFreedom: () => [...bad.whole(1), 1e9], periodic: bad.flag, scale: () => bad.list(2).slice(1),
};

/** Objects that calls need; `close` them all by closing each. */
export async function makeObjects(la) {
  const system = await la.System.create('pendulum');
  const data = await system.sample({ trajectories: 4, samples: 6, seed: 3 });
  const small = await la.Model.create({ system, hidden: [4], seed: 3 });
  const session = await la.Session.create({ models: 'hnn:4:tanh', trajectories: 4, samples: 6 });
  return { la, system, data, model: small, session };
}

/** True unless `condition` holds; looking must not fail. */
const unless = (condition, value) => {
  try {
    return !condition(value);
  } catch {
    return true;
  }
};
const notEmpty = (values) => values
  .filter((value) => unless(() => typeof value !== 'string' && value.length === 0, value));
const notText = (values) => values.filter((value) => typeof value !== 'string');
const states = ['states', [1, 0], () => [...notEmpty(bad.list(0)), [1], [1, 2, 3]]];
const x0 = ['x0', [1, 0], () => [...bad.list(0), [], [1], [1, 2, 3]]];
const at = ['times', [0, 0.1], () => [...bad.times(), [0, 1, 0.5]]];
const aWord = (name, good) => [name, good, () => [undefined, ...bad.word()]];
const someBytes = (good) => ['file', good, bad.bytes];
const others = (...names) => (o) => bad.instance(names.map((name) => o[name]));
const onData = ['data', (o) => o.data, others('system', 'model')];
const number = (minimum = 0) => ['model', 0, () => [undefined, ...bad.whole(minimum), 7, 4]];
const config = (good) => ['config', good, () => notText(bad.bag())];
const positive = () => bad.number({ minimum: 0, above: true });
/** NumPy's file takes any numbers, also big integers and ones that are not finite. */
const isWritable = (value) => {
  if (Object.prototype.toString.call(value).startsWith('[object Big')) return true;
  return Array.isArray(value) && value.length === 2 && [0, 1].some((i) => Math.abs(value[i]) === Infinity);
};

/** A row: a name, its arguments, each [name, right value, wrong values], and what else there is. */
const row = (name, args = [], more = {}) => ({ name, args, ...more });

/**
 * One row a call. `options`, the last argument: key → wrong values; `base`: options that are right
 * and always given; `optional`: it may be called with nothing.
 */
const rows = [
  row('System.create', [aWord('name', 'pendulum')],
    { last: 'parameters', options: { length: positive, mass: positive } }),
  row('system.typicalState'),
  row('system.sample', [], { options: sample }),
  row('system.rollout', [x0, at], { options: { ...rollout, ...chart } }),
  row('system.vectorField', [states], { options: chart }),
  row('system.energy', [states], { options: chart }),
  row('system.grid', [], { options: { ...grid, ...chart } }),
  row('system.convert', [states, aWord('from', 'velocity'), aWord('to', 'canonical')]),

  row('Dataset.create', [], { needsOptions: true, base: { train: [trajectory] }, options: dataset }),
  row('Dataset.fromCsv', [['text', (o) => o.data.toCsv(), bad.text]]),
  row('Dataset.fromJson', [['json', (o) => o.data.toJson(), () => [...bad.text(), '[]', '5', 'null']]]),
  row('data.train'),
  row('data.test'),
  row('data.toCsv'),
  row('data.toJson'),
  row('data.inChart', [aWord('chart', 'velocity'), ['system', (o) => o.system, others('data', 'model')]]),

  row('Model.create', [], { base: { hidden: [4] }, options: { ...model, system: others('data', 'model') } }),
  row('Model.create', [],
    { title: 'Model.create without a system', base: { hidden: [4] }, options: modelWithout }),
  row('Model.load', [someBytes((o) => o.model.save())]),
  row('Model.fromSafetensors', [someBytes((o) => o.model.toSafetensors())]),
  row('model.theta', [], { options: { view: bad.flag } }),
  row('model.setTheta', [['theta', (o) => o.model.theta(), () => bad.list(17)]]),
  row('model.parameters'),
  row('model.history'),
  row('model.train', [onData], { base: { steps: 1 }, options: train }),
  row('model.loss', [onData], { options: loss }),
  row('model.gradient', [onData], { options: loss }),
  row('model.rollout', [x0, at], { options: rollout }),
  row('model.adjoint', [x0, at, ['statesBar', [0, 0, 1, 1], () => bad.list(4)]], { options: adjoint }),
  row('model.vectorField', [states]),
  row('model.energy', [states]),
  row('model.grid', [], { options: grid }),
  row('model.save'),
  row('model.toSafetensors'),

  row('readNpy', [someBytes(({ la }) => la.writeNpy([1, 2, 3]))]),
  row('writeNpy', [
    ['data', [1, 2, 3, 4], () => bad.list(0, { nan: true }).filter((value) => unless(isWritable, value))],
    ['shape', [2, 2], () => [...bad.list(0).slice(1), [3], [-2, -2], [0.5, 8], [2 ** 53, 2], [4, 0]]],
  ]),
  row('readCsv', [['text', 'a,b\n1,2\n', () => notText(bad.text())]]),
  row('writeCsv', [['column', { a: [1, 2] }, () => [...bad.neededBag(), { a: null }, { a: 5 }, { a: 'abc' },
    { a: [1, '2'] }, { a: [1], b: [1, 2] }, { a: new Array(1e9) }, { a: { length: 1e9 } }]]]),
  row('readSafetensors', [someBytes(({ la }) => la.writeSafetensors({ a: { data: [1, 2] } }))]),
  row('writeSafetensors', [['tensors', { a: { data: [1, 2] } }, () => [...bad.neededBag(), { a: null }, { a: 5 },
    { a: {} }, { a: { data: 5 } }, { a: { data: 'abc' } }, { a: { data: [1, '2'] } },
    { a: { data: new Array(1e9) } }, { a: bad.throwing() }]],
  ['metadata', { by: 'test' }, () => [...bad.bag(), { by: 5 }, { by: null }]]]),
  row('trajectoriesFromTable', [
    ['table', { values: { t: [0, 1], q: [0, 1] } }, () => [...bad.neededBag(), {}, { values: {} },
      { values: { t: [0, 1], q: [0] } }, { values: { t: [NaN, 1], q: [0, 1] } },
      { values: { t: new Array(1e9), q: new Array(1e9) } }, { values: { t: [0, 1], q: 'ab' } },
      { values: { t: [0, 1], q: [0, '1'] } }, { values: { t: [0, 1], q: null } }]]],
  { base: { time: 't', states: ['q'] }, options: { time: bad.word, trajectory: bad.word,
    states: () => [null, 5, 'q', {}, [], ['r'], [5], bad.throwing()],
    derivatives: () => [null, 5, 'q', {}, [], ['r'], ['q', 'q'], bad.throwing()] } }),

  row('ready', [], { options: { locateFile: bad.callback, threads: bad.word,
    wasm: () => [null, true, 7n, 5, NaN, {}, [], bad.throwing()] } }),
  row('memory'),
  ...['settings', 'presets', 'systems', 'methods', 'sensitivities'].map((name) => row(name)),
  row('parseConfig', [config('seed=2')], { optional: true }),

  row('Session.create', [config('seed=2')], { optional: true }),
  row('Session.open', [someBytes((o) => o.session.save())]),
  row('session.configure', [config('models=hnn:4:tanh&trajectories=4&samples=6')], { optional: true }),
  row('session.setInitialState', [['x0', [1, 0], () => bad.list(2)]]),
  row('session.advance', [['steps', 1, () => bad.whole(0)]], { optional: true }),
  row('session.train', [['milliseconds', 1, () => [undefined, ...bad.number({ minimum: 0 })]]]),
  row('session.reset'),
  row('session.view'),
  row('session.portrait', [number(-1)], { options: grid }),
  row('session.section', [number(-1)], { options: { energy: bad.number, starts: () => [...bad.whole(1), 1e9],
    duration: positive, xComponent: () => bad.whole(0), yComponent: () => bad.whole(0),
    sectionComponent: () => bad.whole(-1) } }),
  row('session.rollout', [number(-1), ['x0', [1, 0], () => bad.list(2)],
    ['times', [0, 0.1], () => [...bad.times(), [1, 0]]]]),
  row('session.setPinned', [['starts', [[1, 0]],
    () => [...notEmpty(bad.list(0)), [[1]], [null], [[NaN, 0]], [new Array(1e9)], Array(9).fill([1, 0])]]]),
  row('session.accuracyDial', [number(-1)], { base: { settings: [1e-3] }, options: {
    method: () => bad.word().filter((value) => value !== ''),
    settings: () => [...notEmpty(bad.list(0).slice(1)), [0], [-1]] } }),
  row('session.roundTrip', [number(-1)]),
  row('session.theta', [number()]),
  row('session.setTheta', [number(), ['theta', (o) => o.session.theta(0), () => bad.list(17)]]),
  row('session.save'),
  row('session.load', [someBytes((o) => o.session.save())]),
  row('session.datasetCsv'),
  row('session.historyCsv'),
];

/** The rows with `call(objects, args)`: a function of the package, of a class or of an object. */
export const calls = rows.map((each) => {
  const [owner, method] = each.name.split('.');
  const call = (objects, args) => {
    if (method === undefined) return objects.la[owner](...args);
    const of = objects[owner] ?? objects.la[owner];
    return of[method](...args);
  };
  return { title: each.name, ...each, call };
});
