// Where the files of WebAssembly are: beside this one. Bundlers know this form of address: they copy the file and
// put its new address here. (In the single-file package both are inside; see ../build/single_file.mjs.)
export const wasmUrl = () => new URL('./least_action.wasm', import.meta.url);
export const glueUrl = () => new URL('./least_action.js', import.meta.url);
export const inside = undefined;
