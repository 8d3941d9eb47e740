// Files of named tensors that Python reads and writes too: 8 bytes with the length of the header
// (little-endian), the header (JSON: name → dtype, shape and data_offsets), then the numbers.
import { bytes as checkedBytes, entries as checkedEntries, list as checkedList, reading } from './arguments.mjs';
import { LeastActionError } from './errors.mjs';
import { fromBfloat16, fromHalf } from './half.mjs';
import { unknownOption } from './options.mjs';

const LONGEST_HEADER = 100_000_000;  // the reference implementation's

/** Each element type: its array here, and what turns the stored numbers into it where they differ. */
const TYPES = new Map([
  ['BOOL', { Array: Uint8Array }], ['U8', { Array: Uint8Array }], ['I8', { Array: Int8Array }],
  ['I16', { Array: Int16Array }], ['U16', { Array: Uint16Array }],
  ['F16', { Array: Uint16Array, convert: (bits) => Float32Array.from(bits, fromHalf) }],
  ['BF16', { Array: Uint16Array, convert: fromBfloat16 }],
  ['I32', { Array: Int32Array }], ['U32', { Array: Uint32Array }], ['F32', { Array: Float32Array }],
  ['F64', { Array: Float64Array }], ['I64', { Array: BigInt64Array }], ['U64', { Array: BigUint64Array }],
]);
/** In this order the wider types come first in a file, so that all stay aligned. */
const RANKS = [...TYPES.keys()].reverse();

function refuse(message) {
  throw new LeastActionError('bad-file', `safetensors: ${message}`);
}

function wrong(message) {
  throw new LeastActionError('wrong-type', `writeSafetensors: ${message}`);
}

const named = (name) => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Refuses a key that an object of this (valid) JSON text has twice: JSON.parse takes the last one. */
function refuseDuplicates(text) {
  const open = [];  // the keys of each object around; undefined for an array
  for (let at = 0; at < text.length; ++at) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const from = at++;
      while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      let next = at + 1;
      while (' \t\r\n'.includes(text[next] ?? 'end')) ++next;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(from, at + 1));
      if (open.at(-1).has(key)) refuse(`the header has ${named(key)} twice`);
      open.at(-1).add(key);
    }
  }
}

function parsedHeader(bytes) {
  let text;
  let header;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new LeastActionError('bad-file', 'safetensors: the header is not JSON', { cause });
  }
  if (text[0] !== '{' || !isRecord(header)) refuse('the header is not a JSON object');
  refuseDuplicates(text);
  return header;
}

function checkedMetadata(metadata) {
  if (!isRecord(metadata)) refuse('__metadata__ is not an object of texts');
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') refuse(`__metadata__ has ${named(key)}, which is not a text`);
  }
  return metadata;
}

/** An entry of the header: name, type, shape and where its bytes are. */
function checkedEntry(name, entry) {
  if (!isRecord(entry)) refuse(`${named(name)} is not an object with dtype, shape and data_offsets`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    refuse(`${named(name)} has ${named(unknown)}; expected dtype, shape and data_offsets`);
  }
  const type = TYPES.get(dtype);
  if (!type) {
    refuse(`${named(name)} has the type ${named(String(dtype))}; expected one of ${[...TYPES.keys()].join(', ')}`);
  }
  const isSize = (value) => Number.isSafeInteger(value) && value >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    refuse(`${named(name)} has a shape that is not an array of sizes`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize) || offsets[1] < offsets[0]) {
    refuse(`${named(name)} has data_offsets that are not [begin, end]`);
  }
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const [begin, end] = offsets;
  if (elements * type.Array.BYTES_PER_ELEMENT !== end - begin) {
    refuse(`${named(name)}: the shape (${shape.slice(0, 8).join(', ')}) of ${dtype} does not take its ${
      end - begin} bytes`);
  }
  return { name, dtype, type, shape, begin, end };
}

/**
 * The tensors of a safetensors file by name, `{ dtype, shape, data }` each (row-major, copies), and its
 * metadata (texts by name). F16 and BF16 become Float32Array, BOOL a Uint8Array.
 */
