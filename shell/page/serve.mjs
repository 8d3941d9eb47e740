#!/usr/bin/env node
// Serves the built page on this machine only: right media types, no caching, and the headers
// that give it shared memory (cross-origin isolation).
//
// usage: serve.mjs FOLDER [--port N] [--no-isolation]      port 0: any free one
import {createReadStream} from 'node:fs';
import {createServer} from 'node:http';
import {stat} from 'node:fs/promises';
import {extname, join, normalize, resolve, sep} from 'node:path';
import {pathToFileURL} from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.map': 'application/json',
};

/** Resolves to {port, url, close()} once it listens. */
export function serve(folder, {port = 0, isolated = true, host = '127.0.0.1'} = {}) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const fail = (status, text) => {
      response.writeHead(status, {'content-type': 'text/plain; charset=utf-8'}).end(`${text}\n`);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') return fail(405, 'Only GET and HEAD.');
    let path;
    try {
      path = normalize(join(root, decodeURIComponent(new URL(request.url, 'http://local').pathname)));
    } catch {
      return fail(400, 'Malformed address.');
    }
    if (path !== root && !path.startsWith(root + sep)) return fail(403, 'Outside the served folder.');
    try {
      let file = await stat(path);
      if (file.isDirectory()) file = await stat(path = join(path, 'index.html'));
      response.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-length': file.size,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(isolated && {
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
          'cross-origin-resource-policy': 'same-origin',
        }),
      });
      if (request.method === 'HEAD') response.end();
      else createReadStream(path).on('error', () => response.destroy()).pipe(response);
    } catch {
      fail(404, 'Not found.');
    }
  });
  return new Promise((done, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const {port: actual} = server.address();
      done({
        port: actual,
        url: `http://localhost:${actual}/`,
        close: () => { server.closeAllConnections(); server.close(); },
      });
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2);
  const folder = args.find((arg, i) => !arg.startsWith('--') && args[i - 1] !== '--port') ?? '.';
  const port = args.includes('--port') ? Number(args[args.indexOf('--port') + 1]) : 8000;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error('serve: --port takes a number from 0 to 65535');
    process.exit(2);
  }
  try {
    const {url} = await serve(folder, {port, isolated: !args.includes('--no-isolation')});
    console.log(`Least Action is at ${url}  (Ctrl+C stops it)`);
  } catch (error) {
    console.error(error.code === 'EADDRINUSE'
      ? `Port ${port} is taken. Stop what uses it, or choose another: ./dev play --port ${port + 1}`
      : error.code === 'EACCES' ? `Port ${port} needs rights this user has not; try one above 1023.`
      : `serve: ${error.message}`);
    process.exit(1);
  }
}
