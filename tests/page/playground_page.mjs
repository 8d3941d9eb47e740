// The built page in a real browser, driven as a person drives it: by where its controls are.
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {serve} from '../../shell/page/serve.mjs';

export const SITE = process.env.LEAST_ACTION_SITE ?? fileURLToPath(new URL('../../build/site', import.meta.url));
/** Long enough for a slow machine that draws in software; nothing waits longer than it must. */
export const PATIENCE = Number(process.env.PATIENCE ?? 120_000);

export async function launch() {
  const executablePath = [process.env.CHROME, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
  return chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--use-gl=angle', '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader'],
  });
}

/** Serves the site, with or without cross-origin isolation. */
export const serveSite = (isolated) => serve(SITE, {isolated});

/** One open page and the words a test speaks about it. */
export class PlaygroundPage {
  errors = [];

  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error') this.errors.push(message.text()); });
  }

  static async open(browser, url, {hash = '', ...options} = {}) {
    const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
    const page = new PlaygroundPage(await context.newPage());
    await page.goto(url + hash);
    return page;
  }

  async goto(url) {
    await this.page.goto(url);
    await this.ready();
  }
  async ready() { await this.page.waitForFunction(() => window.leastAction?.frames() > 0); }
  close() { return this.page.context().close(); }

  state() { return this.page.evaluate(() => window.leastAction.state()); }
  controls() { return this.page.evaluate(() => window.leastAction.controls()); }

  /** Waits until `predicate(state, argument)` holds and returns that state. */
  async until(predicate, argument, timeout = PATIENCE) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const state = await this.state();
      if (predicate(state, argument)) return state;
      if (Date.now() > deadline) {
        throw new Error(`waited in vain for ${predicate}; steps ${state.models.map((m) => m.step)}, message "${state.message}"`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  /** The control of this label: {x, y, width, height, …} in CSS pixels. */
  async control(label, timeout = PATIENCE) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const controls = await this.controls();
      const found = controls.find((control) => control.label.split('##')[0] === label);
      if (found) return found;
      if (Date.now() > deadline) {
        throw new Error(`no control is called "${label}"; there are: ${controls.map((c) => c.label).join(', ')}`);
      }
      await this.page.waitForTimeout(100);
    }
  }
  async has(label) { return (await this.controls()).some((control) => control.label.split('##')[0] === label); }
  async centre(label) {
    const {x, y, width, height} = await this.control(label);
    return [x + width / 2, y + height / 2];
  }
  async click(label) {
    const [x, y] = await this.centre(label);
    await this.page.mouse.move(x, y);
    await this.frame();
    await this.page.mouse.down();
    await this.frame();
    await this.page.mouse.up();
    await this.frame();
  }
  /** Some frames later. */
  async frame(count = 2) {
    await this.page.evaluate(async (n) => {
      for (let i = 0; i < n; ++i) await new Promise(requestAnimationFrame);
    }, count);
  }
  async press(key) {
    await this.page.locator('#playground').focus();
    await this.page.keyboard.press(key);
    await this.frame();
  }

  /** Nothing moves by itself any more. */
  async quiet() {
    for (const label of ['Pause', 'Pause animation', 'Pause samples']) {
      if (await this.has(label)) await this.click(label);
    }
    await this.page.mouse.move(2, 2);
    await this.settle();
  }
  /** Waits until no frame has been drawn for half a second. */
  async settle(timeout = PATIENCE) {
    const deadline = Date.now() + timeout;
    for (let before = -1; Date.now() < deadline;) {
      const frames = await this.page.evaluate(() => window.leastAction.frames());
      if (frames === before) return;
      before = frames;
      await this.page.waitForTimeout(500);
    }
    throw new Error('the page keeps drawing');
  }

  /** Bytes of the file offered while `act` runs, with its name. */
  async download(act) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return {name: download.suggestedFilename(), bytes: Buffer.concat(chunks)};
  }
}

export const model = (state, name) => state.models.find((entry) => entry.name === name);
