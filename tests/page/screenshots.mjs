#!/usr/bin/env node
// Pictures of the page after some training, to look at.
//
// usage: node tests/page/screenshots.mjs FOLDER [HASH] [STEPS]
import {mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {PlaygroundPage, launch, serveSite} from './playground_page.mjs';

const SIZES = {
  laptop: {viewport: {width: 1280, height: 800}},
  'full-hd-2x': {viewport: {width: 1920, height: 1080}, deviceScaleFactor: 2},
  phone: {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true},
};
const [folder, hash = '', steps = '1500'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: screenshots.mjs FOLDER [HASH] [STEPS]');
  process.exit(2);
}

await mkdir(folder, {recursive: true});
const server = await serveSite(true);
const browser = await launch();
for (const [name, size] of Object.entries(SIZES)) {
  const page = await PlaygroundPage.open(browser, server.url, {...size, hash, colorScheme: 'dark'});
  await page.until((state) => state.models.every((m) => m.step >= Number(steps)));
  for (const colorScheme of ['dark', 'light']) {
    await page.page.emulateMedia({colorScheme});
    await page.frame(10);
    const path = join(folder, `${name}-${colorScheme}.png`);
    await page.page.screenshot({path});
    console.log(path);
  }
  if (page.errors.length > 0) console.error(page.errors);
  await page.close();
}
await browser.close();
server.close();
