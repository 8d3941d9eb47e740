// The whole package as one script, for hosts that serve no other file: node single_file.mjs PACKAGE_FOLDER ESBUILD
// The WebAssembly is inside, compressed; training has no thread, which would need a script of its own.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const [folder, esbuild] = process.argv.slice(2);
const place = mkdtempSync(path.join(tmpdir(), 'least-action-single-'));
try {
  cpSync(folder, place, { recursive: true, filter: (name) => !name.endsWith('single_file.mjs') });
  const packed = gzipSync(readFileSync(path.join(place, 'least_action.wasm')), { level: 9 }).toString('base64');
  // In place of web/js/files.mjs.
  writeFileSync(path.join(place, 'files.mjs'), `import * as glue from './least_action.js';
const packed = ${JSON.stringify(packed)};
async function wasm() {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = text.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
export const inside = { glue, wasm };
export const wasmUrl = undefined;
export const glueUrl = undefined;
`);
  // Names stay: messages and stack traces have them.
  const script = execFileSync(esbuild, [path.join(place, 'index.mjs'), '--bundle', '--format=esm', '--target=es2022',
    '--minify-whitespace', '--minify-syntax', '--log-level=warning'], { maxBuffer: 2 ** 28 });
  writeFileSync(path.join(folder, 'single_file.mjs'), script);
} finally {
  rmSync(place, { recursive: true, force: true });
}
