import * as check from './arguments.mjs';
import { datasetFromJson, datasetToJson } from './dataset_json.mjs';
import { LeastActionError, valueOf } from './errors.mjs';
import { connected, done, headed, heap, makeRoom, reserve, tidy, write } from './exchange.mjs';
import { free, hold, pace } from './lifetime.mjs';
import { CHARTS, chart, OPTION_TABLES, read } from './options.mjs';
import { systemOf } from './system.mjs';

const KEY = Symbol('Dataset');

/** A trajectory of the caller's, read and its lengths checked. */
function trajectory(name, value, dimension) {
  if (value === undefined || value === null) check.refuse(name, value, 'an object with times and states');
  const { times, states, derivatives } = read(OPTION_TABLES.TrajectoryInput, value, name, `${name}.`);
  for (const [key, given] of [['times', times], ['states', states]]) {
    if (given === undefined) check.refuse(`${name}.${key}`, given, 'an array of numbers');
  }
  const points = check.lengthOf(times);
  if (points === 0) check.invalid(`${name}.times is empty; expected at least one time`);
  const size = dimension ?? check.lengthOf(states) / points;
  if (dimension === undefined && !(size >= 2 && size <= 512 && size % 2 === 0)) {
    check.invalid(`${name}.states has ${check.lengthOf(states)} numbers for ${points} times; expected ${
      points} times q…, p… (or v…), an even number`);
  }
  for (const [key, given] of [['states', states], ['derivatives', derivatives]]) {
    if (given !== undefined && check.lengthOf(given) !== points * size) {
      check.invalid(`${name}.${key} has ${check.lengthOf(given)} numbers; expected ${points * size} (${
        points} times × ${size} components: degreesOfFreedom ${size / 2})`);
    }
  }
  return { name, times, states, derivatives, points, dimension: size };
}

/** With numbers of its own: the caller may write over theirs while the module loads. */
function copied({ times, states, derivatives, ...rest }) {
  return { ...rest, times: new Float64Array(times), states: new Float64Array(states),
    derivatives: derivatives && new Float64Array(derivatives) };
}

/** Hands a trajectory to the bindings' `observations`. */
function cross(observations, { name, times, states, derivatives, points, dimension }, ofTestPart) {
  const place = reserve(points * (1 + 2 * dimension));
  write(`${name}.times`, times, place, points);
  write(`${name}.states`, states, place + points, points * dimension, true);
  if (derivatives) {
    write(`${name}.derivatives`, derivatives, place + points * (1 + dimension), points * dimension, true);
  }
  done(observations.add(ofTestPart, points, derivatives !== undefined));
}

/** The bindings' object; refused by `name` where `value` is no dataset, or closed. */
export let rawDatasetOf;
/** A dataset around an object of the bindings. */
export let datasetOf;

/** Observed motions in one chart, split into a training and a test part. */
export class Dataset {
  #raw;
  #about;

  /** Use Dataset.create, or System.sample. */
  constructor(key, raw) {
    if (key !== KEY) throw new LeastActionError('wrong-type', 'use await Dataset.create(…)');
    this.#about = valueOf(raw.description());
    this.#raw = hold(this, raw);
  }

  static async create(options) {
    if (options === undefined) check.refuse('options', options, 'an object with at least `train`');
    const given = read(OPTION_TABLES.DatasetOptions, options, 'Dataset.create');
    if (given.train === undefined) check.refuse('train', given.train, 'an array of trajectories');
    if (given.train.length === 0) check.invalid('train is empty; expected at least one trajectory');
    let dimension = given.degreesOfFreedom && 2 * given.degreesOfFreedom;
    let total = 0;
    const all = ['train', 'test'].flatMap((part) => (given[part] ?? []).map((each, i) => {
      const one = trajectory(`${part}[${i}]`, each, dimension);
      dimension = one.dimension;
      total += one.points * (1 + 2 * dimension);
      if (total > check.MOST_NUMBERS) {
        check.invalid(`the trajectories have more numbers than a dataset may: expected at most ${
          check.MOST_NUMBERS}`);
      }
      return one;
    }));
    const own = all.map(copied);
    const module = await connected();
    await pace();
    const observations = new module.RawObservations(given.chart, dimension / 2);
    try {
      own.forEach((one, i) => cross(observations, one, i >= given.train.length));
      return datasetOf(valueOf(observations.finish(given.estimateDerivatives, given.testFraction)));
    } finally {
      observations.delete();
    }
  }

  static async fromCsv(text) {
    const size = new TextEncoder().encode(check.text('text', text, Infinity)).length;
    const module = await connected();
    await pace();
    makeRoom(size);
    return datasetOf(valueOf(module.RawDataset.fromCsv(text)));
  }

  static async fromJson(json) {
    return Dataset.create(check.reading('json', () => datasetFromJson(json)));
  }

  get #open() {
    if (!this.#raw) throw new LeastActionError('closed', 'this dataset is closed; expected an open one');
    return this.#raw;
  }

  static {
    rawDatasetOf = (name, value) => {
      if (typeof value !== 'object' || value === null || !(#raw in value)) {
        check.refuse(name, value, 'a Dataset');
      }
      return value.#open;
    };
    datasetOf = (raw) => new Dataset(KEY, raw);
  }

  get chart() { return CHARTS[this.#about.chart]; }
  get degreesOfFreedom() { return this.#about.degreesOfFreedom; }
  get dimension() { return 2 * this.#about.degreesOfFreedom; }
  get numTrain() { return this.#about.numTrain; }
  get numTest() { return this.#about.numTest; }
  get closed() { return this.#raw === undefined; }

  #part(ofTestPart) {
    done(this.#open.part(ofTestPart));
    const memory = heap();
    let place = headed(0);
    const take = (count) => memory.slice(place, place += count);
    const trajectories = Array.from({ length: headed(1) }, () => {
      const points = memory[place++];
      const size = points * this.dimension;
      return { times: take(points), states: take(size), derivatives: take(size) };
    });
    if (place - headed(0) > 2 ** 18) tidy();
    return trajectories;
  }

  train() {
    return this.#part(0);
  }

  test() {
    return this.#part(1);
  }

  inChart(wanted, system) {
    const target = chart('chart', wanted);
    const { name, parameters } = systemOf('system', system);
    return datasetOf(valueOf(this.#open.inChart(target, name, Object.values(parameters))));
  }

  toCsv() {
    return valueOf(this.#open.csv());
  }

  toJson() {
    return datasetToJson({ chart: this.chart, degreesOfFreedom: this.degreesOfFreedom, train: this.train(),
      test: this.test() });
  }

  close() {
    if (!this.#raw) return;
    free(this.#raw);
    this.#raw = undefined;
  }
}
if (Symbol.dispose) Dataset.prototype[Symbol.dispose] = Dataset.prototype.close;
