/** The element types of .npy files that are read and written (as NumPy's f8, f4, i4, u1 and i8). */
export type NpyData = Float64Array | Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** An array of a .npy file. */
export interface NpyArray {
  /** The elements, in C order (the last index runs fastest). */
  data: NpyData;
  /** Its sizes; `[]` is a single number. */
  shape: number[];
}

/**
 * Reads a NumPy .npy file (versions 1 to 3, either byte order and either storage order).
 * @throws `'bad-file'` for a file that is damaged or of another element type.
 */
export function readNpy(file: Uint8Array | ArrayBuffer): NpyArray;

/**
 * Writes a NumPy .npy file in C order; a plain array becomes float64.
 * @param shape - default: one dimension
 * @throws `'invalid-argument'` where the shape does not fit the length.
 */
export function writeNpy(data: Float64Array | Float32Array | Int32Array | Uint8Array | readonly number[],
  shape?: readonly number[]): ReturnType<Uint8Array['slice']>;
