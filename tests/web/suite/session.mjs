// Experiments: a system, its data and models trained side by side, as in the playground.
const small = { models: ['hnn:8,8:tanh', 'node:8,8:tanh'], trajectories: 6, samples: 10, batch: 32, seed: 1 };

export const cases = [
  {
    name: 'tables describe what there is',
    async run({ la, check }) {
      const keys = (await la.settings()).map((setting) => setting.key);
      for (const key of ['system', 'models', 'lr', 'noise', 'seed']) check.ok(keys.includes(key), key);
      const pendulum = (await la.systems()).find((system) => system.name === 'pendulum');
      check.equal(pendulum.degreesOfFreedom, 1);
      check.ok(pendulum.parameters.some((parameter) => parameter.name === 'length'));
      for (const preset of await la.presets()) {
        check.equal((await la.parseConfig(preset.query)).faults, [], preset.name);
      }
    },
  },
  {
    name: 'data are made, two models train, and everything can be seen',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      session.advance(1);
      const before = session.view().models.map((model) => model.trainLoss);
      session.advance(200);
      const view = session.view();
      check.equal(view.models.map((model) => model.name), ['HNN', 'Neural ODE']);
      view.models.forEach((model, i) => {
        check.equal(model.step, 201);
        check.ok(model.history.trainLoss.at(-1) < 0.5 * model.history.trainLoss[0], `${before[i]}`);
        check.ok(model.trajectory.states instanceof Float64Array);
        check.equal(model.trajectory.states.length, 2 * view.times.length);
        check.ok(Number.isFinite(model.energyDrift));
      });
      // The exact motion keeps its energy.
      const { energy } = view.truth;
      check.ok(Math.max(...energy) - Math.min(...energy) < 1e-7 * Math.abs(energy[0]));
      check.equal(view.trainPoints.length % 2, 0);
      check.match(view.summary, /^Pendulum\./);
      check.equal(session.datasetCsv().trim().split('\n').length,
        1 + (view.trainPoints.length + view.testPoints.length) / 2);
      check.match(session.historyCsv(), /^model,step,train_loss,test_loss,learning_rate\n/);
      session.close();
    },
  },
  {
    name: 'training by time takes steps and stops',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      session.train(30);
      const [{ step }] = session.view().models;
      check.ok(step > 0);
      check.equal(session.view().models[0].step, step);
      session.reset();
      check.equal(session.view().models[0].step, 0);
      session.close();
    },
  },
  {
    name: 'a spring rolls out as a cosine',
    async run({ la, check }) {
      const session = await la.Session.create({ system: 'spring', models: 'hnn:6', x0: [0.7, 0] });
      const times = Float64Array.from({ length: 50 }, (_, k) => 0.1 * k);
      const { states, status } = session.rollout(-1, [0.7, 0], times);
      check.equal(status, '');
      times.forEach((t, k) => check.ok(Math.abs(states[2 * k] - 0.7 * Math.cos(t)) < 1e-5));
      session.setInitialState([0.2, 0]);
      check.equal(session.view().truth.states[0], 0.2);
      session.close();
    },
  },
  {
    name: 'a portrait has a vector and an energy at each node',
    async run({ la, check }) {
      const session = await la.Session.create({ system: 'spring', models: 'node:6' });
      const { dx, dy, energy } = session.portrait(-1, { columns: 3, rows: 3 });
      // H = (q² + p²)/2: ẋ = (p, −q), from (−1, −1) row by row.
      check.equal([...dx], [-1, -1, -1, 0, 0, 0, 1, 1, 1]);
      check.equal([...dy].map((v) => v + 0), [1, 0, -1, 1, 0, -1, 1, 0, -1]);
      check.equal([...energy], [1, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 1]);
      check.equal(session.portrait(0).energy.length, 0);
      check.match(session.section(-1, { energy: 1 }).message, /no Poincaré section/);
      session.close();
    },
  },
  {
    name: 'solvers and gradients are explained, and settings take their names',
    async run({ la, check }) {
      const all = await la.settings();
      const choices = (key) => all.find((setting) => setting.key === key);
      check.equal(choices('integrator').choices, (await la.methods()).map(({ name }) => name));
      check.equal(choices('sensitivity').choices, (await la.sensitivities()).map(({ name }) => name));
      for (const { help, title } of [...await la.methods(), ...await la.sensitivities()]) {
        check.ok(help.length > 10, title);
      }
      check.ok(choices('train-method').choiceHelps.every((help) => help.length > 10));
      const dopri = (await la.methods()).find(({ name }) => name === 'dopri5');
      check.equal([dopri.order, dopri.adaptive, dopri.implicit], [5, true, false]);
    },
  },
  // Oracle: of an explicit method of order 5 the error falls as tolerance, and evaluations grow as
  // tolerance^(−1/5).
  {
    name: 'the accuracy dial trades evaluations for error, and the way back finds the start',
    async run({ la, check }) {
      const session = await la.Session.create({ ...small, periods: 2 });
      const { points, byTolerance, method } = session.accuracyDial(-1, { settings: [1e-3, 1e-6, 1e-9] });
      check.equal(method, 'Dormand–Prince 5(4)');
      check.ok(byTolerance);
      check.equal(points.map(({ setting }) => setting), [1e-3, 1e-6, 1e-9]);
      for (const k of [1, 2]) {
        check.ok(points[k].error < 0.05 * points[k - 1].error, `${points[k].error}`);
        const growth = points[k].evaluations / points[k - 1].evaluations;
        check.ok(growth > 1.8 && growth < 6, `${growth}`);
      }
      const trip = session.roundTrip(0);
      check.ok(trip.returned, trip.message);
      check.ok(trip.error < 1e-2 && trip.error > 0, `${trip.error}`);
      check.equal(trip.end.length, 2);
      await check.refused('wrong-type', () => session.accuracyDial(0, { settings: 'fine' }), /settings/);
      await check.refused('invalid-argument', () => session.accuracyDial(0, { settings: [-1] }));
      await check.refused('invalid-argument', () => session.accuracyDial(0, { method: 'rk5' }), /rk5/);
      session.close();
    },
  },
  {
    name: 'pinned starts have trajectories of their own',
    async run({ la, check }) {
      const session = await la.Session.create({ ...small, pins: [[1, 0], [0.5, 0.5]] });
      check.equal(session.query.includes('pins=1,0;0.5,0.5'), true);
      const { pinned, times } = session.view();
      check.equal(pinned.length, 2);
      check.equal([...pinned[1].truth.states.subarray(0, 2)], [0.5, 0.5]);
      check.equal(pinned[0].models.length, 2);
      check.equal(pinned[0].truth.states.length, 2 * times.length);
      session.setPinned([]);
      check.equal(session.view().pinned.length, 0);
      await check.refused('invalid-argument', () => session.setPinned([[1]]));
      await check.refused('invalid-argument', () => session.setPinned(Array(9).fill([1, 0])), /8/);
      await check.refused('wrong-type', () => session.setPinned([[1, NaN]]), /starts\[0\]\[1\]/);
      session.close();
    },
  },
  {
    name: 'segments are solved by the solver asked for, and say what they cost',
    async run({ la, check }) {
      const run = async (more) => {
        const session = await la.Session.create({ ...small, loss: 'trajectory', segment: 4, ...more });
        session.advance(3);
        const [model] = session.view().models;
        session.close();
        return model;
      };
      const full = await run({ sensitivity: 'full' }), adjoint = await run({ sensitivity: 'symplectic' });
      check.ok(full.gradientBytes > adjoint.gradientBytes, `${full.gradientBytes}`);
      check.ok(adjoint.evaluationsPerStep > full.evaluationsPerStep);
      await check.refused('bad-config',
        () => la.Session.create({ ...small, loss: 'trajectory', 'train-method': 'verlet' }),
        /separable/);
      await check.refused('bad-config', () => la.Session.create({ ...small, loss: 'action' }), /Lagrangian/);
    },
  },
  {
    name: 'a saved run goes on bit for bit',
    async run({ la, check }) {
      const whole = await la.Session.create(small);
      whole.advance(30);
      const first = await la.Session.create(small);
      first.advance(18);
      const file = first.save();
      check.ok(file instanceof Uint8Array);
      const second = await la.Session.open(file);
      check.equal(second.query, first.query);
      second.advance(12);
      for (const model of [0, 1]) check.equal(second.theta(model), whole.theta(model));
      await check.refused('bad-file', () => second.load(file.subarray(0, file.length - 5)), /Run file/);
      const damaged = file.slice();
      damaged[file.length >> 1] ^= 4;
      await check.refused('bad-file', () => second.load(damaged), /Run file/);
      await check.refused('bad-file', () => la.Session.open(new Uint8Array(3)), /Run file/);
      check.equal(second.theta(0), whole.theta(0));
      for (const session of [whole, first, second]) session.close();
    },
  },
  {
    name: 'parameters can be taken out and put back',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      const theta = session.theta(0);
      session.advance(5);
      check.notEqual(session.theta(0), theta);
      session.setTheta(0, theta);
      check.equal(session.theta(0), theta);
      await check.refused('invalid-argument', () => session.setTheta(0, theta.subarray(1)), /theta has size/);
      await check.refused('invalid-argument', () => session.setTheta(7, theta), /model is 7/);
      session.close();
    },
  },
  {
    name: 'settings change in flight or start anew, and faults are explained',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      session.advance(3);
      check.equal(session.configure({ ...small, lr: 1e-4 }), false);
      check.equal(session.view().models[0].step, 3);
      check.equal(session.configure({ ...small, noise: 0.1 }), true);
      check.equal(session.view().models[0].step, 0);
      await check.refused('bad-config', () => session.configure({ noise: -1 }), /Noise must be/);
      await check.refused('bad-config', () => la.Session.create('niose=1'), /Did you mean "noise"/);
      await check.refused('bad-config', () => la.Session.create({ x0: [1, 2, 3] }), /Initial state has 3/);
      session.close();
    },
  },
  {
    name: 'wrong types are refused with the name of the argument',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      for (const bad of ['1', 2.5, -1, NaN, Infinity, null, {}, [1]]) {
        await check.refused('wrong-type', () => session.advance(bad), /steps/);
      }
      await check.refused('wrong-type', () => session.train(NaN), /milliseconds/);
      await check.refused('wrong-type', () => session.setInitialState('1,2'), /x0/);
      await check.refused('wrong-type', () => session.setInitialState([1, NaN]), /x0\[1\]/);
      await check.refused('wrong-type', () => session.setInitialState([1, '2']), /x0\[1\]/);
      const notNumbers = new DataView(new ArrayBuffer(16));
      await check.refused('wrong-type', () => session.setInitialState(notNumbers), /x0/);
      await check.refused('invalid-argument', () => session.setInitialState([1]), /x0 has size 1/);
      await check.refused('wrong-type', () => session.rollout(0, [1, 0], null), /times/);
      await check.refused('invalid-argument', () => session.rollout(0, [1, 0], [0, 0]), /increasing/);
      await check.refused('wrong-type', () => session.rollout('0', [1, 0], [0, 1]), /model/);
      await check.refused('wrong-type', () => session.theta(-1), /model/);
      await check.refused('wrong-type', () => session.setTheta(0, 5), /theta/);
      await check.refused('wrong-type', () => session.load('bytes'), /file/);
      await check.refused('wrong-type', () => session.portrait(0, { columns: '3' }), /columns/);
      await check.refused('invalid-argument', () => session.portrait(0, { xComponent: 5 }), /xComponent/);
      await check.refused('wrong-type', () => session.configure({ system: '\ud800' }), /config/);
      await check.refused('wrong-type', () => la.Session.create(5), /config/);
      await check.refused('wrong-type', () => la.Session.create({ lr: [1] }), /lr/);
      await check.refused('wrong-type', () => new la.Session(), /Session\.create/);
      session.advance(1);
      session.close();
    },
  },
  {
    name: 'a closed session says so, and may be closed again',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      session.close();
      session.close();
      await check.refused('closed', () => session.advance(1));
      await check.refused('closed', () => session.view());
      await check.refused('closed', () => session.query);
    },
  },
  {
    name: 'typed arrays stay valid while memory grows',
    async run({ la, check }) {
      const session = await la.Session.create(small);
      const { trainPoints } = session.view();
      const copy = Float64Array.from(trainPoints);
      const big = await la.Session.create({ trajectories: 2000, samples: 100, models: 'hnn:64:tanh' });
      check.equal(trainPoints, copy);
      for (const s of [session, big]) s.close();
    },
  },
  // Oracle: the native build, GCC 12 on x86-64 (float training rounds differently: 10⁻³).
  {
    name: 'the numbers are those of the native library',
    async run({ la, check }) {
      const near = (value, expected, relative) =>
        check.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${value} ≉ ${expected}`);
      const session = await la.Session.create(small);
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
    },
  },
];
