// The examples, on the packed and installed package as a reader would run them: Node's are run, pages
// are opened in Chromium, and what they show is judged. SCREENSHOTS=FOLDER keeps pictures of the pages.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, serve } from './browser.mjs';
import { faultsOf } from './declared.mjs';
import { importFrom, installed, repository, run, temporaryFolder } from './package_under_test.mjs';

// A folder of their own, with the package installed: where a reader would copy them.
const folder = temporaryFolder();
const sources = join(repository, 'web/examples');
const files = readdirSync(sources);
writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
cpSync(installed(), join(folder, 'node_modules/least-action'), { recursive: true });
cpSync(sources, folder, { recursive: true });
const la = await importFrom(installed(), 'index.mjs');

// Bounds: what was measured is behind them. Over ten seeds of data and parameters the drift was 0.04 … 0.12 J
// for Hamiltonian networks and 0.15 … 1.7 J for plain ones.
const LOSS = 2e-3;       // 6.3e-4
const DRIFT = 0.2;       // 0.075 J
const PLAIN = 3;         // times as much: 8.8
const FORECAST = 0.06;   // of the motion's size: 0.014

// --- Node --------------------------------------------------------------------------------------

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? assert.fail(`no ${pattern} in: ${text}`));

test('15 lines train a Hamiltonian network, which keeps its energy where a plain one does not', async () => {
  const code = readFileSync(join(sources, 'train_hnn.mjs'), 'utf8').split('\n')
    .filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  assert.ok(code.length <= 15, `${code.length} lines of code`);

  const output = run(folder, 'node', 'train_hnn.mjs');
  const loss = number(output, /test loss (\S+)/), drift = number(output, /drifts by at most (\S+) J/);

  // The same with a neural ODE: nothing in it knows of an energy.
  const pendulum = await la.System.create('pendulum');
  const data = pendulum.sample({ trajectories: 25, noise: 0.01 });
  const plain = await la.Model.create({ kind: 'node', system: pendulum });
  await plain.train(data, { steps: 2000, schedule: 'cosine' });
  const { states } = plain.rollout([1.5, 0], Array.from({ length: 201 }, (_, i) => i / 10));
  const energy = pendulum.energy(states);
  const lost = Math.max(...energy.map((each) => Math.abs(each - energy[0])));
  for (const object of [plain, data, pendulum]) object.close();

  assert.ok(loss > 0 && loss < LOSS, `test loss ${loss}`);
  assert.ok(drift > 0 && drift < DRIFT, `the Hamiltonian network's energy drifts by ${drift} J`);
  assert.ok(lost > PLAIN * drift, `the plain network's by ${lost} J`);
});

test('the measured motion is what its stated command prints', () => {
  assert.equal(run(folder, 'node', 'measure.mjs'), readFileSync(join(sources, 'measured.csv'), 'utf8'));
});

test('a forecast from measurements follows the motion that was not measured', async () => {
  assert.match(run(folder, 'node', 'forecast.mjs'), /wrote 201 states to forecast\.csv/);
  const { rows, values: { t, q, p } } = la.readCsv(readFileSync(join(folder, 'forecast.csv'), 'utf8'));
  assert.equal(rows, 201);

  // The same seed without noise is the motion itself; its start tells the rest of it.
  const pendulum = await la.System.create('pendulum');
  const data = pendulum.sample({ trajectories: 1, samples: 401, duration: 20, testFraction: 0, seed: 4 });
  const truth = pendulum.rollout(data.train()[0].states.subarray(0, 2), [0, ...t]).states.subarray(2);
  const off = t.map((_, i) => Math.hypot(q[i] - truth[2 * i], p[i] - truth[2 * i + 1]));
  const size = Math.max(...t.map((_, i) => Math.hypot(truth[2 * i], truth[2 * i + 1])));
  for (const object of [data, pendulum]) object.close();
  assert.ok(Math.max(...off) < FORECAST * size, `off by up to ${Math.max(...off)} of ${size}`);
});

// --- Types -------------------------------------------------------------------------------------

test('tsc --strict has nothing to say about the examples for Node', () => {
  const node = join(folder, 'node.d.ts');
  cpSync(join(repository, 'tests/web/types/node.d.ts'), node);
  const programs = files.filter((name) => name.endsWith('.mjs')).map((name) => join(folder, name));
  assert.deepEqual(faultsOf([...programs, node], 'nodenext'), []);
});

