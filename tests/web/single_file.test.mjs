// The single-file variant: one module copied into an empty folder, with nothing beside it, runs
// every suite in Node and in Chromium.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, openPage, runSuites, serve } from './browser.mjs';
import { importFrom, installed, suiteNames, temporaryFolder, writeSuites } from './package_under_test.mjs';

const FILE = 'single_file.mjs';
const folder = temporaryFolder();
let browser;
before(async () => {
  assert.ok(existsSync(installed(FILE)), `the package has no ${FILE}`);
  copyFileSync(installed(FILE), join(folder, FILE));
  writeSuites(folder, { worker: false, imports: { 'least-action': `/${FILE}` } });
  browser = await launch();
});
after(() => browser?.close());

test('the single file alone, in Node', async (context) => {
  const la = await importFrom(folder, FILE);
  const { makeCheck } = await importFrom(folder, 'harness/check.mjs');
  const check = makeCheck(la);
  const host = { name: 'node', threads: (await la.ready()).threads, isolated: false, singleFile: true,
    file: async (name) => new Uint8Array(await readFile(join(folder, 'files', name))) };
  assert.equal(host.threads, false);
  for (const suite of suiteNames()) {
    for (const { name, run, skip } of (await importFrom(folder, `suite/${suite}.mjs`)).cases) {
      await context.test(`${suite}: ${name}`, async (sub) => {
        const skipped = skip?.({ la, host });
        if (skipped) sub.skip(skipped);
        else await run({ la, check, host });
      });
    }
  }
  assert.deepEqual(readdirSync(folder).filter((name) => /least_action|node_modules/.test(name)), []);
});

test('the single file alone, in a page', async (context) => {
  const server = await serve(folder, { isolated: false });
  context.after(() => server.close());
  const { page, faults, close } = await openPage(browser, `${server.url}plain.html`);
  context.after(close);
  await runSuites(context, page);
  await context.test('nothing failed to load and nothing complained', () => assert.deepEqual(faults, []));
});

test('the single file has the exports of the package', async () => {
  const [single, whole] = [await importFrom(folder, FILE), await importFrom(installed(), 'index.mjs')];
  assert.deepEqual(Object.keys(single).sort(), Object.keys(whole).sort());
});
