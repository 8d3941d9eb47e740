import type { CsvTable } from './csv.mjs';
import type { TrajectoryInput } from './dataset.mjs';

/** Which column of a table is what. */
export interface TableColumns {
  /** The column of times [s]. */
  time: string;
  /** The columns of the state: q₁…qₙ, then p₁…pₙ (or the velocities). */
  states: readonly string[];
  /**
   * The columns of the state's derivatives, in the same order.
   * @defaultValue none: they are estimated
   */
  derivatives?: readonly string[];
  /**
   * A column with the number of the trajectory.
   * @defaultValue none
   */
  trajectory?: string;
}

/**
 * Cuts a table into trajectories for {@link Dataset.create}: the next one begins where the column `trajectory`
 * changes, or time does not increase.
 * @throws `'invalid-argument'` for a column that is not there, or a time that is missing; `'unknown-option'`.
 */
export function trajectoriesFromTable(table: Pick<CsvTable, 'values'>, options: TableColumns): TrajectoryInput[];
