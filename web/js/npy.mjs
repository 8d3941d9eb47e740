// NumPy's .npy files: magic, version, a header that is a Python dictionary, then the numbers.
// Format: NEP 1 and numpy.lib.format, versions 1.0 to 3.0.
import { bytes as checkedBytes, list as checkedList, reading, refuse as refuseArgument } from './arguments.mjs';
import { LeastActionError } from './errors.mjs';
import { fromHalf } from './half.mjs';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];  // \x93NUMPY
const MOST_DIMENSIONS = 64;

/** What each type of NumPy becomes: the letter and bytes of `descr`. */
const ARRAYS = new Map([
  ['b1', Uint8Array], ['u1', Uint8Array], ['i1', Int8Array], ['u2', Uint16Array], ['i2', Int16Array],
  ['u4', Uint32Array], ['i4', Int32Array], ['u8', BigUint64Array], ['i8', BigInt64Array],
  ['f2', Uint16Array], ['f4', Float32Array], ['f8', Float64Array],
]);

/** What each typed array is written as. */
const DESCRIPTIONS = new Map([
  [Float64Array, '<f8'], [Float32Array, '<f4'], [BigInt64Array, '<i8'], [BigUint64Array, '<u8'],
  [Int32Array, '<i4'], [Uint32Array, '<u4'], [Int16Array, '<i2'], [Uint16Array, '<u2'],
  [Int8Array, '|i1'], [Uint8Array, '|u1'], [Uint8ClampedArray, '|u1'],
]);

function refuse(message) {
  throw new LeastActionError('bad-file', `npy: ${message}`);
}

function wrong(message) {
  throw new LeastActionError('wrong-type', `writeNpy: ${message}`);
}

/**
 * Reads the header: the literal of a dictionary with the keys descr, fortran_order and shape. Only
 * texts, True, False, whole numbers and tuples of them are understood; nothing is evaluated.
 */
class Header {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  /** Takes what the pattern (sticky) matches here, after blanks; undefined where it does not. */
  #take(pattern) {
    const blanks = /[ \t\r\n]*/y;
    blanks.lastIndex = this.#at;
    blanks.exec(this.#text);
    pattern.lastIndex = blanks.lastIndex;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match?.[0];
  }

