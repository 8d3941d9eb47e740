// Training by numbers that can be computed otherwise, and as a promise, a stream and a callback.

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function make(la, options = {}) {
  const system = await la.System.create('pendulum');
  const data = system.sample({ trajectories: 10, samples: 20, seed: 5, ...options });
  const model = await la.Model.create({ system, hidden: [16, 16], seed: 5 });
  const close = () => [system, data, model].forEach((object) => object.close());
  return { system, data, model, close };
}

/** A signal that counts its listeners. */
function watchedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const watched = { aborted: false, listeners: 0 };
  watched.addEventListener = (...args) => { ++watched.listeners; signal.addEventListener(...args); };
  watched.removeEventListener = (...args) => { --watched.listeners; signal.removeEventListener(...args); };
  return { watched, controller };
}

export const cases = [
  {
    // Oracle: the step written down, θ₁ = θ₀ − η ∇loss(θ₀), and Adam's first, η g/(|g| + ε).
    name: 'the first step is the optimiser’s formula applied to the gradient',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const whole = { steps: 1, batchSize: 0, precision: 'float64' };
      const before = model.theta();
      for (const [options, step] of [
        [{ optimizer: 'sgd', learningRate: 0.05, momentum: 0 }, (g) => 0.05 * g],
        [{ optimizer: 'sgd', learningRate: 0.05, weightDecay: 0.1 }, (g, theta) => 0.05 * (g + 0.1 * theta)],
        [{ optimizer: 'adam', learningRate: 0.01, epsilon: 1e-6 }, (g) => (0.01 * g) / (Math.abs(g) + 1e-6)],
        [{ optimizer: 'adamw', learningRate: 0.01, epsilon: 1e-6, weightDecay: 0.5 },
          (g, theta) => (0.01 * g) / (Math.abs(g) + 1e-6) + 0.01 * 0.5 * theta],
      ]) {
        model.setTheta(before);
        const { gradient, loss } = model.gradient(data);
        const { status, trainLoss } = await model.train(data, { ...whole, ...options, testEvery: 1 });
        check.equal(status, 'finished');
        check.close(trainLoss, loss, 1e-12);
        const expected = before.map((theta, i) => theta - step(gradient[i], theta));
        check.close(model.theta(), expected, 1e-10, JSON.stringify(options));
      }
      close();
    },
  },
  {
    name: 'float32 follows float64 as far as it can, and both learn',
    async run({ la, check }) {
      const losses = {};
      for (const precision of ['float32', 'float64']) {
        const { data, model, close } = await make(la);
        const before = model.loss(data, { part: 'test' });
        await model.train(data, { steps: 5, precision });
        losses[precision] = model.loss(data);
        await model.train(data, { steps: 300, precision, learningRate: 1e-2 });
        check.ok(model.loss(data, { part: 'test' }) < 0.3 * before, precision);
        close();
      }
      check.relative(losses.float32, losses.float64, 1e-4);
      check.notEqual(losses.float32, losses.float64);
    },
  },
  {
    name: 'a learning rate falls along a cosine, and the history says so',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      await model.train(data, { steps: 40, schedule: 'cosine', learningRate: 0.01, testEvery: 10 });
      const { step, learningRate, trainLoss, testLoss } = model.history();
      check.equal([...step], [10, 20, 30, 40]);
      check.ok([trainLoss, testLoss].every((losses) => losses.length === 4
        && losses.every((loss) => loss > 0)));
      // The rate of a step k, counted from 0, is η (1 + cos πk/N)/2: each entry has its last step's.
      check.close(learningRate, [9, 19, 29, 39].map((k) => 0.005 * (1 + Math.cos((Math.PI * k) / 40))),
        1e-12);
      close();
    },
  },
  {
    name: 'without a test part the test loss is NaN, and positions alone train a Lagrangian',
    async run({ la, check }) {
      const { data, model, close } = await make(la, { testFraction: 0 });
      check.ok(Number.isNaN((await model.train(data, { steps: 20 })).testLoss));
      await check.refused('invalid-argument', () => model.loss(data, { part: 'test' }));
      close();
      const system = await la.System.create('pendulum');
      const positions = (await la.Dataset.create({ chart: 'velocity',
        train: system.sample({ samples: 60 }).train()
        .map(({ times, states }) => ({ times, states: states.map((value, i) => (i % 2 ? NaN : value)) })) }));
      const lnn = await la.Model.create({ kind: 'lnn', system, activation: 'softplus', hidden: [16] });
      const before = lnn.loss(positions, { loss: 'action' });
      await lnn.train(positions, { loss: 'action', steps: 200, learningRate: 1e-2 });
      check.ok(lnn.loss(positions, { loss: 'action' }) < 0.5 * before);
      [system, positions, lnn].forEach((object) => object.close());
    },
  },
  {
    name: 'leaving the iteration stops the training, before the next statement runs',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const training = model.train(data, { steps: 1e6, progressEvery: 5 });
      for await (const progress of training) {
        if (progress.step > 0) break;
      }
      check.equal(model.training, false);
      const { status, step } = await training;
      check.equal([status, step], ['aborted', model.step]);
      const thrown = new RangeError('mine');
      const another = model.train(data, { steps: 1e6, progressEvery: 5 });
      const caught = await (async () => {
        for await (const progress of another) if (progress) throw thrown;
      })().catch((error) => error);
      check.ok(caught === thrown);
      check.equal([(await another).status, model.training], ['aborted', false]);
      close();
    },
  },
  {
    name: 'progress can be iterated over late, several times and after the end',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const training = model.train(data, { milliseconds: 300, steps: 1e6, progressEvery: 10 });
      await sleep(60);
      const follow = async () => {
        const seen = [];
        for await (const { step } of training) seen.push(step);
        return seen;
      };
      const [first, second, { status, step }] = await Promise.all([follow(), follow(), training]);
      check.equal(status, 'out-of-time');
      for (const seen of [first, second]) {
        check.ok(seen.length >= 2, `${seen}`);
        check.equal(seen.at(-1), step);
      }
      check.equal(await follow(), [step]);
      close();
    },
  },
  {
    name: 'a run is a promise like any other',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const training = model.train(data, { steps: 3 });
      check.ok(training instanceof Promise);
      let told = 0;
      const same = training.finally(() => { ++told; });
      check.equal(Object.getPrototypeOf(same), Promise.prototype);
      const results = await Promise.all([training, training, same, training.then((result) => result)]);
      check.equal(told, 1);
      for (const result of results) check.equal(result, results[0]);
      check.equal(results[0].fraction, 1);
      // What is wrong with the call rejects, and can be caught in every way.
      const wrong = () => model.train(data, { stepss: 3 });
      check.equal((await wrong().catch(({ code }) => code)), 'unknown-option');
      check.equal(await (async () => { for await (const p of wrong()) return p; })()
        .catch(({ code }) => code),
        'unknown-option');
      close();
    },
  },
  {
    name: 'listeners of a signal are removed when training ends',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const { watched, controller } = watchedSignal();
      await model.train(data, { steps: 3, signal: watched });
      check.equal(watched.listeners, 0);
      const training = model.train(data, { steps: 1e6, signal: watched });
      check.equal(watched.listeners, 1);
      await sleep(20);
      controller.abort();
      check.equal((await training).status, 'aborted');
      check.equal(watched.listeners, 0);
      close();
    },
  },
  {
    name: 'what an async callback rejects with ends the training, and the model keeps what it learned',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const reason = new Error('the plot is gone');
      for (const steps of [1e6, 1]) {  // in the middle, and at the very end
        let told;
        await model.train(data, { steps, progressEvery: 1,
          onProgress: async () => { throw reason; } }).catch((error) => { told = error; });
        check.ok(told === reason, `rejected with ${told}`);
        check.equal([model.training, model.step > 0], [false, true]);
      }
      close();
    },
  },
  {
    name: 'a callback may evaluate, abort or close the model, but not train it',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const controller = new AbortController();
      const seen = [];
      const result = await model.train(data, { steps: 1e6, progressEvery: 1, signal: controller.signal,
        onProgress: ({ step, steps }) => {
          check.equal(model.rollout([1, 0], [0, 0.1]).status, 'reached-end');
          check.equal([model.training, steps], [true, 1e6]);
          seen.push(step, model.train(data).catch(({ code }) => code));
          controller.abort();
        } });
      check.equal([result.status, await seen[1], seen.at(-2)], ['aborted', 'busy', result.step]);
      check.equal(model.training, false);
      const closing = await model.train(data, { steps: 1e6, progressEvery: 1,
        onProgress: () => model.close() });
      check.equal([closing.status, model.closed], ['aborted', true]);
      await check.refused('closed', () => model.theta());
      close();
    },
  },
  {
    name: 'an aborted training goes on where it was, to the same θ bit for bit',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const options = { learningRate: 5e-3, batchSize: 32 };
      let taken = 0;
      while (taken < 400) {
        const controller = new AbortController();
        const stop = setTimeout(() => controller.abort(), 15);
        const result = await model.train(data, { ...options, steps: 400 - taken, signal: controller.signal,
          slice: 3 });
        clearTimeout(stop);
        check.equal(result.steps, 400);
        taken = result.step;
      }
      const other = await make(la);
      await other.model.train(data, { ...options, steps: 400 });
      check.equal(model.theta(), other.model.theta());
      check.equal(model.history(), other.model.history());
      close();
      other.close();
    },
  },
  {
    name: 'other data, another loss or batch size begin anew from the present θ',
    async run({ la, check }) {
      const { system, data, model, close } = await make(la);
      await model.train(data, { steps: 30 });
      check.equal((await model.train(data, { steps: 10, learningRate: 1e-3 })).step, 40, 'the same');
      const before = model.theta();
      check.equal((await model.train(data, { steps: 10, batchSize: 7 })).step, 10, 'another batch size');
      check.notEqual(model.theta(), before);
      check.equal((await model.train(system.sample({ seed: 9 }), { steps: 10, batchSize: 7 })).step, 10,
        'other data');
      close();
    },
  },
  {
    name: 'data and options that do not fit are refused, and nothing changes',
    async run({ la, check }) {
      const { system, data, model, close } = await make(la);
      await model.train(data, { steps: 5 });
      const state = () => [model.theta(), model.step, model.history()];
      const before = state();
      const refuse = (options, message, code = 'invalid-argument', on = data) =>
        check.refused(code, () => model.train(on, options), message);
      await refuse({ optimizer: 'adm' }, /optimizer: no optimizer is called "adm", did you mean "adam"/);
      await refuse({ loss: 'action' }, /Lagrangian/);
      await refuse({ loss: 'trajectory', method: 'verlet' }, /separable|H = T/i);
      await refuse({ schedule: 'warmup-cosine', warmupSteps: 50, steps: 20 },
        /warmupSteps is 50; it must be below steps, which is 25/);
      await refuse({ learningRate: -1 }, /learningRate is -1/, 'wrong-type');
      await refuse({ steps: 0 }, /steps is 0/, 'wrong-type');
      await refuse({ loss: 'trajectory', segmentLength: 50 }, /segment/i);
      await refuse({}, /chart/i, 'invalid-argument', system.sample({ chart: 'velocity' }));
      await refuse({}, /data is .+; expected a Dataset/, 'wrong-type', model);
      check.equal(state(), before);
      close();
    },
  },
];
