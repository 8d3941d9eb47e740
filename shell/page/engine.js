// Loads the app (one of its two builds) and wraps its C functions in JavaScript ones.

/** A reason a visitor should read; anything else is our fault and says so. */
export class Unsupported extends Error {}

const SIMD_PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
  10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);

/** Throws `Unsupported` where this browser cannot run the app. */
export function checkSupport() {
  if (typeof WebAssembly !== 'object') {
    throw new Unsupported('This page runs compiled code (WebAssembly), which this browser lacks or has switched off.');
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    throw new Unsupported('This page needs WebAssembly SIMD: Chrome 91, Firefox 89, Safari 16.4 or newer.');
  }
  const probe = document.createElement('canvas').getContext('webgl2');
  if (!probe) {
    throw new Unsupported('This page draws with WebGL2, which this browser lacks or has switched off. ' +
      'Hardware acceleration may be off in the browser’s settings.');
  }
  probe.getExtension('WEBGL_lose_context')?.loseContext();
}

/** The build this page can run: `threads` needs cross-origin isolation. */
export function chooseVariant() {
  return self.crossOriginIsolated && typeof SharedArrayBuffer === 'function' ? 'threads' : 'single';
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(script);
  });
}

/** Compiles while it downloads, telling `onProgress` the part done (null where unknown). */
async function compile(address, onProgress) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/')) throw new Error(`${address}: the server sent ${type} in its place`);
  // A compressed body is longer than its content-length says.
  const total = response.headers.get('content-encoding') ? 0 : Number(response.headers.get('content-length'));
  let received = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onProgress(total > 0 ? Math.min(1, received / total) : null);
      controller.enqueue(chunk);
    },
  });
  const counted = new Response(response.body.pipeThrough(counter), {headers: {'content-type': 'application/wasm'}});
  return WebAssembly.compileStreaming(counted);
}

const encoder = new TextEncoder(), decoder = new TextDecoder();
const asBytes = (value) => typeof value === 'string' ? encoder.encode(value) : value;

/** The app's functions. Text and files come back as copies. */
export class Engine {
  #module;
  /** What the app asks of the page; set before `start`. */
  onRequest = () => {};
  onPicture = () => {};
  onCopied = () => {};
  onFailed = () => {};

  constructor(module, variant) {
    this.#module = module;
    this.variant = variant;
    module._la_prepare();
    module.onRequest = (kind, name, type, bytes) =>
      this.onRequest(kind, decoder.decode(name), decoder.decode(type), bytes);
    module.onPicture = (name, ...picture) => this.onPicture(decoder.decode(name), ...picture);
    module.onCopied = (text) => this.onCopied(decoder.decode(text));
    module.onFailed = (text) => this.onFailed(decoder.decode(text));
  }

  static async load(canvas, variant, onProgress) {
    const [wasm] = await Promise.all([
      compile(`${variant}/playground.wasm`, onProgress), loadScript(`${variant}/playground.js`)]);
    const module = await new Promise((resolve, reject) => {
      createPlayground({
        canvas,
        instantiateWasm(imports, receive) {
          WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
          return {};
        },
        onAbort: (reason) => reject(new Error(String(reason))),
      }).then(resolve, reject);
    });
    return new Engine(module, variant);
  }

  /** Calls `name` with each text or byte argument as pointer and length. */
  #call(name, ...values) {
    const module = this.#module;
    const pointers = [], args = [];
    for (const value of values) {
      if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
        args.push(value);
        continue;
      }
      const bytes = asBytes(value);
      const pointer = module._malloc(bytes.length + 1);
      if (pointer === 0) throw new Error('out of memory');
      module.heap().set(bytes, pointer);
      pointers.push(pointer);
      args.push(pointer, bytes.length);
    }
    try {
      return module[`_la_${name}`](...args);
    } finally {
      for (const pointer of pointers) module._free(pointer);
    }
  }

  #bytes(name) {
    const pointer = this.#call(name);
    if (pointer === 0) throw new Error(this.#fault());
    return this.#module.heap().slice(pointer, pointer + this.#module._la_length());
  }
  #text(name) { return decoder.decode(this.#bytes(name)); }
  #fault() {
    const heap = this.#module.heap(), pointer = this.#module._la_fault();
    return decoder.decode(heap.slice(pointer, heap.indexOf(0, pointer)));
  }

  start(query, {dark, background, autostart, mac}) {
    return Boolean(this.#call('start', query, dark, background, autostart, mac));
  }
  frame(seconds) { return this.#call('frame', seconds); }
  numFrames() { return this.#call('num_frames'); }
  resize(width, height, ratio) { this.#call('resize', width, height, ratio); }
  insets(top, bottom) { this.#call('insets', top, bottom); }
  restoreDevice() { this.#call('restore_device'); }

  pointer(x, y, touch) { this.#call('pointer', x, y, touch); }
  pointerAway() { this.#call('pointer_away'); }
  button(button, down) { this.#call('button', button, down); }
  wheel(x, y) { this.#call('wheel', x, y); }
  pinch(pinching, scale, x, y, dx, dy) { this.#call('pinch', pinching, scale, x, y, dx, dy); }
  modifiers(event) {
    this.#call('modifiers', event.ctrlKey, event.shiftKey, event.altKey, event.metaKey);
  }
  key(name, down) { return Boolean(this.#call('key', name, down)); }
  text(text) { this.#call('text', text); }
  focus(focused) { this.#call('focus', focused); }
  setClipboard(text) { this.#call('set_clipboard', text); }
  cursor() { return this.#call('cursor'); }
  wantsText() { return Boolean(this.#call('wants_text')); }
  textCursor() { return [0, 1, 2].map((part) => this.#call('text_cursor', part)); }

  query() { return this.#text('query'); }
  loadQuery(query) { this.#call('load_query', query); }
  runQuery() { return this.#text('run_query'); }
  save() { return this.#bytes('save'); }
  saveVersion() { return this.#call('save_version'); }
  restore(bytes) { return Boolean(this.#call('restore', bytes)); }
  takeStartOver() { return Boolean(this.#call('take_start_over')); }
  importFile(name, bytes) { this.#call('import', name, bytes); }
  message(text, isFault = false) { this.#call('message', text, isFault); }
  setVisible(visible) { this.#call('set_visible', visible); }
  setDark(dark) { this.#call('set_dark', dark); }
  isDark() { return Boolean(this.#call('is_dark')); }
  backgroundColor() { return `#${this.#call('background_color').toString(16).padStart(6, '0')}`; }
  status() { return this.#text('status'); }
  summary() { return this.#text('summary'); }

  state() { return JSON.parse(this.#text('state')); }
  mapControls(enabled) { this.#call('map_controls', enabled); }
  controls() { return JSON.parse(this.#text('controls')); }
}
