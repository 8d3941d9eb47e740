// A Vite project with the package among its dependencies and no configuration at all: built and
// served as plain files, and by Vite's development server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openPage, runSuites, serve } from './browser.mjs';
import { project, run } from './package_under_test.mjs';

const vite = fileURLToPath(new URL('node_modules/vite/bin/vite.js', import.meta.url));
const folder = project();
const dist = join(folder, 'dist');

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** A page's cases, what it loaded, and whether training runs where it should. */
async function tryPage(context, url, isolated) {
  const { page, faults, close } = await openPage(browser, url);
  context.after(close);
  await context.test(isolated ? 'has threads' : 'has no threads', async () => {
    assert.equal(await page.evaluate(async () => (await window.suites.host()).threads), isolated);
  });
  await runSuites(context, page, (suite) => !suite.endsWith('errors'));
  await context.test('nothing failed to load and nothing complained', () => assert.deepEqual(faults, []));
}

test('vite build', async (context) => {
  run(folder, process.execPath, vite, 'build', '--logLevel', 'warn', '--emptyOutDir');
  const wasm = readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.wasm'));
  assert.equal(wasm.length, 1, `${wasm}`);
  assert.ok(!existsSync(join(dist, 'node_modules')));
  for (const isolated of [false, true]) {
    await context.test(isolated ? 'served with isolation headers' : 'served as plain files', async (sub) => {
      const server = await serve(dist, { isolated });
      sub.after(() => server.close());
      await tryPage(sub, server.url, isolated);
    });
  }
});

test("vite's development server", async (context) => {
  const server = spawn(process.execPath, [vite, '--port', '0', '--host', '127.0.0.1'],
    { cwd: folder, env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    server.stdout.on('data', (text) => {
      said += text;
      const [found] = said.match(/http:\/\/[\d.]+:\d+\//) ?? [];
      if (found) resolve(found);
    });
    server.once('exit', () => reject(new Error(`vite ended: ${said}`)));
  });
  await tryPage(context, url, false);
});
