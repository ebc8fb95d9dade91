// A visit, from the address typed to a channel that can be read; on this machine's own line, or on 4G with a slow processor.

import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

// A slow 4G line as Lighthouse has it, and a processor a quarter as fast as this one.
const SLOW = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };

const WATCH = `addEventListener('DOMContentLoaded', () => {
  const look = () => { if (window.readable === undefined && document.querySelector('.row.talk') !== null) requestAnimationFrame(() => { window.readable ??= performance.now(); }); };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
});`;

/** What the page fetched until it could be read, as the gateway would send it. */
function fetched(mock, dist) {
  const asked = new Set(mock.requests.map((request) => request.split(' ')[1].slice(1)).map((file) => (file === '' ? 'index.html' : file)));
  return readdirSync(dist).filter((file) => asked.has(file) && /\.(html|js|css)$/.test(file)).reduce((sum, file) => sum + statSync(path.join(dist, `${file}.br`)).size, 0);
}

/** In a browser that has the cookie and nothing else. */
async function visit({ scene, browser, seedTalk, dist }, slow) {
  const first = await scene.open();
  seedTalk(scene.mock);
  await scene.logIn();
  await scene.page.locator('#messages').waitFor();
  const cookies = await scene.context.cookies();
  await first.close();
  await scene.context.close();
  scene.context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await scene.context.addCookies(cookies);
  await scene.context.addInitScript(WATCH);
  const page = await scene.context.newPage();
  if (slow) {
    const wire = await scene.context.newCDPSession(page);
    await wire.send('Network.enable');
    await wire.send('Network.emulateNetworkConditions', SLOW);
    await wire.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  }
  scene.mock.requests.length = 0;
  await page.goto(scene.mock.url);
  await page.waitForFunction(() => window.readable !== undefined);
  return {
    bytes: fetched(scene.mock, dist),
    readable: await page.evaluate(() => window.readable),
    paint: await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
  };
}

export async function load(stage, figures) {
  const { bytes, paint, readable } = await visit(stage, false);
  Object.assign(figures, { fetched: bytes, paint, readable });
}

export async function load4g(stage, figures) {
  const { paint, readable } = await visit(stage, true);
  Object.assign(figures, { slowPaint: paint, slowReadable: readable });
}
