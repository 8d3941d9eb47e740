// Networks: their fields, energies and motion obey the mechanics they are built on, and their gradients
// are the derivatives of what they are said to be gradients of (Taylor's theorem).

const KINDS = ['node', 'resnet', 'hnn', 'separable-hnn', 'lnn'];
const ODES = ['node', 'hnn', 'separable-hnn', 'lnn'];
const grid = (count, step) => Float64Array.from({ length: count }, (_, k) => step * k);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
/** A direction that favours no component. */
const direction = (size) => Float64Array.from({ length: size }, (_, i) => Math.sin(1 + 1.7 * i));
const moved = (x, by, along) => x.map((value, i) => value + by * along[i]);

/**
 * How fast |f(x + hv) − f(x) − h ∇f·v| falls with h: the slope of its logarithm, 2 where the gradient is
 * right, 1 where it is not.
 */
function taylorSlope(f, x, gradient, along) {
  const at = f(x), derivative = dot(gradient, along);
  const remainder = (h) => Math.abs(f(moved(x, h, along)) - at - h * derivative);
  const h = 1e-2;
  return Math.log2(remainder(h) / remainder(h / 2));
}

const withTheta = (model, theta, work) => {
  const before = model.theta();
  model.setTheta(theta);
  const value = work();
  model.setTheta(before);
  return value;
};

