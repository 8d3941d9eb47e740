// What a case of a suite asserts with. Host-neutral: the same in Node, in a page and in a bundle.

/** A short text of any value; also of one whose every property throws. */
export function show(value) {
  try {
    if (typeof value === 'string') {
      return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
    }
    if (typeof value === 'function') return `function ${value.name}`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (ArrayBuffer.isView(value) || Array.isArray(value)) {
      if (value instanceof DataView) return 'DataView';
      const some = Array.from(value.length > 8 ? value.slice(0, 8) : value, show).join(', ');
      return `${value.constructor.name}(${value.length})[${some}${value.length > 8 ? ', …' : ''}]`;
    }
    const entries = Object.entries(value).slice(0, 8).map(([key, entry]) => `${key}: ${show(entry)}`);
    return `{${entries.join(', ')}}`;
  } catch {
    return 'an object that throws';
  }
}

/** Where two values differ, as a path and both values; undefined where they are the same. */
function difference(a, b, path = '') {
  if (Object.is(a, b)) return undefined;
  const isObject = (value) => typeof value === 'object' && value !== null;
  if (!isObject(a) || !isObject(b)) return `${path || 'the value'}: ${show(a)}, expected ${show(b)}`;
  if (Object.getPrototypeOf(a)?.constructor?.name !== Object.getPrototypeOf(b)?.constructor?.name) {
    return `${path || 'the value'} is ${show(a)}, expected ${show(b)}`;
  }
  if (ArrayBuffer.isView(a) || Array.isArray(a)) {
    if (a.length !== b.length) return `${path} has length ${a.length}, expected ${b.length}`;
    for (let i = 0; i < a.length; ++i) {
      const found = difference(a[i], b[i], `${path}[${i}]`);
      if (found) return found;
    }
    return undefined;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key], b[key], `${path}.${key}`);
    if (found) return found;
  }
  return undefined;
}

/** The checks, for a package `la` whose LeastActionError is the one expected. */
export function makeCheck({ LeastActionError, ERROR_CODES }) {
  const fail = (message, found) => {
    throw new Error(message ? `${message}: ${found}` : found);
  };
  const list = (value) => (typeof value === 'number' ? [value] : value);
  const compare = (actual, expected, allowed, message) => {
    const a = list(actual), b = list(expected);
    if (a?.length !== b.length) fail(message, `length ${a?.length}, expected ${b.length}`);
    for (let i = 0; i < b.length; ++i) {
      // Written so that NaN fails.
      if (!(Math.abs(a[i] - b[i]) <= allowed(b[i], b))) {
        fail(message, `[${i}] is ${a[i]}, expected ${b[i]} within ${allowed(b[i], b)}`);
      }
    }
  };
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

  const check = {
    ok(value, message) {
      if (!value) fail(message, `${show(value)} is not true`);
    },
    /** The same down to the bits: numbers by Object.is, arrays and objects entry by entry. */
    equal(actual, expected, message) {
      const found = difference(actual, expected);
      if (found) fail(message, found);
    },
    notEqual(actual, expected, message) {
      if (!difference(actual, expected)) fail(message, `${show(actual)} should have changed`);
    },
    /** Numbers, or lists of them: |a − b| ≤ tolerance · max(1, |b|), each. */
    close(actual, expected, tolerance, message) {
      compare(actual, expected, (b) => tolerance * Math.max(1, Math.abs(b)), message);
    },
    /** Numbers, or lists of them: |a − b| ≤ tolerance · max |b| over the list. */
    relative(actual, expected, tolerance, message) {
      compare(actual, expected, (_, all) => tolerance * largest(all), message);
    },
    match(text, pattern, message) {
      if (typeof text !== 'string' || !pattern.test(text)) {
        fail(message, `${show(text)} does not match ${pattern}`);
      }
    },
    /**
     * `work` throws, or rejects with, a LeastActionError of that code (or one of those codes)
     * whose message matches. Resolves to the error.
     */
    async refused(code, work, message = /./) {
      let result;
      try {
        result = await work();
      } catch (error) {
        if (!(error instanceof LeastActionError) || !(error instanceof Error)) {
          fail(`expected ${code}`, `not a LeastActionError but ${show(error)}\n${error?.stack ?? ''}`);
        }
        const codes = [code].flat();
        if (!codes.includes(error.code)) {
          fail(error.message, `code ${error.code}, expected ${codes.join(' or ')}`);
        }
        if (!(error.code in ERROR_CODES)) fail(error.message, `code ${error.code} is not in ERROR_CODES`);
        check.match(error.message, message);
        return error;
      }
      return fail(`expected ${code}`, `nothing was thrown, ${show(result)} came back`);
    },
  };
  return check;
}
