// Exact systems: their motion, fields and energies against closed forms and conservation laws.

const grid = (count, step) => Float64Array.from({ length: count }, (_, k) => step * k);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The derivative of `energy` along each component by central differences, error O(h²). */
function gradientOf(energy, state, h = 1e-5) {
  return Array.from(state, (_, i) => {
    const moved = (by) => energy(Array.from(state, (value, j) => (i === j ? value + by : value)))[0];
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

export const cases = [
  {
    // Oracle: q(t) = q₀ cos ωt + p₀/(mω) sin ωt, p = m q̇, ω² = k/m.
    name: 'a spring swings as in the closed form, several at once, forwards and backwards',
    async run({ la, check }) {
      const mass = 2, stiffness = 3, omega = Math.sqrt(stiffness / mass);
      const spring = await la.System.create('spring', { mass, stiffness });
      const exact = (t, [q, p]) => [q * Math.cos(omega * t) + (p / (mass * omega)) * Math.sin(omega * t),
        p * Math.cos(omega * t) - q * mass * omega * Math.sin(omega * t)];
      const starts = [[1, 0], [-0.3, 0.8], [0, 2]];
      for (const times of [grid(40, 0.17), grid(40, -0.17)]) {
        const result = spring.rollout(starts.flat(), times);
        check.equal([result.status, result.message, result.batch], ['reached-end', '', 3]);
        check.equal(result.times, times);
        check.close(result.states, Array.from(times,
          (t) => starts.flatMap((start) => exact(t, start))).flat(), 1e-6);
        check.ok(result.steps > 10 && result.evaluations > result.steps);
      }
      // In the other chart: velocities in place of momenta.
      const { states } = spring.rollout([1, 0.5], [0, 1.3], { chart: 'velocity', method: 'dop853' });
      const [q, p] = exact(1.3, [1, 0.5 * mass]);
      check.close(states, [1, 0.5, q, p / mass], 1e-7);
      spring.close();
    },
  },
  {
    name: "a spring's field and energy are (p/m, −kq) and p²/2m + kq²/2",
    async run({ la, check }) {
      const spring = await la.System.create('spring', { mass: 2, stiffness: 3 });
      const states = [1, 0, 0.5, -4, -2, 1];
      check.close(spring.vectorField(states), [0, -3, -2, -1.5, 0.5, 6], 1e-15);
      check.close(spring.energy(states), [1.5, 4.375, 6.25], 1e-15);
      check.close(spring.vectorField(states, { chart: 'velocity' }), [0, -1.5, -4, -0.75, 1, 3], 1e-15);
      check.close(spring.energy([1, 2], { chart: 'velocity' }), [1.5 + 4], 1e-15);
      check.equal(spring.vectorField([]).length, 0);
      check.equal(spring.energy([]).length, 0);
      spring.close();
    },
  },
  {
    // Oracles: Ḣ = ∂H/∂x · ẋ, which is 0, or −c q̇² with a damper.
    name: 'motion keeps the energy of every conservative system, and a damper takes c q̇² of it',
    async run({ la, check }) {
      for (const { name } of await la.systems()) {
        const system = await la.System.create(name);
        const start = system.typicalState();
        const gradient = gradientOf((x) => system.energy(x), start);
        const rate = dot(gradient, system.vectorField(start));
        const scale = Math.max(1, ...gradient.map(Math.abs));
        const damping = system.parameters.damping ?? 0;
        check.equal(system.isConservative, damping === 0, name);
        const velocity = system.convert(start, 'canonical', 'velocity')[1];
        check.close(rate / scale, -damping * velocity ** 2 / scale, 1e-8, name);
        if (damping !== 0) continue;
        const { states, status } = system.rollout(start, grid(20, system.typicalPeriod / 10));
        check.equal(status, 'reached-end', name);
        const energies = system.energy(states);
        for (const energy of energies) check.close(energy / scale, energies[0] / scale, 1e-6, name);
        system.close();
      }
    },
  },
  {
    name: 'states go from chart to chart and back, and keep their energy',
    async run({ la, check }) {
      const system = await la.System.create('double-pendulum', { mass1: 1.5, length2: 0.7 });
      const states = [0.3, -1.1, 0.4, 0.2, 2, 1, -0.5, 0.8];
      const canonical = system.convert(states, 'velocity', 'canonical');
      check.close(system.convert(canonical, 'canonical', 'velocity'), states, 1e-13);
      check.close(system.energy(canonical), system.energy(states, { chart: 'velocity' }), 1e-13);
      check.notEqual(canonical, Float64Array.from(states));
      check.equal(system.convert(states, 'velocity', 'velocity'), Float64Array.from(states));
      system.close();
    },
  },
  {
    name: 'one step at a time is all steps at once, bit for bit, and rk4 is of order four',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const times = grid(30, 0.1), options = { method: 'rk4', step: 0.1 };
      const { states } = system.rollout([2, 0], times, options);
      let state = [2, 0];
      for (let k = 1; k < 30; ++k) {
        state = system.rollout(state, [times[k - 1], times[k]], options).states.subarray(2);
        check.equal(state.slice(), states.slice(2 * k, 2 * k + 2), `step ${k}`);
      }
      // Oracle: the spring's cosine.
      const spring = await la.System.create('spring');
      const error = (step, method) => {
        const [, , q, p] = spring.rollout([1, 0], [0, 3], { step, method }).states;
        return Math.hypot(q - Math.cos(3), p + Math.sin(3));
      };
      const order = (method) => Math.log2(error(0.05, method) / error(0.025, method));
      check.close(order('rk4'), 4, 0.1);
      check.close(order('euler'), 1, 0.2);
      check.close(order('verlet'), 2, 0.05);
      system.close();
    },
  },
  {
    name: 'a grid has at every node the field and the energy of that state',
    async run({ la, check }) {
      const system = await la.System.create('coupled-oscillators');
      const base = [0.1, 0.2, 0.3, 0.4];
      const options = { xComponent: 1, yComponent: 2, xMin: -1, xMax: 2, yMin: 0, yMax: 3, columns: 4,
        rows: 3, base };
      for (const chart of ['canonical', 'velocity']) {
        const { columns, rows, x, y, dx, dy, energy } = system.grid({ ...options, chart });
        check.equal([columns, rows, [...x], [...y]], [4, 3, [-1, 0, 1, 2], [0, 1.5, 3]]);
        for (let node = 0; node < 12; ++node) {
          const state = [0.1, x[node % 4], y[Math.floor(node / 4)], 0.4];
          const rate = system.vectorField(state, { chart });
          check.equal([dx[node], dy[node]], [rate[1], rate[2]]);
          check.equal(energy[node], system.energy(state, { chart })[0]);
        }
      }
      const { x, y, columns, rows } = system.grid();
      const [{ typicalPosition, typicalMomentum }] = system.coordinates;
      check.equal([columns, rows, x[0], x[23], y[0], y[23]],
        [24, 24, -typicalPosition, typicalPosition, -typicalMomentum, typicalMomentum]);
      system.close();
    },
  },
  {
    name: 'without noise the sampled derivatives are the field at the sampled states',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const options = { trajectories: 10, samples: 12, duration: 2, seed: 7 };
      const data = system.sample(options);
      check.equal([data.chart, data.degreesOfFreedom, data.dimension], ['canonical', 1, 2]);
      check.equal([data.numTrain, data.numTest], [8 * 12, 2 * 12]);
      for (const { times, states, derivatives } of [...data.train(), ...data.test()]) {
        check.equal([times[0], times[11]], [0, 2]);
        check.close(derivatives, system.vectorField(states), 1e-12);
        check.close(system.rollout(states.subarray(0, 2), times).states, states, 1e-6);
      }
      check.equal(system.sample(options).train(), data.train(), 'the same seed');
      check.notEqual(system.sample({ ...options, seed: 8 }).train(), data.train(), 'another seed');
      const missing = system.sample({ trajectories: 40, samples: 50, missingFraction: 0.3,
        irregularTimes: true });
      const all = missing.train().flatMap(({ states }) => [...states]);
      const share = all.filter(Number.isNaN).length / all.length;
      check.close(share, 0.3, 0.05);
      system.close();
    },
  },
  {
    name: 'a system tells what it is, and has the parameters it was given',
    async run({ la, check }) {
      const system = await la.System.create('pendulum', { length: 2.5, mass: undefined });
      check.equal(system.parameters, { mass: 1, length: 2.5, gravity: 9.81 });
      check.equal([system.name, system.title, system.dimension], ['pendulum', 'Pendulum', 2]);
      check.ok(system.isSeparable && system.isConservative && !system.closed);
      check.equal(system.coordinates[0].periodic, true);
      check.ok(Object.isFrozen(system.parameters) && Object.isFrozen(system.coordinates[0]));
      // Oracle: small swings take 2π √(l/g).
      const small = system.rollout([1e-4, 0], [0, 2 * Math.PI * Math.sqrt(2.5 / 9.81)]).states;
      check.close(small.subarray(2), [1e-4, 0], 1e-9);
      await check.refused('invalid-argument', () => la.System.create('pendulm'), /did you mean "pendulum"/);
      await check.refused('unknown-option', () => la.System.create('pendulum', { lenght: 1 }),
        /did you mean "length"/);
      await check.refused('wrong-type', () => la.System.create('pendulum', { length: '1' }), /length/);
      await check.refused('invalid-argument', () => la.System.create('pendulum', { length: -1 }), /length/);
      system.close();
    },
  },
  {
    name: 'messages name the shape that was expected, and the option that was meant',
    async run({ la, check }) {
      const one = await la.System.create('pendulum'), two = await la.System.create('double-pendulum');
      const refuse = (work, message, code = 'invalid-argument') => check.refused(code, work, message);
      await refuse(() => one.rollout([1, 2, 3], [0, 1]),
        /^x0 has 3 numbers; expected a multiple of 2 \(degreesOfFreedom 1: q, p\)$/);
      await refuse(() => two.energy([1, 2], { chart: 'velocity' }),
        /^states has 2 numbers; expected a multiple of 4 \(degreesOfFreedom 2: q1…q2, v1…v2\)$/);
      await refuse(() => one.rollout([], [0, 1]), /x0 has 0 numbers.*at least one/);
      await refuse(() => one.rollout([1, 0], []), /times is empty/);
      await refuse(() => one.rollout([1, 0], [0, 1, 1]), /times/);
      await refuse(() => one.rollout([1, 0], [0, 1], { stepp: 1 }),
        /did you mean "step"\?; known: method, step/,
        'unknown-option');
      await refuse(() => one.rollout([1, 0], [0, 1], { method: 'rk5' }), /rk5.*did you mean "rk4"/);
      await refuse(() => one.rollout([1, 0], [0, 1], { chart: 'canonic' }), /did you mean "canonical"/);
      await refuse(() => two.rollout([1, 0, 0, 0], [0, 1], { method: 'verlet' }), /separable/);
      await refuse(() => one.rollout([1, NaN], [0, 1]), /x0\[1\] is NaN; expected a finite number/,
        'wrong-type');
      await refuse(() => one.rollout([1, 0], [0, 1], { step: 0 }), /step is 0/, 'wrong-type');
      await refuse(() => one.rollout(new Float64Array(2 ** 12), new Float64Array(2 ** 15)),
        /numbers; expected at most/);
      await refuse(() => one.sample({ trajectories: 1e6, samples: 1e6 }), /expected at most/);
      // It works on as before.
      check.equal(one.rollout([1, 0], [0, 0.1]).status, 'reached-end');
      one.close();
      two.close();
    },
  },
  {
    name: 'every kind of array of numbers is taken, and none is changed',
    async run({ la, check }) {
      const system = await la.System.create('spring');
      const expected = system.energy([1, 2, 3, 4]);
      const padded = Float64Array.of(9, 1, 2, 3, 4, 9);
      const kinds = [Float64Array, Float32Array, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array,
        Uint32Array,
        Uint8ClampedArray].map((Kind) => Kind.of(1, 2, 3, 4));
      kinds.push(padded.subarray(1, 5), Object.freeze([1, 2, 3, 4]));
      if (globalThis.SharedArrayBuffer) {
        const shared = new Float64Array(new SharedArrayBuffer(32));
        shared.set([1, 2, 3, 4]);
        kinds.push(shared);
      }
      for (const states of kinds) {
        check.equal(system.energy(states), expected, states.constructor.name);
        check.equal([...states], [1, 2, 3, 4]);
      }
      // Lengths are read from the array itself, and every entry once.
      let reads = 0;
      const counted = new Proxy([1, 2, 3, 4], { get: (list, key) => {
        if (key !== 'length') ++reads;
        return list[key];
      } });
      check.equal(system.energy(counted), expected);
      check.equal(reads, 4);
      class Lying extends Float64Array { get length() { return 1e9; } }
      check.equal(system.energy(Lying.of(1, 2, 3, 4)), expected);
      system.close();
    },
  },
  {
    name: 'a view has the numbers of a copy, and results are copies that stay',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const times = grid(10, 0.1);
      const copy = system.rollout([1, 0], times).states, kept = copy.slice();
      const { states: view } = system.rollout([1, 0], times, { view: true });
      check.equal(Float64Array.from(view), copy);
      system.rollout([0.2, 0.1], times);
      check.equal(copy, kept);
      check.ok(copy.buffer.byteLength === copy.byteLength, 'its buffer holds nothing else');
      // Memory grows; a result does not notice.
      const large = system.rollout(new Float64Array(2000).fill(0.5), grid(2000, 0.001),
        { method: 'euler', step: 1 });
      check.equal(large.states.length, 2000 * 2000);
      check.equal(copy, kept);
      system.close();
    },
  },
  {
    name: 'a solve that stops early keeps what it has and says why',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const { status, message, times, states } = system.rollout([1, 0], grid(1000, 0.1), { maxSteps: 50 });
      check.equal(status, 'step-limit');
      check.ok(message.length > 10);
      check.ok(times.length > 1 && times.length < 1000);
      check.equal(states.length, 2 * times.length);
      check.equal(system.rollout([1, 0], [0, 0.1]).message, '');
      system.close();
    },
  },
];
