// Finds and starts the WebAssembly module: once, for all of this package.
import { LeastActionError } from './errors.mjs';
import * as files from './files.mjs';
import { LOAD_OPTIONS, read } from './options.mjs';
import { compile, openWasm, unavailable } from './wasm_code.mjs';

const DEFAULTS = { threads: 'auto' };

let loading;           // the promise of what `start` gives
let wanted = {};       // options it was started with
let attempts = 0;

const same = (a, b) => a === b || (a instanceof URL && b instanceof URL && a.href === b.href);

/** Whether memory can be shared with a thread: in a page that is cross-origin isolated. */
function canShare(options) {
  return options.threads !== 'never' && !files.inside && globalThis.crossOriginIsolated === true
    && typeof SharedArrayBuffer === 'function' && typeof Worker === 'function'
    && !(typeof WebAssembly === 'object' && options.wasm instanceof WebAssembly.Module);
}

/** Less address space where the host refuses the whole (phones); undefined where it refuses all. */
function allocate({ initial, maximum }, shared) {
  for (let pages = maximum; pages >= initial; pages /= 4) {
    try {
      return new WebAssembly.Memory({ initial, maximum: pages, shared });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undefined;
}

async function openGlue(address) {
  if (files.inside) return files.inside.glue;
  // Browsers remember that an import failed: another attempt needs another address.
  const url = new URL(address);
  if (attempts > 1 && /^https?:$/.test(url.protocol)) url.searchParams.set('attempt', attempts);
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href);
  } catch (cause) {
    throw unavailable(`${url.href} could not be loaded: is least_action.js there, served as JavaScript, and may this `
      + 'page load scripts from there? ready({ locateFile }) says where it is', cause);
  }
}

/** Emscripten's module on this code and memory. Whatever it prints is kept for the error. */
function instantiate(glue, code, memory, shared, workers) {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (cause) => reject(unavailable(`least_action.wasm did not start${said && `: ${said}`}. Are `
      + 'least_action.wasm and least_action.js of the same version?', cause));
    glue.default({
      wasmMemory: memory,
      shared,
      locateFile: () => workers[0],
      print() {},
      printErr: (...texts) => { said = texts.join(' '); },
      onAbort: fail,
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(code, imports).then((instance) => receive(instance, code)).catch(fail);
        return {};
      },
    }).then(resolve, fail);
  });
}

/** Addresses to start a thread's script from, best first. */
function threadScripts(glueUrl) {
  // A script of another origin cannot be a worker, and one that is served without the page's isolation headers
  // is refused; what it is wrapped in is of this origin and inherits them, but a content security policy may forbid it.
  const wrapped = URL.createObjectURL(new Blob([`import ${JSON.stringify(glueUrl)};`], { type: 'text/javascript' }));
  return new URL(glueUrl).origin === globalThis.location?.origin ? [glueUrl, wrapped] : [wrapped];
}

async function start(options) {
  ++attempts;
  const locate = (name, url) => {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href ?? import.meta.url;
    const given = options.locateFile?.(name, new URL('.', url).href);
    return given === undefined ? url : new URL(given, base);
  };
  const glueUrl = files.inside ? undefined : locate('least_action.js', files.glueUrl());
  const [glue, source] = await Promise.all([openGlue(glueUrl),
    openWasm(options.wasm ?? files.inside?.wasm ?? (() => locate('least_action.wasm', files.wasmUrl())))]);
  let memory = canShare(options) ? allocate(glue.memory, true) : undefined;
  const threads = memory !== undefined;
  memory ??= allocate(glue.memory, false);
  if (!memory) throw unavailable(`there is no room for ${glue.memory.initial * 64} kB of WebAssembly memory`);
  const code = await compile(source, threads ? glue.memory.flag : undefined);
  const workers = threads ? threadScripts(glueUrl.href) : [];
  const module = await instantiate(glue, code, memory, threads, workers);
  return { module, memory, threads, workers, version: glue.version };
}

async function begin(options) {
  const previous = loading;
  if (!previous) wanted = options;
  else {
    for (const key of LOAD_OPTIONS.names) {
      if (options[key] !== undefined && !same(options[key], wanted[key] ?? DEFAULTS[key])) {
        throw new LeastActionError('invalid-argument', `ready: the module is loaded already, with another ${key}; `
          + 'the options must be those of the first call, and that call before everything else');
      }
    }
  }
  loading ??= start(options).catch((cause) => {
    loading = undefined;  // the next call tries again
    throw cause instanceof LeastActionError ? cause
      : unavailable('the WebAssembly module could not be loaded', cause);
  });
  return loading;
}

/** Emscripten's module; everything of this package starts with it. */
export async function load() {
  return (await begin({})).module;
}

export async function ready(options) {
  const { version, threads } = await begin(read(LOAD_OPTIONS, options, 'ready'));
  return { version, threads };
}

/**
 * Makes a thread ready for the module's next pthread_create and says whether there is one: a thread that cannot start
 * (a content security policy, missing headers) would else never tell.
 */
export async function threadReady() {
  const { module: { PThread }, threads, workers } = await begin({});
  if (!threads) return false;
  if (PThread.unusedWorkers.some((worker) => worker.loaded)) return true;
  while (workers.length > 0) {
    const script = workers[0];
    if (await new Promise((resolve) => {
      let worker;
      const refuse = (event) => {
        event?.preventDefault?.();
        if (worker) {
          PThread.unusedWorkers = PThread.unusedWorkers.filter((other) => other !== worker);
          worker.terminate();
        }
        resolve(false);
      };
      try {
        PThread.allocateUnusedWorker();
        worker = PThread.unusedWorkers.at(-1);
        PThread.loadWasmModuleToWorker(worker, () => resolve(true));
        worker.onerror = refuse;
      } catch {
        refuse();
      }
    })) return true;
    if (workers[0] === script) workers.shift();
  }
  PThread.getNewWorker = () => undefined;  // so that pthread_create fails
  return false;
}
