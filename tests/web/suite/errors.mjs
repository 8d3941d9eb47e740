// Every call with every kind of wrong argument: each is refused by a LeastActionError that names
// the argument and says what was expected, and everything works on afterwards.
import { calls, makeObjects } from '../harness/calls.mjs';
import { bag, neededBag } from '../harness/bad_values.mjs';
import { show } from '../harness/check.mjs';

const plain = (text) => text.toLowerCase().replace(/[^a-zα-ω0-9]/g, '');

/** What is wrong with how a call took a bad value; undefined where it refused as it should. */
async function complaint(la, what, name, work, codes) {
  let result;
  try {
    result = await work();
  } catch (error) {
    if (!(error instanceof la.LeastActionError)) return `${what}: ${show(error)} is no LeastActionError`;
    const { code, message } = error;
    if (!(code in la.ERROR_CODES)) return `${what}: code ${code} is not in ERROR_CODES (${message})`;
    if (codes && !codes.includes(code)) {
      return `${what}: code ${code}, expected ${codes.join(' or ')} (${message})`;
    }
    if (code === 'internal' || code === 'out-of-memory') return `${what}: ${code}: ${message}`;
    if (message.length > 1000) return `${what}: a message of ${message.length} characters`;
    if (code === 'bad-file') return undefined;
    if (!/expected|must|not |no |unknown|has |only|needs/i.test(message)) {
      return `${what}: says not what was expected: ${message}`;
    }
    if (!plain(message).includes(plain(name))) return `${what}: does not name ${name}: ${message}`;
    return undefined;
  }
  result?.close?.();
  return `${what}: was taken, ${show(result)} came back`;
}

function report(complaints) {
  if (complaints.length === 0) return;
  const shown = complaints.slice(0, 25).map((line) => line.slice(0, 300));
  throw new Error(`${complaints.length} complaints:\n${shown.join('\n')}`);
}

/** The right arguments of a row, where `options` are added to the last one. */
function rightArguments(row, objects, options) {
  const args = row.args.map(([, good]) => (typeof good === 'function' ? good(objects) : good));
  if (row.base || options) args.push({ ...row.base, ...options });
  return args;
}

const hasOptions = (row) => row.options !== undefined;

/** What the objects are, in numbers that any damage would change. */
function state({ system, data, model }) {
  return [model.energy([0.3, 0.2, 1, -1]), model.theta(), system.rollout([1, 0], [0, 0.5, 1]).states,
    data.train()[0].states, model.rollout([1, 0], [0, 0.1]).states];
}

async function withObjects(la, work) {
  const objects = await makeObjects(la);
  try {
    return await work(objects);
  } finally {
    for (const object of Object.values(objects)) object.close?.();
  }
}

const rowCases = calls.map((row) => ({
  name: `${row.title} explains what is wrong with each argument`,
  async run({ la, check }) {
    await withObjects(la, async (objects) => {
      const complaints = [];
      const tryWith = async (what, name, args, codes) => {
        const found = await complaint(la, what, name, () => row.call(objects, args), codes);
        if (found) complaints.push(found);
      };
      // It works at all.
      const result = await row.call(objects, rightArguments(row, objects));
      result?.close?.();
      const before = state(objects);
      for (const [i, [name, , wrong]] of row.args.entries()) {
        for (const value of wrong(objects)) {
          const args = rightArguments(row, objects);
          args[i] = value;
          await tryWith(`${row.name} with ${name} = ${show(value)}`, name, args);
        }
      }
      if (row.args.length > 0 && !row.optional) await tryWith(`${row.name} with nothing`, row.args[0][0], []);
      for (const [name, wrong] of Object.entries(row.options ?? {})) {
        for (const value of wrong(objects)) {
          if (value === undefined) continue;
          const args = rightArguments(row, objects, { [name]: value });
          await tryWith(`${row.name} with option ${name} = ${show(value)}`, name, args);
        }
        const typo = name + name.at(-1);
        const args = rightArguments(row, objects, { [typo]: 1 });
        await tryWith(`${row.name} with option ${typo}`, name, args, ['unknown-option']);
      }
      if (hasOptions(row)) {
        for (const value of row.needsOptions ? neededBag() : bag()) {
          const args = rightArguments(row, objects, {});
          args[args.length - 1] = value;
          await tryWith(`${row.name} with options = ${show(value)}`, row.last ?? 'options', args);
        }
      }
      report(complaints);
      // The call itself may have trained: only what was refused may not have done anything.
      if (!/^session/.test(row.name)) check.equal(state(objects), before, 'after the refused calls');
    });
  },
}));

