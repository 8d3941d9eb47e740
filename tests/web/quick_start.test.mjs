// The README's JavaScript, against the package as npm packs and installs it.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { project, repository, run } from './package_under_test.mjs';

test('the quick start runs against the packed and installed package', () => {
  copyFileSync(join(repository, 'tests/docs/quick_start.mjs'), join(project(), 'quick_start.mjs'));
  const output = run(project(), 'node', 'quick_start.mjs');
  const losses = [...output.matchAll(/test loss (\S+),/g)].map((match) => Number(match[1]));
  assert.equal(losses.length, 2, output);
  for (const loss of losses) assert.ok(loss > 0 && loss < 0.1, output);
  assert.match(output, /q\(3 s\) = -?\d/);
});
