// Runs first in the module: without shared memory Emscripten's own test for threads must fail, where
// the host has SharedArrayBuffer, too.
var SharedArrayBuffer = Module['ENVIRONMENT_IS_PTHREAD'] || Module['shared'] ? globalThis.SharedArrayBuffer : undefined;
