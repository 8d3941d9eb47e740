// Every call with every kind of wrong argument through a worker: what cannot be sent there is refused here, all
// else by the package there, with the same errors.
import { calls } from '../harness/calls.mjs';
import { tryRow } from '../harness/refusals.mjs';

/** Functions that do not concern the worker's objects. */
const NOT_THERE = ['ready'];
/** What cannot be copied is found before anything is known of the call. */
const UNSENT = /cannot be (sent|read)/;

/** One worker for all cases; the page's end, or the process's, is its end. */
let worker;

export const cases = calls.filter(({ name }) => !NOT_THERE.includes(name)).map((row) => ({
  name: `${row.title}, in a worker, explains what is wrong with each argument`,
  skip: ({ host }) => (host.startWorker ? undefined : 'there is no worker entry here'),
  async run({ la, check, host }) {
    worker ??= host.startWorker();
    await tryRow(row, { ...la, ...await worker }, check, UNSENT);
  },
}));
