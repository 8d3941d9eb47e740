// From an address, bytes or a module to compiled WebAssembly, and what to say where that fails.
import * as check from './arguments.mjs';
import { LeastActionError } from './errors.mjs';

export function unavailable(message, cause) {
  return new LeastActionError('unavailable', message, cause === undefined ? undefined : { cause });
}

/** One function that splats an i8x16: valid only where there is SIMD. */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11);

function checkHost() {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.instantiate !== 'function') {
    throw unavailable('this host has no WebAssembly (some browsers turn it off in a lockdown mode)');
  }
  if (!WebAssembly.validate(SIMD)) {
    throw unavailable('this host has no WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or Node 16.4 is needed');
  }
}

function addressOf(wasm) {
  if (wasm instanceof URL) return wasm;
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(wasm, base);
  } catch (cause) {
    if (base === undefined && globalThis.process?.cwd) {  // Node: a path
      const folder = process.cwd().replaceAll('\\', '/').replace(/^\/?/, '/');
      return new URL(encodeURI(wasm.replaceAll('\\', '/')).replaceAll('#', '%23').replaceAll('?', '%3F'),
        `file://${encodeURI(folder)}/`);
    }
    throw unavailable(`'${wasm}' is no address`, cause);
  }
}

async function readFile(url) {
  const name = 'node:fs/promises';  // not written in the import, or bundlers look for it
  const { readFile: read } = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  try {
    return await read(url);
  } catch (cause) {
    throw unavailable(`${url.href} could not be read (${cause.code ?? cause.message}). Is least_action.wasm beside the `
      + "package's scripts? ready({ wasm }) says where it is, or takes its bytes", cause);
  }
}

async function fetchFrom(url) {
  let response;
  try {
    response = await fetch(url, { credentials: 'same-origin' });
  } catch (cause) {
    throw unavailable(`${url.href} could not be fetched: is the host offline, or does a content security policy or `
      + 'the other origin (CORS) forbid it?', cause);
  }
  if (!response.ok) {
    throw unavailable(`${url.href}: the server answered ${response.status} ${response.statusText}`.trimEnd()
      + '. Is least_action.wasm there? ready({ wasm }) says where it is, or takes its bytes');
  }
  return response;
}

/** `{ module }`, `{ bytes }` or `{ response }` of an address, bytes, a module, or a function that gives one. */
export async function openWasm(wasm) {
  checkHost();
  const given = typeof wasm === 'function' ? await wasm() : wasm;
  if (given instanceof WebAssembly.Module) return { module: given };
  if (given instanceof ArrayBuffer) return { bytes: new Uint8Array(given), from: 'what was given' };
  if (ArrayBuffer.isView(given)) {
    const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
    return { bytes: check.isShared(given.buffer) ? bytes.slice() : bytes, from: 'what was given' };
  }
  const url = addressOf(given);
  if (url.protocol === 'file:' && globalThis.process?.versions?.node) return { bytes: await readFile(url), from: url.href };
  return { response: await fetchFrom(url), from: url.href };
}

function checkBytes(bytes, from, type) {
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return;
  const text = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  throw unavailable(text.startsWith('<')
    ? `${from} is a page (HTML), not WebAssembly: servers answer so where a file is missing. ready({ wasm }) says where `
      + 'least_action.wasm is'
    : `${from} is not WebAssembly (${bytes.length} bytes${type ? `, ${type}` : ''})`);
}

/** The compiled code; with its memory shared where `flag` says which byte must change for that. */
export async function compile(source, flag) {
  if (source.module) return source.module;
  const { response, from } = source;
  const type = response?.headers.get('content-type') ?? '';
  try {
    if (flag === undefined && /^application\/wasm\b/i.test(type) && WebAssembly.compileStreaming) {
      return await WebAssembly.compileStreaming(response);
    }
    let bytes = source.bytes ?? new Uint8Array(await response.arrayBuffer());
    checkBytes(bytes, from, type);
    if (flag !== undefined) {
      if (bytes[flag] !== 1) throw unavailable(`${from} is not the least_action.wasm of this version`);
      bytes = bytes.slice();
      bytes[flag] = 3;
    }
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (cause instanceof LeastActionError) throw cause;
    if (/unsafe-eval|Content Security Policy|CSP/i.test(cause.message)) {
      throw unavailable("a content security policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src", cause);
    }
    throw unavailable(`${from} could not be ${cause instanceof WebAssembly.CompileError ? 'compiled' : 'loaded'}: is it `
      + 'complete, and the least_action.wasm of this version?', cause);
  }
}
