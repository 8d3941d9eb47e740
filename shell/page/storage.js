// What outlives a visit: the settings in the address, the run in the browser's database.

const DATABASE = 'least-action', STORE = 'runs', KEY = 'latest';

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the browser’s database is blocked'));
  });
}

function transact(mode, act) {
  return open().then((database) => new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => { database.close(); resolve(request?.result); };
    transaction.onerror = transaction.onabort = () => { database.close(); reject(transaction.error); };
  }));
}

/** {bytes, query} of the last visit, or null. Never rejects: storage may be off. */
export async function readRun() {
  try {
    return (await transact('readonly', (store) => store.get(KEY))) ?? null;
  } catch {
    return null;
  }
}
export const writeRun = (run) => transact('readwrite', (store) => store.put(run, KEY));
export const forgetRun = () => transact('readwrite', (store) => store.delete(KEY));

/** Calls `act` at most once in `interval` ms, the last call never lost. */
export function throttle(act, interval) {
  let last = -Infinity, timer = 0;
  const run = () => {
    clearTimeout(timer);
    timer = 0;
    last = performance.now();
    act();
  };
  const throttled = () => {
    if (timer) return;
    const wait = last + interval - performance.now();
    if (wait <= 0) run();
    else timer = setTimeout(run, wait);
  };
  throttled.now = run;
  return throttled;
}

/** Keeps the run of `engine` in the database while it changes. */
export class Autosave {
  #engine;
  #saved;
  #failed = false;
  #check;

  constructor(engine) {
    this.#engine = engine;
    this.#saved = engine.saveVersion();
    this.#check = throttle(() => this.#save(), 4000);
    const leave = () => this.#save();
    document.addEventListener('visibilitychange', () => { if (document.hidden) leave(); });
    addEventListener('pagehide', leave);
  }

  follow() {
    if (this.#engine.takeStartOver()) {
      this.#saved = this.#engine.saveVersion();
      forgetRun().catch(() => {});
    } else if (this.#engine.saveVersion() !== this.#saved) {
      this.#check();
    }
  }

  #save() {
    const version = this.#engine.saveVersion();
    if (version === this.#saved) return;
    this.#saved = version;
    const write = async () => writeRun({bytes: this.#engine.save(), query: this.#engine.runQuery()});
    write().catch((error) => {
      if (this.#failed) return;
      this.#failed = true;  // once is enough
      this.#engine.message(`This browser does not keep the run for your next visit (${error?.message ?? 'storage is off'}).`, true);
    });
  }
}

/** The settings in the address: written when they change, read when someone edits them. */
export class Address {
  #engine;
  #hash = location.hash;
  #check;

  constructor(engine, request) {
    this.#engine = engine;
    this.#check = throttle(() => this.#write(), 400);
    addEventListener('hashchange', () => {
      if (location.hash === this.#hash) return;
      this.#hash = location.hash;
      engine.loadQuery(location.hash);
      request();
    });
  }

  follow() { this.#check(); }

  #write() {
    const query = this.#engine.query();
    const wanted = query ? `#${query}` : '';
    if (wanted === this.#hash) return;
    history.replaceState(null, '', wanted || location.pathname + location.search);
    this.#hash = wanted;
  }
}
