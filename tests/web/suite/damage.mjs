// Files that are cut off or changed, and requests too large for any machine: refused, quickly and
// without harm.

/** Saved files, with what reads them and whether every change of a byte must be seen. */
async function files(la) {
  const system = await la.System.create('pendulum');
  const data = system.sample({ trajectories: 2, samples: 4 });
  const model = await la.Model.create({ system, hidden: [3] });
  await model.train(data, { steps: 3 });
  const encode = (text) => new TextEncoder().encode(text);
  const decode = (bytes) => new TextDecoder().decode(bytes);
  const csv = encode(data.toCsv()), json = encode(JSON.stringify(data.toJson()));
  const made = [
    { name: 'a saved model', bytes: model.save(), read: (b) => la.Model.load(b), sealed: true },
    { name: 'a .safetensors file', bytes: model.toSafetensors(), read: (b) => la.Model.fromSafetensors(b) },
    { name: 'a .npy file', bytes: la.writeNpy([1, 2, 3, 4, 5, 6], [2, 3]), read: (b) => la.readNpy(b) },
    { name: "a dataset's CSV", bytes: csv, read: (b) => la.Dataset.fromCsv(decode(b)), text: true },
    { name: "a dataset's JSON", bytes: json, read: (b) => la.Dataset.fromJson(decode(b)), text: true },
  ];
  for (const object of [system, data, model]) object.close();
  return made;
}

/** Reads; true if that gave an object. Anything thrown but 'bad-file' fails. */
async function survives(la, read, bytes, what) {
  try {
    const object = await read(bytes);
    if (object instanceof la.Model && !object.theta().every(Number.isFinite)) {
      throw new Error(`${what}: θ is not finite`);
    }
    object.close?.();
    return true;
  } catch (error) {
    if (error instanceof la.LeastActionError && error.code === 'bad-file') return false;
    throw new Error(`${what}: ${error.code ?? ''} ${error.stack ?? error}`);
  }
}

const absurd = [
  ['hidden: [1e9]', 'Model', { hidden: [1e9] }],
  ['hidden: [2³¹ − 1]', 'Model', { hidden: [2 ** 31 - 1, 2 ** 31 - 1] }],
  ['hidden: [65536, 65536]', 'Model', { hidden: [65536, 65536] }],
  ['hidden: 10⁵ layers', 'Model', { hidden: Array(1e5).fill(1000) }],
  ['blocks: 10⁹', 'Model', { kind: 'resnet', blocks: 1e9 }],
  ['degreesOfFreedom: 10⁹', 'Model', { degreesOfFreedom: 1e9 }],
  ['degreesOfFreedom: 10⁵, a Lagrangian', 'Model', { kind: 'lnn', degreesOfFreedom: 1e5 }],
  ['trajectories: 10¹²', 'sample', { trajectories: 1e12 }],
  ['trajectories: 2³¹ − 1', 'sample', { trajectories: 2 ** 31 - 1 }],
  ['samples: 2³¹ − 1', 'sample', { samples: 2 ** 31 - 1 }],
  ['65536 × 65536 samples', 'sample', { trajectories: 65536, samples: 65536 }],
  ['columns: 10⁹', 'grid', { columns: 1e9 }],
  ['65536 × 65536 nodes', 'grid', { columns: 65536, rows: 65536 }],
  ['512 × 512 nodes of 512 components', 'largeGrid', { columns: 512, rows: 512 }],
  ['substeps: 10⁹', 'loss', { loss: 'trajectory', substeps: 1e9 }],
  ['segmentLength: 2³¹ − 1', 'loss', { loss: 'trajectory', segmentLength: 2 ** 31 - 1 }],
  ['batchSize: 2³¹ − 1', 'train', { batchSize: 2 ** 31 - 1 }],
  ['segmentLength: 2³¹ − 1, trained', 'train', { loss: 'trajectory', segmentLength: 2 ** 31 - 1 }],
];

