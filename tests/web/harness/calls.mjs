// Every public call of the package, with arguments that are right and, for each, a list of
// values that are wrong (bad_values.mjs). The suite `errors` says where a call is missing here.
import * as bad from './bad_values.mjs';

const solve = {
  method: bad.word, step: () => bad.number({ minimum: 0, above: true }),
  relativeTolerance: () => bad.number({ minimum: 0 }), absoluteTolerance: () => bad.number({ minimum: 0 }),
  maxSteps: () => bad.whole(1),
};
const rollout = { ...solve, view: bad.flag };
const adjoint = { ...solve, sensitivity: bad.word, checkpoints: () => bad.whole(0) };
const chart = { chart: bad.word };
const grid = {
  xComponent: () => [...bad.whole(0), 2, 7], yComponent: () => [...bad.whole(0), 2, 7],
  xMin: bad.number, xMax: bad.number, yMin: bad.number, yMax: bad.number,
  columns: () => [...bad.whole(1), 1e9, 2 ** 31 - 1], rows: () => [...bad.whole(1), 1e9, 2 ** 31 - 1],
  base: () => bad.list(2).slice(1),
};
const loss = {
  loss: bad.word, segmentLength: () => bad.whole(1), substeps: () => [...bad.whole(1), 1e9], method: bad.word,
  relativeTolerance: () => bad.number({ minimum: 0, above: true }), sensitivity: bad.word,
  checkpoints: () => bad.whole(0), part: bad.word,
};
const { part, ...trainLoss } = loss;
const train = {
  ...trainLoss, steps: () => bad.whole(0), milliseconds: () => bad.number({ minimum: 0 }),
  optimizer: bad.word, learningRate: () => bad.number({ minimum: 0 }),
  momentum: () => bad.number({ minimum: 0, maximum: 1 }), beta1: () => bad.number({ minimum: 0, maximum: 1 }),
  beta2: () => bad.number({ minimum: 0, maximum: 1 }), epsilon: () => bad.number({ minimum: 0 }),
  weightDecay: () => bad.number({ minimum: 0 }), gradientClip: () => bad.number({ minimum: 0 }),
  schedule: bad.word, warmupSteps: () => bad.whole(0), batchSize: () => bad.whole(1),
  testEvery: () => bad.whole(1), precision: bad.word, seed: () => bad.whole(0).filter((value) => value !== 2 ** 31),
  signal: bad.signal, onProgress: bad.callback, progressEvery: () => bad.number({ minimum: 0 }),
  run: bad.word, slice: () => bad.number({ minimum: 0, above: true }),
};
const seed = () => bad.whole(0).filter((value) => value !== 2 ** 31);
const sample = {
  trajectories: () => [...bad.whole(1), 1e9], samples: () => [...bad.whole(2), 1e9],
  duration: () => bad.number({ minimum: 0, above: true }), noise: () => bad.number({ minimum: 0 }),
  irregularTimes: bad.flag, missingFraction: () => bad.number({ minimum: 0, maximum: 1 }),
  testFraction: () => bad.number({ minimum: 0, maximum: 1 }), derivatives: bad.word, ...chart, seed,
};
const trajectory = { times: [0, 1, 2, 3], states: [0, 0, 1, 1, 2, 2, 3, 3] };
const trajectories = () => [
  ...bad.list(0).slice(1), [null], [5], ['abc'], [[0, 1]], [{}], [{ times: [0, 1, 2] }], [{ states: [0, 0] }],
  ...bad.times().map((times) => [{ ...trajectory, times }]),
  ...bad.list(8, { nan: true }).map((states) => [{ ...trajectory, states }]),
  ...bad.list(8, { nan: true }).slice(1).map((derivatives) => [{ ...trajectory, derivatives }]),
  [trajectory, { ...trajectory, states: [0, 0] }],
];
const dataset = {
  degreesOfFreedom: () => [...bad.whole(1), 2, 1e9], ...chart, train: trajectories,
  test: () => trajectories().filter((value) => !(Array.isArray(value) && value.length === 0)),
  testFraction: () => bad.number({ minimum: 0, maximum: 1 }), estimateDerivatives: bad.flag,
};
const model = {
  kind: bad.word, hidden: bad.sizes, activation: bad.word, blocks: () => [...bad.whole(1), 1e9],
  blockTime: () => bad.number({ minimum: 0, above: true }), seed,
};
const modelWithout = { degreesOfFreedom: () => [...bad.whole(1), 1e9], periodic: () => [...bad.flag()], scale: () => bad.list(2).slice(1) };

