// What runs in the worker: the whole package, and answers to the calls that arrive. Imports are static:
// bundlers make one file of this, and a classic worker cannot import more.
import * as la from './index.mjs';
import { serve } from './worker_server.mjs';

const { System, Dataset, Model, Session, memory, systems, settings, presets, methods, sensitivities, parseConfig } = la;

/** The addresses come as a table: a function cannot be sent. */
function ready({ addresses, ...options } = {}) {
  if (addresses === undefined) return la.ready(options);
  return la.ready({ ...options, locateFile: (name, from) => addresses[name] ?? from + name });
}

const api = {
  classes: { System, Dataset, Model, Session },
  functions: { ready, memory, systems, settings, presets, methods, sensitivities, parseConfig },
};

if (typeof globalThis.postMessage === 'function') {
  const receive = serve(api, (message, transfer) => globalThis.postMessage(message, transfer ?? []));
  globalThis.addEventListener('message', ({ data }) => receive(data));
} else {
  const threads = 'node:worker_threads';  // in a variable, so that bundlers for pages let it be
  import(/* @vite-ignore */ /* webpackIgnore: true */ threads).then(({ parentPort }) => {
    const receive = serve(api, (message, transfer) => parentPort.postMessage(message, transfer));
    parentPort.on('message', receive);
  });
}
