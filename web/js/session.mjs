// Experiments as the playground has them: a system, its data, and up to four models trained on them.
// Everything runs synchronously on the calling thread: in a page, train a few milliseconds a frame.
import * as check from './arguments.mjs';
import { LeastActionError, valueOf } from './errors.mjs';
import { connected, makeRoom } from './exchange.mjs';
import { free, hold, pace } from './lifetime.mjs';
import { OPTION_TABLES, read } from './options.mjs';
import { queryOf } from './session_config.mjs';

/** Every setting: key, label, help, kind, range, choices, and whether a change restarts training. */
export async function settings() {
  return valueOf((await connected()).settings());
}

/** Named experiments: name, title, description and query. */
export async function presets() {
  return valueOf((await connected()).presets());
}

/** The mechanical systems with their parameters. */
export async function systems() {
  return valueOf((await connected()).systems());
}

/**
 * The solvers, for trajectories (`integrator`) and for training (`train-method`): name, title,
 * help, order, adaptive, symplectic, needsSeparable, implicit.
 */
export async function methods() {
  return valueOf((await connected()).methods());
}

/** How gradients get back through a solver (`sensitivity`): name, title, help, memory, exact. */
export async function sensitivities() {
  return valueOf((await connected()).sensitivities());
}

/** What a link's settings come to: `{ query, faults }`, one sentence for each fault. Never throws. */
export async function parseConfig(config) {
  return valueOf((await connected()).parseConfig(queryOf('config', config)));
}

const KEY = Symbol('Session');

/**
 * One experiment: a system, its data, and up to four models trained on them.
 * Models are numbered from 0; −1 is the truth. States are canonical, (q…, p…), one after another.
 */
export class Session {
  #raw;

  /** Use Session.create or Session.open. */
  constructor(key, raw) {
    if (key !== KEY) throw new LeastActionError('wrong-type', 'use await Session.create(…)');
    this.#raw = hold(this, raw);
  }

  /** From settings: a link's text, an object (see README), or nothing for the default experiment. */
  static async create(config) {
    const module = await connected();
    await pace();
    return new Session(KEY, valueOf(module.RawSession.create(queryOf('config', config))));
  }

  /** From a file that `save` gave. */
  static async open(file) {
    const bytes = new Uint8Array(check.file('file', file));  // a copy: the caller may change theirs meanwhile
    const session = await Session.create();
    try {
      session.load(bytes);
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }

  get closed() { return this.#raw === undefined; }

  get #open() {
    if (!this.#raw) throw new LeastActionError('closed', 'this session is closed; expected an open one');
    return this.#raw;
  }

  /** The settings as a link's text; empty for the default experiment. */
  get query() {
    return valueOf(this.#open.query());
  }

  /** Other settings; returns whether training began anew. */
  configure(config) {
    return valueOf(this.#open.configure(queryOf('config', config)));
  }

  /** The compared trajectories start here. */
  setInitialState(x0) {
    valueOf(this.#open.setInitialState(check.numbers('x0', x0)));
  }

  /** Trains every model by so many steps. */
  advance(steps = 1) {
    valueOf(this.#open.advance(check.whole('steps', steps)));
  }

  /** Trains all models for about so many milliseconds. */
  train(milliseconds) {
    valueOf(this.#open.train(check.finite('milliseconds', milliseconds, 0)));
  }

  /** Back to the starting parameters, on the same data. */
  reset() {
    valueOf(this.#open.reset());
  }

  /** All there is to see, up to date: losses, trajectories, energies, figures. */
  view() {
    return valueOf(this.#open.view());
  }

  /**
   * Flow and energy of a model on a grid of a plane, row by row from (xMin, yMin). Options:
   * xComponent, yComponent, xMin, xMax, yMin, yMax, columns, rows, base (the other components).
   */
  portrait(model, options) {
    const request = read(OPTION_TABLES.PortraitOptions, options, 'Session.portrait');
    request.base ??= [];  // the initial state
    return valueOf(this.#open.portrait(check.whole('model', model, -1), request));
  }

  /**
   * A Poincaré section of a model on one energy level. Options: energy, xComponent, yComponent,
   * sectionComponent (−1: the system's own), starts, duration.
   */
  section(model, options) {
    const request = read(OPTION_TABLES.SectionOptions, options, 'Session.section');
    return valueOf(this.#open.section(check.whole('model', model, -1), request));
  }

  /** A model's trajectory from x0 at the given times. */
  rollout(model, x0, times) {
    return valueOf(this.#open.rollout(check.whole('model', model, -1), check.numbers('x0', x0),
      check.numbers('times', times)));
  }

  /** Further starts (at most 8) whose trajectories `view().pinned` shows, in place of those before. */
  setPinned(starts) {
    const all = check.array('starts', starts).map((start, i) => check.numbers(`starts[${i}]`, start));
    const answer = this.#open.setPinned(all);
    if (answer.code !== undefined) answer.message = `starts: ${answer.message}`;
    valueOf(answer);
  }

  /**
   * Error, evaluations and time of a model's motion against the solver's tolerance (or step).
   * Options: method (a name of `methods()`; empty: the roll-out's), settings (tolerances or steps;
   * empty: a range of them).
   */
  accuracyDial(model, options) {
    const request = read(OPTION_TABLES.AccuracyOptions, options, 'Session.accuracyDial');
    return valueOf(this.#open.accuracyDial(check.whole('model', model, -1), request));
  }

  /** Forward over the roll-out's span and back: how far from the start does a model's motion end? */
  roundTrip(model) {
    return valueOf(this.#open.roundTrip(check.whole('model', model, -1)));
  }

  /** A model's parameters, and their replacement. */
  theta(model) {
    return valueOf(this.#open.theta(check.whole('model', model)));
  }

  setTheta(model, theta) {
    valueOf(this.#open.setTheta(check.whole('model', model), check.numbers('theta', theta)));
  }

  /** The whole run as one file. */
  save() {
    return valueOf(this.#open.save());
  }

  /** Goes on, bit for bit, from a file that `save` gave. */
  load(file) {
    const bytes = check.file('file', file);
    const raw = this.#open;
    makeRoom(bytes.length);
    valueOf(raw.load(bytes));
  }

  /** Tables of comma-separated values. */
  datasetCsv() {
    return valueOf(this.#open.datasetCsv());
  }

  historyCsv() {
    return valueOf(this.#open.historyCsv());
  }

  /** Frees the memory; may be called again. */
  close() {
    if (!this.#raw) return;
    free(this.#raw);
    this.#raw = undefined;
  }
}
if (Symbol.dispose) Session.prototype[Symbol.dispose] = Session.prototype.close;
