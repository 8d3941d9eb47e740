// The README's JavaScript, against the package as npm packs and installs it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('the quick start runs against the packed and installed package', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'least-action-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = (command, ...args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8' });
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  const tarball = run('npm', 'pack', '--silent', join(root, 'build/web/package')).trim();
  run('npm', 'install', '--silent', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  copyFileSync(join(root, 'tests/docs/quick_start.mjs'), join(folder, 'quick_start.mjs'));

  const output = run('node', 'quick_start.mjs');
  const losses = [...output.matchAll(/test loss (\S+),/g)].map((match) => Number(match[1]));
  assert.equal(losses.length, 2, output);
  for (const loss of losses) assert.ok(loss > 0 && loss < 0.1, output);
  assert.match(output, /q\(3 s\) = -?\d/);
});
