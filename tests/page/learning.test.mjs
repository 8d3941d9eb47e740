// What the page is for: networks learn mechanics in it, driven by its own controls.
import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {PlaygroundPage, launch, model, serveSite} from './playground_page.mjs';

describe('learning', {timeout: 15 * 60_000}, () => {
  let browser, isolated, plain;
  before(async () => {
    [browser, isolated, plain] = [await launch(), await serveSite(true), await serveSite(false)];
  });
  after(async () => {
    await browser?.close();
    isolated?.close();
    plain?.close();
  });

  test('the HNN keeps the pendulum’s energy ten times better than the neural ODE', async () => {
    // A fixed number of steps, so that every machine looks at the same networks.
    const page = await PlaygroundPage.open(browser, isolated.url, {hash: '#steps=2000'});
    await page.click('Reset');  // it trains on, unless it had already finished
    if (await page.has('Start')) await page.click('Start');
    await page.until((s) => s.finished && s.models.every((m) => m.step === 2000));
    await page.quiet();  // the figures are those of the last step
    const state = await page.state();
    const hnn = model(state, 'HNN'), node = model(state, 'Neural ODE');
    assert.equal(state.models.length, 2);
    for (const m of [hnn, node]) {
      assert.ok(m.train_loss < 0.1 * m.history[0][1], `${m.name}: the loss fell only to ${m.train_loss}`);
    }
    assert.ok(hnn.energy_drift > 0 && hnn.energy_drift * 10 <= node.energy_drift,
      `energy drift over ten periods: HNN ${hnn.energy_drift}, neural ODE ${node.energy_drift}`);
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('an LNN learns the double pendulum from its preset', async () => {
    const page = await PlaygroundPage.open(browser, plain.url);
    await page.click('Preset');
    await page.click('Double pendulum: a Lagrangian of chaos');
    await page.until((state) => state.models[0].name === 'LNN' && state.symbols.length === 4);
    const state = await page.until((s) => s.models[0].step >= 400);
    const {history} = state.models[0];
    const first = history[0][1], last = state.models[0].train_loss;
    assert.ok(last < 0.3 * first, `the loss went from ${first} to ${last} in ${state.models[0].step} steps`);
    await page.page.waitForFunction(() => location.hash.includes('system=double-pendulum'));
    assert.deepEqual(page.errors, []);
    await page.close();
  });

  test('a thread and time slices learn the same, bit for bit', async () => {
    const histories = [];
    for (const [server, variant] of [[isolated, 'threads'], [plain, 'single']]) {
      const page = await PlaygroundPage.open(browser, server.url);
      assert.equal(await page.page.evaluate(() => window.leastAction.variant), variant);
      const state = await page.until((s) => s.models.every((m) => m.step >= 200));
      assert.equal(state.background, variant === 'threads');
      histories.push(state.models.map((m) => new Map(m.history.map(([step, ...losses]) => [step, losses]))));
      await page.close();
    }
    let compared = 0;
    histories[0].forEach((history, k) => {
      for (const [step, losses] of history) {
        const other = histories[1][k].get(step);
        if (!other) continue;
        assert.deepEqual(losses, other, `model ${k}, step ${step}`);
        compared += step > 0 ? 1 : 0;
      }
    });
    assert.ok(compared >= 4, `only ${compared} entries of the histories have the same step`);
  });
});
