// The package in a worker: the same calls with the same numbers, off this thread.

const skip = ({ host }) => (host.startWorker ? undefined : 'there is no worker entry here');
const classes = ['System', 'Dataset', 'Model', 'Session'];
const functions = ['ready', 'memory', 'systems', 'settings', 'presets', 'methods', 'sensitivities', 'parseConfig'];
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function withWorker(host, work) {
  const worker = await host.startWorker();
  try {
    return await work(worker);
  } finally {
    await worker.close();
  }
}

/** A pendulum, observations and a network, made by the package or by a worker. */
async function make(of, hidden = [16]) {
  const system = await of.System.create('pendulum');
  const data = await system.sample({ trajectories: 8, samples: 12, seed: 3 });
  const model = await of.Model.create({ system, hidden, seed: 3 });
  const close = () => Promise.all([system, data, model].map((each) => each.close()));
  return { system, data, model, close };
}

const gettersOf = (Class) => Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))
  .filter(([, { get }]) => get).map(([name]) => name);
const methodsOf = (object) => Object.entries(Object.getOwnPropertyDescriptors(object))
  .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor').map(([name]) => name);

/** Every typed array within a result. */
function arraysIn(value) {
  if (ArrayBuffer.isView(value)) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(arraysIn) : [];
}

/** What happens to be a worker, and says that. */
function impostor(events) {
  return {
    postMessage() {},
    terminate() { this.isEnded = true; },
    addEventListener(type, listener) {
      if (Object.hasOwn(events, type)) setTimeout(() => listener(events[type]), 1);
    },
  };
}

