// Every suite in Node, against the package as npm packs and installs it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom, installed, project, suiteNames } from './package_under_test.mjs';

const folder = project();
const la = await importFrom(installed(), 'index.mjs');
const worker = await importFrom(installed(), 'worker.mjs').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
});
const { makeCheck } = await importFrom(folder, 'harness/check.mjs');
const check = makeCheck(la);
const host = {
  name: 'node',
  threads: (await la.ready())?.threads ?? false,
  isolated: false,
  startWorker: worker?.startWorker,
  file: async (name) => new Uint8Array(await readFile(join(folder, 'files', name))),
};

for (const suite of suiteNames()) {
  const { cases } = await importFrom(folder, `suite/${suite}.mjs`);
  test(suite, async (context) => {
    for (const { name, run, skip } of cases) {
      await context.test(name, async (sub) => {
        const skipped = skip?.({ la, host });
        if (skipped) sub.skip(skipped);
        else await run({ la, check, host });
      });
    }
  });
}
