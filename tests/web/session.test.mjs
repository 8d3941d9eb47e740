// The built package in Node: node --test tests/web (LEAST_ACTION_PACKAGE names its folder, by
// default build/web/package).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const folder = path.resolve(process.env.LEAST_ACTION_PACKAGE
  ?? path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../../build/web/package'));
const { ERROR_CODES, LeastActionError, Session, methods, parseConfig, presets, sensitivities, settings, systems } =
  await import(pathToFileURL(path.join(folder, 'index.mjs')));

const small = { models: ['hnn:8,8:tanh', 'node:8,8:tanh'], trajectories: 6, samples: 10, batch: 32, seed: 1 };

/** Asserts that `work` throws, or rejects with, a LeastActionError of that code. */
async function refused(code, work, message = /./) {
  await assert.rejects(async () => work(), (error) => {
    assert.ok(error instanceof LeastActionError, `not a LeastActionError: ${error}`);
    assert.ok(error instanceof Error);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(code in ERROR_CODES);
    return true;
  });
}

test('tables describe what there is', async () => {
  const keys = (await settings()).map((setting) => setting.key);
  for (const key of ['system', 'models', 'lr', 'noise', 'seed']) assert.ok(keys.includes(key), key);
  const pendulum = (await systems()).find((system) => system.name === 'pendulum');
  assert.equal(pendulum.degreesOfFreedom, 1);
  assert.ok(pendulum.parameters.some((parameter) => parameter.name === 'length'));
  for (const preset of await presets()) {
    assert.deepEqual((await parseConfig(preset.query)).faults, [], preset.name);
  }
});

test('data are made, two models train, and everything can be seen', async () => {
  const session = await Session.create(small);
  session.advance(1);
  const before = session.view().models.map((model) => model.trainLoss);
  session.advance(200);
  const view = session.view();
  assert.deepEqual(view.models.map((model) => model.name), ['HNN', 'Neural ODE']);
  view.models.forEach((model, i) => {
    assert.equal(model.step, 201);
    assert.ok(model.history.trainLoss.at(-1) < 0.5 * model.history.trainLoss[0], `${before[i]}`);
    assert.ok(model.trajectory.states instanceof Float64Array);
    assert.equal(model.trajectory.states.length, 2 * view.times.length);
    assert.ok(Number.isFinite(model.energyDrift));
  });
  // The exact motion keeps its energy.
  const { energy } = view.truth;
  assert.ok(Math.max(...energy) - Math.min(...energy) < 1e-7 * Math.abs(energy[0]));
  assert.equal(view.trainPoints.length % 2, 0);
  assert.match(view.summary, /^Pendulum\./);
  assert.equal(session.datasetCsv().trim().split('\n').length,
    1 + (view.trainPoints.length + view.testPoints.length) / 2);
  assert.match(session.historyCsv(), /^model,step,train_loss,test_loss,learning_rate\n/);
  session.close();
});

test('training by time takes steps and stops', async () => {
  const session = await Session.create(small);
  session.train(30);
  const [{ step }] = session.view().models;
  assert.ok(step > 0);
  assert.equal(session.view().models[0].step, step);
  session.reset();
  assert.equal(session.view().models[0].step, 0);
  session.close();
});

test('a spring rolls out as a cosine', async () => {
  const session = await Session.create({ system: 'spring', models: 'hnn:6', x0: [0.7, 0] });
  const times = Float64Array.from({ length: 50 }, (_, k) => 0.1 * k);
  const { states, status } = session.rollout(-1, [0.7, 0], times);
  assert.equal(status, '');
  times.forEach((t, k) => assert.ok(Math.abs(states[2 * k] - 0.7 * Math.cos(t)) < 1e-5));
  session.setInitialState([0.2, 0]);
  assert.equal(session.view().truth.states[0], 0.2);
  session.close();
});

