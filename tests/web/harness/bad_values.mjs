// Values that no call may take, by what is expected in their place. Each list is made anew, as a
// callee may keep or change what it gets.

const trap = () => { throw new RangeError('this trap must not be seen'); };
const traps = { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap };
/** An object (or array) whose every property throws. */
export const throwing = (target = {}) => new Proxy(target, traps);

/** Nothing of these is a number, a list, text, bytes or a bag of options. */
const never = () => [null, true, Symbol('s'), 7n, () => 1, throwing()];
const objects = () => [{}, [], [1], new Date(0), new Map(), throwing([])];
const texts = () => ['', 'abc', '1', '\u0000', 'x'.repeat(1e6)];
const notFinite = () => [NaN, Infinity, -Infinity];
const fromBelow = (minimum, excluded) => (excluded ? [minimum] : [])
  .concat(minimum === -Infinity ? [] : [minimum - 1, -1e300, -(2 ** 53)]);

/** A finite number from `minimum` (or above it) up to `maximum`. */
export function number({ minimum = -Infinity, above = false, maximum = Infinity } = {}) {
  return [...never(), ...objects(), ...texts(), ...notFinite(), ...fromBelow(minimum, above),
    ...(maximum === Infinity ? [] : [maximum, maximum + 1, 1e300])];
}

/** A whole number from `minimum`. */
export function whole(minimum = 0) {
  return [...number({ minimum }), minimum + 0.5, 1e300, 2 ** 53, 2 ** 31];
}

export const flag = () => [null, Symbol('s'), 7n, () => 1, throwing(), ...objects(), ...texts(), 0, 1, NaN];

/** One of a few words. */
export function word() {
  return [...never(), ...objects(), ...texts(), ...notFinite(), 0, 'toString', '__proto__', 'constructor',
    'RK4 '];
}

/** A list of `length` finite numbers (any length where that is 0). */
export function list(length, { nan = false } = {}) {
  const size = length || 2;
  const filled = (value) => Array(size).fill(value);
  const getter = filled(0);
  Object.defineProperty(getter, 0, { get: trap });
  return [
    undefined, ...never(), {}, new Date(0), new Set([1]), throwing(filled(0)), getter, ...texts(), 0, 5,
    ...notFinite(), { length: 1e9 }, { length: -1 }, { length: NaN }, { length: 2 ** 53 },
    new DataView(new ArrayBuffer(8 * size)), new ArrayBuffer(8 * size),
    new BigInt64Array(size), new BigUint64Array(size),
    filled(null), filled(undefined), filled('1'), filled([1]), filled({}), filled(true), filled(1n),
    filled(() => 1), new Array(size), new Array(1e9), new Array(2 ** 32 - 1),
    filled(Infinity), [...filled(0).slice(1), -Infinity],
    ...(nan ? [] : [filled(NaN), new Float64Array(size).fill(NaN), new Float32Array(size).fill(NaN)]),
    ...(length ? [[], new Float64Array(0), filled(0).slice(1), [...filled(0), 0],
      new Float64Array(length + 1)].filter((wrong) => wrong.length !== length) : []),
  ];
}

/** Times that do not stand still. */
export const times = () => [...list(0), [], [0, 0], [0, 1, 1], new Float64Array(3)];

/** A bag of options. */
export const bag = () => [null, true, Symbol('s'), 7n, 'abc', '', 5, NaN, [], [1], throwing(), () => 1];

/** The same where it cannot be left out. */
export const neededBag = () => [undefined, ...bag()];

/** Bytes of a file. */
export function bytes() {
  return [undefined, ...never(), ...objects(), ...texts(), 0, 5, NaN, { length: 1e9 }, { byteLength: 8 },
    new Array(1e9), new Uint8Array(0), new Uint8Array(1), new ArrayBuffer(0), new ArrayBuffer(64),
    new Uint8Array(4096).fill(255)];
}

/** Text of a file. */
export const text = () => [undefined, ...never(), ...objects(), '', '\u0000', 'abc', '{', ',,,\n,,,', 0, 5,
  NaN, new Uint8Array(8)];

/** An object of a class of the package; `others` are objects of its other classes. */
export const instance = (others = []) => [undefined, ...never(), ...objects(), ...texts(), 0, 5, NaN,
  ...others];

export const callback = () => [null, true, 7n, {}, [], 'abc', 5, NaN, throwing()];
export const signal = () => [true, 7n, {}, [], 'abort', 5, () => 1, { aborted: false }, throwing()];

/** A list of whole numbers from 1, such as layers' sizes; `most` is how many there may be. */
export function sizes() {
  return [...list(0).filter((value) => value !== undefined), [0], [-1], [1.5], [8, 0], [2 ** 31], [1e300],
    [1e9], [1e9, 1e9], Array(1e5).fill(8)];
}
