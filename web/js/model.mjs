import * as check from './arguments.mjs';
import { rawDatasetOf } from './dataset.mjs';
import { LeastActionError, valueOf } from './errors.mjs';
import { connected, copyAt, done, headed, makeRoom, reserve, viewAt, write } from './exchange.mjs';
import { energies, grid, pullback, rates, rollout, SolveSettings } from './flow.mjs';
import { free, hold, letGo, pace } from './lifetime.mjs';
import { readModel, writeModel } from './model_safetensors.mjs';
import { CHARTS, OPTION_TABLES, read } from './options.mjs';
import { systemOf, typicalSizes } from './system.mjs';
import { Course, TrainingRun } from './training.mjs';

const KEY = Symbol('Model');
const { AdjointOptions, GridOptions, LossOptions, ModelOptions, RolloutOptions, ThetaOptions, TrainOptions } =
  OPTION_TABLES;
/** What a loss does not care about has a training's defaults. */
const TRAINING_DEFAULTS = Object.freeze(read(TrainOptions, undefined, ''));

/** Angles and sizes of the state's components, for a network's inputs, from a system … */
function inputsOf(about, kind) {
  return {
    periodic: [...about.coordinates.map(({ periodic }) => periodic), ...about.coordinates.map(() => false)],
    scale: typicalSizes(about, kind === 'lnn' ? 1 : 0),
  };
}

/** … and from options. An angle's size only says what part of it a grid shows. */
function inputsFrom({ degreesOfFreedom: n, periodic, scale }) {
  if (periodic && periodic.length !== n) {
    check.invalid(`periodic has ${periodic.length} entries; expected ${n} (degreesOfFreedom)`);
  }
  const angles = Array.from({ length: 2 * n }, (_, i) => i < n && periodic !== undefined
    && check.flag(`periodic[${i}]`, periodic[i]));
  if (scale && scale.length !== 2 * n) {
    check.invalid(`scale has ${scale.length} numbers; expected ${2 * n} (a size for each component)`);
  }
  return { periodic: angles, scale: Array.from(angles, (isAngle, i) => (scale
    ? check.positive(`scale[${i}]`, scale[i]) : isAngle ? Math.PI : 1)) };
}

/** What the bindings make a model of, from options that have been read. */
function specOf({ system, ...options }) {
  if (system === undefined) {
    const degreesOfFreedom = options.degreesOfFreedom ?? 1;
    return { ...options, degreesOfFreedom, ...inputsFrom({ ...options, degreesOfFreedom }) };
  }
  const about = systemOf('system', system);
  for (const name of ['degreesOfFreedom', 'periodic', 'scale']) {
    if (options[name] !== undefined) {
      check.invalid(`Model.create: both system and ${name} are given; expected one of them`);
    }
  }
  return { ...options, degreesOfFreedom: about.degreesOfFreedom, ...inputsOf(about, options.kind) };
}

/** A network that learns a motion. */
export class Model {
  #raw;
  #about;
  #space;
  #settings = new SolveSettings();
  #course;  // of the training under way
  #open = () => {
    if (!this.#raw) throw new LeastActionError('closed', 'this model is closed; expected an open one');
    return this.#raw;
  };

