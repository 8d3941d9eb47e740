/** How the WebAssembly module is found. In Node, on a plain page, with Vite or webpack nothing is needed. */
export interface LoadOptions {
  /**
   * Where least_action.wasm is (an address), or what is in it: its bytes, or a compiled module
   * (then without threads).
   * @defaultValue beside this package's own files
   */
  wasm?: string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module;
  /**
   * Gives the address of a file of the package from its name and the folder where it would be looked for.
   * @defaultValue `(name, from) => from + name`
   */
  locateFile?: (name: string, from: string) => string | URL;
  /**
   * `'auto'`: training on a thread of its own where the page is cross-origin isolated; `'never'`: training
   * always runs in slices on the calling thread. The numbers are the same either way.
   * @defaultValue 'auto'
   */
  threads?: 'auto' | 'never';
}

/** What the loaded module can do here. */
export interface Host {
  /** Version of the package. */
  version: string;
  /** Whether training can run on a thread of its own, beside the calling one. */
  threads: boolean;
}

/**
 * Loads the WebAssembly module, once. Every `create` calls it; call it yourself to pass options, or to load
 * early. Later calls give the same promise; options other than those of the first call are refused.
 *
 * @throws {@link LeastActionError} `'unavailable'` where the module cannot be fetched or compiled (the next
 * call tries again), `'unknown-option'` or `'wrong-type'` for wrong options, `'invalid-argument'` for other
 * options once it is loaded.
 */
export function ready(options?: LoadOptions): Promise<Host>;

/**
 * How many systems, datasets, models and sessions are not closed yet, and how many bytes the WebAssembly
 * memory has (0 before it is loaded). That memory grows when needed and never shrinks.
 */
export function memory(): { objects: number; bytes: number };
