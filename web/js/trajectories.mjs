// From a table of measurements to the trajectories a Dataset is made of.
import * as check from './arguments.mjs';
import { LeastActionError } from './errors.mjs';
import { unknownOption } from './options.mjs';

const OPTIONS = ['time', 'states', 'derivatives', 'trajectory'];

function refuse(message) {
  throw new LeastActionError('invalid-argument', `trajectoriesFromTable: ${message}`);
}

/** The table's columns of those names, which must all be there and equally long. */
function columnsOf(values, rows, names, what) {
  if (names.length === 0) refuse(`${what} is empty; expected names of columns`);
  return names.map((name) => {
    if (!Object.hasOwn(values, check.text(what, name))) {
      refuse(`${what} names the column ${JSON.stringify(name.slice(0, 40))}, which is not in the table; there are ${
        Object.keys(values).slice(0, 20).join(', ')}`);
    }
    const column = check.list(`table.values.${name}`, values[name]);
    if (column.length !== (rows ?? column.length)) {
      refuse(`table.values.${name} has ${column.length} numbers; expected ${rows}`);
    }
    return column;
  });
}

/** Some rows of some columns, one row after another. */
function block(columns, from, to) {
  const numbers = new Float64Array((to - from) * columns.length);
  for (let row = from, k = 0; row < to; ++row) {
    for (const column of columns) numbers[k++] = column[row];
  }
  return numbers;
}

/**
 * Trajectories for Dataset.create, from a table such as readCsv gives: `time` names the column of
 * times, `states` those of the state (positions first, then momenta or velocities), `derivatives`,
 * if any, those of its rates. Where the column `trajectory` changes, or time does not increase, the
 * next trajectory begins.
 */
export function trajectoriesFromTable(table, options) {
  return check.reading('table or options', () => split(table, options));
}

function split(table, options) {
  if (table === undefined) check.refuse('table', table, 'a table as readCsv gives');
  const values = check.options('table.values', check.options('table', table).values);
  const { time, states, derivatives, trajectory, ...rest } = check.options('options', options);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) unknownOption('trajectoriesFromTable', unknown, OPTIONS);
  const [times] = columnsOf(values, undefined, [time], 'time');
  const rows = times.length;
  const missing = times.findIndex(Number.isNaN);
  if (missing >= 0) refuse(`table row ${missing} has no time`);
  const state = columnsOf(values, rows, check.array('states', states), 'states');
  const rates = derivatives === undefined ? undefined
    : columnsOf(values, rows, check.array('derivatives', derivatives), 'derivatives');
  const [run] = trajectory === undefined ? [] : columnsOf(values, rows, [trajectory], 'trajectory');
  if (rates && rates.length !== state.length) {
    refuse(`derivatives names ${rates.length} columns; expected ${state.length}, as states`);
  }
  const found = [];
  for (let from = 0, row = 1; from < rows; ++row) {
    if (row < rows && times[row] > times[row - 1] && (!run || Object.is(run[row], run[row - 1]))) continue;
    found.push({ times: Float64Array.from(times.slice(from, row)), states: block(state, from, row),
      ...(rates && { derivatives: block(rates, from, row) }) });
    from = row;
  }
  return found;
}
