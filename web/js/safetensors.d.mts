import type { NpyData } from './npy.mjs';
import type { Bytes } from './solving.mjs';

/** Element types of a safetensors file that are read; all but `'F16'` and `'BF16'` can be written. */
export type TensorType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'U64' | 'I32' | 'U32' | 'I16' | 'U16' | 'I8'
  | 'U8' | 'BOOL';

/** A tensor of a safetensors file. */
export interface Tensor {
  /** Its type in the file. */
  dtype: TensorType;
  /** Its sizes; `[]` is a single number. */
  shape: number[];
  /** The elements in row-major order. F16 and BF16 become a Float32Array, BOOL a Uint8Array of 0 and 1. */
  data: NpyData;
}

/** A tensor to write. */
export interface TensorInput {
  /** The elements in row-major order; a plain array is written as float64. */
  data: NpyData | readonly number[];
  /** @defaultValue one dimension */
  shape?: readonly number[];
  /** @defaultValue that of the array */
  dtype?: TensorType;
}

/**
 * Reads a safetensors file: named tensors and texts.
 * @throws `'bad-file'` for a file that is damaged or holds other types.
 */
export function readSafetensors(file: Uint8Array | ArrayBuffer): {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
};

/**
 * Writes a safetensors file, as the reference implementation lays it out: wider types first, then by name.
 * @param metadata - texts by name
 * @throws `'wrong-type'` for anything else, or a shape that does not fit the length; `'unknown-option'`.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, TensorInput>>, metadata?: Readonly<Record<string, string>>,
): Bytes;
