/**
 * Every code a LeastActionError can have, and what it means. The first six come from C++
 * (bindings/answer.cpp), the rest from the JavaScript around it.
 */
export const ERROR_CODES = Object.freeze({
  'invalid-argument': 'values that cannot be right, such as a wrong length',
  'bad-config': 'settings with faults; the message has a sentence for each',
  'bad-file': 'a file that is damaged, truncated, of another kind or of a future version',
  'unknown-option': 'an option that there is not; the message names the nearest one that there is',
  'out-of-memory': 'there is not enough memory',
  internal: 'a fault of the library',
  'wrong-type': 'an argument of the wrong type or range',
  closed: 'an object used after close()',
  busy: 'a model changed, saved or trained while it is training',
  unavailable: 'the WebAssembly module could not be loaded, or the host lacks what was asked for',
});

/** What this package throws: an Error with a `code` (see ERROR_CODES). */
export class LeastActionError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = 'LeastActionError';
    this.code = code;
  }
}

/** A message of the library's with its names (warmup_steps) as they are here, but for what it quotes. */
function renamed(message) {
  return message.replace(/"[^"]*"|\b[a-z]+\d?(?:_[a-z]+)+\b/g, (name) => {
    if (name.startsWith('"')) return name;
    if (name === 'total_steps') return 'steps';
    return name.replace(/_named$/, '').replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  });
}

/** The value of an answer of the bindings; throws where it is an error. */
export function valueOf(answer) {
  const { code, message, value } = answer;
  if (code === undefined) return value;
  throw new LeastActionError(code, code === 'invalid-argument' ? renamed(message) : message);
}
