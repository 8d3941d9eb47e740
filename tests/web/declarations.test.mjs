// The package's declarations: what they let a strict program write, and that they say neither more
// nor less than what the installed package is.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Declarations, faultsOf, RESOLUTIONS } from './declared.mjs';
import { importFrom, installed, project, repository } from './package_under_test.mjs';

const folder = project();
const la = await importFrom(installed(), 'index.mjs');
const declared = new Declarations(installed('index.d.ts'));
const types = join(folder, 'types');
cpSync(join(repository, 'tests/web/types'), types, { recursive: true });

const sorted = (list) => [...list].sort();
/** Both lists, each name once; what only one of them has is the message. */
function same(said, found, where) {
  assert.deepEqual(sorted(said), sorted(found), `${where}: declared (actual) and there (expected) differ`);
}

for (const resolution of Object.keys(RESOLUTIONS)) {
  const files = readdirSync(types).filter((name) => /^(accepted|refused)\w*\.ts$/.test(name))
    .map((name) => join(types, name));
  test(`tsc --strict takes what is right and refuses what is wrong (${resolution})`, () => {
    assert.ok(files.length >= 2);
    assert.deepEqual(faultsOf(files, resolution), []);
  });
  test(`the declarations suit a project with the newest lib, too (${resolution})`, () => {
    assert.deepEqual(faultsOf(files, resolution, { lib: ['ESNext', 'DOM', 'DOM.Iterable'] }), []);
  });
}

test('what is exported is declared, and what is declared is exported', () => {
  same(declared.values, Object.keys(la), 'exports');
});

/** Own and inherited names of an object, up to Object's. */
function membersOf(object) {
  const names = new Set();
  for (let each = object; each && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) {
      if (key === Symbol.dispose) names.add('[Symbol.dispose]');  // Node names it otherwise
      else names.add(typeof key === 'symbol' ? `[${key.description}]` : key);
    }
  }
  names.delete('constructor');
  return names;
}

test('classes have the members they declare', async (context) => {
  const system = await la.System.create('pendulum');
  const objects = {
    System: system,
    Dataset: system.sample({ trajectories: 3, samples: 5 }),
    Model: await la.Model.create({ system, hidden: [4] }),
    Session: await la.Session.create({ models: 'hnn:4:tanh', trajectories: 3, samples: 5 }),
    LeastActionError: new la.LeastActionError('closed', 'for its members', { cause: 1 }),
  };
  same(declared.classes, Object.keys(objects), 'classes');
  for (const [name, object] of Object.entries(objects)) {
    await context.test(name, () => {
      const members = declared.members(name);
      const inherited = name === 'LeastActionError' ? ['stack', 'message', 'toString', 'cause'] : [];
      const there = sorted(membersOf(object)).filter((key) => !inherited.includes(key));
      same([...members.keys()].filter((key) => !inherited.includes(key)), there, name);
      for (const [key, { kind, documented }] of members) {
        if (inherited.includes(key) || key.startsWith('[')) continue;
        assert.equal(typeof object[key] === 'function', kind === 'method', `${name}.${key} is a ${kind}`);
        assert.ok(documented, `${name}.${key} is not described`);
      }
      const builtIn = ['captureStackTrace', 'prepareStackTrace', 'stackTraceLimit', 'isError'];
      const statics = Object.getOwnPropertyNames(la[name])
        .filter((key) => !['length', 'name', 'prototype'].includes(key));
      same(declared.statics(name).filter((key) => !builtIn.includes(key)), statics, `statics of ${name}`);
    });
  }
  for (const object of Object.values(objects)) object.close?.();
});

/** The value of a default that is written as a literal (and a note in brackets); undefined for mere words. */
function literal(text = '') {
  const [, value] = /^(-?[\d.]+(?:e-?\d+)?|'[^']*'|true|false|\[[-\d., ]*\])(?: \(.*\))?$/.exec(text) ?? [];
  return value && JSON.parse(value.replaceAll("'", '"'));
}

test('every option, its default and its words are declared as the package reads them', async (context) => {
  const { CHARTS, OPTION_TABLES } = await importFrom(installed(), 'options.mjs');
  const offered = declared.interfaces.filter((name) => /(?<!Load)Options$|^TrajectoryInput$/.test(name));
  same(offered, Object.keys(OPTION_TABLES), 'interfaces of options');
  for (const name of offered) {
    await context.test(name, () => {
      const members = declared.members(name);
      const { names, rows } = OPTION_TABLES[name];
      same(members.keys(), names, name);
      for (const [key, { default: text, documented, optional }] of members) {
        assert.ok(documented, `${name}.${key} is not described`);
        if (!optional || name === 'TrajectoryInput') continue;
        const [, fallback] = rows.get(key);
        const expected = key === 'chart' ? CHARTS[fallback] : fallback;
        assert.ok(text, `${name}.${key} states no default`);
        assert.deepEqual(literal(text), structuredClone(expected), `default of ${name}.${key}`);
      }
    });
  }
});

