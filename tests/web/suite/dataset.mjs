// Datasets: what goes in comes out, and what is missing is filled by rules that can be computed by hand.

const grid = (count, step) => Float64Array.from({ length: count }, (_, k) => step * k);

/** A motion whose components are quadratics in time, and its exact derivatives. */
function parabola(times) {
  const states = [], derivatives = [];
  for (const t of times) {
    states.push(1 + 2 * t - 3 * t * t, 0.5 - t + t * t);
    derivatives.push(2 - 6 * t, -1 + 2 * t);
  }
  return { times, states: Float64Array.from(states), derivatives: Float64Array.from(derivatives) };
}

export const cases = [
  {
    name: 'what is written over while a dataset or a model is being made does not get in',
    async run({ la, check }) {
      const times = Float64Array.of(0, 1), states = Float64Array.of(1, 2, 3, 4);
      const making = la.Dataset.create({ train: [{ times, states }] });
      states.fill(9);
      times.fill(9);
      const data = await making;
      check.equal(data.train()[0].states, Float64Array.of(1, 2, 3, 4));
      check.equal(data.train()[0].times, Float64Array.of(0, 1));
      const model = await la.Model.create({ hidden: [3] });
      const file = model.save();
      const loading = la.Model.load(file);
      file.fill(0);
      const loaded = await loading;
      check.equal(loaded.theta(), model.theta());
      for (const object of [data, model, loaded]) object.close();
    },
  },
  {
    name: 'what goes into a dataset comes out of it, and is a copy',
    async run({ la, check }) {
      const first = { times: [0, 0.5, 2], states: [1, 2, 3, 4, 5, 6], derivatives: [7, 8, 9, 10, 11, 12] };
      const second = { times: new Float32Array([1]), states: new Int32Array([13, 14]),
        derivatives: [15, 16] };
      const test = { times: [-1, 0], states: [1, NaN, NaN, 4], derivatives: [0, NaN, 1, 2] };
      const data = await la.Dataset.create({ train: [first, second], test: [test] });
      first.times[0] = 99;
      first.states[0] = 99;
      check.equal([data.chart, data.degreesOfFreedom, data.dimension], ['canonical', 1, 2]);
      check.equal([data.numTrain, data.numTest], [4, 2]);
      const all = data.train();
      check.equal(all.length, 2);
      check.equal(all[0].times, Float64Array.of(0, 0.5, 2));
      check.equal(all[0].states, Float64Array.of(1, 2, 3, 4, 5, 6));
      check.equal(all[0].derivatives, Float64Array.of(7, 8, 9, 10, 11, 12));
      check.equal(all[1].states, Float64Array.of(13, 14));
      check.equal(data.test(), [{ times: Float64Array.of(-1, 0), states: Float64Array.of(1, NaN, NaN, 4),
        derivatives: Float64Array.of(0, NaN, 1, 2) }]);
      all[0].states[0] = 99;
      check.equal(data.train()[0].states[0], 1);
      data.close();
    },
  },
  {
    // Oracle: differences of second order are exact on quadratics, whatever the spacing.
    name: 'derivatives that are not given are differences of second order, or missing',
    async run({ la, check }) {
      for (const times of [grid(8, 0.25), Float64Array.of(0, 0.1, 0.4, 0.5, 1.1)]) {
        const { states, derivatives } = parabola(times);
        const data = await la.Dataset.create({ train: [{ times, states }] });
        check.close(data.train()[0].derivatives, derivatives, 1e-12);
        const without = await la.Dataset.create({ train: [{ times, states }], estimateDerivatives: false });
        check.ok(without.train()[0].derivatives.every(Number.isNaN));
        data.close();
        without.close();
      }
      const short = await la.Dataset.create({ train: [{ times: [0, 1], states: [0, 0, 1, 1] }] });
      check.ok(short.train()[0].derivatives.every(Number.isNaN));
      short.close();
    },
  },
  {
    name: 'the last of the trajectories are kept for testing, but never all',
    async run({ la, check }) {
      const train = Array.from({ length: 10 }, (_, i) => ({ times: [0, 1, 2], states: [i, 0, i, 0, i, 0] }));
      for (const [testFraction, kept] of [[0, 0], [0.2, 2], [0.25, 3], [0.99, 9]]) {
        const data = await la.Dataset.create({ train, testFraction });
        check.equal(data.numTest, 3 * kept, `${testFraction}`);
        check.equal(data.train().map(({ states }) => states[0]),
          grid(10 - kept, 1).reduce((all, i) => [...all, i], []));
        data.close();
      }
    },
  },
  {
    name: 'tables and JSON read back as the same numbers',
    async run({ la, check }) {
      const system = await la.System.create('double-pendulum');
      const data = system.sample({ trajectories: 4, samples: 5, noise: 0.1, missingFraction: 0.2,
        chart: 'velocity' });
      const fromCsv = await la.Dataset.fromCsv(data.toCsv());
      const json = data.toJson();
      const fromJson = await la.Dataset.fromJson(json),
        fromText = await la.Dataset.fromJson(JSON.stringify(json));
      for (const copy of [fromCsv, fromJson, fromText]) {
        check.equal([copy.chart, copy.degreesOfFreedom], ['velocity', 2]);
        check.equal(copy.train(), data.train());
        check.equal(copy.test(), data.test());
        copy.close();
      }
      await check.refused('bad-file', () => la.Dataset.fromCsv('t,q\n1,2\n'), /line 1/);
      await check.refused('bad-file', () => la.Dataset.fromJson('{}'), /format/);
      data.close();
      system.close();
    },
  },
  {
    // Oracles: p = ∂L/∂q̇ by System.convert; ṗ by the canonical field, as the data have no noise.
    name: 'in the other chart the states are converted, and the derivatives by the chain rule',
    async run({ la, check }) {
      const system = await la.System.create('double-pendulum', { mass1: 2 });
      const data = system.sample({ trajectories: 3, samples: 6, testFraction: 0, chart: 'velocity' });
      const canonical = data.inChart('canonical', system);
      check.equal([canonical.chart, data.chart], ['canonical', 'velocity']);
      canonical.train().forEach(({ states, derivatives }, i) => {
        check.close(states, system.convert(data.train()[i].states, 'velocity', 'canonical'), 1e-12);
        check.relative(derivatives, system.vectorField(states), 1e-6);
      });
      check.equal(data.inChart('velocity', system).train(), data.train());
      const pendulum = await la.System.create('pendulum');
      await check.refused('invalid-argument', () => data.inChart('canonical', pendulum), /degrees/);
      await check.refused('invalid-argument', () => data.inChart('polar', system),
        /known: canonical, velocity/);
    },
  },
  {
    name: 'messages name the trajectory, the array and the shape that was expected',
    async run({ la, check }) {
      const good = { times: [0, 1, 2], states: [0, 0, 1, 1, 2, 2] };
      const refuse = (train, message, code = 'invalid-argument', more = {}) =>
        check.refused(code, () => la.Dataset.create({ train, ...more }), message);
      await refuse([good, { ...good, states: [0, 0, 1] }],
        /^train\[1\]\.states has 3 numbers; expected 6 \(3 times × 2 components: degreesOfFreedom 1\)$/);
      await refuse([{ times: [0, 1], states: [1, 2, 3] }], /train\[0\]\.states has 3 numbers for 2 times/);
      await refuse([{ ...good, derivatives: [1] }], /train\[0\]\.derivatives has 1 numbers; expected 6/);
      await refuse([{ ...good, times: [0, 2, 1] }], /times\[2\] is 1; it must be greater/);
      await refuse([{ ...good, times: [0, NaN, 1] }], /train\[0\]\.times\[1\] is NaN/, 'wrong-type');
      await refuse([{ ...good, states: [0, 0, Infinity, 1, 2, 2] }], /train\[0\]\.states\[2\] is Infinity/,
        'wrong-type');
      await refuse([good, null], /train\[1\] is null/, 'wrong-type');
      await refuse([{ ...good, state: 1 }], /did you mean "states"/, 'unknown-option');
      await refuse([good], /test\[0\]\.states has/, 'invalid-argument',
        { test: [{ times: [0], states: [1, 2, 3, 4] }] });
      await refuse([], /train is empty/);
      await refuse([good], /did you mean "testFraction"/, 'unknown-option', { testfraction: 0.1 });
      await refuse([good], /4 components: degreesOfFreedom 2/, 'invalid-argument', { degreesOfFreedom: 2 });
    },
  },
  {
    name: 'a dataset of a million samples comes and goes',
    async run({ la, check }) {
      const points = 1000, trajectories = 1000;
      const times = grid(points, 0.01);
      const train = Array.from({ length: trajectories }, (_, i) => {
        const states = new Float64Array(2 * points).fill(i);
        return { times, states, derivatives: states };
      });
      const data = await la.Dataset.create({ train, testFraction: 0.1 });
      check.equal([data.numTrain, data.numTest], [900000, 100000]);
      const test = data.test();
      check.equal([test.length, test[0].states[0], test[99].states.at(-1)], [100, 900, 999]);
      data.close();
      await check.refused('closed', () => data.train());
    },
  },
];