/** Objects that calls need; `close` them all by closing each. */
export async function makeObjects(la) {
  const system = await la.System.create('pendulum');
  const data = system.sample({ trajectories: 4, samples: 6, seed: 3 });
  const small = await la.Model.create({ system, hidden: [4], seed: 3 });
  const session = await la.Session.create({ models: 'hnn:4:tanh', trajectories: 4, samples: 6 });
  return { la, system, data, model: small, session };
}

const index = (minimum) => [...bad.whole(minimum), 7, 4];
const plane = { ...grid, base: grid.base };
const states = () => bad.list(0).filter((value) => value?.length !== 0).concat([[1], [1, 2, 3]]);
const x0 = () => [...states(), []];
const others = (...names) => (o) => bad.instance(names.map((name) => o[name]));

/**
 * One row a call: name; `call(objects, args)`; `args`, each [name, good value, wrong values];
 * `options`, whose argument comes last: key → wrong values; `base`: options that are right and
 * always given. `returns` frees what a call makes.
 */
export const calls = [
  { name: 'System.create', call: ({ la }, a) => la.System.create(...a), args: [['name', 'pendulum', () => [undefined, ...bad.word()]]],
    last: 'parameters', options: { length: () => bad.number({ minimum: 0, above: true }), mass: () => bad.number({ minimum: 0, above: true }) } },
  { name: 'system.typicalState', call: ({ system }, a) => system.typicalState(...a), args: [] },
  { name: 'system.sample', call: ({ system }, a) => system.sample(...a), args: [], options: sample },
  { name: 'system.rollout', call: ({ system }, a) => system.rollout(...a), args: [['x0', [1, 0], x0], ['times', [0, 0.1], bad.times]],
    options: { ...rollout, ...chart } },
  { name: 'system.vectorField', call: ({ system }, a) => system.vectorField(...a), args: [['states', [1, 0], states]], options: chart },
  { name: 'system.energy', call: ({ system }, a) => system.energy(...a), args: [['states', [1, 0], states]], options: chart },
  { name: 'system.grid', call: ({ system }, a) => system.grid(...a), args: [], options: { ...grid, ...chart } },
  { name: 'system.convert', call: ({ system }, a) => system.convert(...a), args: [['states', [1, 0], states],
    ['from', 'velocity', () => [undefined, ...bad.word()]], ['to', 'canonical', () => [undefined, ...bad.word()]]] },

  { name: 'Dataset.create', call: ({ la }, a) => la.Dataset.create(...a), args: [], needsOptions: true, base: { train: [trajectory] }, options: dataset },
  { name: 'Dataset.fromCsv', call: ({ la }, a) => la.Dataset.fromCsv(...a), args: [['text', (o) => o.data.toCsv(), bad.text]] },
  { name: 'Dataset.fromJson', call: ({ la }, a) => la.Dataset.fromJson(...a), args: [['json', (o) => o.data.toJson(), () => [...bad.text(), '[]', '5', 'null']]] },
  { name: 'data.train', call: ({ data }, a) => data.train(...a), args: [] },
  { name: 'data.test', call: ({ data }, a) => data.test(...a), args: [] },
  { name: 'data.toCsv', call: ({ data }, a) => data.toCsv(...a), args: [] },
  { name: 'data.toJson', call: ({ data }, a) => data.toJson(...a), args: [] },
  { name: 'data.inChart', call: ({ data }, a) => data.inChart(...a), args: [['chart', 'velocity', () => [undefined, ...bad.word()]],
    ['system', (o) => o.system, others('data', 'model')]] },

  { name: 'Model.create', call: ({ la }, a) => la.Model.create(...a), args: [], base: { hidden: [4] }, options: { ...model, system: others('data', 'model') } },
  { name: 'Model.create without a system', call: ({ la }, a) => la.Model.create(...a), args: [], base: { hidden: [4] }, options: modelWithout },
  { name: 'Model.load', call: ({ la }, a) => la.Model.load(...a), args: [['file', (o) => o.model.save(), bad.bytes]] },
  { name: 'Model.fromSafetensors', call: ({ la }, a) => la.Model.fromSafetensors(...a), args: [['file', (o) => o.model.toSafetensors(), bad.bytes]] },
  { name: 'model.theta', call: ({ model: m }, a) => m.theta(...a), args: [], options: { view: bad.flag } },
  { name: 'model.setTheta', call: ({ model: m }, a) => m.setTheta(...a), args: [['theta', (o) => o.model.theta(), () => bad.list(17)]] },
  { name: 'model.parameters', call: ({ model: m }, a) => m.parameters(...a), args: [] },
  { name: 'model.history', call: ({ model: m }, a) => m.history(...a), args: [] },
  { name: 'model.train', call: ({ model: m }, a) => m.train(...a), args: [['data', (o) => o.data, others('system', 'model')]], base: { steps: 1 }, options: train },
  { name: 'model.loss', call: ({ model: m }, a) => m.loss(...a), args: [['data', (o) => o.data, others('system', 'model')]], options: loss },
  { name: 'model.gradient', call: ({ model: m }, a) => m.gradient(...a), args: [['data', (o) => o.data, others('system', 'model')]], options: loss },
  { name: 'model.rollout', call: ({ model: m }, a) => m.rollout(...a), args: [['x0', [1, 0], x0], ['times', [0, 0.1], bad.times]], options: rollout },
  { name: 'model.adjoint', call: ({ model: m }, a) => m.adjoint(...a), args: [['x0', [1, 0], x0], ['times', [0, 0.1], bad.times],
    ['statesBar', [0, 0, 1, 1], () => bad.list(4)]], options: adjoint },
  { name: 'model.vectorField', call: ({ model: m }, a) => m.vectorField(...a), args: [['states', [1, 0], states]] },
  { name: 'model.energy', call: ({ model: m }, a) => m.energy(...a), args: [['states', [1, 0], states]] },
  { name: 'model.grid', call: ({ model: m }, a) => m.grid(...a), args: [], options: grid },
  { name: 'model.save', call: ({ model: m }, a) => m.save(...a), args: [] },
  { name: 'model.toSafetensors', call: ({ model: m }, a) => m.toSafetensors(...a), args: [] },

  { name: 'readNpy', call: ({ la }, a) => la.readNpy(...a), args: [['file', ({ la }) => la.writeNpy([1, 2, 3]), bad.bytes]] },
  { name: 'writeNpy', call: ({ la }, a) => la.writeNpy(...a), args: [
    ['data', [1, 2, 3, 4], () => bad.list(0, { nan: true }).filter((value) => !(value instanceof BigInt64Array || value instanceof BigUint64Array))
      .filter((value) => !(Array.isArray(value) && value.includes(-Infinity)) && value?.[0] !== Infinity)],
    ['shape', [2, 2], () => [...bad.list(0).slice(1), [3], [-2, -2], [0.5, 8], [2 ** 53, 2], [4, 0]]]] },
  { name: 'readCsv', call: ({ la }, a) => la.readCsv(...a), args: [['text', 'a,b\n1,2\n', () => bad.text().filter((value) => typeof value !== 'string')]] },
  { name: 'writeCsv', call: ({ la }, a) => la.writeCsv(...a), args: [['columns', { a: [1, 2] }, () => [...bad.neededBag(),
    { a: null }, { a: 5 }, { a: 'abc' }, { a: [1, '2'] }, { a: [1], b: [1, 2] }, { a: new Array(1e9) }, { a: { length: 1e9 } }]]] },

  { name: 'ready', call: ({ la }, a) => la.ready(...a), args: [], options: { locateFile: bad.callback, threads: bad.word,
    wasm: () => [null, true, 7n, 5, NaN, {}, [], bad.throwing()] } },
  { name: 'memory', call: ({ la }, a) => la.memory(...a), args: [] },
  ...['settings', 'presets', 'systems', 'methods', 'sensitivities'].map((name) => ({ name, call: ({ la }, a) => la[name](...a), args: [] })),
  { name: 'parseConfig', call: ({ la }, a) => la.parseConfig(...a), args: [['config', 'seed=2', () => bad.bag().filter((value) => typeof value !== 'string')]] },
  { name: 'Session.create', call: ({ la }, a) => la.Session.create(...a), args: [['config', 'seed=2', () => bad.bag().filter((value) => value !== '')]] },
  { name: 'Session.open', call: ({ la }, a) => la.Session.open(...a), args: [['file', (o) => o.session.save(), bad.bytes]] },
  { name: 'session.configure', call: ({ session }, a) => session.configure(...a), args: [['config', 'models=hnn:4:tanh&trajectories=4&samples=6', () => bad.bag().filter((value) => value !== '')]] },
  { name: 'session.setInitialState', call: ({ session }, a) => session.setInitialState(...a), args: [['x0', [1, 0], () => bad.list(2)]] },
  { name: 'session.advance', call: ({ session }, a) => session.advance(...a), args: [['steps', 1, () => bad.whole(0)]] },
  { name: 'session.train', call: ({ session }, a) => session.train(...a), args: [['milliseconds', 1, () => [undefined, ...bad.number({ minimum: 0 })]]] },
  { name: 'session.reset', call: ({ session }, a) => session.reset(...a), args: [] },
  { name: 'session.view', call: ({ session }, a) => session.view(...a), args: [] },
  { name: 'session.portrait', call: ({ session }, a) => session.portrait(...a), args: [['model', 0, () => [undefined, ...index(-1)]]], options: plane },
  { name: 'session.section', call: ({ session }, a) => session.section(...a), args: [['model', 0, () => [undefined, ...index(-1)]]],
    options: { energy: bad.number, starts: () => [...bad.whole(1), 1e9], duration: () => bad.number({ minimum: 0, above: true }),
      xComponent: () => bad.whole(0), yComponent: () => bad.whole(0), sectionComponent: () => bad.whole(-1) } },
  { name: 'session.rollout', call: ({ session }, a) => session.rollout(...a), args: [['model', 0, () => [undefined, ...index(-1)]],
    ['x0', [1, 0], () => bad.list(2)], ['times', [0, 0.1], bad.times]] },
  { name: 'session.setPinned', call: ({ session }, a) => session.setPinned(...a), args: [['starts', [[1, 0]],
    () => [...bad.list(0), [[1]], [null], [[NaN, 0]], [new Array(1e9)], Array(9).fill([1, 0])].filter((value) => value?.length !== 0 || typeof value === 'string')]] },
  { name: 'session.accuracyDial', call: ({ session }, a) => session.accuracyDial(...a), args: [['model', 0, () => [undefined, ...index(-1)]]],
    base: { settings: [1e-3] }, options: { method: () => bad.word().filter((value) => value !== ''), settings: () => [...bad.list(0).slice(1), [0], [-1]].filter((value) => value?.length !== 0 || typeof value === 'string') } },
  { name: 'session.roundTrip', call: ({ session }, a) => session.roundTrip(...a), args: [['model', 0, () => [undefined, ...index(-1)]]] },
  { name: 'session.theta', call: ({ session }, a) => session.theta(...a), args: [['model', 0, () => [undefined, ...index(0)]]] },
  { name: 'session.setTheta', call: ({ session }, a) => session.setTheta(...a), args: [['model', 0, () => [undefined, ...index(0)]], ['theta', (o) => o.session.theta(0), () => bad.list(17)]] },
  { name: 'session.save', call: ({ session }, a) => session.save(...a), args: [] },
  { name: 'session.load', call: ({ session }, a) => session.load(...a), args: [['file', (o) => o.session.save(), bad.bytes]] },
  { name: 'session.datasetCsv', call: ({ session }, a) => session.datasetCsv(...a), args: [] },
  { name: 'session.historyCsv', call: ({ session }, a) => session.historyCsv(...a), args: [] },
];