  #expect(pattern, what) {
    return this.#take(pattern) ?? refuse(`the header has ${JSON.stringify(
      this.#text.slice(this.#at, this.#at + 20))} at character ${this.#at}; expected ${what}`);
  }

  #string(what) {
    return this.#expect(/'[^'\\\n]*'|"[^"\\\n]*"/y, what).slice(1, -1);
  }

  #shape() {
    this.#expect(/\(/y, "the shape, such as (3, 2)");
    const shape = [];
    while (!this.#take(/\)/y)) {
      // Python 2 wrote long numbers with an L.
      const size = Number.parseInt(this.#expect(/\d{1,20}L?/y, 'a size or )'), 10);
      if (!Number.isSafeInteger(size)) refuse(`the shape has a size of ${size}, more than any file has`);
      if (shape.push(size) > MOST_DIMENSIONS) refuse(`the shape has more than ${MOST_DIMENSIONS} dimensions`);
      if (this.#take(/,/y)) continue;
      // In Python (3,) is a tuple and (3) a number.
      if (shape.length === 1) refuse('the shape is not a tuple; expected (n,)');
      this.#expect(/\)/y, ', or )');
      break;
    }
    return shape;
  }

  read() {
    const found = new Map();
    this.#expect(/\{/y, 'a dictionary');
    while (!this.#take(/\}/y)) {
      const key = this.#string('a key');
      if (found.has(key)) refuse(`the header has ${key} twice`);
      this.#expect(/:/y, `: after ${key}`);
      if (key === 'descr') {
        if (this.#take(/\[/y)) refuse('the type is a structured one; expected plain numbers');
        found.set(key, this.#string('the type, such as \'<f8\''));
      } else if (key === 'fortran_order') {
        found.set(key, this.#expect(/True\b|False\b/y, 'True or False') === 'True');
      } else if (key === 'shape') {
        found.set(key, this.#shape());
      } else {
        refuse(`the header has the key ${JSON.stringify(key.slice(0, 40))}; expected descr, fortran_order, shape`);
      }
      if (this.#take(/,/y)) continue;
      this.#expect(/\}/y, ', or }');
      break;
    }
    this.#expect(/$/y, 'its end');
    for (const key of ['descr', 'fortran_order', 'shape']) {
      if (!found.has(key)) refuse(`the header has no ${key}`);
    }
    return [found.get('descr'), found.get('fortran_order'), found.get('shape')];
  }
}

/** The same array with the last index running fastest, from one whose first does. */
function toRowMajor(data, shape) {
  const result = new data.constructor(data.length);
  const strides = [];
  shape.reduce((stride, size) => (strides.push(stride), stride * size), 1);
  const index = new Array(shape.length).fill(0);
  for (let i = 0, from = 0; i < data.length; ++i) {
    result[i] = data[from];
    for (let axis = shape.length - 1; axis >= 0; --axis) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** The whole number of elements of a shape, or undefined where it is beyond any file. */
function count(shape) {
  if (shape.includes(0)) return 0;
  const elements = shape.reduce((product, size) => product * size, 1);
  return Number.isSafeInteger(elements) ? elements : undefined;
}

/**
 * The array in a .npy file, in row-major order whatever the file's, with its shape ([] for a single
 * number) and its type as NumPy writes it. Floats of 16 bits become Float32Array, truth values 0 and 1.
 */
export function readNpy(file) {
  const bytes = checkedBytes('file', file);
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse('the file does not begin as a NumPy array does');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0) refuse(`version ${major}.${minor}; expected 1.0, 2.0 or 3.0`);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) refuse('the file ends in its header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > bytes.length - start) refuse(`the header has ${length} bytes; the file ends before`);
  // Longer ones NumPy does not read either; plain arrays need a few hundred.
  if (length > 10000) refuse(`the header has ${length} bytes; expected at most 10000`);
  const decoder = new TextDecoder(major === 3 ? 'utf-8' : 'latin1');
  const text = decoder.decode(bytes.subarray(start, start + length));
  const [description, isFortran, shape] = new Header(text).read();

  const [, order, type] = /^([<>|=]?)([a-zA-Z]\d*)$/.exec(description) ?? [];
  const Type = ARRAYS.get(type);
  if (!Type) {
    refuse(`the type is ${JSON.stringify(description.slice(0, 40))}; expected b1, i1 … i8, u1 … u8 or f2 … f8`);
  }
  const elements = count(shape);
  const size = Type.BYTES_PER_ELEMENT;
  const left = bytes.length - start - length;
  if (elements === undefined || elements * size !== left) {
    refuse(`the shape (${shape.join(', ')}) of ${description} needs ${
      elements === undefined ? 'more' : elements * size} bytes; the file has ${left} after its header`);
  }
  const own = new Uint8Array(bytes.subarray(start + length));  // a copy, and so aligned
  if (order === '>' && size > 1) {
    for (let i = 0; i < own.length; i += size) own.subarray(i, i + size).reverse();
  }
  let data = new Type(own.buffer, 0, elements);
  if (type === 'f2') data = Float32Array.from(data, fromHalf);
  if (type === 'b1') data.forEach((value, i) => { data[i] = value ? 1 : 0; });
  if (isFortran && shape.length > 1) data = toRowMajor(data, shape);
  return { data, shape, dtype: description };
}

/** Numbers as a typed array of a type that can be written. */
function writable(data) {
  if (Array.isArray(data)) return { numbers: checkedList('data', data), description: '<f8' };
  for (const [Type, description] of DESCRIPTIONS) {
    if (data instanceof Type) return { numbers: data, description };
  }
  return refuseArgument('data', data, 'an array of numbers or a typed array');
}

/**
 * The bytes of a .npy file, as NumPy itself writes them (version 1.0, little-endian, row-major).
 * Plain arrays become float64, typed arrays their own type. Without a shape: one dimension.
 */
export function writeNpy(data, shape) {
  return reading('data or shape', () => write(data, shape));
}

function write(data, shape) {
  const { numbers, description } = writable(data);
  const sizes = checkedList('shape', shape === undefined ? [numbers.length] : shape);
  if (sizes.length > MOST_DIMENSIONS) wrong(`shape has ${sizes.length} sizes; expected at most ${MOST_DIMENSIONS}`);
  const shown = Array.from(sizes, (size, i) => {
    if (!Number.isSafeInteger(size) || size < 0) wrong(`shape[${i}] is ${size}; expected a whole number`);
    return String(size);
  });
  if (count(Array.from(sizes)) !== numbers.length) {
    wrong(`the shape (${shown.join(', ')}) does not hold the ${numbers.length} numbers of data`);
  }
  // NumPy leaves room for the first size to grow to 21 digits, then fills up to 64 bytes.
  const tuple = shown.length === 1 ? `(${shown[0]},)` : `(${shown.join(', ')})`;
  const growth = shown.length ? 21 - shown[0].length : 0;
  const dictionary = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = dictionary.length + growth;
  const header = `${dictionary.padEnd(length + 64 - ((10 + length + 1) % 64))}\n`;

  const file = new Uint8Array(10 + header.length + numbers.byteLength);
  file.set(MAGIC);
  file.set([1, 0, header.length & 0xff, header.length >> 8], 6);
  file.set(new TextEncoder().encode(header), 10);
  file.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), 10 + header.length);
  return file;
}