export const cases = [
  {
    name: 'a file cut off at any length is refused',
    async run({ la, check }) {
      for (const { name, bytes, read, text } of await files(la)) {
        check.ok(await survives(la, read, bytes, name), `${name} itself`);
        for (let length = 0; length < bytes.length; ++length) {
          const what = `${name}, ${length} of ${bytes.length} bytes`;
          const whole = await survives(la, read, bytes.slice(0, length), what);
          if (!text) check.ok(!whole, `${what}: was read`);
        }
        const longer = Uint8Array.of(...bytes, 0);
        if (!text) check.ok(!await survives(la, read, longer, name), `${name} with a byte too many`);
      }
    },
  },
  {
    name: 'a file with a changed byte is refused, or holds other numbers',
    async run({ la, check }) {
      for (const { name, bytes, read, sealed } of await files(la)) {
        for (let at = 0; at < bytes.length; ++at) {
          for (const flip of [1 << (at % 8), 0xff]) {
            const changed = bytes.slice();
            changed[at] ^= flip;
            const what = `${name}, byte ${at} of ${bytes.length} changed by ${flip}`;
            const whole = await survives(la, read, changed, what);
            if (sealed) check.ok(!whole, `${what}: was read`);
          }
        }
      }
    },
  },
  {
    name: 'files of zeros, of one byte over and over, and of another kind are refused',
    async run({ la, check }) {
      const all = await files(la);
      for (const { name, read } of all) {
        for (const value of [0, 1, 127, 128, 255]) {
          for (const length of [1, 7, 8, 9, 64, 1000]) {
            const what = `${name} of ${length} bytes ${value}`;
            check.ok(!await survives(la, read, new Uint8Array(length).fill(value), what), what);
          }
        }
        for (const other of all.filter((each) => each.read !== read)) {
          const what = `${name} from ${other.name}`;
          check.ok(!await survives(la, read, other.bytes, what), what);
        }
      }
    },
  },
  {
    name: 'files, texts and names larger than any machine needs are refused before they cross',
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const model = await la.Model.create({ system, hidden: [4] });
      const session = await la.Session.create();
      const before = la.memory().bytes;
      const file = new Uint8Array(2 ** 29 + 1), text = 'x'.repeat(2 ** 24);
      await check.refused('invalid-argument', () => la.Model.load(file), /^file has 536870913 bytes/);
      await check.refused('invalid-argument', () => la.Session.open(file), /^file has/);
      await check.refused('invalid-argument', () => session.load(file), /^file has/);
      await check.refused('invalid-argument', () => la.Session.create(text), /^config has 16777216 characters/);
      await check.refused('invalid-argument', () => session.configure({ p: { [text]: 1 } }), /^config has/);
      await check.refused('invalid-argument', () => la.System.create(text), /^name has/);
      await check.refused('invalid-argument', () => la.System.create('pendulum', { [text]: 1 }), /characters/);
      await check.refused('invalid-argument', () => la.Model.create({ kind: text }), /^kind has/);
      await check.refused('invalid-argument', () => model.rollout([1, 0], [0, 1], { method: text }), /^method has/);
      check.equal(la.memory().bytes, before);
      for (const object of [system, model, session]) object.close();
    },
  },
  ...absurd.map(([title, call, options]) => ({
    name: `${title} is refused, or done within reason`,
    async run({ la, check }) {
      const system = await la.System.create('pendulum');
      const data = system.sample({ trajectories: 3, samples: 5 });
      const model = await la.Model.create({ system, hidden: [4] });
      const before = la.memory().bytes;
      try {
        const result = await {
          Model: () => la.Model.create(options), sample: () => system.sample(options),
          grid: () => model.grid(options), largeGrid: async () => (await la.Model.create({
            degreesOfFreedom: 256, hidden: [1] })).grid(options),
          loss: () => model.loss(data, options),
          train: () => model.train(data, { steps: 1, ...options }),
        }[call]();
        result?.close?.();
      } catch (error) {
        check.ok(error instanceof la.LeastActionError, `${error}`);
        check.ok(['wrong-type', 'invalid-argument'].includes(error.code), `${error.code}: ${error.message}`);
        check.ok(error.message.length < 500);
      }
      check.ok(la.memory().bytes - before < 300e6, `memory grew by ${la.memory().bytes - before} bytes`);
      check.equal(model.rollout([1, 0], [0, 0.1]).status, 'reached-end');
      for (const object of [system, data, model]) object.close();
    },
  })),
];
