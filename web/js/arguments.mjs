// Checks of arguments: the bindings take what they get, so every wrong type ends here. Whatever
// runs code of the caller's (getters, proxies) runs here too, before anything crosses.
import { LeastActionError } from './errors.mjs';

/** The most numbers of one list: 512 MB of them. */
export const MOST_NUMBERS = 2 ** 26;
const MOST_BYTES = 8 * MOST_NUMBERS;

function describe(value) {
  try {
    if (value === null) return 'null';
    if (Array.isArray(value)) return 'an array';
    if (typeof value === 'object') return String(value.constructor?.name ?? 'an object');
    if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
    if (typeof value === 'bigint') return 'a BigInt';
    return typeof value === 'function' ? 'a function' : String(value);
  } catch {
    return 'an object that cannot be read';
  }
}

export function refuse(name, value, expected) {
  throw new LeastActionError('wrong-type', `${name} is ${describe(value)}; expected ${expected}`);
}

export function invalid(message) {
  throw new LeastActionError('invalid-argument', message);
}

/** An object of the caller's threw when it was looked into: that is a wrong type. */
function unreadable(name, error) {
  if (error instanceof LeastActionError) throw error;
  throw new LeastActionError('wrong-type', `${name} cannot be read; expected plain values`, { cause: error });
}

/** Runs `read`, which looks into an object of the caller's. */
export function reading(name, read) {
  try {
    return read();
  } catch (error) {
    return unreadable(name, error);
  }
}

/** A finite number, at least `minimum`. */
export function finite(name, value, minimum = -Infinity) {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < minimum) {
    refuse(name, value, minimum > -Infinity ? `a number of at least ${minimum}` : 'a finite number');
  }
  return value;
}

/** A finite number above 0. */
export function positive(name, value) {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    refuse(name, value, 'a number above 0');
  }
  return value;
}

/** A number from 0, below 1. */
export function fraction(name, value) {
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
    refuse(name, value, 'a number of at least 0 and below 1');
  }
  return value;
}

/** A whole number from `minimum` to `maximum`. */
export function whole(name, value, minimum = 0, maximum = 0x7fffffff) {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    const most = maximum < 0x7fffffff ? ` and at most ${maximum}` : '';
    refuse(name, value, `a whole number of at least ${minimum}${most}`);
  }
  return value;
}

/** A seed: a whole number below 2^53. */
export function seed(name, value) {
  if (!Number.isSafeInteger(value) || value < 0) refuse(name, value, 'a whole number from 0 to 2^53 - 1');
  return value;
}

export function flag(name, value) {
  if (typeof value !== 'boolean') refuse(name, value, 'true or false');
  return value;
}

export function callback(name, value) {
  if (typeof value !== 'function') refuse(name, value, 'a function');
  return value;
}

/** An AbortSignal, or what can stand for one. */
export function abortSignal(name, value) {
  return reading(name, () => {
    if (typeof value !== 'object' || value === null || typeof value.aborted !== 'boolean'
      || typeof value.addEventListener !== 'function' || typeof value.removeEventListener !== 'function') {
      refuse(name, value, 'an AbortSignal');
    }
    return value;
  });
}

// The methods of typed arrays themselves: a caller's object may have others of these names.
const TypedArray = Object.getPrototypeOf(Uint8Array);
const typedKind = Object.getOwnPropertyDescriptor(TypedArray.prototype, Symbol.toStringTag).get;
const typedLength = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'length').get;
const typedBuffer = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'buffer').get;
const Shared = globalThis.SharedArrayBuffer;

export function isShared(buffer) {
  return Shared !== undefined && buffer instanceof Shared;
}

function checkLength(name, length) {
  if (length > MOST_NUMBERS) invalid(`${name} has ${length} numbers; expected at most ${MOST_NUMBERS}`);
}

