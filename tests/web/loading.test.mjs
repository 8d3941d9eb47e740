// How the WebAssembly module is found and started, and what is said where it is not: in Node on fresh copies of
// load.mjs, in Chromium from servers that each do one thing their own way.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { launch } from './browser.mjs';
import { installed, temporaryFolder } from './package_under_test.mjs';

let copies = 0;
const fresh = () => import(`${pathToFileURL(installed('load.mjs'))}?copy=${++copies}`);
const wasm = () => readFileSync(installed('least_action.wasm'));

async function refused(work, code, ...patterns) {
  const error = await Promise.resolve().then(work).then(() => assert.fail('nothing was thrown'), (thrown) => thrown);
  assert.deepEqual([error.name, error.code], ['LeastActionError', code], String(error));
  for (const pattern of patterns) assert.match(error.message, pattern);
  return error;
}

/** A JavaScript program of its own in Node, with the package's load.mjs as `la`: what it prints. */
function nodeProgram(text) {
  const program = `import * as la from ${JSON.stringify(pathToFileURL(installed('load.mjs')).href)};\n${text}`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', timeout: 60000 });
}

test('concurrent calls share one module', async () => {
  const { load, ready } = await fresh();
  const [a, b, host] = await Promise.all([load(), load(), ready()]);
  assert.equal(a, b);
  const { version } = JSON.parse(readFileSync(installed('package.json')));
  assert.deepEqual(host, { version, threads: false });
});

test('the code may be bytes, a part of a buffer, a module, an address or a path', async () => {
  const bytes = wasm();
  const padded = new Uint8Array(bytes.length + 24);
  padded.set(bytes, 8);
  const before = padded.slice();
  const file = installed('least_action.wasm');
  for (const given of [bytes, padded.subarray(8, 8 + bytes.length), padded.buffer.slice(8, 8 + bytes.length),
    new WebAssembly.Module(bytes), pathToFileURL(file), pathToFileURL(file).href, file]) {
    assert.equal((await (await fresh()).ready({ wasm: given })).threads, false);
  }
  assert.deepEqual(padded, before, 'what was given is not written to');
});

test('locateFile says where both files are', async () => {
  const asked = [];
  await (await fresh()).ready({ locateFile: (name, from) => { asked.push(name); return from + name; } });
  assert.deepEqual(asked.sort(), ['least_action.js', 'least_action.wasm']);
});

test('options that are wrong, or come too late, are refused', async () => {
  const { ready } = await fresh();
  await refused(() => ready({ thread: 'never' }), 'unknown-option', /did you mean "threads"/);
  await refused(() => ready({ threads: 'always' }), 'invalid-argument', /auto, never/);
  for (const options of [null, 1, 'auto', [], { wasm: 3 }, { wasm: {} }, { locateFile: 'there/' }]) {
    await refused(() => ready(options), 'wrong-type');
  }
  await ready({ threads: 'never' });
  await ready();
  await ready({ threads: 'never' });
  await refused(() => ready({ threads: 'auto' }), 'invalid-argument', /another threads/, /first call/);
  await refused(() => ready({ wasm: wasm() }), 'invalid-argument', /another wasm/);
});

