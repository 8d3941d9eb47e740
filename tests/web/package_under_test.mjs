#!/usr/bin/env node
// The package as its users get it: the built folder is packed by npm, the tarball installed
// without network into a fresh project, and the suites copied beside it. No test imports from the
// source tree.
//
// usage: package_under_test.mjs FOLDER    makes such a project there; LEAST_ACTION_PROJECT=FOLDER
// lets all test files of one run share it (./dev test web does so). LEAST_ACTION_PACKAGE names
// another folder to pack than build/web/package.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
export const repository = join(here, '../..');
export const built = resolve(process.env.LEAST_ACTION_PACKAGE ?? join(repository, 'build/web/package'));

/** Runs a program in a folder; its output, or an Error with all it said. */
export function run(folder, command, ...args) {
  try {
    return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const said = `${error.stdout ?? ''}${error.stderr ?? ''}`;
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${said}`);
  }
}

/** Names of the suites, without '.mjs'. */
export function suiteNames() {
  return readdirSync(join(here, 'suite')).filter((file) => file.endsWith('.mjs'))
    .map((file) => file.slice(0, -4)).sort();
}

/** A static module that imports the package and every suite by name: a page and a bundler read it alike. */
function entry(names, { worker }) {
  const suites = names.map((name, i) => `'${name}': suite${i}`).join(', ');
  return [
    "import * as la from 'least-action';",
    worker && "import { startWorker } from 'least-action/worker';",
    "import { offer } from './harness/page.mjs';",
    ...names.map((name, i) => `import { cases as suite${i} } from './suite/${name}.mjs';`),
    `offer({ la, ${worker ? 'startWorker, ' : ''}suites: { ${suites} } });`,
    '',
  ].filter((line) => line !== false).join('\n');
}

/** A page around that module; `imports` is its import map, where one is needed. */
export function pageHtml(script, imports) {
  const map = imports && `<script type="importmap">${JSON.stringify({ imports })}</script>\n`;
  return '<!doctype html>\n<meta charset="utf-8">\n<title>Suites</title>\n<link rel="icon" href="data:,">\n'
    + `${map ?? ''}<script type="module" src="${script}"></script>\n`;
}

/** Files that suites read by `host.file(name)`. */
const DATA = ['vectors.json'];

/**
 * Writes the suites and what runs them into a folder where 'least-action' can be found.
 * index.html has no import map (a bundler's page), plain.html has one.
 */
export function writeSuites(folder, { worker, imports }) {
  cpSync(join(here, 'suite'), join(folder, 'suite'), { recursive: true });
  cpSync(join(here, 'harness'), join(folder, 'harness'), { recursive: true });
  for (const served of ['files', 'public/files']) {  // as they are, and by a bundler
    mkdirSync(join(folder, served), { recursive: true });
    for (const file of DATA) cpSync(join(here, file), join(folder, served, file));
  }
  writeFileSync(join(folder, 'entry.mjs'), entry(suiteNames(), { worker }));
  writeFileSync(join(folder, 'index.html'), pageHtml('/entry.mjs'));
  writeFileSync(join(folder, 'plain.html'), pageHtml('/entry.mjs', imports));
}

/** Makes the project in an empty folder. */
function makeProject(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const tarball = run(folder, 'npm', 'pack', '--silent', built).trim().split('\n').at(-1);
  run(folder, 'npm', 'install', '--silent', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  const installed = join(folder, 'node_modules/least-action');
  const worker = existsSync(join(installed, 'worker.mjs'));
  writeSuites(folder, {
    worker,
    imports: {
      'least-action': '/node_modules/least-action/index.mjs',
      ...(worker && { 'least-action/worker': '/node_modules/least-action/worker.mjs' }),
    },
  });
  return folder;
}

/** A fresh folder, removed when the process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'least-action-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let made;

/** Folder of the project with the package installed; made once a process, or once a run (see above). */
export function project() {
  made ??= process.env.LEAST_ACTION_PROJECT ?? makeProject(temporaryFolder());
  return made;
}

/** Where the project's own modules resolve 'least-action' to, and the file of an export. */
export const installed = (name = '') => join(project(), 'node_modules/least-action', name);

/** Imports a module of the project, such as 'suite/session.mjs'. */
export const importFrom = (folder, file) => import(pathToFileURL(join(folder, file)));

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.length !== 3) {
    console.error('usage: package_under_test.mjs FOLDER');
    process.exit(2);
  }
  rmSync(process.argv[2], { recursive: true, force: true });
  makeProject(resolve(process.argv[2]));
}
