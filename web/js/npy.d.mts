import type { Bytes } from './solving.mjs';

/** What the elements of a .npy file become, and what can be written. */
export type NpyData = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array | Uint32Array
  | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** An array of a .npy file. */
export interface NpyArray {
  /**
   * The elements in row-major order (the last index runs fastest), whatever the file's. NumPy's float16
   * becomes a Float32Array, bool a Uint8Array of 0 and 1, int64 and uint64 big integers.
   */
  data: NpyData;
  /** Its sizes; `[]` is a single number. */
  shape: number[];
  /** The type as NumPy writes it, such as `'<f8'`. */
  dtype: string;
}

/**
 * Reads a NumPy .npy file: versions 1 to 3, either byte order and storage order, numbers and truth values.
 * @throws `'bad-file'` for a file that is damaged or of another element type.
 */
export function readNpy(file: Uint8Array | ArrayBuffer): NpyArray;

/**
 * Writes a NumPy .npy file (version 1.0, row-major). A plain array becomes float64, a typed array stays
 * what it is.
 * @param shape - default: one dimension
 * @throws `'wrong-type'` for anything else, or a shape that does not fit the length.
 */
export function writeNpy(
  data: NpyData | Uint8ClampedArray | readonly number[],
  shape?: readonly number[],
): Bytes;
