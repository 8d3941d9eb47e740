// Turns what Emscripten linked into the two files the package ships:
//   node finish_module.mjs LINKED_FOLDER PACKAGE_FOLDER VERSION ESBUILD
//
// least_action.wasm   says that its memory is not shared, so that every page can compile it while it arrives:
//                     atomic instructions are valid on unshared memory, too. load.mjs sets the one byte back
//                     where the page is cross-origin isolated.
// least_action.js     glue and thread in one script: Emscripten's worker file is under the size below which
//                     bundlers turn files into data: addresses, from which a worker could import nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [linked, target, version, esbuild] = process.argv.slice(2);

/** Where the limits of the one imported memory are: flags, initial and maximum number of 64 kB pages. */
function importedMemory(wasm) {
  let at = 8;  // after magic number and version
  const byte = () => wasm[at++];
  const unsigned = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
  };
  const skipName = () => {
    const length = unsigned();
    at += length;
  };
  const limits = () => {
    const place = at;
    const flags = byte();
    const initial = unsigned();
    return { place, flags, initial, maximum: flags & 1 ? unsigned() : undefined };
  };
  while (at < wasm.length) {
    const section = byte();
    const end = unsigned() + at;
    if (section === 2) {
      for (let left = unsigned(); left > 0; --left) {
        skipName();  // of the module
        skipName();
        const kind = byte();
        if (kind === 0) unsigned();       // a function's type
        else if (kind === 1) { byte(); limits(); }
        else if (kind === 2) return limits();
        else if (kind === 3) at += 2;     // a global's type and mutability
        else throw new Error(`least_action.wasm imports something of kind ${kind}`);
      }
    }
    at = end;
  }
  throw new Error('least_action.wasm imports no memory');
}

/** Replaces the one place where `before` is. */
function replaceOnce(text, before, after) {
  const parts = text.split(before);
  if (parts.length !== 2) {
    throw new Error(`Emscripten's glue has ${parts.length - 1} places like this, expected one: ${before}`);
  }
  return parts.join(after);
}

const wasm = readFileSync(path.join(linked, 'least_action.wasm'));
const memory = importedMemory(wasm);
if (memory.flags !== 3) {
  throw new Error(`the memory of least_action.wasm has flags ${memory.flags}; 3 (shared, bounded) was expected`);
}
wasm[memory.place] = 1;
if (!WebAssembly.validate(wasm)) throw new Error('least_action.wasm is not valid with unshared memory');

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
if (manifest.version !== version) {
  throw new Error(`web/package.json has version ${manifest.version}, CMakeLists.txt ${version}`);
}

let thread = readFileSync(path.join(linked, 'least_action.worker.js'), 'utf8').replace('"use strict";', '');
thread = replaceOnce(thread, 'var Module={};', 'var Module={print(){},printErr(){}};');
thread = replaceOnce(thread, '(e.data.urlOrBlob?import(e.data.urlOrBlob):import("./least_action.mjs")).then(function(exports)' +
  '{return exports.default(Module)})', 'createLeastAction(Module)');
thread = replaceOnce(thread, 'console.error(text)', '');  // what went wrong is thrown as well

let glue = readFileSync(path.join(linked, 'least_action.mjs'), 'utf8');
glue = replaceOnce(glue, 'new Worker(pthreadMainJs)',
  'new Worker(pthreadMainJs,{type:"module",name:"least-action-thread"})');
// SharedArrayBuffer may be undefined: before_runtime.js.
glue = replaceOnce(glue, 'data.buffer instanceof SharedArrayBuffer',
  'SharedArrayBuffer&&data.buffer instanceof SharedArrayBuffer');
glue = `${glue};
if (typeof WorkerGlobalScope === 'function' && globalThis.name === 'least-action-thread') (() => { ${thread} })();
export const version = ${JSON.stringify(version)};
/** Of the module's memory: pages of 64 kB, and which byte of the .wasm says whether it is shared (3) or not (1). */
export const memory = ${JSON.stringify({ initial: memory.initial, maximum: memory.maximum, flag: memory.place })};
`;
const small = execFileSync(esbuild, ['--minify', '--format=esm', '--target=es2022', '--log-level=warning'], { input: glue });

mkdirSync(target, { recursive: true });
writeFileSync(path.join(target, 'least_action.js'), small);
writeFileSync(path.join(target, 'least_action.wasm'), wasm);
