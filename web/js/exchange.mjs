// How numbers cross: written to the mailbox in WebAssembly memory (bindings/mailbox.h), read from
// wherever its header says. One module, one mailbox.
import { checkFinite, invalid, lengthOf } from './arguments.mjs';
import { LeastActionError, valueOf } from './errors.mjs';
import { load } from './load.mjs';

// Above this many numbers, memory that a call needed goes back after it.
const KEPT = 2 ** 18;

let module;
let numbers = new Float64Array(0);
let header = 0;
let input = 0;
let capacity = 0;

/** The module, loaded, and connected to what is below. */
export async function connected() {
  const loaded = await load();
  if (module !== loaded) {
    module = loaded;
    capacity = 0;
    header = module.header();
  }
  return module;
}

/** Bytes of WebAssembly memory. */
export function memoryBytes() {
  return module === undefined ? 0 : module.wasmMemory.buffer.byteLength;
}

/** All of memory as numbers. Memory may grow in any call (and on another thread): ask again after it. */
export function heap() {
  const { buffer } = module.wasmMemory;
  if (numbers.buffer !== buffer) numbers = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
  return numbers;
}

/** Room for that many numbers: where to write them in `heap()`. */
export function reserve(count) {
  if (count > capacity || (capacity > KEPT && count <= KEPT)) {
    if (capacity > KEPT) module.trim();
    capacity = 0;  // also where the next call fails
    const place = module.reserve(Math.max(count, 64));
    if (place < 0) throw new LeastActionError('out-of-memory', `there is no memory for ${count} numbers`);
    input = place;
    capacity = Math.max(count, 64);
  }
  return input;
}

/** Writes a list of `count` numbers and refuses what is not finite; with `missing`, NaN passes. */
export function write(name, list, place, count, missing = false) {
  // A getter of another argument may have changed the buffer behind this one.
  if (lengthOf(list) !== count) invalid(`${name} changed while it was read; expected ${count} numbers`);
  const memory = heap();
  if (count > 16) memory.set(list, place);
  else for (let i = 0; i < count; ++i) memory[place + i] = list[i];  // a call of `set` costs more
  checkFinite(name, memory, place, count, missing);
}

/** Gives back what a large call needed. */
export function tidy() {
  module.trim();
  capacity = 0;
}

/**
 * Makes sure that there is memory for text or a file of so many bytes: Embind copies it twice and never
 * asks, so that other memory would be written over, or a number thrown.
 */
export function makeRoom(bytes) {
  reserve(Math.max(Math.ceil(bytes / 4), KEPT + 1));  // at least what `tidy` gives back
  tidy();
}

/** Throws where a call has failed. */
export function done(status) {
  if (status !== 0) valueOf(module.fault());
}

/** A number of the header. */
export function headed(index) {
  return heap()[header + index];
}

/** Where the header is in `heap()`: for calls that read much of it. */
export function headerPlace() {
  return header;
}

/** What the last call has to say in words, where its header says that it has. */
export function textWhere(index) {
  return headed(index) === 0 ? '' : valueOf({ value: module.text() });
}

/** A copy of `count` numbers from a place in memory. */
export function copyFrom(memory, place, count) {
  if (count > 16) return memory.slice(place, place + count);
  const copy = new Float64Array(count);
  for (let i = 0; i < count; ++i) copy[i] = memory[place + i];
  return copy;
}

/** A copy of `count` numbers from a place that the header names at `index`. */
export function copyAt(index, count) {
  const memory = heap();
  return copyFrom(memory, memory[header + index], count);
}

/** The same without copying: good until the next call. */
export function viewAt(index, count) {
  const memory = heap();
  const place = memory[header + index];
  return memory.subarray(place, place + count);
}
