#!/usr/bin/env node
// Figures of the JavaScript package as npm packs and installs it, each beside the limit it has to
// keep: sizes, loading, the overhead of a call, training against the bare WebAssembly loop, and how
// fast an abort is heard. Medians; nothing here is a test.
//
// usage: web.mjs [--no-browser]      (./dev bench web builds the package first)
// LEAST_ACTION_PACKAGE names another folder than build/web/package.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const args = process.argv.slice(2);
const { importFrom, installed, project } = await import('../tests/web/package_under_test.mjs');

const median = (values) => values.slice().sort((a, b) => a - b)[values.length >> 1];
const row = (name, value, limit = '') => console.log(`  ${name.padEnd(58)} ${value.padStart(16)}  ${limit}`);
const milliseconds = (value, digits = 1) => `${value.toFixed(digits)} ms`;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

function sizes() {
  console.log('Size: bytes, and after gzip -9');
  const folder = installed();
  const packed = new Map();
  let raw = 0, zipped = 0;
  for (const name of readdirSync(folder).sort()) {
    const bytes = readFileSync(join(folder, name));
    packed.set(name, gzipSync(bytes, { level: 9 }).length);
    raw += bytes.length;
    zipped += packed.get(name);
    if (bytes.length > 20_000) row(name, kilobytes(bytes.length), kilobytes(packed.get(name)));
  }
  row('all files', kilobytes(raw), kilobytes(zipped));
  const loaded = loadedModules('index.mjs');
  const sum = (names) => names.reduce((total, name) => total + packed.get(name), 0);
  row(`what a page loads (${loaded.length} files)`, '', `${kilobytes(sum(loaded))}  (≤ 600 kB)`);
  if (packed.has('single_file.mjs')) row('single_file.mjs', '', kilobytes(packed.get('single_file.mjs')));
  const tarball = readdirSync(project()).find((name) => name.endsWith('.tgz'));
  row(tarball, '', kilobytes(statSync(join(project(), tarball)).size));
}

/** The modules that `start` imports, directly or not, with the binary and its glue. */
function loadedModules(start) {
  const found = new Set(['least_action.wasm', 'least_action.js']);
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    const text = readFileSync(installed(name), 'utf8');
    for (const [, next] of text.matchAll(/(?:from|^import) '\.\/([\w./]+\.mjs)'/gm)) visit(next);
  };
  visit(start);
  return [...found].sort();
}

function loading() {
  console.log('Loading in Node: from import to ready, a process each');
  const file = join(project(), 'load_time.mjs');
  writeFileSync(file, `const start = performance.now();
const { ready } = await import('least-action');
await ready();
console.log(performance.now() - start);
`);
  const load = () => Number(execFileSync(process.execPath, [file], { cwd: project() }));
  const times = Array.from({ length: 15 }, load);
  row('median of 15', milliseconds(median(times)), '(≤ 150 ms)');
  row('slowest', milliseconds(Math.max(...times)));
}

/** Milliseconds of `work`, the median of several after a warm-up. */
function time(work, repeats = 9) {
  work();
  return median(Array.from({ length: repeats }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }));
}

async function calls(la) {
  console.log('Calls: 10⁴ roll-outs of one step');
  const system = await la.System.create('pendulum');
  const model = await la.Model.create({ system });
  const steps = (of, options) => () => {
    let state = [1, 0];
    for (let k = 0; k < 10_000; ++k) {
      const { states } = of.rollout(state, [0, 0.01], options);
      state = [states[2], states[3]];
    }
  };
  const rk4 = { method: 'rk4', step: 0.01 };
  row('pendulum, rk4, the same options object', milliseconds(time(steps(system, rk4))), '(≤ 50 ms)');
  const fresh = () => {
    let state = [1, 0];
    for (let k = 0; k < 10_000; ++k) {
      const { states } = system.rollout(state, [0, 0.01], { method: 'rk4', step: 0.01 });
      state = [states[2], states[3]];
    }
  };
  row('pendulum, rk4, a new options object each', milliseconds(time(fresh)), '(≤ 50 ms)');
  row('pendulum, verlet', milliseconds(time(steps(system, { method: 'verlet', step: 0.01 }))), '(≤ 50 ms)');
  const viewed = { ...rk4, view: true };
  row('pendulum, view of the states', milliseconds(time(steps(system, viewed))), '(≤ 50 ms)');
  row('pendulum, dopri5 (default options)', milliseconds(time(steps(system))));
  row('HNN 2→32→32→1, rk4 (4 network gradients a step)', milliseconds(time(steps(model, rk4))));
  row('vectorField of one state, pendulum',
    milliseconds(time(() => { for (let k = 0; k < 10_000; ++k) system.vectorField([1, 0]); })));
  system.close();
  model.close();
}

