// Starts the playground: load, restore the last visit, connect the page around the canvas.
import {Autosave, Address, readRun, throttle} from './storage.js';
import {Engine, Unsupported, checkSupport, chooseVariant} from './engine.js';
import {Input, isMac} from './input.js';
import {Display} from './display.js';
import {connectFiles} from './files.js';

const element = (id) => document.getElementById(id);
const canvas = element('playground');

function showFault(text) {
  const loading = element('loading');
  loading.hidden = false;
  loading.classList.add('fault');
  element('loading-text').textContent = text;
  element('loading-text').setAttribute('role', 'alert');
}

function showProgress(part) {
  if (part === null) element('progress').removeAttribute('value');
  else element('progress').value = part;
  element('loading-text').textContent = part === null ? 'Loading…' : `Loading… ${Math.round(100 * part)} %`;
}

/** Dark or light: the system's wish, until the user chooses in the app. */
class Theme {
  #system = matchMedia('(prefers-color-scheme: dark)');
  #shown;
  static #read() { try { return localStorage.getItem('theme'); } catch { return null; } }

  isDark() { return (Theme.#read() ?? (this.#system.matches ? 'dark' : 'light')) === 'dark'; }

  connect(engine, request) {
    this.#shown = engine.isDark();
    this.#paint(engine);
    this.#system.addEventListener('change', () => {
      engine.setDark(this.isDark());
      request();
    });
  }

  follow(engine) {
    const dark = engine.isDark();
    if (dark === this.#shown) return;
    this.#shown = dark;
    try {
      if (dark === this.#system.matches) localStorage.removeItem('theme');
      else localStorage.setItem('theme', dark ? 'dark' : 'light');
    } catch { /* not kept */ }
    this.#paint(engine);
  }

  #paint(engine) {
    document.documentElement.dataset.theme = this.#shown ? 'dark' : 'light';
    document.querySelector('meta[name="theme-color"]').content = engine.backgroundColor();
  }
}

/**
 * For tests and automation, read only: the figures shown, where the labelled controls are, how
 * many frames were drawn. Nothing of the page depends on it.
 */
function publish(engine, display) {
  window.leastAction = Object.freeze({
    variant: engine.variant,
    state: () => engine.state(),
    frames: () => engine.numFrames(),
    query: () => engine.query(),
    summary: () => engine.summary(),
    /** [{label, x, y, width, height, checked, active, focused}] in CSS pixels. */
    async controls() {
      engine.mapControls(true);
      display.request();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const controls = engine.controls();
      engine.mapControls(false);
      return controls;
    },
  });
}

async function main() {
  checkSupport();
  const theme = new Theme();
  if (!theme.isDark()) document.documentElement.dataset.theme = 'light';
  const [engine, run] = await Promise.all([Engine.load(canvas, chooseVariant(), showProgress), readRun()]);
  let display = null, failed = false;
  engine.onFailed = (text) => {
    failed = true;
    display?.stop();
    showFault(`The playground stopped: ${text}. Reload the page to go on; the last saved run comes back.`);
  };
  const started = engine.start(location.hash, {
    dark: theme.isDark(), background: engine.variant === 'threads', autostart: true, mac: isMac()});
  if (failed) return;  // the page says why
  if (!started) throw new Unsupported('The browser gave no WebGL2 context. Other pages may be using too many.');
  // A link to another experiment wins over the last visit's; one to another workspace says nothing of it.
  const elsewhere = engine.query().startsWith('workspace=');
  if (run && (elsewhere || location.hash.length < 2 || location.hash === `#${run.query}`)) engine.restore(run.bytes);

  const request = () => display?.request();
  const address = new Address(engine, request);
  const autosave = new Autosave(engine);
  // What a screen reader hears: the state every few seconds, a message soon.
  const announce = (id, text) => { if (element(id).textContent !== text) element(id).textContent = text; };
  const summarize = throttle(() => announce('summary', engine.summary()), 4000);
  const announceMessage = throttle(() => announce('message', engine.status()), 500);
  let input = null;
  display = new Display(engine, canvas, () => {
    input?.follow();
    address.follow();
    autosave.follow();
    theme.follow(engine);
    summarize();
    announceMessage();
  });
  input = new Input(engine, display, canvas, element('text-proxy'));
  connectFiles(engine, request);
  theme.connect(engine, request);
  element('loading').hidden = true;
  performance.mark('first-frame');
  if (document.activeElement === document.body && self === top) canvas.focus({preventScroll: true});
  publish(engine, display);
  display.request();
}

main().catch((error) => {
  console.error(error);
  showFault(error instanceof Unsupported ? error.message :
    `The playground did not load: ${error.message}. Check the connection and reload the page.`);
});
