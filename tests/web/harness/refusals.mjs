// Tries calls with wrong arguments and says what is wrong with how they are taken. The same for the package here
// and for a worker's, whose every call is a promise.
import { bag, neededBag } from './bad_values.mjs';
import { makeObjects } from './calls.mjs';
import { show } from './check.mjs';

const plain = (text) => text.toLowerCase().replace(/[^a-zα-ω0-9]/g, '');

/** What is wrong with how a call took a bad value; undefined where it refused as it should. */
export async function complaint(la, what, name, work, codes, unnamed) {
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
    if (code === 'bad-file' || unnamed?.test(message)) return undefined;
    if (!/expected|must|not |no |unknown|has |only|needs/i.test(message)) {
      return `${what}: says not what was expected: ${message}`;
    }
    if (!plain(message).includes(plain(name))) return `${what}: does not name ${name}: ${message}`;
    return undefined;
  }
  result?.close?.();
  return `${what}: was taken, ${show(result)} came back`;
}

export function report(complaints) {
  if (complaints.length === 0) return;
  const shown = complaints.slice(0, 25).map((line) => line.slice(0, 300));
  throw new Error(`${complaints.length} complaints:\n${shown.join('\n')}`);
}

/** The right arguments of a row, where `options` are added to the last one. */
export async function rightArguments(row, objects, options) {
  const args = await Promise.all(row.args.map(([, good]) => (typeof good === 'function' ? good(objects) : good)));
  if (row.base || options) args.push({ ...row.base, ...options });
  return args;
}

/** What the objects are, in numbers that any damage would change. */
async function state({ system, data, model }) {
  const [{ states: exact }, { states: learned }, [{ states: seen }]] = await Promise.all(
    [system.rollout([1, 0], [0, 0.5, 1]), model.rollout([1, 0], [0, 0.1]), data.train()]);
  return [await model.energy([0.3, 0.2, 1, -1]), await model.theta(), exact, learned, seen];
}

export async function withObjects(la, work) {
  const objects = await makeObjects(la);
  try {
    return await work(objects);
  } finally {
    for (const name of ['system', 'data', 'model', 'session']) await objects[name].close();
  }
}

/**
 * Tries a row (calls.mjs) with every wrong value of every argument and option: each is refused by an error that
 * names it, and the objects are afterwards what they were. `la` is the package or what is called like it;
 * messages that match `unnamed` need not name the argument.
 */
export async function tryRow(row, la, check, unnamed) {
  await withObjects(la, async (objects) => {
    const complaints = [];
    const tryWith = async (what, name, args, codes) => {
      const found = await complaint(la, `${row.name} with ${what}`, name, () => row.call(objects, args),
        codes, unnamed);
      if (found) complaints.push(found);
    };
    // It works at all.
    const result = await row.call(objects, await rightArguments(row, objects));
    await result?.close?.();
    const before = await state(objects);
    for (const [i, [name, , wrong]] of row.args.entries()) {
      for (const value of wrong(objects)) {
        const args = await rightArguments(row, objects);
        args[i] = value;
        await tryWith(`${name} = ${show(value)}`, name, args);
      }
    }
    if (row.args.length > 0 && !row.optional) await tryWith('nothing', row.args[0][0], []);
    for (const [name, wrong] of Object.entries(row.options ?? {})) {
      for (const value of wrong(objects).filter((each) => each !== undefined)) {
        const args = await rightArguments(row, objects, { [name]: value });
        await tryWith(`option ${name} = ${show(value)}`, name, args);
      }
      const typo = name + name.at(-1);
      const args = await rightArguments(row, objects, { [typo]: 1 });
      await tryWith(`option ${typo}`, name, args, ['unknown-option']);
    }
    if (row.options) {
      for (const value of row.needsOptions ? neededBag() : bag()) {
        const args = await rightArguments(row, objects, {});
        args[args.length - 1] = value;
        await tryWith(`options = ${show(value)}`, row.last ?? 'options', args);
      }
    }
    report(complaints);
    // The call itself may have trained, but what was refused may not have done anything.
    if (!/^session/.test(row.name)) check.equal(await state(objects), before, 'after the refused calls');
  });
}