test('a portrait has a vector and an energy at each node', async () => {
  const session = await Session.create({ system: 'spring', models: 'node:6' });
  const { dx, dy, energy } = session.portrait(-1, { columns: 3, rows: 3 });
  // H = (q² + p²)/2: ẋ = (p, −q), from (−1, −1) row by row.
  assert.deepEqual([...dx], [-1, -1, -1, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual([...dy].map((v) => v + 0), [1, 0, -1, 1, 0, -1, 1, 0, -1]);
  assert.deepEqual([...energy], [1, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 1]);
  assert.equal(session.portrait(0).energy.length, 0);
  assert.match(session.section(-1, { energy: 1 }).message, /no Poincaré section/);
  session.close();
});

test('solvers and gradients are explained, and settings take their names', async () => {
  const all = await settings();
  const choices = (key) => all.find((setting) => setting.key === key);
  assert.deepEqual(choices('integrator').choices, (await methods()).map(({ name }) => name));
  assert.deepEqual(choices('sensitivity').choices, (await sensitivities()).map(({ name }) => name));
  for (const { help, title } of [...await methods(), ...await sensitivities()]) {
    assert.ok(help.length > 10, title);
  }
  assert.ok(choices('train-method').choiceHelps.every((help) => help.length > 10));
  const dopri = (await methods()).find(({ name }) => name === 'dopri5');
  assert.deepEqual([dopri.order, dopri.adaptive, dopri.implicit], [5, true, false]);
});

// Oracle: of an explicit method of order 5 the error falls as tolerance, and evaluations grow as
// tolerance^(−1/5).
test('the accuracy dial trades evaluations for error, and the way back finds the start', async () => {
  const session = await Session.create({ ...small, periods: 2 });
  const { points, byTolerance, method } = session.accuracyDial(-1, { settings: [1e-3, 1e-6, 1e-9] });
  assert.equal(method, 'Dormand–Prince 5(4)');
  assert.ok(byTolerance);
  assert.deepEqual(points.map(({ setting }) => setting), [1e-3, 1e-6, 1e-9]);
  for (const k of [1, 2]) {
    assert.ok(points[k].error < 0.05 * points[k - 1].error, `${points[k].error}`);
    const growth = points[k].evaluations / points[k - 1].evaluations;
    assert.ok(growth > 1.8 && growth < 6, `${growth}`);
  }
  const trip = session.roundTrip(0);
  assert.ok(trip.returned, trip.message);
  assert.ok(trip.error < 1e-2 && trip.error > 0, `${trip.error}`);
  assert.equal(trip.end.length, 2);
  await refused('wrong-type', () => session.accuracyDial(0, { settings: 'fine' }), /settings/);
  await refused('invalid-argument', () => session.accuracyDial(0, { settings: [-1] }));
  await refused('invalid-argument', () => session.accuracyDial(0, { method: 'rk5' }), /rk5/);
  session.close();
});

test('pinned starts have trajectories of their own', async () => {
  const session = await Session.create({ ...small, pins: [[1, 0], [0.5, 0.5]] });
  assert.equal(session.query.includes('pins=1,0;0.5,0.5'), true);
  const { pinned, times } = session.view();
  assert.equal(pinned.length, 2);
  assert.deepEqual([...pinned[1].truth.states.subarray(0, 2)], [0.5, 0.5]);
  assert.equal(pinned[0].models.length, 2);
  assert.equal(pinned[0].truth.states.length, 2 * times.length);
  session.setPinned([]);
  assert.equal(session.view().pinned.length, 0);
  await refused('invalid-argument', () => session.setPinned([[1]]));
  await refused('invalid-argument', () => session.setPinned(Array(9).fill([1, 0])), /8/);
  await refused('wrong-type', () => session.setPinned([[1, NaN]]), /starts\[0\]\[1\]/);
  session.close();
});

test('segments are solved by the solver asked for, and say what they cost', async () => {
  const run = async (more) => {
    const session = await Session.create({ ...small, loss: 'trajectory', segment: 4, ...more });
    session.advance(3);
    const [model] = session.view().models;
    session.close();
    return model;
  };
  const full = await run({ sensitivity: 'full' }), adjoint = await run({ sensitivity: 'symplectic' });
  assert.ok(full.gradientBytes > adjoint.gradientBytes, `${full.gradientBytes}`);
  assert.ok(adjoint.evaluationsPerStep > full.evaluationsPerStep);
  await refused('bad-config', () => Session.create({ ...small, loss: 'trajectory', 'train-method': 'verlet' }),
    /separable/);
  await refused('bad-config', () => Session.create({ ...small, loss: 'action' }), /Lagrangian/);
});

test('a saved run goes on bit for bit', async () => {
  const whole = await Session.create(small);
  whole.advance(30);
  const first = await Session.create(small);
  first.advance(18);
  const file = first.save();
  assert.ok(file instanceof Uint8Array);
  const second = await Session.open(file);
  assert.equal(second.query, first.query);
  second.advance(12);
  for (const model of [0, 1]) assert.deepEqual(second.theta(model), whole.theta(model));
  await refused('bad-file', () => second.load(file.subarray(0, file.length - 5)), /Run file/);
  const damaged = file.slice();
  damaged[file.length >> 1] ^= 4;
  await refused('bad-file', () => second.load(damaged), /Run file/);
  await refused('bad-file', () => Session.open(new Uint8Array(3)), /Run file/);
  assert.deepEqual(second.theta(0), whole.theta(0));
  for (const session of [whole, first, second]) session.close();
});

test('parameters can be taken out and put back', async () => {
  const session = await Session.create(small);
  const theta = session.theta(0);
  session.advance(5);
  assert.notDeepEqual(session.theta(0), theta);
  session.setTheta(0, theta);
  assert.deepEqual(session.theta(0), theta);
  await refused('invalid-argument', () => session.setTheta(0, theta.subarray(1)), /theta has size/);
  await refused('invalid-argument', () => session.setTheta(7, theta), /model is 7/);
  session.close();
});

test('settings change in flight or start anew, and faults are explained', async () => {
  const session = await Session.create(small);
  session.advance(3);
  assert.equal(session.configure({ ...small, lr: 1e-4 }), false);
  assert.equal(session.view().models[0].step, 3);
  assert.equal(session.configure({ ...small, noise: 0.1 }), true);
  assert.equal(session.view().models[0].step, 0);
  await refused('bad-config', () => session.configure({ noise: -1 }), /Noise must be/);
  await refused('bad-config', () => Session.create('niose=1'), /Did you mean "noise"/);
  await refused('bad-config', () => Session.create({ x0: [1, 2, 3] }), /Initial state has 3/);
  session.close();
});

test('wrong types are refused with the name of the argument', async () => {
  const session = await Session.create(small);
  for (const bad of ['1', 2.5, -1, NaN, Infinity, null, {}, [1]]) {
    await refused('wrong-type', () => session.advance(bad), /steps/);
  }
  await refused('wrong-type', () => session.train(NaN), /milliseconds/);
  await refused('wrong-type', () => session.setInitialState('1,2'), /x0/);
  await refused('wrong-type', () => session.setInitialState([1, NaN]), /x0\[1\]/);
  await refused('wrong-type', () => session.setInitialState([1, '2']), /x0\[1\]/);
  await refused('wrong-type', () => session.setInitialState(new DataView(new ArrayBuffer(16))), /x0/);
  await refused('invalid-argument', () => session.setInitialState([1]), /x0 has size 1/);
  await refused('wrong-type', () => session.rollout(0, [1, 0], null), /times/);
  await refused('invalid-argument', () => session.rollout(0, [1, 0], [0, 0]), /increasing/);
  await refused('wrong-type', () => session.rollout('0', [1, 0], [0, 1]), /model/);
  await refused('wrong-type', () => session.theta(-1), /model/);
  await refused('wrong-type', () => session.setTheta(0, 5), /theta/);
  await refused('wrong-type', () => session.load('bytes'), /file/);
  await refused('wrong-type', () => session.portrait(0, { columns: '3' }), /columns/);
  await refused('invalid-argument', () => session.portrait(0, { xComponent: 5 }), /component/);
  await refused('wrong-type', () => Session.create(5), /config/);
  await refused('wrong-type', () => Session.create({ lr: [1] }), /lr/);
  await refused('wrong-type', () => new Session(), /Session\.create/);
  session.advance(1);
  session.close();
});

test('a closed session says so, and may be closed again', async () => {
  const session = await Session.create(small);
  session.close();
  session.close();
  await refused('closed', () => session.advance(1));
  await refused('closed', () => session.view());
  await refused('closed', () => session.query);
});

test('typed arrays stay valid while memory grows', async () => {
  const session = await Session.create(small);
  const { trainPoints } = session.view();
  const copy = Float64Array.from(trainPoints);
  const big = await Session.create({ trajectories: 2000, samples: 100, models: 'hnn:64:tanh' });
  assert.deepEqual(trainPoints, copy);
  for (const s of [session, big]) s.close();
});

// Oracle: the native build, GCC 12 on x86-64 (float training rounds differently: 10⁻³).
test('the numbers are those of the native library', async () => {
  const near = (value, expected, relative) =>
    assert.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${value} ≉ ${expected}`);
  const session = await Session.create(small);
  session.advance(20);
  const { trainPoints, models, truth } = session.view();
  near(trainPoints[10], -1.10179179, 1e-6);
  near(trainPoints[11], 2.51209384, 1e-6);
  near(truth.states.at(-2), -1.39352748, 1e-6);
  near(truth.states.at(-1), -1.43943177, 1e-6);
  near(models[0].trainLoss, 0.9795706, 1e-3);
  near(models[0].testLoss, 1.160971, 1e-3);
  near(models[1].trainLoss, 1.07331, 1e-3);
  near(models[1].testLoss, 1.213015, 1e-3);
  const squares = (theta) => theta.reduce((sum, value) => sum + value * value, 0);
  near(squares(session.theta(0)), 11.75105, 1e-3);
  near(squares(session.theta(1)), 14.00551, 1e-3);
  session.close();
});
