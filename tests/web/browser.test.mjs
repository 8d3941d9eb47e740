// Every suite in Chromium, from a plain static server with an import map: without and with the
// headers of cross-origin isolation, that is without and with threads. The numbers are the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, runSuites, serve } from './browser.mjs';
import { project } from './package_under_test.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

for (const isolated of [false, true]) {
  test(isolated ? 'an isolated page' : 'a page without isolation', async (context) => {
    const server = await serve(project(), { isolated });
    context.after(() => server.close());
    const { page, faults, close } = await openPage(browser, `${server.url}plain.html`);
    context.after(close);
    await context.test(isolated ? 'has threads' : 'has no threads', async () => {
      const host = await page.evaluate(async () => {
        const { threads, isolated } = await window.suites.host();
        return { threads, isolated };
      });
      assert.deepEqual(host, { threads: isolated, isolated });
    });
    await runSuites(context, page);
    await context.test('nothing failed to load and nothing complained', () => assert.deepEqual(faults, []));
  });
}
