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

// Oracle: each other. Whether θ comes from slices without threads, from slices beside threads or
// from a thread: the same code computes it.
test('training gives the same numbers in every kind of page, in slices and on a thread', async (context) => {
  const thetas = {};
  for (const isolated of [false, true]) {
    const server = await serve(project(), { isolated });
    context.after(() => server.close());
    const { page, close } = await openPage(browser, `${server.url}plain.html`);
    context.after(close);
    for (const run of isolated ? ['slices', 'thread'] : ['slices']) {
      thetas[`${isolated ? 'isolated' : 'plain'}, ${run}`] = await page.evaluate(async (way) => {
        const { la } = window.suites;
        const system = await la.System.create('double-pendulum');
        const data = system.sample({ trajectories: 10, samples: 20, seed: 4, chart: 'velocity' });
        const model = await la.Model.create(
          { system, kind: 'lnn', activation: 'softplus', hidden: [24, 24], seed: 4 });
        const { status } = await model.train(data, { steps: 120, batchSize: 50, run: way });
        return [status, ...model.theta()];
      }, run);
    }
  }
  const [first, ...others] = Object.keys(thetas);
  assert.equal(thetas[first][0], 'finished');
  assert.ok(thetas[first].length > 700);
  for (const other of others) assert.deepEqual(thetas[other], thetas[first], `${other} and ${first}`);
});

test('an abort is heard while the script of the thread is still loading', async (context) => {
  const server = await serve(project(), { isolated: true });
  context.after(() => server.close());
  const { page, close } = await openPage(browser, `${server.url}plain.html`);
  context.after(close);
  const result = await page.evaluate(async () => {
    const { la } = window.suites;
    window.Worker = class { postMessage() {} terminate() {} };  // never loaded
    const system = await la.System.create('pendulum');
    const model = await la.Model.create({ system });
    const stop = new AbortController();
    const run = model.train(system.sample(), { run: 'thread', signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    const late = new Promise((resolve) => { setTimeout(resolve, 5000, { status: 'not heard' }); });
    const { status, step } = await Promise.race([run, late]);
    return [status, step, model.training];
  });
  assert.deepEqual(result, ['aborted', 0, false]);
});

test('a page goes on drawing while a model trains in slices', async (context) => {
  const server = await serve(project(), { isolated: false });
  context.after(() => server.close());
  const { page, close } = await openPage(browser, `${server.url}plain.html`);
  context.after(close);
  const { frames, longest, status } = await page.evaluate(async () => {
    const { la } = window.suites;
    const system = await la.System.create('pendulum');
    const data = system.sample();
    const model = await la.Model.create({ system, hidden: [64, 64] });
    let frames = 0, longest = 0, last = performance.now(), going = true;
    const draw = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      ++frames;
      if (going) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    const { status } = await model.train(data, { steps: 1e6, milliseconds: 1500, run: 'slices' });
    going = false;
    return { frames, longest, status };
  });
  assert.equal(status, 'out-of-time');
  // Ten slices' worth of frames at the least; a machine that others use too may lose many.
  assert.ok(frames >= 10, `${frames} frames`);
  assert.ok(longest < 700, `${longest} ms between two frames`);
});