  /** Use Model.create or Model.load. */
  constructor(key, raw) {
    if (key !== KEY) throw new LeastActionError('wrong-type', 'use await Model.create(…)');
    this.#about = valueOf(raw.description());
    Object.freeze(this.#about.hidden);
    this.#space = { dimension: 2 * this.#about.degreesOfFreedom, chart: this.#about.chart };
    this.#raw = hold(this, raw);
  }

  static async create(options) {
    const given = read(ModelOptions, options, 'Model.create');
    const spec = specOf(given);
    const module = await connected();
    await pace();
    return new Model(KEY, valueOf(module.RawLearner.create(spec, given.seed)));
  }

  static async load(file) {
    const bytes = new Uint8Array(check.file('file', file));  // a copy: the caller may change theirs meanwhile
    const module = await connected();
    await pace();
    makeRoom(bytes.length);
    return new Model(KEY, valueOf(module.RawLearner.load(bytes)));
  }

  static async fromSafetensors(file) {
    const { spec, theta } = readModel(check.bytes('file', file));
    const module = await connected();
    await pace();
    const answer = module.RawLearner.create(spec, 1);
    if (answer.code === 'invalid-argument') answer.code = 'bad-file';
    const model = new Model(KEY, valueOf(answer));
    try {
      model.setTheta(theta(model.parameters()));
      return model;
    } catch (error) {
      model.close();
      throw error;
    }
  }

  get kind() { return this.#about.kind; }
  get title() { return this.#about.title; }
  get chart() { return CHARTS[this.#about.chart]; }
  get degreesOfFreedom() { return this.#about.degreesOfFreedom; }
  get dimension() { return 2 * this.#about.degreesOfFreedom; }
  get hidden() { return this.#about.hidden; }
  get activation() { return this.#about.activation; }
  get numParameters() { return this.#about.numParameters; }
  get hasEnergy() { return this.#about.hasEnergy; }
  get training() { return this.#raw !== undefined && this.#course !== undefined; }
  get closed() { return this.#raw === undefined; }

  get step() {
    done(this.#open().progress());
    return headed(1);
  }

  /** The bindings' object of a model that is not training. */
  #idle(what) {
    const raw = this.#open();
    if (this.#course) {
      throw new LeastActionError('busy', `${what}: this model is training; await that, or abort it, first`);
    }
    return raw;
  }

  // --- Parameters ------------------------------------------------------------------------------

  theta(options) {
    const { view } = read(ThetaOptions, options, 'Model.theta');
    done(this.#open().theta());
    return view ? viewAt(0, headed(1)) : copyAt(0, headed(1));
  }

  setTheta(theta) {
    const list = check.list('theta', theta);
    const raw = this.#idle('Model.setTheta');
    const count = this.numParameters;
    if (check.lengthOf(list) !== count) {
      check.invalid(`theta has ${check.lengthOf(list)} numbers; expected ${count} (numParameters)`);
    }
    write('theta', list, reserve(count), count);
    done(raw.setTheta(count));
  }

  parameters() {
    return valueOf(this.#open().parameterBlocks());
  }

  // --- Training --------------------------------------------------------------------------------

  #begin(data, options) {
    const raw = this.#idle('Model.train');
    rawDatasetOf('data', data);
    const wanted = read(TrainOptions, options, 'Model.train');
    this.#idle('Model.train');  // a getter of the options may have begun one, or closed it
    if (!wanted.signal?.aborted) valueOf(raw.prepare(rawDatasetOf('data', data), wanted));
    this.#course = new Course(raw, wanted, () => {
      this.#course = undefined;
      if (!this.#raw) raw.delete();  // closed meanwhile
    });
    return this.#course;
  }

  train(data, options) {
    try {
      return TrainingRun.of(this.#begin(data, options));
    } catch (error) {
      return TrainingRun.reject(error);
    }
  }

  history() {
    done(this.#open().history());
    const count = headed(1);
    const table = copyAt(0, 4 * count);
    const column = (i) => table.slice(i * count, (i + 1) * count);
    return { step: column(0), trainLoss: column(1), testLoss: column(2), learningRate: column(3) };
  }

  #loss(data, options, where, withGradient) {
    const wanted = read(LossOptions, options, where);
    const rawData = rawDatasetOf('data', data);
    return valueOf(this.#open().loss(rawData, { ...TRAINING_DEFAULTS, ...wanted }, withGradient));
  }

  loss(data, options) {
    return this.#loss(data, options, 'Model.loss', false).loss;
  }

  gradient(data, options) {
    const { loss, gradient } = this.#loss(data, options, 'Model.gradient', true);
    return { loss, gradient };
  }

  // --- Motion ----------------------------------------------------------------------------------

  rollout(x0, times, options) {
    const wanted = read(RolloutOptions, options, 'Model.rollout');
    return rollout(this.#open, x0, times, wanted, this.#space, this.#settings);
  }

  adjoint(x0, times, statesBar, options) {
    const wanted = read(AdjointOptions, options, 'Model.adjoint');
    return pullback(this.#open, x0, times, statesBar, wanted, this.#space, this.#settings);
  }

  vectorField(states) {
    return rates(this.#open, states, this.#space);
  }

  energy(states) {
    return energies(this.#open, states, this.#space);
  }

  grid(options) {
    const { scale } = this.#about;
    const extents = scale.length > 0 ? scale.map(Math.abs) : new Array(this.dimension).fill(1);
    return grid(this.#open, read(GridOptions, options, 'Model.grid'), this.#space, extents, this.hasEnergy);
  }

  // --- Files -----------------------------------------------------------------------------------

  save() {
    return valueOf(this.#idle('Model.save').save());
  }

  toSafetensors() {
    return writeModel(this.#about, this.parameters(), this.theta());
  }

  close() {
    const raw = this.#raw;
    if (!raw) return;
    this.#raw = undefined;
    if (this.#course) {
      letGo(raw);
      this.#course.stop();
    } else {
      free(raw);
    }
  }
}
if (Symbol.dispose) Model.prototype[Symbol.dispose] = Model.prototype.close;
