// A dataset as plain JSON: null where a number was not observed.
import { reading } from './arguments.mjs';
import { LeastActionError } from './errors.mjs';

const FORMAT = 'least-action-dataset';

function refuse(where, message) {
  throw new LeastActionError('bad-file', `Dataset JSON: ${where}${message}`);
}

const withNulls = (numbers) => Array.from(numbers, (value) => (Number.isNaN(value) ? null : value));

/** What `Dataset.toJson` gives. */
export function datasetToJson({ chart, degreesOfFreedom, train, test }) {
  const part = (trajectories) => trajectories.map(({ times, states, derivatives }) => (
    { times: Array.from(times), states: withNulls(states), derivatives: withNulls(derivatives) }));
  return { format: FORMAT, version: 1, chart, degreesOfFreedom, train: part(train), test: part(test) };
}

/** Numbers of a list, null as NaN. */
function numbers(where, list, length) {
  if (!Array.isArray(list)) refuse(where, ' is not a list of numbers');
  if (list.length !== (length ?? list.length)) refuse(where, ` has ${list.length} numbers; expected ${length}`);
  if (list.length && list[0] === undefined) refuse(`${where}[0]`, ' is neither a number nor null');  // sparse
  const result = new Float64Array(list.length);
  for (let i = 0; i < list.length; ++i) {
    if (list[i] !== null && (typeof list[i] !== 'number' || Math.abs(list[i]) === Infinity)) {
      refuse(`${where}[${i}]`, ' is neither a finite number nor null');
    }
    result[i] = list[i] ?? NaN;
  }
  return result;
}

function part(name, list, dimension) {
  if (!Array.isArray(list)) refuse(name, ' is not a list of trajectories');
  return Array.from(list, (entry, i) => {
    const where = `${name}[${i}]`;
    if (typeof entry !== 'object' || entry === null) refuse(where, ' is not a trajectory');
    const times = numbers(`${where}.times`, entry.times);
    for (let k = 0; k < times.length; ++k) {
      if (Number.isNaN(times[k])) refuse(`${where}.times[${k}]`, ' is not a number');
      if (times[k] <= times[k - 1]) refuse(`${where}.times[${k}]`, ' does not come after the one before');
    }
    if (times.length === 0) refuse(where, ' has no points');
    const size = times.length * dimension;
    const states = numbers(`${where}.states`, entry.states, size);
    if (entry.derivatives === undefined) return { times, states };
    return { times, states, derivatives: numbers(`${where}.derivatives`, entry.derivatives, size) };
  });
}

/** The options for Dataset.create, from what `toJson` gave or its text. */
export function datasetFromJson(json) {
  return reading('json', () => read(json));
}

function read(json) {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch (cause) {
      throw new LeastActionError('bad-file', 'Dataset JSON: the text is not JSON', { cause });
    }
  }
  if (typeof value !== 'object' || value === null || value.format !== FORMAT) {
    refuse('', `there is no format: ${FORMAT}`);
  }
  if (value.version !== 1) refuse('version', ` is ${String(value.version)}; expected 1`);
  const { chart, degreesOfFreedom } = value;
  if (chart !== 'canonical' && chart !== 'velocity') {
    refuse('chart', ` is ${String(chart)}; expected canonical or velocity`);
  }
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1 || degreesOfFreedom > 256) {
    refuse('degreesOfFreedom', ` is ${String(degreesOfFreedom)}; expected 1 … 256`);
  }
  const train = part('train', value.train, 2 * degreesOfFreedom);
  if (train.length === 0) refuse('train', ' has no trajectories');
  return { chart, degreesOfFreedom, train, test: part('test', value.test ?? [], 2 * degreesOfFreedom) };
}
