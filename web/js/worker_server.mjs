// The worker's side: objects by number, calls by name.
import { LeastActionError } from './errors.mjs';
import { PROTOCOL, describeError, isRecord, packed } from './worker_messages.mjs';

/** Methods that go on for long: they take `onProgress` and `signal`. */
const WATCHED = { Model: ['train'] };

const own = (object) => Object.entries(Object.getOwnPropertyDescriptors(object));

/** What a class has, by kind. Calls are looked up here and nowhere else. */
function describeClass(name, Class) {
  const isFunction = ([key, { value }]) => key !== 'constructor' && typeof value === 'function';
  const watched = Object.hasOwn(WATCHED, name) ? WATCHED[name] : [];
  return {
    Class,
    statics: new Map(own(Class).filter(isFunction).map(([key, { value }]) => [key, value])),
    methods: new Map(own(Class.prototype).filter(isFunction).map(([key, { value }]) => [key, value])),
    properties: own(Class.prototype).filter(([key, { get }]) => get && key !== 'closed').map(([key]) => key),
    watched,
  };
}

/**
 * Serves an API: `classes` and `functions` by name. `post(message, transfer)` sends; what is returned
 * takes each message that arrives.
 */
export function serve({ classes, functions }, post) {
  const kinds = new Map(Object.entries(classes).map(([name, Class]) => [name, describeClass(name, Class)]));
  const free = new Map(Object.entries(functions));
  const objects = new Map();  // number → { object, kind, name, known: its properties as last told }
  const watches = new Map();  // number of a call → what stops it
  let made = 0;

  const refuse = (code, message) => { throw new LeastActionError(code, message); };

  /** Properties that changed since they were last told (`all`: every plain value). */
  function news(entry, all = false) {
    const changed = {};
    for (const key of entry.kind.properties) {
      let value;
      try {
        value = entry.object[key];
      } catch {
        continue;  // of a closed object
      }
      // What is not a plain value never changes.
      const isNews = !isRecord(value) && (all || !Object.is(entry.known.get(key), value));
      if (entry.known.has(key) && !isNews) continue;
      entry.known.set(key, value);
      changed[key] = value;
    }
    return changed;
  }

  /** An answer: an object of a class by its number, anything else as it is. */
  function answer(value) {
    for (const [name, kind] of kinds) {
      if (!(value instanceof kind.Class)) continue;
      const entry = { object: value, kind, name, known: new Map() };
      objects.set(++made, entry);
      return [{ handle: { id: made, of: name, properties: packed(news(entry), new Set()) } }, []];
    }
    const transfer = new Set();
    return [{ value: packed(value, transfer) }, [...transfer]];
  }

  function objectAt(id) {
    return objects.get(id) ?? refuse('closed', 'this object is closed');
  }

  /** Puts the objects back that handles stand for: { at: [argument, option?], id }. */
  function withObjects(args, handles) {
    for (const { at: [argument, option], id } of handles) {
      const { object } = objectAt(id);
      if (!Number.isInteger(argument)) refuse('internal', 'a handle without a place');
      if (option === undefined) args[argument] = object;
      else args[argument] = { ...args[argument], [option]: object };
    }
    return args;
  }

  /** What is to be called: `[function, this, entry]`. */
  function target({ object, of, method }) {
    if (object !== undefined) {
      const entry = objectAt(object);
      return [entry.kind.methods.get(method) ?? refuse('internal', `there is no ${entry.name}.${method}`),
        entry.object, entry];
    }
    const kind = kinds.get(of);
    const call = of === undefined ? free.get(method) : kind?.statics.get(method);
    return [call ?? refuse('internal', `there is no ${method}`), kind?.Class];
  }

  /** Starts a call that is watched: its progress is sent, and it can be stopped. */
  function watched(call, run, self, args, entry, aborted) {
    const controller = new AbortController();
    if (aborted) controller.abort();
    watches.set(call, controller);
    const options = args[1] === undefined ? {} : args[1];
    // What is no object is refused by the call itself.
    if (!isRecord(options)) return run.apply(self, args);
    return run.call(self, args[0], { ...options, signal: controller.signal,
      onProgress: (progress) => post({ call, progress: { ...progress }, state: news(entry) }) });
  }

  async function handle(message) {
    const { call, args, handles, method, watch } = message;
    const isWatched = isRecord(watch);
    const state = () => {
      const entry = objects.get(message.object);
      return entry && { state: news(entry, isWatched) };
    };
    try {
      const [run, self, entry] = target(message);
      const full = withObjects(args, handles);
      const result = await (isWatched && entry?.kind.watched.includes(method)
        ? watched(call, run, self, full, entry, watch.aborted === true) : run.apply(self, full));
      const [content, transfer] = answer(result);
      post({ call, ...content, ...state() }, transfer);
      if (method === 'close') objects.delete(message.object);
    } catch (error) {
      post({ call, error: describeError(error), ...state() });
    } finally {
      watches.delete(call);
    }
  }

  const names = (map) => [...map.keys()].filter((key) => typeof key === 'string');
  post({
    hello: PROTOCOL,
    functions: names(free),
    classes: Object.fromEntries([...kinds].map(([name, kind]) => [name, {
      statics: names(kind.statics), methods: names(kind.methods), properties: kind.properties,
      watched: kind.watched,
    }])),
  });

  return (message) => {
    if (!isRecord(message)) return;
    if (Number.isInteger(message.abort)) {
      watches.get(message.abort)?.abort();
    } else if (Number.isInteger(message.release)) {
      const entry = objects.get(message.release);
      objects.delete(message.release);
      entry?.object.close();
    } else if (Number.isInteger(message.call) && Array.isArray(message.args) && Array.isArray(message.handles)) {
      handle(message);
    }
  };
}
