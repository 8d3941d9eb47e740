// Every option of every call: its check and its default, one table a call.
import * as check from './arguments.mjs';
import { LeastActionError } from './errors.mjs';

function editDistance(a, b) {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    let diagonal = row[0];
    row[0] = i;
    for (let j = 1; j <= b.length; ++j) {
      const substitution = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = Math.min(row[j] + 1, row[j - 1] + 1, substitution);
    }
  }
  return row[b.length];
}

/** ", did you mean …?" and the known names: as fail_unknown of lib/base/unknown_name.cpp. */
function known(name, names) {
  let best;
  let least = Math.floor(name.length / 3) + 1;
  for (const each of name.length > 40 ? [] : names) {
    const distance = editDistance(name, each);
    if (distance <= least && (best === undefined || distance < least)) {
      best = each;
      least = distance;
    }
  }
  return `${best === undefined ? '' : `, did you mean "${best}"?`}; known: ${names.join(', ')}`;
}

function quoted(name) {
  return name.length > 40 ? `"${name.slice(0, 40)}…"` : `"${name}"`;
}

/** Refuses an option that is none of `names`. */
export function unknownOption(where, name, names) {
  throw new LeastActionError('unknown-option',
    `${where}: no option is called ${quoted(name)}${known(name, names)}`);
}

/** `value` where it is one of those names; `kind` is what they are names of. */
function oneOfKind(kind, names, name, value) {
  if (!names.includes(check.text(name, value))) {
    check.invalid(`${name}: no ${kind} is called ${quoted(value)}${known(value, names)}`);
  }
  return value;
}
const oneOf = (...names) => (name, value) => oneOfKind(name, names, name, value);

export const CHARTS = Object.freeze(['canonical', 'velocity']);
/** A chart, as the number it crosses as. */
export function chart(name, value) {
  return value === 'canonical' ? 0 : CHARTS.indexOf(oneOfKind('chart', CHARTS, name, value));
}

function sizes(name, value) {
  const numbers = check.list(name, value);
  if (check.lengthOf(numbers) > 64) {
    check.invalid(`${name} has ${check.lengthOf(numbers)} layers; expected at most 64`);
  }
  return Array.from(numbers, (size, i) => check.whole(`${name}[${i}]`, size, 1, 65536));
}

function state(name, value) {
  const numbers = check.numbers(name, value);
  if (numbers.length === 0) check.invalid(`${name} is empty; expected a whole state`);
  return numbers;
}

function tolerances(name, value) {
  const numbers = check.numbers(name, value);
  numbers.forEach((number, i) => {
    if (!(number > 0)) check.invalid(`${name}[${i}] is ${number}; expected a number above 0`);
  });
  return numbers;
}

const atLeast = (minimum) => (name, value) => check.finite(name, value, minimum);
const whole = (minimum, maximum) => (name, value) => check.whole(name, value, minimum, maximum);
const asIs = (name, value) => value;  // checked by the call, which knows what must fit
const number = (name, value) => check.finite(name, value);

const solve = {
  method: [check.text, 'dopri5'],
  step: [check.positive, 0.01],
  relativeTolerance: [check.positive, 1e-8],
  absoluteTolerance: [check.positive, 1e-10],
  maxSteps: [whole(1), 1000000],
};
const grid = {
  xComponent: [whole(0), 0],
  yComponent: [whole(0), undefined],
  xMin: [number, undefined],
  xMax: [number, undefined],
  yMin: [number, undefined],
  yMax: [number, undefined],
  columns: [whole(2, 512), 24],
  rows: [whole(2, 512), 24],
  base: [state, undefined],
};
const loss = {
  loss: [check.text, 'derivative'],
  segmentLength: [whole(1), 8],
  substeps: [whole(1), 1],
  method: [check.text, 'rk4'],
  relativeTolerance: [check.positive, 1e-5],
  sensitivity: [check.text, 'symplectic'],
  checkpoints: [whole(0), 0],
};
const train = {
  ...loss,
  steps: [whole(1), 2000],
  milliseconds: [atLeast(0), 0],
  optimizer: [check.text, 'adam'],
  learningRate: [check.positive, 3e-3],
  momentum: [check.fraction, 0.9],
  beta1: [check.fraction, 0.9],
  beta2: [check.fraction, 0.999],
  epsilon: [check.positive, 1e-8],
  weightDecay: [atLeast(0), 0],
  gradientClip: [atLeast(0), 0],
  schedule: [check.text, 'constant'],
  warmupSteps: [whole(0), 100],
  batchSize: [whole(0), 256],
  testEvery: [whole(1), 20],
  precision: [check.text, 'float32'],
  seed: [check.seed, 1],
  signal: [check.abortSignal, undefined],
  onProgress: [check.callback, undefined],
  progressEvery: [atLeast(0), 100],
  run: [oneOf('auto', 'slices', 'thread'), 'auto'],
  slice: [check.positive, 10],
};
function wasmSource(name, value) {
  return check.reading(name, () => {
    const isSource = typeof value === 'string' || value instanceof URL || value instanceof ArrayBuffer
      || ArrayBuffer.isView(value) || (typeof WebAssembly === 'object' && value instanceof WebAssembly.Module);
    if (!isSource) check.refuse(name, value, 'an address, bytes or a WebAssembly.Module');
    return value;
  });
}
const ofChart = { chart: [chart, 0] };

