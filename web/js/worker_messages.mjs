// What goes between a page (or Node) and the worker: values, handles of objects, errors.
//
// To the worker     { call, object, of, method, args, handles, watch }   a call; `call` numbers it
//                   { abort } { release }            stop that call; that object is forgotten
// From the worker   { hello, classes, functions }    first of all: what there is to call
//                   { call, value | handle | error, state }   the answer
//                   { call, progress, state }        of a call that is watched
import { LeastActionError, ERROR_CODES } from './errors.mjs';

/** Both sides must be of the same package. */
export const PROTOCOL = 'least-action worker 1';

const TypedArray = Object.getPrototypeOf(Uint8Array);

export const isRecord = (value) => typeof value === 'object' && value !== null;

/** Made of nothing but itself: {…}, also from another window, and not of a class. */
export function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Structured cloning would take the whole buffer of a part of it, and share shared memory. */
function ownArray(array) {
  const { buffer } = array;
  const isWhole = buffer instanceof ArrayBuffer && array.byteLength === buffer.byteLength;
  if (isWhole || !(array instanceof TypedArray)) return array;
  return TypedArray.prototype.slice.call(array);
}

/**
 * A result as it is sent: every typed array has its own buffer, and `transfer` (a set) gets those
 * buffers. Results are trees of plain objects.
 */
export function packed(value, transfer) {
  if (ArrayBuffer.isView(value)) {
    const own = ownArray(value);
    transfer.add(own.buffer);
    return own;
  }
  if (Array.isArray(value)) return value.map((entry) => packed(entry, transfer));
  if (!isRecord(value) || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, packed(entry, transfer)]));
}

/** An argument as it is cloned; what belongs to a larger buffer is cut out of it. */
export function argument(value) {
  return ArrayBuffer.isView(value) ? ownArray(value) : value;
}

/** An error as plain data, with its causes. */
export function describeError(error, depth = 3) {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, code, cause } = error;
  return { name, message, ...(typeof code === 'string' && { code }),
    ...(cause !== undefined && depth > 0 && { cause: describeError(cause, depth - 1) }) };
}

/** The error that was described: a LeastActionError. */
export function errorFrom(described) {
  if (!isRecord(described)) return new LeastActionError('internal', 'the worker failed and did not say how');
  const options = described.cause === undefined ? undefined : { cause: causeFrom(described.cause) };
  if (Object.hasOwn(ERROR_CODES, described.code)) {
    return new LeastActionError(described.code, String(described.message), options);
  }
  return new LeastActionError('internal', `${described.name}: ${described.message}`, options);
}

function causeFrom(described) {
  if (!isRecord(described)) return described;
  if (Object.hasOwn(ERROR_CODES, described.code)) return errorFrom(described);
  const cause = new Error(String(described.message),
    described.cause === undefined ? undefined : { cause: causeFrom(described.cause) });
  cause.name = String(described.name);
  return cause;
}