function copyOfArray(name, value) {
  try {
    if (!Array.isArray(value)) refuse(name, value, 'an array of numbers');
    const { length } = value;
    if (!Number.isInteger(length) || length < 0) refuse(`${name}.length`, length, 'a whole number');
    checkLength(name, length);
    if (length === 0) return new Float64Array(0);
    // Before room is made for them all: a sparse array has nothing here.
    const first = value[0];
    if (typeof first !== 'number') refuse(`${name}[0]`, first, 'a number');
    const copy = new Float64Array(length);
    copy[0] = first;
    for (let i = 1; i < length; ++i) {
      const number = value[i];
      if (typeof number !== 'number') refuse(`${name}[${i}]`, number, 'a number');
      copy[i] = number;
    }
    return copy;
  } catch (error) {
    return unreadable(name, error);
  }
}

/**
 * Numbers, finite or not, from an array or typed array: a typed array that nothing but the caller's
 * own code can change, ready to be copied.
 */
export function list(name, value) {
  const kind = typedKind.call(value);
  if (kind === undefined) return copyOfArray(name, value);
  if (kind.startsWith('Big')) refuse(name, value, 'an array of numbers, not of BigInts');
  checkLength(name, typedLength.call(value));
  return isShared(typedBuffer.call(value)) ? new Float64Array(value) : value;
}

/** How many numbers a list has. */
export function lengthOf(numbers) {
  return typedLength.call(numbers);
}

/** Refuses the first number that is not finite (with `missing`: that is infinite). */
export function checkFinite(name, numbers, from, count, missing = false) {
  for (let i = from; i < from + count; ++i) {
    const number = numbers[i];
    if (number - number !== 0 && !(missing && number !== number)) {
      refuse(`${name}[${i - from}]`, number, missing ? 'a finite number or NaN' : 'a finite number');
    }
  }
}

/** A copy of an array or typed array of finite numbers. */
export function numbers(name, value) {
  const copy = new Float64Array(list(name, value));
  checkFinite(name, copy, 0, copy.length);
  return copy;
}

/** The entries of an array (not of a typed one). */
export function array(name, value, most = MOST_NUMBERS) {
  return reading(name, () => {
    if (!Array.isArray(value)) refuse(name, value, 'an array');
    const { length } = value;
    if (!Number.isInteger(length) || length < 0) refuse(`${name}.length`, length, 'a whole number');
    if (length > most) invalid(`${name} has ${length} entries; expected at most ${most}`);
    const entries = [];
    for (let i = 0; i < length; ++i) {
      entries.push(value[i]);
      if (entries[i] === undefined) refuse(`${name}[${i}]`, undefined, 'an entry');
    }
    return entries;
  });
}

/** Text: a name of something, or with another `most` more. */
export function text(name, value, most = 1000) {
  if (typeof value !== 'string') refuse(name, value, 'text');
  if (value.length > most) invalid(`${name} has ${value.length} characters; expected at most ${most}`);
  return value;
}

/** Bytes: a Uint8Array or an ArrayBuffer. */
export function bytes(name, value) {
  return reading(name, () => {
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (typedKind.call(value) !== 'Uint8Array') refuse(name, value, 'a Uint8Array or ArrayBuffer');
    return isShared(typedBuffer.call(value)) ? new Uint8Array(value) : value;
  });
}

/** The same of a file that goes into WebAssembly memory. */
export function file(name, value) {
  const given = bytes(name, value);
  if (given.length > MOST_BYTES) invalid(`${name} has ${given.length} bytes; expected at most ${MOST_BYTES}`);
  return given;
}

/** An object with options (or nothing). */
export function options(name, value) {
  if (value === undefined) return {};
  return reading(name, () => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
      refuse(name, value, 'an object');
    }
    return value;
  });
}

/** The entries of a plain record of the caller's, each read once. */
export function entries(name, value) {
  return reading(name, () => Object.keys(options(name, value)).map((key) => [key, value[key]]));
}