test('tsc has nothing to say about the scripts of the pages', () => {
  // Not strictly: a page knows which of its elements are there.
  for (const page of files.filter((name) => name.endsWith('.html'))) {
    const script = /<script type="module">(.*)<\/script>/s.exec(readFileSync(join(sources, page), 'utf8'))[1];
    const file = join(folder, page.replace('.html', '_script.mjs'));
    writeFileSync(file, script);
    assert.deepEqual(faultsOf([file], 'bundler', { strict: false, exactOptionalPropertyTypes: false }), []);
  }
});

// --- Pages -------------------------------------------------------------------------------------

const SCREENS = {
  desktop: { viewport: { width: 1000, height: 900 }, deviceScaleFactor: 1 },
  sharp: { viewport: { width: 1000, height: 900 }, deviceScaleFactor: 2, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true },
};

let browser, server;
before(async () => {
  browser = await launch();
  server = await serve(folder, { isolated: false });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens a page of the examples; `quiet` asserts that nothing complained. */
async function open(context, name, screen) {
  const opened = await browser.newContext(SCREENS[screen]);
  context.after(() => opened.close());
  const page = await opened.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`page error: ${error}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  await page.goto(`${server.url}${name}`);
  return { page, quiet: () => assert.deepEqual(faults, []) };
}
const PATIENCE = { timeout: 120_000 };
const state = (page, wanted) => page.waitForSelector(`body[data-state="${wanted}"]`, PATIENCE);

async function picture(page, name) {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** What there is to see of the canvas: its size, that of its pixels, how many colours, its description. */
function look(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    const { width, height } = canvas.getBoundingClientRect();
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return {
      width, height, pixels: [canvas.width, canvas.height], ratio: devicePixelRatio,
      colours: new Set(new Uint32Array(data.buffer)).size,
      tooWide: document.documentElement.scrollWidth > innerWidth,
      label: canvas.getAttribute('aria-label'),
      described: document.getElementById(canvas.getAttribute('aria-describedby'))?.textContent,
    };
  });
}

function assertCrisp(seen) {
  assert.deepEqual(seen.pixels, [Math.round(seen.width * seen.ratio), Math.round(seen.height * seen.ratio)]);
  assert.equal(seen.tooWide, false, 'the page is wider than its window');
  assert.ok(seen.label.length > 10);
}

for (const screen of Object.keys(SCREENS)) {
  test(`a bare page trains and draws a phase portrait (${screen})`, async (context) => {
    const { page, quiet } = await open(context, 'canvas.html', screen);
    await state(page, 'finished');
    const seen = await look(page);
    assertCrisp(seen);
    assert.ok(seen.colours > 50, `${seen.colours} colours`);
    assert.equal(number(seen.described, /Step (\d+) of 3000/), 3000);
    assert.ok(number(seen.described, /test loss (\S+)\./) < 0.05, seen.described);
    await picture(page, `canvas-${screen}`);
    quiet();
  });

  test(`a worker trains, shows its progress and is cancelled (${screen})`, async (context) => {
    const { page, quiet } = await open(context, 'worker.html', screen);
    await state(page, 'ready');
    await page.click('#start');
    await page.waitForFunction(() => document.querySelector('progress').value > 0.02, undefined, PATIENCE);
    await page.click('#cancel');
    await state(page, 'aborted');
    const stopped = await page.textContent('#status');
    const step = number(stopped, /Cancelled after (\d+) steps/);
    assert.ok(step > 0 && step < 3000, stopped);
    // What was learned stays: training goes on from there.
    await page.click('#start');
    await page.waitForFunction((before) => {
      const now = /Step (\d+)/.exec(document.querySelector('#status').textContent)?.[1];
      return Number(now) > before;
    }, step, PATIENCE);
    if (screen === 'desktop') {
      await state(page, 'finished');
      assert.equal(await page.evaluate(() => document.querySelector('progress').value), 1);
      assert.ok(number(await page.textContent('#status'), /Test loss (\S+)\./) < 0.1);
    }
    await picture(page, `worker-${screen}`);
    if (screen !== 'desktop') {
      await page.click('#cancel');
      await state(page, 'aborted');
    }
    assertCrisp(await look(page));
    quiet();
  });
}
