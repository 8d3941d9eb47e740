// From a table of measurements to the trajectories a Dataset is made of.
import { options as checkedOptions, reading } from './arguments.mjs';
import { LeastActionError } from './errors.mjs';

function refuse(message) {
  throw new LeastActionError('invalid-argument', `trajectoriesFromTable: ${message}`);
}

/** The table's columns of those names, which must all be there and equally long. */
function columnsOf(values, rows, names, what) {
  if (!Array.isArray(names) || names.length === 0) refuse(`${what} is not an array of names of columns`);
  return Array.from(names, (name) => {
    if (typeof name !== 'string' || !Object.hasOwn(values, name)) {
      refuse(`${what} names the column ${JSON.stringify(String(name))}; the table has ${
        Object.keys(values).slice(0, 20).join(', ')}`);
    }
    const column = values[name];
    if (!column || column.length !== (rows ?? column.length)) {
      refuse(`the column ${name} has ${column?.length ?? 'no'} numbers; expected ${rows}`);
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
  return reading('table or options', () => split(table, options));
}

function split(table, options) {
  const values = checkedOptions('table.values', table?.values);
  const { time, states, derivatives, trajectory, ...rest } = checkedOptions('options', options);
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new LeastActionError('unknown-option', `trajectoriesFromTable: there is no option ${
      JSON.stringify(unknown)}; there are time, states, derivatives and trajectory`);
  }
  const [times] = columnsOf(values, undefined, [time], 'time');
  const rows = times.length;
  const state = columnsOf(values, rows, states, 'states');
  const rates = derivatives === undefined ? undefined : columnsOf(values, rows, derivatives, 'derivatives');
  const [run] = trajectory === undefined ? [] : columnsOf(values, rows, [trajectory], 'trajectory');
  if (rates && rates.length !== state.length) {
    refuse(`derivatives names ${rates.length} columns; states names ${state.length}`);
  }
  const found = [];
  for (let from = 0, row = 1; from < rows; ++row) {
    if (Number.isNaN(times[row - 1])) refuse(`row ${row - 1} has no time`);
    if (row < rows && times[row] > times[row - 1] && (!run || Object.is(run[row], run[row - 1]))) continue;
    if (row < rows && Number.isNaN(times[row])) refuse(`row ${row} has no time`);
    found.push({ times: times.slice(from, row), states: block(state, from, row),
      ...(rates && { derivatives: block(rates, from, row) }) });
    from = row;
  }
  return found;
}
