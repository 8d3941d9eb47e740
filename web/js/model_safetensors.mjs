// A model as a safetensors file: each weight (outputs × inputs) and bias (outputs) of θ one float64
// tensor, as PyTorch's Linear has them; in the metadata what the network is made of.
import { LeastActionError } from './errors.mjs';
import { readSafetensors, writeSafetensors } from './safetensors.mjs';

const LIBRARY = 'least-action';
const VERSION = '1';

function refuse(message) {
  throw new LeastActionError('bad-file', `safetensors: ${message}`);
}

const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** Rows × columns numbers: from column by column to row by row, or (sizes exchanged) back. */
function transposed(numbers, rows, columns) {
  const result = new Float64Array(rows * columns);
  for (let row = 0, k = 0; row < rows; ++row) {
    for (let column = 0; column < columns; ++column) result[k++] = numbers[column * rows + row];
  }
  return result;
}

/**
 * The file of a model: `spec` is { kind, degreesOfFreedom, hidden, activation, periodic, scale, blocks,
 * blockTime } (the last four as the network's inputs and blocks have them), `blocks` says how θ is
 * made of weights (column by column) and biases.
 */
export function writeModel(spec, blocks, theta) {
  const tensors = Object.fromEntries(blocks.map(({ name, offset, shape }) => {
    const numbers = theta.subarray(offset, offset + sizeOf(shape));
    return [name, { shape, data: shape.length === 2 ? transposed(numbers, ...shape) : numbers }];
  }));
  return writeSafetensors(tensors, {
    format: 'pt',
    library: LIBRARY,
    version: VERSION,
    kind: spec.kind,
    activation: spec.activation,
    ...Object.fromEntries(['degreesOfFreedom', 'hidden', 'periodic', 'scale', 'blocks', 'blockTime']
      .map((key) => [key, JSON.stringify(Array.isArray(spec[key]) || ArrayBuffer.isView(spec[key])
        ? Array.from(spec[key]) : spec[key])])),
  });
}

/** What a metadata text holds, checked. */
function parsed(metadata, key, isRight, expected) {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : refuse(`the metadata have no ${key}`);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (!isRight(value)) refuse(`the metadata ${key} is ${JSON.stringify(text.slice(0, 40))}; expected ${expected}`);
  return value;
}

/**
 * Reads such a file: `spec` as above, and `theta(blocks)`, which puts θ together once the model of that
 * spec has said what it is made of. Every tensor must be there with its shape, as F64 or F32, and no other.
 */
export function readModel(file) {
  const { tensors, metadata } = readSafetensors(file);
  if (metadata.library !== LIBRARY) {
    refuse('the metadata do not say library: least-action; expected a file that toSafetensors wrote');
  }
  if (metadata.version !== VERSION) refuse(`the model has version ${metadata.version}; expected ${VERSION}`);
  // No size can be larger than what the file holds: nothing absurd is allocated for it.
  const most = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  const isSize = (value) => Number.isInteger(value) && value >= 1 && value <= most;
  const isPositive = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
  const degreesOfFreedom = parsed(metadata, 'degreesOfFreedom', (n) => isSize(n) && n <= 256, '1 … 256');
  const isList = (value, isItem) => Array.isArray(value) && value.every(isItem);
  // One entry a component of the state; none: no angles, and scales of 1.
  const isOfState = (value, isItem) => (
    isList(value, isItem) && [0, 2 * degreesOfFreedom].includes(value.length));
  const isHidden = (value) => isList(value, isSize) && value.length <= 64
    && value.every((size, i) => i === 0 || size * value[i - 1] <= most);
  const spec = {
    kind: metadata.kind,
    activation: metadata.activation,
    degreesOfFreedom,
    hidden: parsed(metadata, 'hidden', isHidden, 'sizes of layers that the file holds'),
    periodic: parsed(metadata, 'periodic', (list) => isOfState(list, (item) => typeof item === 'boolean'),
      'true or false for each component of the state'),
    scale: parsed(metadata, 'scale', (list) => isOfState(list, isPositive),
      'a positive number for each component of the state'),
    blocks: parsed(metadata, 'blocks', isSize, 'a whole number that the file holds'),
    blockTime: parsed(metadata, 'blockTime', isPositive, 'a positive number'),
  };
  for (const key of ['kind', 'activation']) {
    if (spec[key] === undefined) refuse(`the metadata have no ${key}`);
    if (spec[key].length > 100) refuse(`the metadata ${key} has ${spec[key].length} characters; expected a name`);
  }

  function theta(blocks) {
    const names = new Set(blocks.map(({ name }) => name));
    for (const name of Object.keys(tensors)) {
      if (!names.has(name)) refuse(`${JSON.stringify(name.slice(0, 60))} is not a tensor of this model`);
    }
    const result = new Float64Array(blocks.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
    for (const { name, offset, shape } of blocks) {
      const tensor = Object.hasOwn(tensors, name) ? tensors[name] : refuse(`the tensor ${name} is missing`);
      if (!['F64', 'F32'].includes(tensor.dtype)) refuse(`${name} is of type ${tensor.dtype}; expected F64 or F32`);
      if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
        refuse(`${name} has the shape (${tensor.shape.join(', ')}); expected (${shape.join(', ')})`);
      }
      if (!tensor.data.every(Number.isFinite)) refuse(`${name} holds a number that is not finite`);
      const [rows, columns] = shape;
      result.set(shape.length === 2 ? transposed(tensor.data, columns, rows) : tensor.data, offset);
    }
    return result;
  }
  return { spec, theta };
}
