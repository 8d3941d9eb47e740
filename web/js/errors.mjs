/**
 * Every code a LeastActionError can have, and what it means. The first five come from C++
 * (bindings/answer.h), the rest from this wrapper.
 */
export const ERROR_CODES = Object.freeze({
  'invalid-argument': 'a call that cannot be right, such as a wrong length',
  'bad-config': 'settings with faults; the message has a sentence for each',
  'bad-file': 'a run file that is damaged, truncated or of a future version',
  'out-of-memory': 'there is not enough memory',
  internal: 'a fault of the library',
  'wrong-type': 'an argument of the wrong type or range',
  closed: 'a session used after close()',
  unavailable: 'the WebAssembly module could not be loaded',
});

/** What this package throws: an Error with a `code` (see ERROR_CODES). */
export class LeastActionError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = 'LeastActionError';
    this.code = code;
  }
}

/** The value of an answer of the bindings; throws where it is an error. */
export function valueOf(answer) {
  if (answer.code !== undefined) throw new LeastActionError(answer.code, answer.message);
  return answer.value;
}
