// Objects hold memory until they are closed, and only then is it gone for them.

export const cases = [
  {
    name: 'every object counts until it is closed, however often it is',
    async run({ la, check }) {
      const before = la.memory().objects;
      const system = await la.System.create('pendulum');
      const data = system.sample({ trajectories: 3, samples: 5 });
      const more = [system, data, data.inChart('velocity', system), await la.Dataset.fromCsv(data.toCsv()),
        await la.Model.create({ system, hidden: [4] }), await la.Session.create({ models: 'hnn:4:tanh' })];
      more.push(await la.Model.load(more[4].save()));
      check.equal(la.memory().objects, before + 7);
      check.ok(la.memory().bytes > 1e6);
      more.forEach((object, i) => {
        check.equal(object.closed, false);
        object.close();
        object.close();
        check.equal(object.closed, true);
        check.equal(la.memory().objects, before + 6 - i);
      });
    },
  },
  {
    name: 'a creation that fails leaves nothing open',
    async run({ la, check }) {
      const { objects } = la.memory();
      const model = await la.Model.create({ hidden: [4] });
      const file = model.toSafetensors(), saved = model.save();
      model.close();
      for (const work of [
        () => la.System.create('none'), () => la.System.create('pendulum', { length: 1e9 }),
        () => la.Dataset.create({ train: [{ times: [0, 0], states: [0, 0, 0, 0] }] }),
        () => la.Dataset.fromCsv('x'),
        () => la.Model.create({ activation: 'none' }), () => la.Model.load(saved.subarray(0, 50)),
        () => la.Model.fromSafetensors(file.subarray(0, file.length - 8)),
        () => la.Session.open(new Uint8Array(9)),
        () => la.Session.create({ lr: -1 }),
      ]) await check.refused(['invalid-argument', 'bad-file', 'bad-config', 'wrong-type'], work);
      check.equal(la.memory().objects, objects);
    },
  },
  {
    name: 'objects can be disposed of by the language where it can',
    skip: () => !Symbol.dispose && 'no Symbol.dispose here',
    async run({ la, check }) {
      for (const make of [() => la.System.create('spring'), () => la.Model.create({ hidden: [2] }),
        () => la.Session.create({ models: 'hnn:4:tanh' })]) {
        const object = await make();
        object[Symbol.dispose]();
        check.equal(object.closed, true);
      }
    },
  },
  {
    name: 'what an object tells of itself can be read after it is closed',
    async run({ la, check }) {
      const system = await la.System.create('duffing');
      const model = await la.Model.create({ system });
      const data = system.sample({ trajectories: 2, samples: 4, testFraction: 0 });
      [system, model, data].forEach((object) => object.close());
      check.equal([system.name, system.dimension, model.kind, model.numParameters > 0, model.training,
        data.numTrain],
        ['duffing', 2, 'hnn', true, false, 8]);
      for (const work of [() => system.typicalState(), () => model.step, () => model.theta(),
        () => data.train(), () => data.toJson(), () => model.train(data), () => system.sample()]) {
        await check.refused('closed', work, /closed/);
      }
    },
  },
  {
    name: 'closing a system or a dataset leaves what was made of it',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const data = system.sample({ trajectories: 5, samples: 10 });
      const model = await la.Model.create({ system, hidden: [8] });
      system.close();
      check.equal(data.train().length, 4);
      const training = model.train(data, { steps: 200 });
      data.close();
      check.equal((await training).status, 'finished');
      check.equal(model.rollout([1, 0], [0, 1]).status, 'reached-end');
      model.close();
    },
  },
  {
    name: 'an argument that closes the object is noticed, and nothing of it is touched',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const model = await la.Model.create({ system, hidden: [4] });
      const closing = (object) => new Proxy([1, 0], { get(list, key) {
        object.close();
        return list[key];
      } });
      await check.refused('closed', () => model.rollout(closing(model), [0, 1]));
      await check.refused('closed', () => system.energy(closing(system)));
      const other = await la.System.create('pendulum');
      await check.refused('closed', () => other.rollout([1, 0], [0, 1], { get step() {
        other.close();
        return 0.1;
      } }));
    },
  },
  {
    name: 'ten thousand objects come and go in the same memory',
    async run({ la, check }) {
      const live = async (count) => {
        for (let k = 0; k < count; ++k) {
          const model = await la.Model.create({ hidden: [8], seed: k });
          model.rollout([1, 0], [0, 0.01], { method: 'rk4' });
          model.close();
        }
      };
      await live(100);
      const before = la.memory();
      await live(10000);
      check.equal(la.memory(), before);
    },
  },
];