export const cases = [
  {
    name: 'a model tells what it is, and its blocks make up θ',
    async run({ la, check }) {
      const titles = new Set();
      for (const kind of KINDS) {
        const model = await la.Model.create({ kind, degreesOfFreedom: 2, hidden: [6, 5],
          activation: 'softplus', seed: 4 });
        check.equal([model.kind, model.degreesOfFreedom, model.dimension, model.activation, model.step,
          model.training],
          [kind, 2, 4, 'softplus', 0, false]);
        check.equal([...model.hidden], [6, 5]);
        check.equal(model.chart, kind === 'lnn' ? 'velocity' : 'canonical');
        check.equal(model.hasEnergy, kind !== 'node' && kind !== 'resnet');
        titles.add(model.title);
        const theta = model.theta();
        check.equal(theta.length, model.numParameters);
        let offset = 0;
        for (const block of model.parameters()) {
          check.equal(block.offset, offset, `${kind} ${block.name}`);
          offset += block.shape.reduce((product, size) => product * size);
        }
        check.equal(offset, model.numParameters);
        check.equal(Float64Array.from(model.theta({ view: true })), theta);
        model.close();
      }
      check.equal(titles.size, KINDS.length);
      // An HNN of n degrees of freedom: 2n → 6 → 5 → 1.
      const hnn = await la.Model.create({ degreesOfFreedom: 2, hidden: [6, 5] });
      check.equal(hnn.numParameters, 4 * 6 + 6 + 6 * 5 + 5 + 5 + 1);
      const same = await la.Model.create({ degreesOfFreedom: 2, hidden: [6, 5] });
      const other = await la.Model.create({ degreesOfFreedom: 2, hidden: [6, 5], seed: 2 });
      check.equal(same.theta(), hnn.theta());
      check.notEqual(other.theta(), hnn.theta());
      for (const model of [hnn, same, other]) model.close();
    },
  },
  {
    // Oracle: central differences of the learned energy.
    name: "a Hamiltonian network's field is the symplectic gradient of its energy",
    async run({ la, check }) {
      for (const kind of ['hnn', 'separable-hnn']) {
        const model = await la.Model.create({ kind, degreesOfFreedom: 2, hidden: [8, 8], seed: 3 });
        const state = [0.3, -0.5, 0.7, 0.2], h = 1e-5;
        const slope = (i) => (model.energy(moved(state, h, state.map((_, j) => +(i === j))))[0]
          - model.energy(moved(state, -h, state.map((_, j) => +(i === j))))[0]) / (2 * h);
        check.close(model.vectorField(state), [slope(2), slope(3), -slope(0), -slope(1)], 1e-8, kind);
        model.close();
      }
    },
  },
  {
    name: 'learned energies are kept along learned motion',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      for (const kind of ['hnn', 'separable-hnn', 'lnn']) {
        const activation = kind === 'lnn' ? 'softplus' : 'tanh';
        const model = await la.Model.create({ kind, system, hidden: [12, 12], activation, seed: 2 });
        const { states, status } = model.rollout([0.5, 0.3, 0.1, -0.2], grid(30, 0.1));
        check.equal(status, 'reached-end', kind);
        const energy = model.energy(states);
        for (let k = 0; k < 60; ++k) check.close(energy[k], energy[k % 2], 1e-6, `${kind} ${k}`);
        model.close();
      }
      const node = await la.Model.create({ kind: 'node', system });
      await check.refused('invalid-argument', () => node.energy([1, 0]), /energy/);
      check.equal(node.grid({ columns: 3, rows: 3 }).energy.length, 0);
    },
  },
  {
    name: 'an angle is an angle: states 2π apart move alike',
    async run({ la, check }) {
      const model = await la.Model.create({ degreesOfFreedom: 2, periodic: [true, false],
        scale: [1, 2, 3, 4], seed: 5 });
      const turned = [0.4 + 2 * Math.PI, 0.5, 0.6, 0.7];
      check.close(model.vectorField(turned), model.vectorField([0.4, 0.5, 0.6, 0.7]), 1e-12);
      const { x, y } = model.grid({ xComponent: 1, yComponent: 3, columns: 3, rows: 3 });
      check.equal([[...x], [...y]], [[-2, 0, 2], [-4, 0, 4]]);
      model.close();
    },
  },
  {
    name: 'a grid, a batch and one state after another give the same field',
    async run({ la, check }) {
      for (const kind of ODES) {
        const model = await la.Model.create({ kind, hidden: [8, 8], activation: 'softplus' });
        const { dx, dy, energy, x, y } = model.grid({ columns: 4, rows: 3, xMin: -2, xMax: 1, yMin: 0,
          yMax: 1 });
        for (let node = 0; node < 12; ++node) {
          const state = [x[node % 4], y[Math.floor(node / 4)]];
          check.close(model.vectorField(state), [dx[node], dy[node]], 1e-13, kind);
          if (model.hasEnergy) check.close(model.energy(state), energy[node], 1e-13, kind);
        }
        const starts = [0.3, 0.1, -0.2, 0.5], times = [0, 0.4, 1];
        const options = { method: 'rk4', step: 0.05 };
        const both = model.rollout(starts, times, options).states;
        const first = model.rollout(starts.slice(0, 2), times, options).states;
        check.close([0, 1, 2].flatMap((k) => [...both.subarray(4 * k, 4 * k + 2)]), first, 1e-13, kind);
        model.close();
      }
    },
  },
  {
    name: 'a residual network is a map: it knows multiples of its time',
    async run({ la, check }) {
      const model = await la.Model.create({ kind: 'resnet', blocks: 2, blockTime: 0.05, hidden: [6] });
      const { states, times } = model.rollout([1, 0], [0, 0.1, 0.3]);
      const once = model.rollout([1, 0], [0, 0.1]).states.slice(2);
      check.close(states.subarray(2, 4), once, 1e-14);
      const twice = model.rollout(once, [0, 0.1, 0.2]).states.slice(4);
      check.close(states.subarray(4), twice, 1e-13);
      check.equal(times, Float64Array.of(0, 0.1, 0.3));
      model.close();
    },
  },
  {
    // Oracle: Taylor's theorem, slope 2 in 1.8 … 2.3.
    name: "the gradient of every loss is the loss's derivative in θ",
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const canonical = system.sample({ trajectories: 4, samples: 12, seed: 2 });
      const velocity = system.sample({ trajectories: 4, samples: 12, seed: 2, chart: 'velocity' });
      for (const [kind, options] of [
        ['node', {}], ['hnn', {}], ['separable-hnn', {}], ['lnn', {}],
        ['hnn', { loss: 'trajectory', segmentLength: 4 }],
        ['node', { loss: 'trajectory', segmentLength: 3, sensitivity: 'full', method: 'midpoint',
          substeps: 2 }],
        ['separable-hnn', { loss: 'trajectory', method: 'verlet', sensitivity: 'checkpoint' }],
        ['resnet', { loss: 'trajectory' }], ['lnn', { loss: 'action' }],
        ['hnn', { part: 'test' }],
      ]) {
        const model = await la.Model.create({ kind, system, hidden: [5, 5], activation: 'softplus', seed: 6,
          blockTime: 3 / 11 });
        const data = kind === 'lnn' ? velocity : canonical;
        const what = `${kind} ${JSON.stringify(options)}`;
        const { loss, gradient } = model.gradient(data, options);
        check.equal(gradient.length, model.numParameters, what);
        check.close(loss, model.loss(data, options), 1e-13, what);
        const f = (theta) => withTheta(model, theta, () => model.loss(data, options));
        const slope = taylorSlope(f, model.theta(), gradient, direction(gradient.length));
        check.ok(slope > 1.8 && slope < 2.3, `${what}: slope ${slope}`);
        model.close();
      }
    },
  },
  {
    // Oracle: Taylor's theorem again, for C = Σ c·x over a roll-out's states.
    name: "an adjoint is the derivative of a roll-out's cost in θ, the start and the times",
    async run({ la, check }) {
      const x0 = Float64Array.of(0.4, -0.3, 0.1, 0.6), times = Float64Array.of(0, 0.3, 0.7, 1.1);
      const bar = direction(times.length * x0.length);
      for (const kind of ODES) {
        for (const options of [{ method: 'rk4', step: 0.11 }, { method: 'dopri5', sensitivity: 'full' },
          { method: 'gauss4', step: 0.11, sensitivity: 'checkpoint' }]) {
          const model = await la.Model.create({ kind, hidden: [6, 6], activation: 'softplus', seed: 8 });
          const what = `${kind} ${JSON.stringify(options)}`;
          const { method, step } = options;
          const cost = (start, at) => dot(bar, model.rollout(start, at, { method, step }).states);
          const result = model.adjoint(x0, times, bar, options);
          check.equal([result.status, result.message], ['reached-end', ''], what);
          check.close(dot(bar, result.states), cost(x0, times), 1e-9, what);
          check.ok(result.peakBytes > 0 && result.vectorJacobianProducts > 0, what);
          const slopes = {
            theta: taylorSlope((theta) => withTheta(model, theta, () => cost(x0, times)), model.theta(),
              result.theta,
              direction(model.numParameters)),
            x0: taylorSlope((start) => cost(start, times), x0, result.x0, direction(4)),
            times: taylorSlope((at) => cost(x0, at), times, result.times, direction(4)),
          };
          for (const [name, slope] of Object.entries(slopes)) {
            check.ok(slope > 1.7 && slope < 2.4, `${what} ${name}: slope ${slope}`);
          }
          model.close();
        }
      }
    },
  },
  {
    name: 'saved and loaded, a model is the same and trains on bit for bit',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const data = system.sample({ trajectories: 6, samples: 10 });
      const options = { steps: 30, batchSize: 16 };
      const whole = await la.Model.create({ system, hidden: [8, 8] });
      await whole.train(data, { ...options, steps: 60 });
      const first = await la.Model.create({ system, hidden: [8, 8] });
      await first.train(data, options);
      const second = await la.Model.load(first.save());
      check.equal(second.theta(), first.theta());
      check.equal(second.history(), first.history());
      check.equal([second.step, second.kind, second.numParameters], [30, 'hnn', first.numParameters]);
      await second.train(data, options);
      check.equal(second.theta(), whole.theta());
      const copy = await la.Model.fromSafetensors(whole.toSafetensors());
      check.equal(copy.theta(), whole.theta());
      check.equal(copy.vectorField([7, 1]), whole.vectorField([7, 1]));
      for (const model of [whole, first, second, copy]) model.close();
    },
  },
  {
    name: 'θ can be replaced, and only by as many finite numbers',
    async run({ la, check }) {
      const model = await la.Model.create({ hidden: [4] });
      const theta = model.theta();
      model.setTheta(theta.map((value) => 2 * value));
      check.equal(model.theta(), theta.map((value) => 2 * value));
      await check.refused('invalid-argument', () => model.setTheta(theta.subarray(1)),
        /theta has 16 numbers; expected 17 \(numParameters\)/);
      await check.refused('wrong-type', () => model.setTheta(theta.map(() => NaN)), /theta\[0\] is NaN/);
      check.equal(model.theta(), theta.map((value) => 2 * value));
      model.close();
    },
  },
  {
    name: 'absurd models, and models of two minds, are refused before anything is allocated',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const refuse = (options, message, code = 'invalid-argument') =>
        check.refused(code, () => la.Model.create(options), message);
      const before = la.memory();
      await refuse({ hidden: [65536, 65536] }, /expected at most/);
      await refuse({ hidden: new Array(65).fill(2) }, /hidden has 65 layers/);
      await refuse({ hidden: [0] }, /hidden\[0\] is 0/, 'wrong-type');
      await refuse({ kind: 'resnet', blocks: 1024, hidden: [4096, 4096] }, /expected at most/);
      await refuse({ kind: 'hmn' }, /did you mean "hnn"/);
      await refuse({ activation: 'relu' }, /known: tanh/);
      await refuse({ system, degreesOfFreedom: 1 }, /both system and degreesOfFreedom/);
      await refuse({ system: { name: 'pendulum', degreesOfFreedom: 1 } },
        /system is Object; expected a System/, 'wrong-type');
      await refuse({ periodic: [true, false] }, /periodic has 2 entries; expected 1/);
      await refuse({ scale: [1] }, /scale has 1 numbers; expected 2/);
      await refuse({ scale: [1, 0] }, /scale\[1\] is 0/, 'wrong-type');
      check.equal(la.memory(), before);
      system.close();
    },
  },
];
