// Checks of arguments: the bindings take what they get, so every wrong type ends here.
import { LeastActionError } from './errors.mjs';

function describe(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'function' ? 'a function' : String(value);
}

function refuse(name, value, expected) {
  throw new LeastActionError('wrong-type', `${name} is ${describe(value)}; expected ${expected}`);
}

/** A finite number, at least `minimum`. */
export function finite(name, value, minimum = -Infinity) {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < minimum) {
    refuse(name, value, minimum > -Infinity ? `a number of at least ${minimum}` : 'a finite number');
  }
  return value;
}

/** A whole number from `minimum` to 2^31 − 1. */
export function whole(name, value, minimum = 0) {
  if (!Number.isInteger(value) || value < minimum || value > 0x7fffffff) {
    refuse(name, value, `a whole number of at least ${minimum}`);
  }
  return value;
}

/** An array or typed array of finite numbers. */
export function numbers(name, value) {
  const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (!isList) refuse(name, value, 'an array of numbers');
  for (let i = 0; i < value.length; ++i) {
    if (typeof value[i] !== 'number' || !Number.isFinite(value[i])) {
      refuse(`${name}[${i}]`, value[i], 'a finite number');
    }
  }
  return value;
}

/** Text. */
export function text(name, value) {
  if (typeof value !== 'string') refuse(name, value, 'text');
  return value;
}

/** Bytes: a Uint8Array or an ArrayBuffer. */
export function bytes(name, value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!(value instanceof Uint8Array)) refuse(name, value, 'a Uint8Array or ArrayBuffer');
  return value;
}

/** A plain object (or nothing). */
export function options(name, value) {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(name, value, 'an object');
  }
  return value;
}

/**
 * Settings as a link's text: from that text, or from an object such as
 * `{ system: 'pendulum', models: ['hnn:32,32:tanh', 'node:32,32:tanh'], lr: 0.003,
 *    x0: [1, 0], p: { length: 1.2 } }`.
 */
export function query(name, config) {
  if (config === undefined) return '';
  if (typeof config === 'string') return config;
  const parts = [];
  const add = (key, value) => parts.push(`${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  for (const [key, value] of Object.entries(options(name, config))) {
    if (value === undefined) continue;
    if (key === 'p') {
      for (const [parameter, number] of Object.entries(options(`${name}.p`, value))) {
        add(`p.${parameter}`, finite(`${name}.p.${parameter}`, number));
      }
    } else if (key === 'models' && Array.isArray(value)) {
      add(key, value.join('+'));
    } else if (key === 'x0' && typeof value !== 'string') {
      add(key, Array.from(numbers(`${name}.x0`, value)).join(','));
    } else if (key === 'pins' && Array.isArray(value)) {
      add(key, value.map((start, i) => Array.from(numbers(`${name}.pins[${i}]`, start)).join(',')).join(';'));
    } else if (typeof value === 'boolean') {
      add(key, value ? '1' : '0');
    } else if (typeof value === 'number' || typeof value === 'string') {
      add(key, value);
    } else {
      refuse(`${name}.${key}`, value, 'text or a number');
    }
  }
  return parts.join('&');
}
