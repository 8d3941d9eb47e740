// The package in a worker: the same API, every method a promise. See worker.d.mts.
import * as check from './arguments.mjs';
import { LeastActionError } from './errors.mjs';
import { unknownOption } from './options.mjs';
import { Connection } from './worker_client.mjs';

export { ERROR_CODES, LeastActionError } from './errors.mjs';

const OPTIONS = ['wasm', 'locateFile', 'threads', 'worker'];
const FILES = ['least_action.wasm', 'least_action.js'];
// In variables where bundlers should let them be.
const HOST = './worker_host.mjs';
const HERE = import.meta.url;

const unavailable = (message, cause) => new LeastActionError('unavailable', message, { cause });

/** A worker of a page. */
function browserWorker() {
  try {
    // Bundlers know this form, written out, and build the worker from it.
    return new Worker(new URL('./worker_host.mjs', import.meta.url), { type: 'module' });
  } catch (error) {
    if (error.name !== 'SecurityError') throw error;
    // The package is served from another origin, and a worker must be of this one.
    const address = JSON.stringify(new URL(HOST, HERE).href);
    const wrapped = URL.createObjectURL(new Blob([`import ${address};`], { type: 'text/javascript' }));
    return new Worker(wrapped, { type: 'module' });
  }
}

async function nodeWorker() {
  const threads = 'node:worker_threads';
  const node = await import(/* @vite-ignore */ /* webpackIgnore: true */ threads);
  return new node.Worker(new URL(HOST, HERE), { execArgv: [] });
}

async function makeWorker(given) {
  if (given) {
    const worker = await given();
    if (typeof worker?.postMessage !== 'function' || typeof worker.terminate !== 'function') {
      check.refuse('worker()', worker, 'a Worker that runs worker_host.mjs');
    }
    return worker;
  }
  try {
    return typeof Worker === 'function' ? browserWorker() : await nodeWorker();
  } catch (cause) {
    throw unavailable('this host could not start a worker', cause);
  }
}

/** Connects to a worker of a page or of Node, which differ in how they are listened to. */
function connect(worker) {
  const connection = new Connection({
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
    // In Node an idle worker does not keep the process alive.
    hold: () => worker.ref?.(),
    release: () => worker.unref?.(),
  });
  const fail = (what, cause) => connection.fail(unavailable(`the worker ${what}`, cause));
  if (typeof worker.on === 'function') {
    worker.on('message', (message) => connection.receive(message));
    worker.on('error', (error) => fail(`failed: ${error?.message ?? error}`, error));
    worker.on('messageerror', (error) => fail('sent what cannot be read', error));
    worker.on('exit', (code) => fail(`ended (exit code ${code})`));
  } else {
    worker.addEventListener('message', ({ data }) => connection.receive(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault?.();
      fail(event.message ? `failed: ${event.message}`
        : 'could not be loaded: is worker_host.mjs beside worker.mjs, served as JavaScript?', event.error);
    });
    worker.addEventListener('messageerror', () => fail('sent what cannot be read'));
  }
  return connection;
}

/** The options for `ready` in the worker: addresses complete, functions called. */
function loadOptions({ wasm, locateFile, threads = 'never' }) {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  const absolute = (address) => (base === undefined ? String(address) : new URL(address, base).href);
  const options = { threads };
  if (wasm !== undefined) options.wasm = typeof wasm === 'string' || wasm instanceof URL ? absolute(wasm) : wasm;
  if (locateFile !== undefined) {
    check.callback('locateFile', locateFile);
    const from = new URL('.', import.meta.url).href;
    options.addresses = Object.fromEntries(FILES.map((name) => [name, absolute(locateFile(name, from))]));
  }
  return options;
}

function checked(options) {
  const given = check.options('options', options);
  for (const key of Object.keys(given)) {
    if (!OPTIONS.includes(key)) unknownOption('startWorker', key, OPTIONS);
  }
  if (given.worker !== undefined) check.callback('worker', given.worker);
  return { wanted: loadOptions(given), worker: given.worker };
}

/**
 * Starts a worker with the package in it. Resolves when WebAssembly is loaded there, to the package's
 * API (System, Dataset, Model, Session, ready, memory, …) with `close()` to end the worker.
 */
export async function startWorker(options) {
  const { wanted, worker } = check.reading('options', () => checked(options));
  const connection = connect(await makeWorker(worker));
  try {
    const api = await connection.api;
    await api.ready(wanted);
    const close = () => connection.close();
    return { ...api, close, ...(Symbol.asyncDispose && { [Symbol.asyncDispose]: close }) };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
