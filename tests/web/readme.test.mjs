// The JavaScript of the package's README: the quick start is the example that is tested, and every
// block runs and satisfies the compiler.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultsOf } from './declared.mjs';
import { importFrom, installed, project, repository, run } from './package_under_test.mjs';

const text = readFileSync(join(repository, 'web/README.md'), 'utf8');
const folder = join(project(), 'readme');
mkdirSync(folder, { recursive: true });
const la = await importFrom(installed(), 'index.mjs');

/** Code without what comes before it in comments. */
const body = (path) => readFileSync(join(repository, 'web', path), 'utf8').replace(/^(\/\/.*\n)+/, '').trim();

// What the prose around a block speaks of. Blocks that import are whole programs.
const GIVEN = `import { ${Object.keys(la).join(', ')} } from 'least-action';
const system = await System.create('pendulum');
const data = system.sample({ trajectories: 6, samples: 10 });
const model = await Model.create({ system, hidden: [8] });
`;
const blocks = [...text.matchAll(/^```(js|ts)\n(.*?)^```/gms)].map(([, language, code], i) => {
  const program = /^import /m.test(code) ? code : `${GIVEN}{\n${code}}\n`;
  const file = join(folder, `block_${i + 1}.${language === 'js' ? 'mjs' : 'mts'}`);
  writeFileSync(file, program);
  return { file, language, title: `block ${i + 1}: ${code.split('\n')[0]}` };
});

test('the quick start is the example', () => {
  const same = [...text.matchAll(/<!-- same as (\S+) -->\n```js\n(.*?)```/gs)];
  assert.ok(same.length > 0);
  for (const [, path, code] of same) assert.equal(code.trim(), body(path), path);
});

test('every block of JavaScript runs', async (context) => {
  assert.ok(blocks.length > 8);
  for (const { file, title } of blocks.filter(({ language }) => language === 'js')) {
    await context.test(title, () => { run(folder, 'node', file); });
  }
});

test('every block satisfies the compiler', () => {
  assert.deepEqual(faultsOf(blocks.map(({ file }) => file), 'nodenext'), []);
});

test('the README is no longer than a person reads, and links lead somewhere', () => {
  assert.ok(text.split('\n').length <= 500);
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)]
    .map(([, title]) => title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
  for (const [, anchor] of text.matchAll(/\]\(#([^)]*)\)/g)) assert.ok(anchors.includes(anchor), anchor);
});

test('the tables name every option of training and of roll-outs, with its default', async () => {
  const { OPTION_TABLES } = await importFrom(installed(), 'options.mjs');
  const section = (title) => text.slice(text.indexOf(`\n## ${title}\n`)).split(/\n## /)[1];
  for (const [title, table] of [['Training', 'TrainOptions'], ['Roll-outs', 'RolloutOptions']]) {
    const said = new Map();
    for (const [, keys, values] of section(title).matchAll(/^\| (`[^|]*) \| *([^|]*?) *\|/gm)) {
      const defaults = values.split(',').map((each) => each.trim().replaceAll('`', ''));
      keys.split(', ').forEach((key, i) => said.set(key.replaceAll('`', ''), defaults[i]));
    }
    const { names, rows } = OPTION_TABLES[table];
    assert.deepEqual([...said.keys()].sort(), [...names].sort(), title);
    for (const [key, value] of said) {
      const [, fallback] = rows.get(key);
      if (fallback === undefined) assert.equal(value, '', key);
      else assert.equal(value === '10⁶' ? 1e6 : JSON.parse(value.replaceAll("'", '"')), fallback, key);
    }
  }
});
