// Chromium for the package's tests: pages that collect what went wrong in them, and suites run in
// a page as subtests here.
import assert from 'node:assert/strict';
import { launch, PATIENCE } from '../page/playground_page.mjs';

export { serve } from '../../shell/page/serve.mjs';
export { launch };

/** Opens an address; `faults` collects errors of scripts and console, and requests that failed. */
export async function openPage(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const faults = [];
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => faults.push(`page error: ${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url);
  try {
    await page.waitForFunction(() => window.suites !== undefined, undefined, { timeout: PATIENCE });
  } catch (cause) {
    throw new Error(`the page never got ready: ${faults.join('; ')}`, { cause });
  }
  return { page, faults, close: () => context.close() };
}

/** Runs the page's cases, each a subtest; `wanted(suite)` chooses suites. */
export async function runSuites(context, page, wanted = () => true) {
  const suites = await page.evaluate(() => window.suites.list());
  for (const [suite, names] of Object.entries(suites).filter(([name]) => wanted(name))) {
    for (const [index, name] of names.entries()) {
      await context.test(`${suite}: ${name}`, async (sub) => {
        const { error, skipped } = await page.evaluate(([s, i]) => window.suites.run(s, i), [suite, index]);
        if (skipped) sub.skip(skipped);
        else assert.equal(error, undefined, error);
      });
    }
  }
}
