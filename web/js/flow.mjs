// What everything that moves has: rates, energies, trajectories, gradients and grids. `raw` is an
// object of the bindings (RawSystem, RawLearner); a chart is the number it crosses as.
import * as check from './arguments.mjs';
import { valueOf } from './errors.mjs';
import {
  copyAt, copyFrom, done, headed, headerPlace, heap, reserve, textWhere, viewAt, write,
} from './exchange.mjs';

const STATUSES = ['reached-end', 'step-limit', 'step-underflow', 'non-finite', 'no-convergence', 'stopped'];

/** What numbers a state has, for messages. */
function components({ dimension, chart }) {
  const n = dimension / 2, second = chart === 0 ? 'p' : 'v';
  return `degreesOfFreedom ${n}: ${n === 1 ? `q, ${second}` : `q1…q${n}, ${second}1…${second}${n}`}`;
}

/** How many states a list holds. */
function countStates(name, numbers, space, least) {
  const length = check.lengthOf(numbers);
  const count = length / space.dimension;
  if (!Number.isInteger(count) || count < least) {
    check.invalid(`${name} has ${length} numbers; expected a multiple of ${space.dimension} (${
      components(space)})${length === 0 ? ', at least one state' : ''}`);
  }
  return count;
}

/** The states of a call, written where it reads them: how many. */
export function crossStates(states, space) {
  const list = check.list('states', states);
  const count = countStates('states', list, space, 0);
  write('states', list, reserve(count * space.dimension), count * space.dimension);
  return count;
}

/** ẋ at each state. */
export function rates(raw, states, space) {
  const count = crossStates(states, space);
  if (count === 0) return new Float64Array(0);
  done(raw().rates(space.chart, count));
  return copyAt(0, count * space.dimension);
}

/** The energy of each state. */
export function energies(raw, states, space) {
  const count = crossStates(states, space);
  if (count === 0) return new Float64Array(0);
  done(raw().energy(space.chart, count));
  return copyAt(0, count);
}

/** Starts and times of a call, checked; they are written by the caller of this, who knows what else. */
function motions(x0, times, space) {
  const starts = check.list('x0', x0);
  const instants = check.list('times', times);
  const batch = countStates('x0', starts, space, 1);
  const count = check.lengthOf(instants);
  if (count === 0) check.invalid('times is empty; expected at least one time, that of x0');
  const total = count * batch * space.dimension;
  if (total > check.MOST_NUMBERS) {
    check.invalid(`${count} times of ${batch} motions are ${total} numbers; expected at most ${
      check.MOST_NUMBERS}`);
  }
  return { starts, instants, batch, count, total, x0Size: batch * space.dimension };
}

/** Solve options as they crossed last, so that they cross again only where they differ. */
export class SolveSettings {
  #last = {};

  cross(raw, { method, step, relativeTolerance, absoluteTolerance, maxSteps }) {
    const last = this.#last;
    if (last.method === method && last.step === step && last.relativeTolerance === relativeTolerance
      && last.absoluteTolerance === absoluteTolerance && last.maxSteps === maxSteps) return;
    valueOf(raw.setSolve(method, step, relativeTolerance, absoluteTolerance, maxSteps));
    this.#last = { method, step, relativeTolerance, absoluteTolerance, maxSteps };
  }
}

/** The motions from x0. `options` have been read. */
export function rollout(raw, x0, times, options, space, settings) {
  const { starts, instants, batch, count, x0Size } = motions(x0, times, space);
  const open = raw();
  const place = reserve(x0Size + count);
  write('x0', starts, place, x0Size);
  write('times', instants, place + x0Size, count);
  settings.cross(open, options);
  done(open.rollout(space.chart, batch, count));
  const memory = heap(), header = headerPlace();
  const reached = memory[header + 1], size = reached * x0Size;
  return {
    times: copyFrom(memory, place + x0Size, reached),
    states: options.view ? viewAt(0, size) : copyFrom(memory, memory[header], size),
    batch,
    status: STATUSES[memory[header + 2]],
    message: memory[header + 6] === 0 ? '' : textWhere(6),
    steps: memory[header + 3],
    rejected: memory[header + 4],
    evaluations: memory[header + 5],
  };
}

