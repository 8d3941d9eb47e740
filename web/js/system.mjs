import * as check from './arguments.mjs';
import { datasetOf } from './dataset.mjs';
import { LeastActionError, valueOf } from './errors.mjs';
import { connected, copyAt, done } from './exchange.mjs';
import { crossStates, energies, grid, rates, rollout, SolveSettings } from './flow.mjs';
import { free, hold, pace } from './lifetime.mjs';
import { chart, OPTION_TABLES, read } from './options.mjs';

const KEY = Symbol('System');
const { ChartOptions, SampleOptions, SystemGridOptions, SystemRolloutOptions } = OPTION_TABLES;

/** What a system says about itself; refused by `name` where `value` is none, or closed. */
export let systemOf;

/** The interesting half-width of each component of a system's states. */
export function typicalSizes({ coordinates }, ofChart) {
  return [...coordinates.map(({ typicalPosition }) => typicalPosition),
    ...coordinates.map((each) => (ofChart === 0 ? each.typicalMomentum : each.typicalVelocity))];
}

/** A mechanical system with exact equations. */
export class System {
  #raw;
  #about;
  #spaces;  // by chart: what flow.mjs calls a space
  #settings = new SolveSettings();
  #open = () => {
    if (!this.#raw) throw new LeastActionError('closed', 'this system is closed; expected an open one');
    return this.#raw;
  };

  /** Use System.create. */
  constructor(key, raw) {
    if (key !== KEY) throw new LeastActionError('wrong-type', 'use await System.create(…)');
    this.#about = valueOf(raw.description());
    this.#about.coordinates.forEach(Object.freeze);
    Object.freeze(this.#about.coordinates);
    Object.freeze(this.#about.parameters);
    const dimension = 2 * this.#about.degreesOfFreedom;
    this.#spaces = [{ dimension, chart: 0 }, { dimension, chart: 1 }];
    this.#raw = hold(this, raw);
  }

  static async create(name, parameters) {
    check.text('name', name);
    const given = check.entries('parameters', parameters).filter(([, value]) => value !== undefined);
    given.forEach(([key, value]) => check.finite(check.text('the name of a parameter', key), value));
    const module = await connected();
    await pace();
    return new System(KEY, valueOf(module.RawSystem.create(name, given.map(([key]) => key),
      given.map(([, value]) => value))));
  }

  static {
    systemOf = (name, value) => {
      if (typeof value !== 'object' || value === null || !(#raw in value)) {
        check.refuse(name, value, 'a System');
      }
      value.#open();
      return value.#about;
    };
  }

  get name() { return this.#about.name; }
  get title() { return this.#about.title; }
  get description() { return this.#about.description; }
  get degreesOfFreedom() { return this.#about.degreesOfFreedom; }
  get dimension() { return 2 * this.#about.degreesOfFreedom; }
  get parameters() { return this.#about.parameters; }
  get coordinates() { return this.#about.coordinates; }
  get isConservative() { return this.#about.isConservative; }
  get isSeparable() { return this.#about.isSeparable; }
  get typicalPeriod() { return this.#about.typicalPeriod; }
  get closed() { return this.#raw === undefined; }

  typicalState() {
    this.#open();
    return this.#about.typicalState.slice();
  }

  sample(options) {
    const wanted = read(SampleOptions, options, 'System.sample');
    const size = wanted.trajectories * wanted.samples * (1 + 2 * this.dimension);
    if (size > check.MOST_NUMBERS) {
      check.invalid(`System.sample: ${wanted.trajectories} trajectories of ${wanted.samples} samples are ${
        size} numbers; expected at most ${check.MOST_NUMBERS}`);
    }
    return datasetOf(valueOf(this.#open().sample(wanted.chart, wanted)));
  }

  rollout(x0, times, options) {
    const wanted = read(SystemRolloutOptions, options, 'System.rollout');
    return rollout(this.#open, x0, times, wanted, this.#spaces[wanted.chart], this.#settings);
  }

  vectorField(states, options) {
    return rates(this.#open, states, this.#spaces[read(ChartOptions, options, 'System.vectorField').chart]);
  }

  energy(states, options) {
    return energies(this.#open, states, this.#spaces[read(ChartOptions, options, 'System.energy').chart]);
  }

  grid(options) {
    const wanted = read(SystemGridOptions, options, 'System.grid');
    const extents = typicalSizes(this.#about, wanted.chart);
    return grid(this.#open, wanted, this.#spaces[wanted.chart], extents, true);
  }

  convert(states, from, to) {
    const list = check.list('states', states);
    const source = chart('from', from), target = chart('to', to);
    const count = crossStates(list, this.#spaces[source]);
    const open = this.#open();
    if (count === 0) return new Float64Array(0);
    done(open.convert(source, target, count));
    return copyAt(0, count * this.dimension);
  }

  close() {
    if (!this.#raw) return;
    free(this.#raw);
    this.#raw = undefined;
  }
}
if (Symbol.dispose) System.prototype[Symbol.dispose] = System.prototype.close;
