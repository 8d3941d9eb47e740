// Training is long work: the host stays responsive, an abort is heard, progress can be watched,
// and none of it changes a number.

/** A pendulum, data and a network that trains long enough to watch. */
async function make(la, hidden = [32, 32]) {
  const system = await la.System.create('pendulum');
  const data = system.sample({ trajectories: 25, samples: 40, seed: 5 });
  const model = await la.Model.create({ system, hidden, seed: 5 });
  const close = () => {
    for (const object of [system, data, model]) object.close();
  };
  return { system, data, model, close };
}

const now = () => performance.now();
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Counts turns of the event loop until `stop()`, and the longest time between two. */
function watchTheLoop() {
  let turns = 0, longest = 0, last = now(), going = true;
  const turn = () => {
    if (!going) return;
    const time = now();
    longest = Math.max(longest, time - last);
    last = time;
    ++turns;
    setTimeout(turn, 0);
  };
  setTimeout(turn, 0);
  return () => {
    going = false;
    return { turns, longest };
  };
}

const thetaAfter = async (la, options) => {
  const { data, model, close } = await make(la, [16, 16]);
  const result = await model.train(data, { steps: 150, batchSize: 64, ...options });
  const theta = model.theta();
  close();
  if (result.status !== 'finished') throw new Error(`${result.status}: ${result.message}`);
  return theta;
};

