// The page around the canvas: loading, input, storage, files, graphics, accessibility.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {gzipSync} from 'node:zlib';
import {PATIENCE, PlaygroundPage, SITE, launch, serveSite} from './playground_page.mjs';

const round = (values) => values.map((value) => Number(value.toFixed(6)));
/** What a person sees, apart from what moves. */
const picture = async (page, label) => {
  const {x, y, width, height} = await page.control(label);
  return page.page.screenshot({clip: {x, y, width, height}});
};

describe('the page', {timeout: 20 * 60_000}, () => {
  let browser, server, isolated;
  const open = (options = {}) => PlaygroundPage.open(browser, server.url, options);
  before(async () => {
    [browser, server, isolated] = [await launch(), await serveSite(false), await serveSite(true)];
  });
  after(async () => {
    await browser?.close();
    server?.close();
    isolated?.close();
  });

  test('each build is at most 1.5 MB compressed', async () => {
    for (const variant of ['single', 'threads']) {
      const files = await Promise.all(['playground.wasm', 'playground.js'].map((name) => readFile(join(SITE, variant, name))));
      const size = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
      assert.ok(size < 1.5e6, `${variant}: ${size} bytes`);
      assert.ok(size > 1e5, `${variant}: ${size} bytes cannot be the whole app`);
    }
  });

  for (const isolation of [true, false]) {
    test(`it loads ${isolation ? 'with' : 'without'} cross-origin isolation and learns at once`, async () => {
      const page = await PlaygroundPage.open(browser, (isolation ? isolated : server).url);
      assert.equal(await page.page.evaluate(() => crossOriginIsolated), isolation);
      await page.until((state) => state.models.every((m) => m.step > 10));
      assert.ok(await page.page.locator('#loading').isHidden());
      assert.deepEqual(page.errors, []);
      await page.close();
    });
  }

  test('keys start, pause, step and reset the training', async () => {
    const page = await open();
    await page.until((s) => s.training && s.models[0].step > 0);
    await page.press('Space');
    const paused = await page.until((s) => !s.training);
    await page.press('s');
    const stepped = await page.until((s) => s.models[0].step > paused.models[0].step);
    assert.equal(stepped.models[0].step, paused.models[0].step + 1);
    await page.press('r');
    await page.until((s) => s.models.every((m) => m.step === 0));
    await page.press('Space');
    await page.until((s) => s.training && s.models[0].step > 0);
    await page.close();
  });

  test('the wheel zooms the portrait about the pointer', async () => {
    const page = await open();
    await page.quiet();
    const area = await page.control('Phase portrait');
    const pointer = [area.x + 0.25 * area.width, area.y + 0.3 * area.height];
    const from = await page.centre('Initial state');
    await page.page.mouse.move(...pointer);
    await page.frame();
    await page.page.mouse.wheel(0, -120);
    await page.frame(4);
    const to = await page.centre('Initial state');
    const ratio = [0, 1].map((i) => (to[i] - pointer[i]) / (from[i] - pointer[i]));
    assert.ok(ratio[0] > 1.05 && ratio[0] < 1.6, `one notch scaled by ${ratio[0]}`);
    assert.ok(Math.abs(ratio[0] - ratio[1]) < 0.1, `unevenly: ${ratio}`);
    await page.close();
  });

  test('dragging the ring moves the initial state and every trajectory', async () => {
    const page = await open();
    await page.quiet();
    const before = await page.state();
    const [x, y] = await page.centre('Initial state');
    const mouse = page.page.mouse;
    await mouse.move(x, y);
    await page.frame();
    assert.equal(await page.page.locator('#playground').evaluate((c) => c.style.cursor), 'pointer');
    await mouse.down();
    await page.frame();
    await mouse.move(x - 30, y + 12, {steps: 6});
    await page.frame();
    await mouse.up();
    const now = await page.until((s, old) => s.initial[0] < old.initial[0] - 1e-3 && s.models[0].end.some((v, i) => v !== old.models[0].end[i]), before);
    assert.ok(now.initial[1] < before.initial[1] - 1e-3);
    await page.page.waitForFunction(() => location.hash.length > 1);
    assert.notDeepEqual(round(now.truth_end), round(before.truth_end));
    await page.close();
  });

  test('one finger drags, two zoom without a click', async () => {
    const page = await open({hasTouch: true});
    await page.quiet();
    const session = await page.page.context().newCDPSession(page.page);
    const touch = async (type, ...points) => {
      await session.send('Input.dispatchTouchEvent', {type, touchPoints: points.map(([x, y], id) => ({x, y, id}))});
      await page.frame();
    };
    const before = await page.state();
    const [x, y] = await page.centre('Initial state');
    await touch('touchStart', [x, y]);
    for (let k = 1; k <= 6; ++k) await touch('touchMove', [x - 6 * k, y + 2 * k]);
    await touch('touchEnd');
    const moved = await page.until((s, old) => s.initial[0] < old.initial[0] - 1e-3, before);
    await page.settle();

    const area = await page.control('Phase portrait');
    const centre = [area.x + 0.3 * area.width, area.y + 0.3 * area.height];
    const from = await page.centre('Initial state');
    const fingers = (spread) => [[centre[0] - spread, centre[1]], [centre[0] + spread, centre[1]]];
    // The second finger comes late, when the first already drags.
    await touch('touchStart', fingers(40)[0]);
    await touch('touchMove', [fingers(40)[0][0], fingers(40)[0][1] + 20]);
    await touch('touchMove', fingers(40)[0]);
    await touch('touchStart', ...fingers(40));
    for (const spread of [50, 60, 70, 80]) await touch('touchMove', ...fingers(spread));
    await touch('touchEnd');
    await page.settle();
    const to = await page.centre('Initial state');
    const ratio = (to[0] - centre[0]) / (from[0] - centre[0]);
    assert.ok(Math.abs(ratio - 2) < 0.25, `fingers twice as far apart scaled by ${ratio}`);
    assert.deepEqual((await page.state()).initial, moved.initial, 'the pinch moved the initial state');

    const [sx, sy] = await page.centre('Start');
    await touch('touchStart', [sx, sy]);
    await touch('touchEnd');
    await page.until((s) => s.training);
    await page.close();
  });

  test('keys typed elsewhere on the page stay there', async () => {
    const page = await open();
    await page.quiet();
    const before = await page.state();
    await page.page.evaluate(() => {
      const field = document.createElement('input');
      field.id = 'elsewhere';
      field.style.cssText = 'position:fixed;left:0;top:0;z-index:9';
      document.body.append(field);
      field.focus();
    });
    await page.page.keyboard.type('s r x');
    await page.page.keyboard.press('Backspace');
    assert.equal(await page.page.locator('#elsewhere').inputValue(), 's r ');
    await page.page.keyboard.press('Shift+Tab');
    assert.notEqual(await page.page.evaluate(() => document.activeElement.id), 'elsewhere');
    const now = await page.state();
    assert.deepEqual([now.training, now.models[0].step], [before.training, before.models[0].step]);
    await page.close();
  });

  test('Escape, then Tab, leaves the canvas', async () => {
    const page = await open();
    await page.page.evaluate(() => {
      const button = document.createElement('button');
      button.id = 'after';
      document.body.append(button);
    });
    await page.press('Tab');
    assert.equal(await page.page.evaluate(() => document.activeElement.id), 'playground');
    await page.press('Escape');
    await page.page.keyboard.press('Tab');
    assert.equal(await page.page.evaluate(() => document.activeElement.id), 'after');
    await page.close();
  });

  test('a copied link shows the same experiment to another person', async () => {
    const page = await open({permissions: ['clipboard-read', 'clipboard-write'], hash: '#system=spring&noise=0.1'});
    await page.quiet();
    await page.click('Copy link');
    await page.page.waitForFunction(() => navigator.clipboard.readText().then((text) => text.includes('spring')));
    const link = await page.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, await page.page.evaluate(() => location.href));
    const other = new PlaygroundPage(await (await browser.newContext()).newPage());
    await other.goto(link);
    assert.equal(await other.page.evaluate(() => window.leastAction.query()), await page.page.evaluate(() => window.leastAction.query()));
    assert.deepEqual((await other.state()).initial, (await page.state()).initial);
    await other.close();
    await page.close();
  });

  test('a malformed link is explained and the rest of it used', async () => {
    const page = await open({hash: '#system=pendulm&models=%F0%9F%A4%96:1e9&lr=NaN&%%%=&noise=0.05'});
    const state = await page.until((s) => s.message !== '');
    assert.ok(state.message.includes('pendulum') || state.message.includes('pendulm'), state.message);
    await page.until((s) => s.models.every((m) => m.step > 0));
    await page.page.waitForFunction(() => document.getElementById('message').textContent !== '');
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('an edited address shows its experiment', async () => {
    const page = await open();
    await page.page.evaluate(() => { location.hash = '#system=duffing'; });
    await page.page.waitForFunction(() => window.leastAction.query().includes('duffing'));
    await page.close();
  });

  test('the run survives a reload, and starting over forgets it', async () => {
    const page = await open({hash: '#system=spring'});
    await page.until((s) => s.models[0].step >= 50);
    await page.quiet();
    const before = await page.state();
    await page.page.reload();
    await page.ready();
    await page.quiet();
    const now = await page.state();
    assert.ok(now.models[0].step >= before.models[0].step, `${now.models[0].step} steps after, ${before.models[0].step} before`);
    await page.page.waitForFunction(() => location.hash.includes('system=spring'));
    await page.click('Files');
    await page.click('Start over');
    await page.page.waitForFunction(() => !window.leastAction.query().includes('spring'));
    await page.close();
  });

  test('the view comes back after the graphics context was lost', async () => {
    const page = await open();
    await page.quiet();
    const before = await picture(page, 'Phase portrait');
    const frames = await page.page.evaluate(async () => {
      const canvas = document.getElementById('playground');
      window.extension = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
      const lost = new Promise((resolve) => canvas.addEventListener('webglcontextlost', resolve, {once: true}));
      window.extension.loseContext();
      await lost;
      return window.leastAction.frames();
    });
    await page.page.evaluate(async () => {
      const canvas = document.getElementById('playground');
      const restored = new Promise((resolve, reject) => {
        canvas.addEventListener('webglcontextrestored', resolve, {once: true});
        setTimeout(() => reject(new Error('the context was not restored')), 20_000);
      });
      window.extension.restoreContext();
      await restored;
    });
    await page.page.waitForFunction((n) => window.leastAction.frames() > n, frames);
    await page.settle();
    assert.ok(before.equals(await picture(page, 'Phase portrait')), 'the portrait looks different');
    assert.deepEqual(page.errors.filter((error) => !/CONTEXT_LOST/.test(error)), []);
    await page.close();
  });

  test('files are offered, and a saved run opens again', async () => {
    const page = await open();
    await page.until((s) => s.models[0].step >= 20);
    await page.quiet();
    const offer = async (item) => {
      await page.click('Files');
      const file = await page.download(() => page.click(item));
      await page.settle();
      return file;
    };
    const dataset = await offer('Save the dataset as CSV');
    assert.match(dataset.bytes.toString(), /^part,trajectory,t,.*\n(train|test),0,/);
    const history = await offer('Save the history as CSV');
    assert.match(history.bytes.toString(), /^model,step,train_loss,test_loss,learning_rate\n/);
    const run = await offer('Save this run');
    const saved = await page.state();

    await page.page.mouse.move(...await page.centre('Phase portrait'));
    const shot = await page.download(() => page.click('Save as a picture'));
    assert.equal(shot.bytes.subarray(1, 4).toString(), 'PNG');
    assert.ok(shot.bytes.length > 5000, `a picture of ${shot.bytes.length} bytes`);

    await page.press('r');
    await page.until((s) => s.models[0].step === 0);
    const [chooser] = await Promise.all([
      page.page.waitForEvent('filechooser'),
      (async () => { await page.click('Files'); await page.click('Open a run …'); })(),
    ]);
    await chooser.setFiles({name: run.name, mimeType: 'application/octet-stream', buffer: run.bytes});
    const opened = await page.until((s, step) => s.models[0].step === step, saved.models[0].step);
    assert.deepEqual(opened.models.map((m) => m.train_loss), saved.models.map((m) => m.train_loss));

    // The same by dropping it, and a damaged one is refused with a reason.
    const drop = (bytes, name) => page.page.evaluate(([data, file]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], file));
      window.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }, [bytes.toString('base64'), name]);
    await page.press('r');
    await page.until((s) => s.models[0].step === 0);
    await drop(run.bytes, run.name);
    await page.until((s, step) => s.models[0].step === step, saved.models[0].step);
    await drop(run.bytes.subarray(0, 100), 'half.run');
    const refused = await page.until((s) => s.message.includes('half.run'));
    assert.equal(refused.models[0].step, saved.models[0].step);
    await page.close();
  });

  test('it follows the system between dark and light until the user chooses', async () => {
    const page = await open({colorScheme: 'dark'});
    const theme = () => page.page.evaluate(() => document.documentElement.dataset.theme);
    const becomes = (wanted) => page.page.waitForFunction((w) => document.documentElement.dataset.theme === w, wanted);
    assert.equal(await theme(), 'dark');
    await page.page.emulateMedia({colorScheme: 'light'});
    await becomes('light');
    await page.click('Dark theme');
    await becomes('dark');
    await page.page.reload();
    await page.ready();
    assert.equal(await theme(), 'dark');
    await page.close();
  });

  test('a phone shows it without scrolling sideways, at full resolution', async () => {
    const page = await open({viewport: {width: 390, height: 844}, deviceScaleFactor: 3, hasTouch: true, isMobile: true});
    const size = await page.page.evaluate(() => {
      const canvas = document.getElementById('playground');
      return {scroll: document.documentElement.scrollWidth, width: innerWidth, ratio: devicePixelRatio,
        pixels: [canvas.width, canvas.height], css: [canvas.clientWidth, canvas.clientHeight]};
    });
    assert.equal(size.scroll, size.width);
    assert.deepEqual(size.pixels, size.css.map((length) => length * size.ratio));
    for (const control of await page.controls()) {
      assert.ok(control.x >= -1 && control.x + control.width <= size.width + 1, `${control.label} sticks out`);
    }
    await page.page.setViewportSize({width: 844, height: 390});
    await page.page.waitForFunction(() => document.getElementById('playground').width === 844 * 3);
    await page.close();
  });

  test('it draws nothing while nothing moves', async () => {
    const page = await open();
    await page.quiet();
    const count = () => page.page.evaluate(() => window.leastAction.frames());
    const before = await count();
    await page.page.waitForTimeout(2000);
    assert.equal(await count() - before, 0);
    await page.close();
  });

  test('screen readers get a name, the keys and the state in words', async () => {
    const page = await open();
    await page.page.waitForFunction(() => document.getElementById('summary').textContent.length > 20);
    const canvas = page.page.locator('#playground');
    assert.equal(await canvas.getAttribute('aria-label'), 'Least Action playground');
    for (const id of (await canvas.getAttribute('aria-describedby')).split(' ')) {
      assert.ok((await page.page.locator(`#${id}`).textContent()).trim().length > 20, id);
    }
    assert.match(await page.page.locator('#summary').textContent(), /pendulum/i);
    await page.close();
  });

  const broken = {
    'WebGL2': [/WebGL2/, async (page) => page.addInitScript(() => { HTMLCanvasElement.prototype.getContext = () => null; })],
    'WebAssembly': [/WebAssembly/, async (page) => page.addInitScript(() => { delete window.WebAssembly; })],
    'SIMD': [/SIMD/, async (page) => page.addInitScript(() => { WebAssembly.validate = () => false; })],
    'the module': [/404/, async (page) => page.route('**/*.wasm', (route) => route.fulfill({status: 404, body: 'no'}))],
  };
  for (const [what, [message, sabotage]] of Object.entries(broken)) {
    test(`a plain message where ${what} is missing`, async () => {
      const page = await (await browser.newContext()).newPage();
      await sabotage(page);
      await page.goto(server.url);
      await page.locator('#loading.fault').waitFor({timeout: PATIENCE});
      assert.match(await page.locator('#loading-text').textContent(), message);
      await page.context().close();
    });
  }
});
