// Objects that hold C++ memory: freed by close(), or, where that was forgotten, after they are gone.
import { memoryBytes } from './exchange.mjs';
import { nextTask } from './tasks.mjs';

let open = 0;
const registry = new FinalizationRegistry((raw) => {
  --open;
  raw.delete();
});

/** `object` is what `raw` (of the bindings) lives for. */
export function hold(object, raw) {
  ++open;
  registry.register(object, raw, raw);
  return raw;
}

/** The object is closed; whoever calls this deletes `raw`. */
export function letGo(raw) {
  if (registry.unregister(raw)) --open;
}

/** The same, deleting it now. */
export function free(raw) {
  letGo(raw);
  raw.delete();
}

/**
 * Awaited by whatever makes objects: forgotten ones are only freed between tasks, so a long chain of
 * promises that makes and forgets many lets one begin from time to time.
 */
export async function pace() {
  if (open > 1000 && open % 256 === 0) await nextTask();
}

export function memory() {
  return { objects: open, bytes: memoryBytes() };
}