/** Keeps what `Model.train` hands to the WebAssembly module, so that the same can be asked of it at once. */
async function watchTraining() {
  const { load } = await importFrom(installed(), 'load.mjs');
  const { prototype } = (await load()).RawLearner;
  const { prepare } = prototype;
  let seen;
  prototype.prepare = function remember(...args) {
    seen = () => {
      prepare.apply(this, args);
      this.advance(0, 0);   // all steps: no slices, no progress
    };
    return prepare.apply(this, args);
  };
  return () => seen();
}

async function training(la) {
  console.log('Training an HNN 2→32→32→1, batch 256: in slices, and as the bare loop in WebAssembly');
  const bare = await watchTraining();
  const system = await la.System.create('pendulum');
  const data = system.sample();
  const model = await la.Model.create({ system });
  const steps = 2000, through = [], alone = [], ratios = [];
  for (let k = -1; k < 9; ++k) {
    const start = performance.now();
    await model.train(data, { steps, run: 'slices' });
    const middle = performance.now();
    bare();
    const end = performance.now();
    if (k < 0) continue;   // warm-up
    through.push((middle - start) / steps);
    alone.push((end - middle) / steps);
    ratios.push((middle - start) / (end - middle));
  }
  row('a step through the package', milliseconds(median(through), 4));
  row('a step of the bare loop', milliseconds(median(alone), 4));
  row('ratio, median of 9', median(ratios).toFixed(3), '(≤ 1.05)');
  for (const object of [model, data, system]) object.close();
}

/** Runs in Node and, as text, in a page: [milliseconds from abort() to the settled promise, …]. */
async function abortTimes(la, run) {
  const system = await la.System.create('pendulum');
  const data = system.sample();
  const model = await la.Model.create({ system, hidden: [200, 200] });
  const times = [];
  for (let k = 0; k < 30; ++k) {
    const controller = new AbortController();
    let asked = 0;
    setTimeout(() => { asked = performance.now(); controller.abort(); }, 60 + k);
    const { status } = await model.train(data,
      { steps: 1_000_000, batchSize: 750, signal: controller.signal, run });
    times.push(performance.now() - asked);
    if (status !== 'aborted') throw new Error(`status ${status}`);
  }
  for (const object of [model, data, system]) object.close();
  return times;
}

function showAborts(where, times) {
  const slowest = `slowest ${milliseconds(Math.max(...times))}`;
  row(`${where}: median of 30`, milliseconds(median(times)), `${slowest}  (≤ 50 ms)`);
}

async function pages() {
  const { launch, openPage, serve } = await import('../tests/web/browser.mjs');
  const browser = await launch();
  for (const isolated of [false, true]) {
    const server = await serve(project(), { isolated });
    const { page } = await openPage(browser, `${server.url}plain.html`);
    const run = isolated ? 'thread' : 'slices';
    const times = await page.evaluate(([text, way]) => {
      const measure = new Function(`return ${text}`)();
      return measure(window.suites.la, way);
    }, [abortTimes.toString(), run]);
    showAborts(`Chromium, ${isolated ? 'on a thread' : 'in slices'}`, times);
    server.close();
  }
  await browser.close();
}

sizes();
loading();
const la = await importFrom(installed(), 'index.mjs');
await calls(la);
await training(la);
console.log('Abort of an HNN 2→200→200→1, batch 750 (a step of about 12 ms): until the promise settles');
showAborts('Node, in slices', await abortTimes(la, 'slices'));
if (!args.includes('--no-browser')) await pages();
