/**
 * What kind of mistake it was:
 *
 * - `'invalid-argument'`: values that do not fit, such as a wrong length or times that do not increase.
 * - `'wrong-type'`: an argument of the wrong type, or a number that is not finite or out of range.
 * - `'unknown-option'`: an option that does not exist; the message names the nearest one that does.
 * - `'bad-config'`: settings of a {@link Session} with faults; the message has a sentence for each.
 * - `'bad-file'`: a file that is damaged, truncated, of another kind or of a future version.
 * - `'closed'`: an object used after `close()`.
 * - `'busy'`: a model changed, saved or trained while it is training.
 * - `'out-of-memory'`: there is not enough memory for this.
 * - `'unavailable'`: the WebAssembly module could not be loaded, or this host lacks what was asked for.
 * - `'internal'`: a fault of the library; please report it.
 */
export type ErrorCode = 'invalid-argument' | 'wrong-type' | 'unknown-option' | 'bad-config' | 'bad-file'
  | 'closed' | 'busy' | 'out-of-memory' | 'unavailable' | 'internal';

/** Every code with what it means, one line each. */
export const ERROR_CODES: Readonly<Record<ErrorCode, string>>;

/** What this package throws, and rejects with. Its message says what is, and what was expected. */
export class LeastActionError extends Error {
  /** @param options - `cause`: the error behind it, where there is one. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  /** Always this. */
  readonly name: 'LeastActionError';
  /** What kind of mistake it was. */
  readonly code: ErrorCode;
}
