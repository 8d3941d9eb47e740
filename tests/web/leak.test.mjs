// 10⁵ objects come and go: closed by hand, and forgotten for the garbage collector to find. The
// memory they had is used again.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { project, run } from './package_under_test.mjs';

/**
 * What each program does to one object more; `keep` is closed at the end. Fewer objects must be
 * larger: the memory grows in leaps, and a leak that fits between two of them is not seen.
 */
const lives = ({ samples, hidden }) => `
const system = await la.System.create('pendulum');
const data = system.sample({ trajectories: 3, samples: ${samples} });
const model = await la.Model.create({ system, hidden: [${hidden}, ${hidden}] });
const file = model.save(), csv = data.toCsv();
const keep = [system, data, model];
/** One object of each way to make one, by turns. */
const lives = [
  () => la.System.create('double-pendulum'),
  () => system.sample({ trajectories: 3, samples: ${samples} }),
  () => la.Model.create({ system, hidden: [${hidden}, ${hidden}] }),
  () => la.Model.create({ kind: 'node', hidden: [${hidden}] }),
  () => la.Model.load(file),
  () => la.Dataset.fromCsv(csv),
  () => data.inChart('velocity', system),
];
const use = (object) => {
  if (object instanceof la.Dataset) object.train();
  else object.rollout(new Float64Array(object.dimension).fill(0.1), [0, 0.01], { method: 'rk4' });
};
`;

const CLOSED = `import * as la from 'least-action';
${lives({ samples: 5, hidden: 4 })}
const count = Number(process.argv[2]);
const live = async (k) => {
  const object = await lives[k % lives.length]();
  if (k % 10 < 3) use(object);
  if (k % 1000 < 7 && object instanceof la.Model) await object.train(data, { steps: 1, run: 'slices' });
  object.close();
};
for (let k = 0; k < 2000; ++k) await live(k);
const before = la.memory();
for (let k = 0; k < count; ++k) await live(k);
const after = la.memory();
for (const object of keep) object.close();
console.log(JSON.stringify({ before, after, end: la.memory() }));
`;

const FORGOTTEN = `import * as la from 'least-action';
${lives({ samples: 400, hidden: 32 })}
const count = Number(process.argv[2]);
const collect = async () => {
  for (let k = 0; k < 5; ++k) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const live = async (k) => { use(await lives[k % lives.length]()); };
const round = async () => {
  for (let k = 0; k < 1000; ++k) await live(k);
  await collect();
};
await round();
await round();
const before = la.memory();
for (let k = 0; k < count; k += 1000) await round();
const after = la.memory();
for (const object of keep) object.close();
await collect();
console.log(JSON.stringify({ before, after, end: la.memory() }));
`;

function outcome(name, program, ...args) {
  const file = join(project(), name);
  writeFileSync(file, program);
  return JSON.parse(run(project(), process.execPath, ...args.slice(0, -1), file, args.at(-1)).trim());
}

test('80 000 closed objects leave nothing behind', () => {
  const { before, after, end } = outcome('closed.mjs', CLOSED, '80000');
  assert.equal(before.objects, 3);
  assert.equal(after.objects, 3);
  assert.equal(end.objects, 0);
  assert.ok(after.bytes - before.bytes <= 1 << 20, `${after.bytes - before.bytes} bytes more`);
});

test('20 000 forgotten objects are found by the garbage collector', () => {
  const { before, after, end } = outcome('forgotten.mjs', FORGOTTEN, '--expose-gc', '20000');
  // The collector may keep a few for a while.
  assert.ok(before.objects < 500 && after.objects < 500, `${before.objects}, ${after.objects}`);
  assert.ok(end.objects < 50, `${end.objects} objects`);
  assert.ok(after.bytes - before.bytes <= 8 << 20, `${after.bytes - before.bytes} bytes more`);
});