/** A gradient in the times is defined where they are all different; a roll-out's the library checks. */
function checkMonotone(times, count) {
  for (let i = 1; i < count; ++i) {
    if (!(times[i] !== times[i - 1] && times[i] > times[i - 1] === times[1] > times[0])) {
      check.invalid(`times[${i}] is ${times[i]} after ${
        times[i - 1]}; expected times that all increase, or all decrease`);
    }
  }
}

/** The gradient of a cost of the motions from x0. `options` have been read. */
export function pullback(raw, x0, times, statesBar, options, space, settings) {
  const { starts, instants, batch, count, total, x0Size } = motions(x0, times, space);
  const bar = check.list('statesBar', statesBar);
  if (check.lengthOf(bar) !== total) {
    check.invalid(`statesBar has ${check.lengthOf(bar)} numbers; expected ${total} (${count} times × ${
      batch} motions × ${space.dimension})`);
  }
  checkMonotone(instants, count);
  const open = raw();
  const place = reserve(x0Size + count + total);
  write('x0', starts, place, x0Size);
  write('times', instants, place + x0Size, count);
  write('statesBar', bar, place + x0Size + count, total);
  settings.cross(open, options);
  valueOf(open.setAdjoint(options.sensitivity, options.checkpoints));
  done(open.pullback(space.chart, batch, count));
  return {
    states: copyAt(0, total),
    x0: copyAt(1, x0Size),
    theta: copyAt(2, headed(3)),
    times: copyAt(4, count),
    status: STATUSES[headed(5)],
    message: textWhere(9),
    evaluations: headed(6),
    vectorJacobianProducts: headed(7),
    peakBytes: headed(8),
  };
}

/** count numbers from low to high, both included. */
function between(low, high, count) {
  const step = (high - low) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? high : low + step * i));
}

/** Field and energy on a grid. `options` have been read; `extents` are half-widths of interest. */
export function grid(raw, options, space, extents, hasEnergy) {
  const { dimension } = space;
  const { columns, rows, base = new Float64Array(dimension) } = options;
  const x = options.xComponent, y = options.yComponent ?? dimension / 2;
  for (const [name, component] of [['xComponent', x], ['yComponent', y]]) {
    if (component >= dimension) check.invalid(`${name} is ${component}; expected 0 … ${dimension - 1}`);
  }
  if (x === y) check.invalid(`xComponent and yComponent are both ${x}; expected two different ones`);
  if (base.length !== dimension) {
    check.invalid(`base has ${base.length} numbers; expected ${dimension} (${components(space)})`);
  }
  const { xMin = -extents[x], xMax = extents[x], yMin = -extents[y], yMax = extents[y] } = options;
  if (!(xMin < xMax)) check.invalid(`xMin is ${xMin} and xMax ${xMax}; expected xMin below xMax`);
  if (!(yMin < yMax)) check.invalid(`yMin is ${yMin} and yMax ${yMax}; expected yMin below yMax`);
  const nodes = columns * rows;
  if (nodes * dimension > check.MOST_NUMBERS) {
    check.invalid(`${columns} × ${rows} nodes of ${dimension} components are ${
      nodes * dimension} numbers; expected at most ${check.MOST_NUMBERS}`);
  }
  const across = between(xMin, xMax, columns), up = between(yMin, yMax, rows);
  const states = new Float64Array(nodes * dimension);
  for (let node = 0; node < nodes; ++node) {
    states.set(base, node * dimension);
    states[node * dimension + x] = across[node % columns];
    states[node * dimension + y] = up[Math.floor(node / columns)];
  }
  const flow = rates(raw, states, space);
  const component = (which) =>
    Float64Array.from({ length: nodes }, (_, node) => flow[node * dimension + which]);
  return { columns, rows, x: across, y: up, dx: component(x), dy: component(y),
    energy: hasEnergy ? energies(raw, states, space) : new Float64Array(0) };
}