test('a load that failed says why, and can be tried again', async () => {
  const { ready } = await fresh();
  const missing = await refused(() => ready({ wasm: '/nowhere/least_action.wasm' }), 'unavailable', /ENOENT/, /ready\(/);
  assert.equal(missing.cause.code, 'ENOENT');
  await refused(() => ready({ wasm: new TextEncoder().encode(' <!DOCTYPE html>') }), 'unavailable', /HTML/);
  await refused(() => ready({ wasm: new Uint8Array(0) }), 'unavailable', /not WebAssembly/);
  await refused(() => ready({ wasm: wasm().subarray(0, 5000) }), 'unavailable', /complete/);
  const other = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  await refused(() => ready({ wasm: other }), 'unavailable', /same version/);
  await refused(() => ready({ locateFile: (name) => `file:///nowhere/${name}` }), 'unavailable', /least_action/);
  await refused(() => ready({ locateFile: () => { throw new Error('mine'); } }), 'unavailable');
  assert.equal((await ready()).threads, false);
});

test('in Node nothing is printed, no listener stays and the process ends by itself', () => {
  const text = nodeProgram(`
    const events = ['uncaughtException', 'unhandledRejection', 'exit', 'message'];
    const count = () => events.map((event) => process.listenerCount(event)).join();
    const before = count();
    await la.ready({ wasm: new Uint8Array(8) }).catch(() => {});
    await la.ready();
    console.log(before === count());`);
  assert.equal(text, 'true\n');
});

test('a host without WebAssembly or its SIMD is told what it needs', () => {
  const text = nodeProgram(`
    const say = (error) => console.log(error.code, error.message);
    const { validate } = WebAssembly;
    WebAssembly.validate = () => false;
    await la.ready().catch(say);
    WebAssembly.validate = validate;
    const kept = globalThis.WebAssembly;
    delete globalThis.WebAssembly;
    await la.ready().catch(say);
    globalThis.WebAssembly = kept;
    console.log((await la.ready()).threads);`);
  assert.match(text, /unavailable .*SIMD.*Safari 16\.4[^]*unavailable .*no WebAssembly \([^]*false\n$/);
});

test('the shipped file says unshared memory, so that every page can compile it while it arrives', async () => {
  const glue = await import(pathToFileURL(installed('least_action.js')));
  assert.equal(wasm()[glue.memory.flag], 1);
  assert.ok(!/\beval\(|new Function\b/.test(readFileSync(installed('least_action.js'), 'utf8')));
});

// --- Chromium ------------------------------------------------------------------------------------

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

const TYPES = { js: 'text/javascript', mjs: 'text/javascript', wasm: 'application/wasm' };
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' };

/** Serves the package; `answer(name)` may give { status, headers, body } of its own. */
function servePackage(answer = () => ({})) {
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://x').pathname.slice(1);
    const own = answer(name, request);
    const isThere = name === '' || existsSync(installed(name));
    const body = own.body ?? (name === '' ? '<!doctype html><link rel="icon" href="data:,">'
      : isThere ? readFileSync(installed(name)) : 'nothing');
    response.writeHead(own.status ?? (isThere ? 200 : 404),
      { 'content-type': TYPES[name.split('.').at(-1)] ?? 'text/html', ...own.headers });
    response.end(body);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/`,
      close: () => { server.closeAllConnections(); server.close(); } }));
  });
}

/** Runs `work(load.mjs, argument)` in a page of such a server; `said` collects what the console shows. */
async function inPage(context, answer, work, argument, said = []) {
  const server = await servePackage(answer);
  const page = await browser.newPage();
  context.after(async () => { await page.close(); server.close(); });
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  await page.goto(server.url);
  return page.evaluate(`(async () => {
    const la = await import(${JSON.stringify(argument?.from ?? '/load.mjs')});
    const attempt = async (call) => {
      try { return await call(); } catch (error) { return { code: error.code, message: error.message }; }
    };
    return (${work})(la, attempt);
  })()`);
}

const host = async (la, attempt) => {
  const result = await attempt(() => la.ready());
  return result.code ? result : { ...result, thread: await la.threadReady() };
};

test('a plain page has no threads, an isolated one has, whatever isolates its scripts', async (context) => {
  const cases = {
    'no headers': [() => ({}), false],
    isolated: [() => ({ headers: ISOLATION }), true],
    'isolated, scripts served without the headers': [(name) => (name ? {} : { headers: ISOLATION }), true],
  };
  for (const [name, [answer, threads]] of Object.entries(cases)) {
    await context.test(name, async (sub) => {
      const said = [];
      const { threads: offered, thread } = await inPage(sub, answer, host, undefined, said);
      assert.deepEqual([offered, thread, said], [threads, threads, []]);
    });
  }
});

test('scripts of another origin load, and have threads', async (context) => {
  const elsewhere = await servePackage(() => ({ headers: ISOLATION }));
  context.after(elsewhere.close);
  const found = await inPage(context, () => ({ headers: ISOLATION }), host, { from: `${elsewhere.url}load.mjs` });
  assert.deepEqual([found.threads, found.thread], [true, true]);
});

test('a page that may start no worker trains in slices', async (context) => {
  const policy = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'";
  const found = await inPage(context, () => ({ headers: { ...ISOLATION, 'Content-Security-Policy': policy } }), host);
  assert.equal(found.thread, false);
});

test('the WebAssembly file may be served with any type', async (context) => {
  const answer = (name) => (name.endsWith('.wasm') ? { headers: { 'content-type': 'application/octet-stream' } } : {});
  const said = [];
  assert.equal((await inPage(context, answer, host, undefined, said)).threads, false);
  assert.deepEqual(said, []);
});

test('what a server answers instead is said', async (context) => {
  const instead = (own) => (name) => (name.endsWith('.wasm') ? own : {});
  const policy = (text) => () => ({ headers: { 'Content-Security-Policy': text } });
  const cases = {
    '404': [instead({ status: 404 }), /answered 404/],
    'a page': [instead({ body: '<!doctype html>', headers: { 'content-type': 'text/html' } }), /HTML/],
    'a part': [instead({ body: wasm().subarray(0, 9999) }), /complete/],
    'no script': [(name) => (name === 'least_action.js' ? { status: 404 } : {}), /least_action\.js/],
    'a policy against WebAssembly': [policy("script-src 'self' 'unsafe-inline'"), /'wasm-unsafe-eval'/],
    'a policy against fetching': [policy("connect-src 'none'"), /could not be fetched/],
  };
  for (const [name, [answer, pattern]] of Object.entries(cases)) {
    await context.test(name, async (sub) => {
      const { code, message } = await inPage(sub, answer, host);
      assert.equal(code, 'unavailable', message);
      assert.match(message, pattern);
    });
  }
});

test('a strict policy that allows WebAssembly is enough: nothing is evaluated from text', async (context) => {
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  const server = await servePackage((name) => ({ headers: { 'Content-Security-Policy': policy },
    ...(name === '' && { body: '<!doctype html><script type="module" src="/page.mjs"></script>' }),
    ...(name === 'page.mjs' && { status: 200, headers: { 'content-type': 'text/javascript' },
      body: "import { load } from './load.mjs'; document.title = await load().then(() => 'ready', String);" }) }));
  const page = await browser.newPage();
  context.after(async () => { await page.close(); server.close(); });
  await page.goto(server.url);
  await page.waitForFunction('document.title !== ""');
  assert.equal(await page.title(), 'ready');
});

test('what failed once loads when the server is well again', async (context) => {
  for (const file of ['least_action.wasm', 'least_action.js']) {
    let asked = 0;
    const answer = (name) => (name === file && ++asked === 1 ? { status: 503 } : {});
    const found = await inPage(context, answer, async (la, attempt) => [await attempt(() => la.ready()),
      await attempt(() => la.ready())]);
    assert.equal(found[0].code, 'unavailable');
    assert.equal(found[1].threads, false, file);
  }
});

test('loading twice from two places gives two modules that do not meet', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'copy.wasm'), wasm());
  const [a, b] = [await (await fresh()).load(), await (await fresh())];
  await b.ready({ wasm: join(folder, 'copy.wasm') });
  assert.notEqual(a.wasmMemory, (await b.load()).wasmMemory);
});