export function readSafetensors(file) {
  const bytes = checkedBytes('file', file);
  if (bytes.length < 8) refuse(`the file has ${bytes.length} bytes; expected at least 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > LONGEST_HEADER) {
    refuse(`the header is said to have ${length} bytes; expected at most ${LONGEST_HEADER}`);
  }
  if (length > bytes.length - 8) refuse(`the header is said to have ${length} bytes; the file ends before`);
  const header = parsedHeader(bytes.subarray(8, 8 + length));
  const numbers = bytes.subarray(8 + length);

  const hasMetadata = Object.hasOwn(header, '__metadata__');
  const metadata = hasMetadata ? checkedMetadata(header.__metadata__) : {};
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => checkedEntry(name, entry));
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) refuse(`${named(name)} begins at byte ${begin}; the one before it ends at ${at}`);
    at = end;
  }
  if (at !== numbers.length) refuse(`the tensors take ${at} bytes; the file has ${numbers.length} of them`);

  // fromEntries defines every name as a property of its own, __proto__ too.
  const tensors = Object.fromEntries(entries.map(({ name, dtype, type, shape, begin, end }) => {
    const own = new Uint8Array(numbers.subarray(begin, end));  // a copy, and so aligned
    const stored = new type.Array(own.buffer);
    return [name, { dtype, shape, data: type.convert ? type.convert(stored) : stored }];
  }));
  return { tensors, metadata };
}

/** The type of a tensor to write, and its numbers as they will be stored. */
function storable(name, tensor) {
  const label = `tensors.${name.slice(0, 60)}`;
  if (!isRecord(tensor)) wrong(`${label} is not an object with data and shape`);
  const { data: given, shape = [given?.length], dtype: wanted, ...rest } = tensor;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) unknownOption(`writeSafetensors: ${label}`, unknown, ['data', 'shape', 'dtype']);
  const data = Array.isArray(given) ? checkedList(`${label}.data`, given) : given;
  const dtype = wanted ?? RANKS.find((key) => data instanceof TYPES.get(key).Array && !/BOOL|F16/.test(key));
  const type = TYPES.get(dtype);
  if (!type || type.convert || !(data instanceof type.Array)) {
    wrong(`${label} holds ${data?.constructor?.name ?? typeof data} as ${dtype ?? 'no type'}; expected numbers ${
      ''}or a typed array, as ${RANKS.filter((key) => !TYPES.get(key).convert).join(', ')}`);
  }
  if (dtype === 'BOOL' && data.some((value) => value > 1)) wrong(`${label} holds more than 0 and 1`);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
      || shape.reduce((product, size) => product * size, 1) !== data.length) {
    wrong(`${label} has a shape that does not hold its ${data.length} numbers`);
  }
  return { name, dtype, data, shape: [...shape] };
}

/**
 * The bytes of a safetensors file from tensors by name, `{ data, shape, dtype }` each (row-major;
 * without a shape one dimension, without a type that of the array, float64 for plain arrays), and
 * metadata: texts by name.
 */
export function writeSafetensors(tensors, metadata) {
  return reading('tensors or metadata', () => write(tensors, metadata));
}

function write(tensors, metadata) {
  if (!isRecord(tensors)) wrong('tensors is not an object of tensors');
  const texts = checkedEntries('metadata', metadata);
  for (const [key, value] of texts) {
    if (typeof value !== 'string') wrong(`metadata ${named(key)} is not a text`);
  }
  if (Object.hasOwn(tensors, '__metadata__')) wrong('__metadata__ cannot be the name of a tensor');
  const entries = Object.entries(tensors).map(([name, tensor]) => storable(name, tensor))
    .sort((a, b) => RANKS.indexOf(a.dtype) - RANKS.indexOf(b.dtype) || (a.name < b.name ? -1 : 1));

  const header = texts.length ? [['__metadata__', Object.fromEntries(texts)]] : [];
  let at = 0;
  for (const { name, dtype, shape, data } of entries) {
    header.push([name, { dtype, shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  // Object.fromEntries would put names that are whole numbers first; the order is that of the bytes.
  const members = header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  const encoded = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(encoded.length / 8) * 8;  // filled with blanks: the numbers are aligned
  if (length > LONGEST_HEADER) wrong(`names and texts take ${length} bytes; expected at most ${LONGEST_HEADER}`);
  const file = new Uint8Array(8 + length + at).fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(encoded, 8);
  let place = 8 + length;
  for (const { data } of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}