export const cases = [
  {
    name: 'while a model trains in slices, timers run',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const stop = watchTheLoop();
      const options = { steps: 1e6, milliseconds: 600, run: 'slices' };
      const { status, milliseconds } = await model.train(data, options);
      const { turns, longest } = stop();
      check.equal(status, 'out-of-time');
      check.ok(milliseconds >= 500, `${milliseconds}`);
      // Slices are 10 ms long; the rest is for a machine that others use too.
      check.ok(turns >= 10, `${turns} turns`);
      check.ok(longest < 400, `${longest} ms`);
      close();
    },
  },
  {
    name: 'on a thread, the calling one is free',
    skip: ({ host }) => !host.threads && 'no threads here',
    async run({ la, check }) {
      const { data, model, close } = await make(la, [200, 200]);
      const stop = watchTheLoop();
      const { status } = await model.train(data, { steps: 1e6, milliseconds: 600, run: 'thread' });
      const { turns, longest } = stop();
      check.equal(status, 'out-of-time');
      check.ok(turns >= 20, `${turns} turns`);
      check.ok(longest < 400, `${longest} ms`);
      check.ok(model.step > 0);
      close();
    },
  },
  {
    name: 'an abort stops training soon and keeps what was learned',
    async run({ la, check }) {
      for (const run of ['auto', 'slices']) {
        const { data, model, close } = await make(la, [64, 64]);
        const before = model.theta(), started = model.loss(data);
        const controller = new AbortController();
        let asked = 0;
        const training = model.train(data, { steps: 1e6, signal: controller.signal, run });
        setTimeout(() => { asked = now(); controller.abort(); }, 300);
        const { status, step } = await training;
        // The issue says 50 ms; the bench measures it. Here only that it is no long wait.
        check.ok(now() - asked < 1000, `${now() - asked} ms`);
        check.equal(status, 'aborted');
        check.ok(step > 0 && step < 1e6, `${step} steps`);
        check.equal(model.step, step);
        check.equal(model.training, false);
        check.notEqual(model.theta(), before);
        check.ok(model.loss(data) < started, 'it learned');
        const kept = model.theta();
        await sleep(50);
        check.equal(model.theta(), kept, 'nothing runs on');
        close();
      }
    },
  },
  {
    name: 'an abort that came before training takes no step',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const before = model.theta();
      const controller = new AbortController();
      controller.abort();
      const { status, step } = await model.train(data, { steps: 50, signal: controller.signal });
      check.equal([status, step], ['aborted', 0]);
      check.equal(model.theta(), before);
      close();
    },
  },
  {
    name: 'progress goes forward, and the result is the last of it',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const seen = [];
      const onProgress = (progress) => seen.push(progress);
      const result = await model.train(data, { steps: 600, testEvery: 50, progressEvery: 5, onProgress });
      check.equal(result.status, 'finished');
      check.ok(seen.length > 0);
      for (const [k, progress] of seen.entries()) {
        check.ok(progress.step >= (k ? seen[k - 1].step : 0) && progress.step <= 600);
        check.equal(progress.steps, 600);
        check.ok(progress.fraction >= 0 && progress.fraction <= 1);
        check.ok(progress.learningRate > 0);
      }
      check.equal([result.step, result.fraction, model.step], [600, 1, 600]);
      check.ok(result.trainLoss > 0 && result.testLoss > 0);
      const { step, trainLoss } = model.history();
      check.equal(step.at(-1), 600);
      check.equal(trainLoss.at(-1), result.trainLoss);
      close();
    },
  },
  {
    name: 'progress can be iterated over',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const steps = [];
      const training = model.train(data, { steps: 600, progressEvery: 5 });
      for await (const progress of training) steps.push(progress.step);
      check.ok(steps.length > 0);
      check.equal(steps, [...steps].sort((a, b) => a - b));
      check.equal(steps.at(-1), 600);
      check.equal((await training).status, 'finished');
      // After the end there is nothing more to iterate over, and no waiting for it.
      for await (const progress of training) check.ok(progress.step <= 600);
      close();
    },
  },
  {
    name: 'whatever the slices and the run, θ is the same bit for bit',
    async run({ la, check, host }) {
      const theta = await thetaAfter(la, { run: 'slices' });
      check.equal(await thetaAfter(la, { run: 'slices', slice: 1 }), theta, 'short slices');
      check.equal(await thetaAfter(la, { run: 'slices', slice: 1000 }), theta, 'one slice');
      check.equal(await thetaAfter(la, { progressEvery: 1, onProgress: () => {} }), theta, 'with progress');
      check.equal(await thetaAfter(la, { run: 'auto' }), theta, 'auto');
      if (host.threads) check.equal(await thetaAfter(la, { run: 'thread' }), theta, 'on a thread');
      else await check.refused('unavailable', () => thetaAfter(la, { run: 'thread' }), /thread/);
    },
  },
  {
    name: 'training in parts is training at once',
    async run({ la, check }) {
      const theta = await thetaAfter(la, { steps: 150 });
      const { data, model, close } = await make(la, [16, 16]);
      for (const steps of [40, 1, 109]) await model.train(data, { steps, batchSize: 64 });
      check.equal(model.theta(), theta);
      check.equal(model.step, 150);
      close();
    },
  },
  {
    name: 'two models train at the same time without touching each other',
    async run({ la, check }) {
      const alone = await thetaAfter(la, {});
      check.equal(await Promise.all([thetaAfter(la, {}), thetaAfter(la, { slice: 1 })]), [alone, alone]);
    },
  },
  {
    name: 'while a model trains, what would disturb it is refused and the rest works',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const controller = new AbortController();
      const training = model.train(data, { steps: 1e6, signal: controller.signal });
      check.equal(model.training, true);
      for (const [name, work] of Object.entries({
        train: () => model.train(data, { steps: 1 }), setTheta: () => model.setTheta(model.theta()),
        save: () => model.save(),
      })) {
        const error = await check.refused('busy', work);
        check.match(error.message, /train/, name);
      }
      await sleep(30);
      check.ok(model.energy([1, 0])[0] === model.energy([1, 0])[0]);
      check.equal(model.rollout([1, 0], [0, 0.1]).status, 'reached-end');
      check.equal(model.theta().length, model.numParameters);
      check.ok(model.loss(data) > 0);
      // The data are the training's own by now.
      data.close();
      await sleep(30);
      check.equal(model.training, true);
      controller.abort();
      check.equal((await training).status, 'aborted');
      model.save();
      close();
    },
  },
  {
    name: 'closing a model in training ends the training',
    async run({ la, check }) {
      const before = la.memory().objects;
      const { data, model, close } = await make(la);
      const training = model.train(data, { steps: 1e6 });
      await sleep(20);
      model.close();
      check.equal(model.closed, true);
      const outcome = await training.then(({ status }) => status, ({ code }) => code);
      check.ok(['aborted', 'closed'].includes(outcome), outcome);
      await check.refused('closed', () => model.energy([1, 0]));
      close();
      check.equal(la.memory().objects, before);
    },
  },
  {
    name: 'training that diverges says so and can be tried again',
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const before = model.theta();
      const wild = { steps: 500, optimizer: 'sgd', momentum: 0.9, learningRate: 1e30 };
      const { status, message } = await model.train(data, wild);
      check.equal(status, 'failed');
      check.ok(message.length > 10, message);
      check.ok(model.theta().every(Number.isFinite), 'θ stays finite');
      model.setTheta(before);
      check.equal((await model.train(data, { steps: 20 })).status, 'finished');
      close();
    },
  },
  {
    name: "a fault in a callback is the caller's, and the training ends",
    async run({ la, check }) {
      const { data, model, close } = await make(la);
      const fault = new RangeError('mine');
      const onProgress = () => { throw fault; };
      const outcome = await model.train(data, { steps: 1e6, progressEvery: 1, onProgress })
        .then(() => 'finished', (error) => error);
      check.ok(outcome === fault || outcome?.cause === fault, `${outcome}`);
      check.equal(model.training, false);
      check.equal((await model.train(data, { steps: 2 })).status, 'finished');
      close();
    },
  },
];
