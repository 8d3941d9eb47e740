// The workspaces of the page, and what mechanics shows beside the first screen.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {PlaygroundPage, launch, serveSite} from './playground_page.mjs';

describe('workspaces', {timeout: 15 * 60_000}, () => {
  let browser, server;
  before(async () => { [browser, server] = [await launch(), await serveSite(false)]; });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  const open = (options) => PlaygroundPage.open(browser, server.url, options);
  // The address follows the page with a delay.
  const waitForHash = (page, pattern) =>
    page.page.waitForFunction((source) => new RegExp(source).test(location.hash), pattern.source);

  test('an old link is mechanics, and the address names any other workspace', async () => {
    const page = await open({hash: '#system=spring'});
    assert.equal((await page.state()).workspace, 'mechanics');
    await page.click('Density flow');
    await page.until((s) => s.workspace === 'flow');
    await waitForHash(page, /^#workspace=flow/);
    await page.page.evaluate(() => { location.hash = '#system=duffing'; });
    await page.until((s) => s.workspace === 'mechanics');
    await waitForHash(page, /system=duffing/);
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('a workspace comes back with a reload, and the run of mechanics behind it', async () => {
    const page = await open({hash: '#system=spring&steps=50'});
    await page.until((s) => s.finished);
    await page.quiet();
    await page.page.waitForTimeout(4500);  // an autosave
    await page.click('Density flow');
    await waitForHash(page, /^#workspace=flow/);
    await page.page.reload();
    await page.ready();
    assert.equal((await page.state()).workspace, 'flow');
    await page.click('Mechanics');
    const state = await page.until((s) => s.workspace === 'mechanics');
    assert.equal(state.models[0].step, 50);
    await waitForHash(page, /system=spring/);
    await page.close();
  });

  test('a paused workspace draws nothing, and mechanics waits unseen', async () => {
    const page = await open();
    await page.until((s) => s.models[0].step > 5);
    await page.click('Density flow');
    await page.until((s) => s.workspace === 'flow');
    const before = (await page.state()).models[0].step;
    await page.quiet();
    assert.equal((await page.state()).models[0].step, before);
    await page.close();
  });

  test('the keyboard reaches sliders and boxes; space, S, R and Tab stay the page’s', async () => {
    const page = await open();
    await page.quiet();
    await page.press('c');
    const focused = async () => (await page.controls()).find((control) => control.focused)?.label;
    for (let k = 0; k < 40 && await focused() !== 'Mass m'; ++k) await page.press('ArrowDown');
    assert.equal(await focused(), 'Mass m');
    await page.press('ArrowRight');
    await waitForHash(page, /p\.mass=/);
    await page.press('Enter');
    await page.page.waitForFunction(() => document.activeElement.id === 'text-proxy');
    await page.page.keyboard.type('2.5');
    await page.page.keyboard.press('Enter');
    await waitForHash(page, /p\.mass=2\.5(&|$)/);
    const {step} = (await page.state()).models[0];
    await page.press('s');
    await page.until((s, before) => s.models[0].step === before + 1, step);
    await page.press(' ');
    await page.until((s) => s.training);
    await page.press(' ');
    await page.until((s) => !s.training);
    await page.press('r');
    await page.until((s) => s.models[0].step === 0);
    await page.press('Tab');
    assert.equal(await page.page.evaluate(() => document.activeElement.id), 'playground');
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('the accuracy dial sweeps the tolerances, comes to rest, and moves the integrator', async () => {
    const page = await open({hash: '#models=hnn:8:tanh&periods=2'});
    await page.quiet();
    await page.click('Accuracy');
    await page.settle();
    await page.click('Accuracy plot');
    await waitForHash(page, /rtol=/);
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('a click with shift, and a long touch, pin further starts', async () => {
    const desk = await open();
    await desk.quiet();
    const [x, y] = await desk.centre('Phase portrait');
    await desk.page.mouse.move(x - 70, y + 20);
    await desk.page.keyboard.down('Shift');
    await desk.frame();
    await desk.page.mouse.down();
    await desk.frame();
    await desk.page.mouse.up();
    await desk.frame();
    await desk.page.keyboard.up('Shift');
    await desk.until((s) => s.pinned === 1);
    await waitForHash(desk, /pins=/);
    await desk.click('Clear pinned starts');
    await desk.until((s) => s.pinned === 0);
    await desk.close();

    const phone = await open({viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true});
    const [px, py] = await phone.centre('Phase portrait');
    const session = await phone.page.context().newCDPSession(phone.page);
    const point = [{x: px - 60, y: py + 50}];
    await session.send('Input.dispatchTouchEvent', {type: 'touchStart', touchPoints: point});
    await phone.page.waitForTimeout(900);
    await session.send('Input.dispatchTouchEvent', {type: 'touchEnd', touchPoints: []});
    await phone.until((s) => s.pinned === 1);
    await phone.close();
  });
});