/** What the package says it knows, of which this is none. */
async function known(work) {
  const refusal = await (async () => work())().then(() => assert.fail('taken'), (error) => error);
  assert.ok(refusal instanceof la.LeastActionError, String(refusal));
  return (/(?:known|expected):? (.*?)\.?$/.exec(refusal.message)?.[1] ?? '').split(/, | or | and /);
}

test('options that no table lists are those the package takes', async () => {
  const other = { unheardOf: 1 };
  for (const [name, work] of Object.entries({
    LoadOptions: () => la.ready(other),
    TableColumns: () => la.trajectoriesFromTable({ values: { t: [] } }, other),
    TensorInput: () => la.writeSafetensors({ a: { data: [1], ...other } }),
  })) same(declared.members(name).keys(), await known(work), name);
});

test('codes of errors are declared', () => {
  same(declared.words('ErrorCode'), Object.keys(la.ERROR_CODES), 'ErrorCode');
});

test('closed sets have the words that the library knows', async () => {
  const names = async (list) => (await list).map(({ name }) => name);
  const settings = new Map((await la.settings()).map((setting) => [setting.key, setting]));
  same(declared.words('Method'), await names(la.methods()), 'Method');
  const adaptive = (await la.methods()).filter((method) => method.adaptive);
  same(declared.words('AdaptiveMethod'), await names(adaptive), 'AdaptiveMethod');
  same(declared.words('Sensitivity'), await names(la.sensitivities()), 'Sensitivity');
  same(declared.words('SystemName'), await names(la.systems()), 'SystemName');
  same(declared.words('PresetName'), await names(la.presets()), 'PresetName');
  same(declared.words('SettingKey'), settings.keys(), 'SettingKey');
  same(declared.words('Loss'), settings.get('loss').choices, 'Loss');
  same(declared.words('Optimizer'), settings.get('optimizer').choices, 'Optimizer');
  same(declared.words('ModelKind'), settings.get('models').choices, 'ModelKind');
  for (const [key, { words }] of declared.members('SessionConfig')) {
    const setting = settings.get(key);
    if (setting?.kind === 'choice') same(words, setting.choices, `SessionConfig.${key}`);
  }
});

test('words that no table lists are those the package takes', async () => {
  const takes = async (words, work) => {
    for (const word of words) await work(word);
    same(words, await known(() => work('unheard-of')), words.join(', '));
  };
  const system = await la.System.create('spring');
  const data = system.sample({ trajectories: 3, samples: 4 });
  const model = await la.Model.create({ system, hidden: [4] });
  const make = async (options) => (await la.Model.create({ hidden: [4], ...options })).close();
  await takes(declared.words('Activation'), (activation) => make({ activation }));
  await takes(declared.words('ModelKind'), (kind) => make({ kind }));
  await takes(declared.words('Chart'), (chart) => system.vectorField([1, 0], { chart }));
  const steps = { steps: 2, warmupSteps: 1 };
  await takes(declared.words('Schedule'), (schedule) => model.train(data, { schedule, ...steps }));
  await takes(declared.words('Optimizer'), (optimizer) => model.train(data, { optimizer, ...steps }));
  await takes(declared.members('TrainOptions').get('precision').words,
    (precision) => model.train(data, { precision, ...steps }));
  for (const object of [system, data, model]) object.close();
});

test('parameters of systems are declared', async () => {
  const named = declared.members('ParameterNames');
  for (const { name, parameters } of await la.systems()) {
    same(named.get(name).words, parameters.map((parameter) => parameter.name), name);
  }
});

/** The keys of a result are those of its interface, going down into objects and arrays of them. */
function sameKeys(name, value, inside = {}) {
  const members = [...declared.members(name)].filter(([key, { optional }]) => !optional || key in value);
  same(members.map(([key]) => key), Object.keys(value), name);
  for (const [key, of] of Object.entries(inside)) {
    const parts = [value[key]].flat();
    assert.ok(parts.length > 0, `${name}.${key} is empty`);
    for (const part of parts) sameKeys(of, part);
  }
}

