// Runs cases inside a page: the test drives `window.suites` from outside.
import { makeCheck } from './check.mjs';

/** Makes the suites callable. `la` is the package as the page imported it. */
export function offer({ la, startWorker, suites }) {
  const check = makeCheck(la);
  const makeHost = async () => ({
    name: 'page',
    threads: (await la.ready())?.threads ?? false,
    isolated: globalThis.crossOriginIsolated === true,
    startWorker,
    async file(name) {
      const response = await fetch(new URL(`files/${name}`, document.baseURI));
      if (!response.ok) throw new Error(`files/${name}: status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  });
  let host;
  window.suites = {
    la,
    startWorker,
    host: () => (host ??= makeHost()),
    /** Names of the cases, by suite. */
    list: () => Object.fromEntries(
      Object.entries(suites).map(([name, cases]) => [name, cases.map((each) => each.name)])),
    /** Runs one; resolves to { skipped } or { error } or {}. */
    async run(suite, index) {
      try {
        const { run, skip } = suites[suite][index];
        const given = await window.suites.host();
        const skipped = skip?.({ la, host: given });
        if (skipped) return { skipped };
        await run({ la, check, host: given });
        return {};
      } catch (error) {
        return { error: error?.stack ? `${error.message}\n${error.stack}` : String(error) };
      }
    },
  };
}
