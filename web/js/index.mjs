// Learned mechanics in JavaScript: see README.md, and index.d.ts for every call.
export { Dataset } from './dataset.mjs';
export { ERROR_CODES, LeastActionError } from './errors.mjs';
export { memory } from './lifetime.mjs';
export { ready } from './load.mjs';
export { Model } from './model.mjs';
export { readCsv, writeCsv } from './csv.mjs';
export { readNpy, writeNpy } from './npy.mjs';
export { readSafetensors, writeSafetensors } from './safetensors.mjs';
export { methods, parseConfig, presets, sensitivities, Session, settings, systems } from './session.mjs';
export { System } from './system.mjs';
export { trajectoriesFromTable } from './trajectories.mjs';
