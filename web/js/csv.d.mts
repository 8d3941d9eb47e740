import type { Doubles, Numbers } from './solving.mjs';

/** A table of numbers. */
export interface CsvTable {
  /** Names of the columns, in order. */
  columns: string[];
  /** How many rows of numbers there are. */
  rows: number;
  /** One array a column; NaN: an empty field, or nan. */
  values: Record<string, Doubles>;
}

/**
 * Reads a table of numbers under a header line. Fields are separated by commas and may be quoted.
 * @throws `'bad-file'` with the line that is wrong.
 */
export function readCsv(text: string): CsvTable;

/**
 * Writes columns of equal length as a table with a header line; every number reads back as the same one, and
 * NaN is an empty field.
 * @param columns - an object, or pairs of name and numbers
 * @throws `'wrong-type'` for other columns, or lengths that differ.
 */
export function writeCsv(
  columns: Readonly<Record<string, Numbers>> | Iterable<readonly [string, Numbers]>,
): string;