const rows = [
  {
    name: 'a worker has every class, method, property and function of the package',
    async run({ la, check, host }) {
      await withWorker(host, async (worker) => {
        for (const name of functions) check.equal(typeof worker[name], 'function', name);
        for (const name of classes) {
          for (const method of methodsOf(la[name])) {
            check.equal(typeof worker[name][method], 'function', `${name}.${method}`);
          }
          for (const method of methodsOf(la[name].prototype)) {
            check.equal(typeof worker[name].prototype[method], 'function', `${name}.prototype.${method}`);
          }
        }
        const here = { ...await make(la), session: await la.Session.create() };
        const there = { ...await make(worker), session: await worker.Session.create() };
        for (const [i, name] of ['system', 'data', 'model', 'session'].entries()) {
          check.ok(there[name] instanceof worker[classes[i]], `${name} is of its class`);
          for (const key of gettersOf(la[classes[i]])) {
            check.equal(there[name][key], here[name][key], `${name}.${key}`);
          }
        }
        check.equal(await worker.methods(), await la.methods());
        check.equal(await worker.parseConfig('seed=2&nonsense=1'), await la.parseConfig('seed=2&nonsense=1'));
        here.session.close();
        await here.close();
      });
    },
  },
  {
    name: 'training in the worker gives the same θ, losses and history as here, bit for bit',
    async run({ la, check, host }) {
      await withWorker(host, async (worker) => {
        const here = await make(la), there = await make(worker);
        check.equal(await there.data.train(), here.data.train(), 'the data');
        for (const options of [{ steps: 60, batchSize: 32 },
          { steps: 20, loss: 'trajectory', precision: 'float64', segmentLength: 4 }]) {
          const expected = await here.model.train(here.data, options);
          const result = await there.model.train(there.data, options);
          for (const key of ['status', 'step', 'steps', 'trainLoss', 'testLoss', 'learningRate']) {
            check.equal(result[key], expected[key], key);
          }
          check.equal(await there.model.theta(), here.model.theta(), 'θ');
          check.equal(await there.model.history(), here.model.history(), 'the history');
          check.equal([there.model.step, there.model.training], [here.model.step, false]);
        }
        check.equal((await there.model.gradient(there.data)).gradient,
          here.model.gradient(here.data).gradient, 'the gradient');
        check.equal(await there.model.save(), here.model.save(), 'the file');
        await here.close();
      });
    },
  },
  {
    name: 'training on a thread beside the worker, where there are threads, gives the same θ and can be stopped',
    async run({ la, check, host }) {
      const worker = await host.startWorker({ threads: 'auto' });
      try {
        const { threads } = await worker.ready();
        check.equal(threads, host.threads, 'the worker has threads where the page has them');
        const here = await make(la), there = await make(worker);
        await here.model.train(here.data, { steps: 50, run: 'slices' });
        await there.model.train(there.data, { steps: 50, run: threads ? 'thread' : 'auto' });
        check.equal(await there.model.theta(), here.model.theta(), 'θ');
        const stop = new AbortController();
        const run = there.model.train(there.data, { steps: 1e6, signal: stop.signal });
        await sleep(60);
        stop.abort();
        check.equal((await run).status, 'aborted');
        await here.close();
      } finally {
        await worker.close();
      }
    },
  },
  {
    name: 'progress arrives while this thread is free, by callback and by iteration, and properties follow it',
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const { model, data } = await make(worker, [32, 32]);
        const seen = [];
        let turns = 0;
        const timer = setInterval(() => ++turns, 1);
        const run = model.train(data, { steps: 1500, progressEvery: 5,
          onProgress: ({ step }) => seen.push([step, model.step, model.training]) });
        check.ok(model.training, 'it is training at once');
        const result = await run;
        clearInterval(timer);
        check.ok(seen.length >= 2, `${seen.length} reports`);
        check.ok(seen.every(([step], i) => i === 0 || step >= seen[i - 1][0]), 'steps go up');
        for (const [step, shown] of seen) check.equal(shown, step, 'model.step is that of the report');
        check.ok(seen.some(([, , training]) => training), 'model.training is true meanwhile');
        check.equal([result.status, model.step, model.training], ['finished', 1500, false]);
        check.ok(turns > 5, `${turns} turns of this thread's timer`);

        const steps = [];
        for await (const { step } of model.train(data, { steps: 500, progressEvery: 5 })) steps.push(step);
        check.equal(steps.at(-1), 2000, 'the last value is the end');
      });
    },
  },
  {
    name: 'other calls are answered while the worker trains; a second training is refused as busy',
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const { model, data } = await make(worker);
        const stop = new AbortController();
        const run = model.train(data, { steps: 1e6, signal: stop.signal });
        check.equal((await model.energy([0.1, 0.2])).length, 1);
        await check.refused('busy', () => model.train(data));
        await check.refused('busy', () => model.save());
        check.ok(model.training, 'the first one goes on');
        stop.abort();
        check.equal((await run).status, 'aborted');
        check.equal(model.training, false);
      });
    },
  },
  {
    name: 'an abort stops the worker soon and keeps what was learned; so does leaving the iteration',
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const { model, data } = await make(worker);
        const start = await model.theta();
        const stop = new AbortController();
        const run = model.train(data, { steps: 1e6, signal: stop.signal });
        await sleep(60);
        const asked = performance.now();
        stop.abort();
        const { status, step } = await run;
        // 50 ms is the aim; this machine may be busy with other things.
        check.ok(performance.now() - asked < 1000, `it took ${performance.now() - asked} ms`);
        check.equal(status, 'aborted');
        check.ok(step > 0 && step < 1e6, `${step} steps`);
        check.notEqual(await model.theta(), start, 'θ');
        for await (const { step: at } of model.train(data, { steps: 1e6, progressEvery: 1 })) {
          if (at > step) break;
        }
        check.equal(model.training, false);
        check.ok(model.step < 1e6);
        const already = await model.train(data, { steps: 10, signal: AbortSignal.abort() });
        check.equal([already.status, model.training], ['aborted', false], 'one that never began');
      });
    },
  },
  {
    name: 'what onProgress throws stops the training and comes out of it',
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const { model, data } = await make(worker);
        const mine = new RangeError('mine');
        let thrown;
        await model.train(data, { steps: 1e6, progressEvery: 1, onProgress() { throw mine; } })
          .catch((error) => { thrown = error; });
        check.ok(thrown === mine, 'the same error');
        check.equal(model.training, false);
        check.equal((await model.train(data, { steps: 5 })).status, 'finished');
      });
    },
  },
  {
    name: 'arrays that come back have buffers of their own, asked for as views or not',
    async run({ la, check, host }) {
      await withWorker(host, async (worker) => {
        const { system, data, model } = await make(worker);
        const results = [await model.theta(), await model.theta({ view: true }), await data.train(),
          await model.rollout([1, 0], [0, 1, 2], { view: true }), await system.grid({ columns: 4, rows: 3 }),
          await model.save(), await model.toSafetensors(), await system.typicalState(),
          await (await worker.Session.create()).view()];
        for (const array of results.flatMap(arraysIn)) {
          check.ok(array.buffer instanceof ArrayBuffer, 'not shared');
          check.equal(array.buffer.byteLength, array.byteLength, 'a buffer of its own');
        }
        const here = await la.System.create('pendulum');
        check.equal(results[7], here.typicalState());
        here.close();
        // Arguments are copied: they are still there, and only the part that was given counts.
        const many = Float64Array.of(9, 1, 0, 9);
        check.equal(await system.energy(many.subarray(1, 3)), await system.energy([1, 0]));
        check.equal(many, Float64Array.of(9, 1, 0, 9));
      });
    },
  },
  {
    name: 'objects made and closed in the worker are gone there',
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const objects = [];
        for (let i = 0; i < 5; ++i) {
          const { system, data, model } = await make(worker);
          objects.push(system, data, model, await worker.Session.create('models=hnn:4:tanh'));
        }
        check.equal((await worker.memory()).objects, 20);
        await Promise.all(objects.map((object) => object.close()));
        check.equal((await worker.memory()).objects, 0);
        const [{ closed }, again] = objects;
        check.ok(closed, 'and say so');
        await again.close();
        await check.refused('closed', () => objects[0].energy([1, 0]), /closed/);
        await check.refused('closed', () => worker.Model.create({ system: objects[0] }), /system is closed/);
      });
    },
  },
  {
    name: 'errors of the worker have the code, message and kind of those here',
    async run({ la, check, host }) {
      await withWorker(host, async (worker) => {
        const here = await make(la), there = await make(worker);
        const calls = [
          (of) => of.System.create('pendulums'), (of) => of.System.create('pendulum', { lenght: 1 }),
          (of) => of.Model.create({ kinds: 'hnn' }), (of) => of.Model.load(new Uint8Array(9)),
          (of) => of.Dataset.fromCsv('a,b\n1'), (of) => of.Session.create('lr=x'), (of) => of.Model.create(5),
          (of, { system }) => system.rollout([1], [0, 1]), (of, { model }) => model.setTheta([NaN]),
          (of, { model }) => model.energy('abc'), (of, { model, data }) => model.train(data, { stesp: 1 }),
          (of, { model, data }) => model.train(data, { onProgress: 5 }), (of, { model }) => model.train(),
          (of, { model, data }) => model.train(data, { signal: {} }),
        ];
        for (const call of calls) {
          let expected;
          try {
            await call(la, here);
          } catch (error) {
            expected = error;
          }
          check.ok(expected instanceof la.LeastActionError, `${call} fails here`);
          const error = await check.refused(expected.code, () => call(worker, there));
          check.equal(error.message, expected.message, String(call));
        }
        check.equal(there.model.training, false, 'a refused training is none');
        await here.close();
      });
    },
  },
  {
    name: 'objects of this thread or of another worker, and what cannot be sent, are refused',
    async run({ la, check, host }) {
      await withWorker(host, (worker) => withWorker(host, async (other) => {
        const here = await make(la), there = await make(worker), elsewhere = await make(other);
        await check.refused('wrong-type', () => there.model.loss(here.data), /of this thread.*worker/s);
        await check.refused('wrong-type', () => there.model.train(here.data), /of this thread/);
        await check.refused('wrong-type', () => worker.Model.create({ system: here.system }), /system.*of this thread/);
        await check.refused('wrong-type', () => there.model.loss(elsewhere.data), /another worker/);
        await check.refused('wrong-type', () => worker.Model.create({ system: elsewhere.system }), /another worker/);
        await check.refused('wrong-type', () => there.model.energy(() => 1), /cannot be sent/);
        await check.refused('wrong-type', () => worker.Model.create({ hidden: [Symbol('s')] }), /cannot be sent/);
        const trap = new Proxy({}, { ownKeys() { throw new RangeError('trap'); } });
        await check.refused('wrong-type', () => worker.Model.create(trap), /cannot be/);
        await check.refused('wrong-type', () => there.model.loss(there.model), /data/);
        check.ok(await there.model.loss(there.data) > 0, 'and all works on');
        // By way of what they are made of:
        await here.model.train(here.data, { steps: 3 });
        const copy = await worker.Model.load(here.model.save());
        check.equal(await copy.theta(), here.model.theta());
        await here.close();
      }));
    },
  },
  {
    name: 'a session in the worker shows what one here shows',
    async run({ la, check, host }) {
      const config = { models: ['hnn:8:tanh'], trajectories: 5, samples: 8, seed: 4 };
      await withWorker(host, async (worker) => {
        const here = await la.Session.create(config), there = await worker.Session.create(config);
        check.equal(there.query, here.query);
        here.advance(20);
        await there.advance(20);
        check.equal((await there.view()).models[0].trajectory, here.view().models[0].trajectory);
        check.equal(await there.configure('seed=8'), here.configure('seed=8'));
        check.equal(there.query, here.query, 'the query after configure');
        here.close();
      });
    },
  },
  {
    name: 'closing the worker ends what is under way and everything after',
    async run({ check, host }) {
      const worker = await host.startWorker();
      const { model, data, system } = await make(worker);
      const run = model.train(data, { steps: 1e6 });
      const waiting = check.refused('closed', () => run, /worker is closed/);
      await model.energy([0, 0]);
      await worker.close();
      await waiting;
      check.equal(model.training, false);
      await check.refused('closed', () => system.energy([0, 0]));
      await check.refused('closed', () => model.train(data));
      await check.refused('closed', () => worker.memory());
      await system.close();
      await worker.close();
      if (Symbol.asyncDispose) check.equal(typeof worker[Symbol.asyncDispose], 'function');
    },
  },
  {
    name: 'a worker that cannot be had is unavailable, and says why',
    async run({ check, host }) {
      const { startWorker } = host;
      await check.refused('unknown-option', () => startWorker({ wsam: 'x' }), /wsam.*wasm/);
      await check.refused('wrong-type', () => startWorker(5), /options/);
      await check.refused('wrong-type', () => startWorker({ worker: 5 }), /worker/);
      await check.refused('wrong-type', () => startWorker({ worker: () => ({}) }), /worker/);
      await check.refused('wrong-type', () => startWorker({ locateFile: 5 }), /locateFile/);
      await check.refused(['invalid-argument', 'wrong-type'], () => startWorker({ threads: 'many' }), /threads/);
      await check.refused('unavailable', () => startWorker({ wasm: new Uint8Array(64) }), /WebAssembly/);
      const other = impostor({ message: { data: { hello: 'world' } } });
      await check.refused('unavailable', () => startWorker({ worker: () => other }), /worker_host\.mjs/);
      check.ok(other.isEnded, 'it is ended');
      const broken = impostor({ error: { message: 'boom' } });
      await check.refused('unavailable', () => startWorker({ worker: () => broken }), /boom/);
    },
  },
  {
    name: 'an object that was forgotten here is freed in the worker',
    skip: ({ host }) => skip({ host }) ?? (typeof globalThis.gc === 'function' ? undefined : 'needs --expose-gc'),
    async run({ check, host }) {
      await withWorker(host, async (worker) => {
        const kept = await worker.System.create('spring');
        for (let i = 0; i < 20; ++i) await worker.System.create('pendulum');
        for (let i = 0; i < 50 && (await worker.memory()).objects > 1; ++i) {
          globalThis.gc();
          await sleep(10);
        }
        check.ok((await worker.memory()).objects <= 2, 'the forgotten ones are gone');
        check.equal((await kept.energy([0, 0])).length, 1);
      });
    },
  },
];

export const cases = rows.map((row) => ({ skip, ...row }));