/** Methods of a class by name, without getters and the constructor. */
function methodsOf(constructor) {
  return Object.entries(Object.getOwnPropertyDescriptors(constructor.prototype))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);
}
const staticsOf = (constructor) => Object.entries(Object.getOwnPropertyDescriptors(constructor))
  .filter(([, { value }]) => typeof value === 'function').map(([name]) => name);

export const cases = [
  {
    name: 'every public call is tried',
    run({ la }) {
      const tried = new Set(calls.map(({ name }) => name));
      const missing = [];
      for (const [name, value] of Object.entries(la)) {
        if (typeof value !== 'function' || value.prototype instanceof Error) continue;
        if (!/^[A-Z]/.test(name)) {
          if (!tried.has(name)) missing.push(name);
          continue;
        }
        const object = name === 'Dataset' ? 'data' : name.toLowerCase();
        const callable = [...staticsOf(value).map((each) => `${name}.${each}`),
          ...methodsOf(value).filter((each) => each !== 'close').map((each) => `${object}.${each}`)];
        missing.push(...callable.filter((each) => !tried.has(each)));
      }
      report(missing);
    },
  },
  ...rowCases,
  {
    name: 'a class is not constructed by hand',
    async run({ la, check }) {
      for (const name of ['System', 'Dataset', 'Model', 'Session']) {
        for (const args of [[], [null], [{}, {}], ['pendulum'], [Symbol('s'), {}]]) {
          await check.refused('wrong-type', () => new la[name](...args), /create/);
        }
      }
    },
  },
  {
    name: 'a closed object says so at every call, and may be closed again',
    async run({ la }) {
      await withObjects(la, async (objects) => {
        const rights = calls.map((row) => rightArguments(row, objects));
        const helpers = await makeObjects(la);
        for (const [i, row] of calls.entries()) {
          const needsObject = row.args.some(([, good]) => typeof good === 'function');
          if (needsObject) rights[i] = rightArguments(row, helpers);
        }
        for (const name of ['system', 'data', 'model', 'session']) {
          objects[name].close();
          objects[name].close();
        }
        const complaints = [];
        for (const [i, row] of calls.entries()) {
          const [object, method] = row.name.split('.');
          if (!(object in objects) || /^[A-Z]/.test(object) || method === undefined) continue;
          const work = () => row.call(objects, rights[i]);
          const found = await complaint(la, `closed: ${row.name}`, 'closed', work, ['closed']);
          if (found) complaints.push(found);
        }
        // As an argument, too.
        for (const [what, work] of [
          ['model.loss', () => helpers.model.loss(objects.data)],
          ['model.gradient', () => helpers.model.gradient(objects.data)],
          ['model.train', () => helpers.model.train(objects.data, { steps: 1 })],
          ['data.inChart', () => helpers.data.inChart('velocity', objects.system)],
          ['Model.create', () => la.Model.create({ system: objects.system })],
        ]) {
          const found = await complaint(la, `${what} of a closed object`, 'closed', work, ['closed']);
          if (found) complaints.push(found);
        }
        // Getters have a value or say it: nothing else is thrown.
        for (const name of ['System', 'Dataset', 'Model', 'Session']) {
          const object = objects[name === 'Dataset' ? 'data' : name.toLowerCase()];
          for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(la[name].prototype))) {
            if (!get) continue;
            try {
              void object[key];
            } catch (error) {
              const says = error instanceof la.LeastActionError && error.code === 'closed';
              if (!says) complaints.push(`${name}.${key}: ${show(error)}`);
            }
          }
        }
        for (const name of ['system', 'data', 'model']) {
          if (objects[name].closed !== true) complaints.push(`${name}.closed is ${objects[name].closed}`);
        }
        report(complaints);
        for (const name of ['system', 'data', 'model', 'session']) helpers[name].close();
      });
    },
  },
  {
    name: 'the error codes are frozen, and each says what it means',
    run({ la, check }) {
      check.ok(Object.isFrozen(la.ERROR_CODES));
      for (const [code, meaning] of Object.entries(la.ERROR_CODES)) check.ok(meaning.length > 10, code);
      const error = new la.LeastActionError('closed', 'text', { cause: 5 });
      check.ok(error instanceof Error);
      const { name, code, message, cause } = error;
      check.equal([name, code, message, cause], ['LeastActionError', 'closed', 'text', 5]);
    },
  },
];