test('results have the fields they declare', async () => {
  const system = await la.System.create('henon-heiles');
  const data = system.sample({ trajectories: 3, samples: 5 });
  const model = await la.Model.create({ system, kind: 'separable-hnn', hidden: [4] });
  const x0 = system.typicalState();
  sameKeys('Host', await la.ready());
  sameKeys('SystemCoordinate', system.coordinates[0]);
  sameKeys('Rollout', model.rollout(x0, [0, 1]));
  sameKeys('Adjoint', model.adjoint(x0, [0, 1], new Float64Array(8)));
  sameKeys('Grid', model.grid());
  sameKeys('Trajectory', data.train()[0]);
  sameKeys('DatasetJson', data.toJson(), { train: 'TrajectoryJson', test: 'TrajectoryJson' });
  sameKeys('ParameterBlock', model.parameters()[0]);
  const seen = [];
  const result = await model.train(data, { steps: 2, onProgress: (progress) => seen.push(progress) });
  sameKeys('TrainingResult', result);
  sameKeys('TrainingProgress', seen[0]);
  sameKeys('History', model.history());
  sameKeys('NpyArray', la.readNpy(la.writeNpy([1, 2])));
  sameKeys('CsvTable', la.readCsv('a\n1\n'));
  sameKeys('Tensor', la.readSafetensors(la.writeSafetensors({ a: { data: [1] } })).tensors.a);
  const table = la.readCsv('t,q,p\n0,1,2\n');
  sameKeys('TrajectoryInput', la.trajectoriesFromTable(table, { time: 't', states: ['q', 'p'] })[0]);
  for (const object of [system, data, model]) object.close();

  const session = await la.Session.create({
    system: 'henon-heiles', models: 'separable-hnn:4:tanh', trajectories: 3, samples: 5,
  });
  session.setPinned([[0.1, 0, 0, 0.1]]);
  session.advance(1);
  const view = session.view();
  sameKeys('SessionView', view, { truth: 'TrajectoryView', models: 'ModelView', pinned: 'PinnedView' });
  sameKeys('ModelView', view.models[0], { history: 'History', trajectory: 'TrajectoryView' });
  sameKeys('Portrait', session.portrait(0));
  sameKeys('Section', session.section(-1, { energy: 0.1, starts: 1, duration: 5 }));
  sameKeys('TrajectoryView', session.rollout(0, [0.1, 0, 0, 0.1], [0, 1]));
  sameKeys('AccuracyView', session.accuracyDial(-1, { settings: [1e-3] }), { points: 'AccuracyPoint' });
  sameKeys('RoundTripView', session.roundTrip(0));
  session.close();
  sameKeys('Setting', (await la.settings())[0]);
  sameKeys('Preset', (await la.presets())[0]);
  sameKeys('SystemDescription', (await la.systems())[0], { parameters: 'SystemParameter' });
  sameKeys('MethodDescription', (await la.methods())[0]);
  sameKeys('SensitivityDescription', (await la.sensitivities())[0]);
  sameKeys('ParsedConfig', await la.parseConfig(''));
});

test('defaults of settings are those of the default experiment', async () => {
  // A setting at its default is left out of a link: one that stays is not the default.
  for (const [key, { default: text, documented }] of declared.members('SessionConfig')) {
    assert.ok(documented, `SessionConfig.${key} is not described`);
    const value = literal(text);
    if (value === undefined || Array.isArray(value)) continue;
    const { query, faults } = await la.parseConfig({ [key]: value });
    assert.deepEqual({ query, faults }, { query: '', faults: [] }, `SessionConfig.${key} is ${text}`);
  }
});

test('everything exported is described', () => {
  for (const name of [...declared.values, ...declared.interfaces]) {
    assert.ok(declared.isDocumented(name), name);
  }
});

test('the package ships its declarations, for the worker and the single file too', () => {
  const { exports } = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
  for (const entry of ['.', './worker', './single-file']) {
    assert.equal(Object.keys(exports[entry])[0], 'types', `${entry}: types come first`);
    assert.ok(existsSync(installed(exports[entry].types)), `${entry}: ${exports[entry].types}`);
  }
});

test('the worker has what it declares', async () => {
  const remote = new Declarations(installed('worker.d.mts'));
  const module = await importFrom(installed(), 'worker.mjs');
  same(remote.values, Object.keys(module), 'exports of least-action/worker');
  const options = await known(() => module.startWorker({ unheardOf: 1 }));
  same(remote.members('WorkerOptions').keys(), options, 'WorkerOptions');
  const worker = await module.startWorker();
  same([...remote.members('WorkerApi').keys()].filter((key) => !key.startsWith('[')),
    Object.keys(worker).filter((key) => !key.startsWith('[')), 'WorkerApi');
  const system = await worker.System.create('pendulum');
  const objects = {
    RemoteSystem: system,
    RemoteDataset: await system.sample({ trajectories: 3, samples: 5 }),
    RemoteModel: await worker.Model.create({ system, hidden: [4] }),
    RemoteSession: await worker.Session.create({ models: 'hnn:4:tanh', trajectories: 3, samples: 5 }),
  };
  for (const [name, object] of Object.entries(objects)) {
    const there = [...membersOf(object)].map((key) => key.replace('nodejs.', 'Symbol.'));
    same(remote.members(name).keys(), there, name);
    const statics = Object.getOwnPropertyNames(object.constructor)
      .filter((key) => !['length', 'name'].includes(key));
    same(remote.membersOfProperty('WorkerApi', name.slice(6)), statics, `statics of ${name.slice(6)}`);
  }
  await worker.close();
});