/** A table for `read`, of rows name: [check, default]. */
function table(rows) {
  return { names: Object.keys(rows), rows: new Map(Object.entries(rows)),
    checks: Object.values(rows).map(([row]) => row),
    defaults: Object.values(rows).map(([, value]) => value) };
}

/** Of `ready`: what is not given stays undefined, for it agrees with whatever the module was loaded with. */
export const LOAD_OPTIONS = table({
  wasm: [wasmSource, undefined],
  locateFile: [check.callback, undefined],
  threads: [oneOf('auto', 'never'), undefined],
});

/** By the name of the interface that declares the options; the last ones are a call's own. */
export const OPTION_TABLES = Object.freeze({
  SampleOptions: table({
    trajectories: [whole(1), 25],
    samples: [whole(2), 30],
    duration: [check.positive, 3],
    noise: [atLeast(0), 0],
    irregularTimes: [check.flag, false],
    missingFraction: [check.fraction, 0],
    testFraction: [check.fraction, 0.2],
    derivatives: [oneOf('exact', 'estimate'), 'exact'],
    chart: [chart, 0],
    seed: [check.seed, 1],
  }),
  SolveOptions: table(solve),
  RolloutOptions: table({ ...solve, view: [check.flag, false] }),
  AdjointOptions: table({ ...solve, sensitivity: [check.text, 'symplectic'], checkpoints: [whole(0), 0] }),
  GridOptions: table(grid),
  TrajectoryInput: table({ times: [check.list, undefined], states: [check.list, undefined],
    derivatives: [check.list, undefined] }),
  DatasetOptions: table({
    degreesOfFreedom: [whole(1, 256), undefined],
    chart: [chart, 0],
    train: [check.array, undefined],
    test: [check.array, undefined],
    testFraction: [check.fraction, 0],
    estimateDerivatives: [check.flag, true],
  }),
  ModelOptions: table({
    kind: [check.text, 'hnn'],
    system: [asIs, undefined],
    degreesOfFreedom: [whole(1, 256), undefined],
    periodic: [check.array, undefined],
    scale: [check.numbers, undefined],
    hidden: [sizes, Object.freeze([32, 32])],
    activation: [check.text, 'tanh'],
    blocks: [whole(1, 1024), 1],
    blockTime: [check.positive, 0.1],
    seed: [check.seed, 1],
  }),
  LossOptions: table({ ...loss, part: [oneOf('train', 'test'), 'train'] }),
  TrainOptions: table(train),
  ChartOptions: table(ofChart),
  SystemRolloutOptions: table({ ...solve, view: [check.flag, false], ...ofChart }),
  SystemGridOptions: table({ ...grid, ...ofChart }),
  ThetaOptions: table({ view: [check.flag, false] }),
  PortraitOptions: table({
    xComponent: [whole(0), 0],
    yComponent: [whole(0), 1],
    xMin: [number, -1],
    xMax: [number, 1],
    yMin: [number, -1],
    yMax: [number, 1],
    columns: [whole(0), 24],
    rows: [whole(0), 24],
    base: [state, undefined],
  }),
  SectionOptions: table({
    sectionComponent: [whole(-1), -1],
    xComponent: [whole(0), 1],
    yComponent: [whole(0), 3],
    energy: [number, 0],
    starts: [whole(1, 64), 12],
    duration: [check.positive, 200],
  }),
  AccuracyOptions: table({ method: [check.text, ''], settings: [tolerances, Object.freeze([])] }),
});

/**
 * What `options` come to: every name of the table with its value, checked, or its default. `of` comes
 * before the names in messages.
 */
export function read({ names, rows, checks, defaults }, options, where, of = '') {
  const values = {};
  if (options === undefined) {
    for (let i = 0; i < names.length; ++i) values[names[i]] = defaults[i];
    return values;
  }
  try {
    if (typeof options !== 'object' || options === null || Array.isArray(options)
      || ArrayBuffer.isView(options)) {
      check.refuse(`${where}: options`, options, 'an object');
    }
    const keys = Object.keys(options);
    for (let i = 0; i < keys.length; ++i) {
      if (!rows.has(keys[i])) unknownOption(where, keys[i], names);
    }
    for (let i = 0; i < names.length; ++i) {
      const value = options[names[i]];
      values[names[i]] = value === undefined ? defaults[i] : checks[i](of + names[i], value);
    }
  } catch (error) {
    if (error instanceof LeastActionError) throw error;
    throw new LeastActionError('wrong-type', `${where}: options cannot be read; expected plain values`,
      { cause: error });
  }
  return values;
}
