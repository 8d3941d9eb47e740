// The page's side: what looks like the package's classes, and sends every call to the worker.
import * as check from './arguments.mjs';
import { LeastActionError } from './errors.mjs';
import { TrainingRun } from './training.mjs';
import { PROTOCOL, argument, errorFrom, isPlain, isRecord } from './worker_messages.mjs';

const ignore = () => {};

function refuse(code, message, options) {
  throw new LeastActionError(code, message, options);
}

let numberOf;      // a remote object's number, undefined where it is none of this connection; closed ones throw
let takeNews;      // gives it properties that the worker told of

/** An object in the worker. Its properties are as of the worker's last answer about it. */
class RemoteObject {
  #connection;
  #id;
  #properties = {};
  #isClosed = false;

  constructor(connection, id, properties) {
    if (!(connection instanceof Connection)) refuse('wrong-type', 'use await worker.….create(…)');
    this.#connection = connection;
    this.#id = id;
    takeNews(this, properties);
  }

  static {
    numberOf = (value, connection, name) => {
      if (!isRecord(value) || !(#id in value)) return undefined;
      if (value.#connection !== connection) {
        refuse('wrong-type', `${name} belongs to another worker; expected an object that this worker made`);
      }
      if (value.#isClosed) refuse('closed', `${name} is closed`);
      return value.#id;
    };
    takeNews = (object, properties) => {
      if (!isRecord(properties)) return;
      for (const [key, value] of Object.entries(properties)) {
        object.#properties[key] = value;
        if (key in object) continue;
        Object.defineProperty(Object.getPrototypeOf(object), key,
          { get() { return this.#properties[key]; }, enumerable: true, configurable: true });
      }
    };
  }

  get closed() {
    return this.#isClosed;
  }

  /** Frees what it holds in the worker; may be called again. */
  async close() {
    if (this.#isClosed) return;
    const closing = this.#connection.call({ object: this, method: 'close' });
    this.#isClosed = true;
    this.#properties.training &&= false;
    await closing.catch(ignore);  // with the worker, its objects are gone too
  }
}
if (Symbol.asyncDispose) RemoteObject.prototype[Symbol.asyncDispose] = RemoteObject.prototype.close;

/** A training in the worker, as a TrainingRun wants it. */
class RemoteCourse {
  isOver = false;
  reports = 0;
  latest;

  #waiting = [];
  #onProgress;
  #error;
  #stop;

  constructor(onProgress, signal) {
    this.#onProgress = onProgress;
    this.signal = signal;
  }

  /** `stop` asks the worker to end it; `answer` is its result. */
  start(answer, stop) {
    this.#stop = stop;
    this.signal?.addEventListener('abort', stop);
    this.outcome = answer.then((result) => {
      if (this.#error) throw this.#error.thrown;
      return result;
    }).finally(() => {
      this.signal?.removeEventListener('abort', stop);
      this.isOver = true;
      this.#tell();
    });
    this.outcome.catch(ignore);  // the TrainingRun is who tells
  }

  report(progress) {
    this.latest = progress;
    ++this.reports;
    this.#tell();
    if (this.#error) return;
    try {
      this.#onProgress?.call(undefined, { ...progress });
    } catch (thrown) {
      this.#error = { thrown };
      this.stop();
    }
  }

  stop() {
    this.#stop();
  }

  news() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tell() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** What an argument is called in a message. */
const argumentName = (method, index) => `argument ${index + 1} of ${method}`;

export class Connection {
  #port;
  #pending = new Map();  // number of a call → { resolve, reject, object, args, course }
  #calls = 0;
  #fault;
  #classes = new Map();
  #hello;
  #forgotten = new FinalizationRegistry((id) => {
    if (!this.#fault) this.#port.post({ release: id });
  });

  /**
   * `port` sends (`post`), ends (`terminate`) and keeps the host alive or not (`hold`, `release`); it
   * is to call `receive` and `fail`. Resolves, as `api`, when the worker has said what it has.
   */
  constructor(port) {
    this.#port = port;
    this.api = new Promise((resolve, reject) => { this.#hello = { resolve, reject }; });
    this.api.catch(ignore);
    port.hold();
  }

  /** Nothing can be called any more: everything under way rejects. */
  fail(error) {
    if (this.#fault) return;
    this.#fault = error;
    this.#hello?.reject(error);
    this.#hello = undefined;
    for (const { reject, object, course } of this.#pending.values()) {
      if (course) takeNews(object, { training: false });
      reject(error);
    }
    this.#pending.clear();
    this.#port.release();
    this.#port.terminate();
  }

  async close() {
    this.fail(new LeastActionError('closed', 'this worker is closed'));
  }

  receive(message) {
    if (this.#fault || !isRecord(message)) return;
    if (this.#hello) {
      this.#greet(message);
      return;
    }
    const waiting = this.#pending.get(message.call);
    if (!waiting) return;
    if (waiting.object) takeNews(waiting.object, message.state);
    if (isRecord(message.progress)) {
      waiting.course?.report(message.progress);
      return;
    }
    this.#pending.delete(message.call);
    if (this.#pending.size === 0) this.#port.release();
    if ('error' in message) waiting.reject(errorFrom(message.error));
    else if (isRecord(message.handle)) waiting.resolve(this.#adopt(message.handle));
    else waiting.resolve(message.value);
  }

  #greet({ hello, classes, functions }) {
    if (hello !== PROTOCOL || !isRecord(classes) || !Array.isArray(functions)) {
      this.fail(new LeastActionError('unavailable',
        `the worker does not answer as expected (${PROTOCOL}); is it worker_host.mjs of this version?`));
      return;
    }
    const { resolve } = this.#hello;
    this.#hello = undefined;
    this.#port.release();
    const api = functions.map((name) => [name, (...args) => this.call({ method: name, args })]);
    for (const [name, description] of Object.entries(classes)) {
      const Class = this.#classOf(name, description);
      this.#classes.set(name, Class);
      api.push([name, Class]);
    }
    resolve(Object.fromEntries(api));
  }

  /** A class of the worker's as it is here: every method sends a call. */
  #classOf(name, { statics, methods, watched }) {
    const connection = this;
    const Class = { [name]: class extends RemoteObject {} }[name];
    const add = (to, method, value) => Object.defineProperty(to, method,
      { value, writable: true, configurable: true });
    for (const method of statics) {
      add(Class, method, (...args) => connection.call({ of: name, method, args }));
    }
    for (const method of methods) {
      if (method === 'close') continue;
      const send = watched.includes(method) ? 'watch' : 'call';
      add(Class.prototype, method, function call(...args) {
        return connection[send]({ object: this, method, args });
      });
    }
    return Class;
  }

  #adopt({ id, of, properties }) {
    const object = new (this.#classes.get(of))(this, id, properties);
    this.#forgotten.register(object, id);
    return object;
  }

  /** The arguments as they are sent, with the places where objects of the worker stand. */
  #sendable(method, args) {
    const handles = [];
    const sent = args.map((value, index) => check.reading(argumentName(method, index), () => {
      const name = argumentName(method, index);
      const id = numberOf(value, this, name);
      if (id !== undefined) {
        handles.push({ at: [index], id });
        return null;
      }
      if (!isRecord(value) || Array.isArray(value) || ArrayBuffer.isView(value)) return argument(value);
      this.#refuseForeign(name, value);
      if (!isPlain(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => {
        const number = numberOf(entry, this, key);
        if (number === undefined) {
          if (isRecord(entry)) this.#refuseForeign(key, entry);
          return [key, argument(entry)];
        }
        handles.push({ at: [index, key], id: number });
        return [key, null];
      }));
    }));
    return { args: sent, handles };
  }

  /** An object of a class cannot be sent: only what it holds would arrive. */
  #refuseForeign(name, value) {
    if (Array.isArray(value) || isPlain(value) || Object.prototype.toString.call(value) !== '[object Object]') return;
    refuse('wrong-type', `${name} is a ${value.constructor?.name ?? 'an object'} of this thread; expected plain `
      + 'values, or an object that this worker made (of its System, Dataset, Model or Session)');
  }

  #post(message) {
    try {
      this.#port.post(message);
    } catch (cause) {
      throw new LeastActionError('wrong-type',
        `an argument of ${message.method} cannot be sent to a worker; expected plain values`, { cause });
    }
  }

  #send({ object, of, method, args = [], course, watch }) {
    if (this.#fault) throw this.#fault;
    const id = object === undefined ? undefined : numberOf(object, this, 'this object');
    const call = ++this.#calls;
    this.#post({ call, object: id, of, method, watch, ...this.#sendable(method, args) });
    if (this.#pending.size === 0) this.#port.hold();
    // Objects of a call under way are kept: they must not be forgotten in the worker.
    return [call, new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject, object, args, course });
    })];
  }

  /** Calls a method of an object, a static one of a class, or a function. */
  async call(request) {
    return this.#send(request)[1];
  }

  /** The same of a method with `onProgress` and `signal` among its options. */
  watch({ object, method, args }) {
    let course;
    try {
      const [data, given] = args;
      const { signal, onProgress, ...options } = check.options('options', given);
      if (onProgress !== undefined) check.callback('onProgress', onProgress);
      if (signal !== undefined) check.abortSignal('signal', signal);
      course = new RemoteCourse(onProgress, signal);
      const watch = { aborted: signal?.aborted === true };
      const [call, answer] = this.#send({ object, method, args: [data, options], course, watch });
      takeNews(object, { training: true });
      course.start(answer, () => {
        if (!this.#fault) this.#port.post({ abort: call });
      });
    } catch (error) {
      const thrown = error instanceof LeastActionError ? error
        : new LeastActionError('wrong-type', 'options cannot be read', { cause: error });
      course = new RemoteCourse();
      course.start(Promise.reject(thrown), ignore);
    }
    return TrainingRun.of(course);
  }
}
