// Every call with every kind of wrong argument: each is refused by a LeastActionError that names
// the argument and says what was expected, and everything works on afterwards.
import { calls, makeObjects } from '../harness/calls.mjs';
import { show } from '../harness/check.mjs';
import { complaint, report, rightArguments, tryRow, withObjects } from '../harness/refusals.mjs';

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
  ...calls.map((row) => ({
    name: `${row.title} explains what is wrong with each argument`,
    run: ({ la, check }) => tryRow(row, la, check),
  })),
  {
    name: 'an unknown option of a call on tables and files names the nearest one, too',
    async run({ la, check }) {
      await check.refused('unknown-option', () => la.trajectoriesFromTable({ values: { t: [0] } },
        { time: 't', states: ['t'], trajectry: 't' }), /did you mean "trajectory"/);
      await check.refused('unknown-option', () => la.writeSafetensors({ a: { data: [1], shap: [1] } }),
        /did you mean "shape"/);
    },
  },
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
        const rights = await Promise.all(calls.map((row) => rightArguments(row, objects)));
        const helpers = await makeObjects(la);
        for (const [i, row] of calls.entries()) {
          const needsObject = row.args.some(([, good]) => typeof good === 'function');
          if (needsObject) rights[i] = await rightArguments(row, helpers);
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
