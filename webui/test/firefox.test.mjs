// The built page in Debian's Firefox (FIREFOX, default /usr/bin/firefox-esr), spoken to by WebDriver BiDi: what it does
// otherwise than Chromium shows here - SharedWorker, streams, composition of styles, the service worker.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { firefox } from 'playwright-core';
import { Scene, until, untilTrue } from './scene.mjs';

let browser;
let scene;

before(async () => {
  browser = await firefox.launch({ channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' });
});

after(() => browser.close());

beforeEach(() => {
  scene = new Scene(browser);
});

afterEach(() => scene.close());

test('firefox: what is said is heard, by two tabs of one stream; Back leads back', async () => {
  const page = await scene.start({ serviceWorkers: undefined });
  scene.mock.say('libera', '#halley', 'vera', '\x02hello\x02 from the network');
  await scene.message('hello from the network').locator('.t-bold', { hasText: 'hello' }).waitFor();
  await scene.say('hello from firefox');
  await scene.message('hello from firefox').waitFor();
  assert.deepEqual(scene.mock.sent.map(({ line }) => line), ['PRIVMSG #halley :hello from firefox']);
  const other = await scene.tab();
  await scene.goTo('#halley', other);
  scene.mock.say('libera', '#halley', 'vera', 'to both');
  await scene.message('to both', other).waitFor();
  await scene.message('to both', page).waitFor();
  assert.equal(scene.mock.streams.size, 1);
  const ways = scene.mock.requests.flatMap((request) => /transport=(\w+)(?!.*wait=0)/.exec(request)?.[1] ?? []);
  assert.deepEqual(ways, ['websocket'], 'its policy lets it, from a worker too');
  await scene.goTo('#cpp', page);
  await page.goBack();
  await page.getByRole('heading', { name: '#halley', exact: true }).waitFor();
});

test('firefox: a lost line is caught up, and history is read further up', async () => {
  for (let i = 1; i <= 400; i += 1) scene.mock.say('libera', '#halley', `nick${i % 7}`, `line ${i}`);
  const page = await scene.start({ serviceWorkers: undefined });
  await scene.message('line 400').waitFor();
  await page.locator('#messages').evaluate(async (list) => {
    for (let tries = 0; tries < 600 && !/line 1(?!\d)/.test(list.textContent); tries += 1) {
      list.scrollTop = 0;
      await new Promise(requestAnimationFrame);
    }
  });
  await page.locator('.row.talk', { hasText: /line 1$/ }).first().waitFor();
  scene.mock.dropStreams();
  scene.mock.say('libera', '#halley', 'vera', 'while the line was lost');
  await until(() => scene.mock.streams.size === 1);
  await page.getByRole('button', { name: /latest|New messages/ }).click();
  await scene.message('while the line was lost').waitFor();
});

test('firefox: without a network the page opens with what was read last', async () => {
  const page = await scene.start({ serviceWorkers: undefined });
  scene.mock.say('libera', '#halley', 'vera', 'before the tunnel');
  await scene.message('before the tunnel').waitFor();
  await untilTrue(page, async () => {
    await navigator.serviceWorker.ready;
    return navigator.serviceWorker.controller !== null && (await indexedDB.databases()).some(({ name }) => name === 'halley /');
  });
  const { port } = scene.mock;
  await scene.mock.close();
  await page.reload().catch(() => undefined); // told of the request that failed, not of the answer that stood in for it
  await page.getByText('Halley is out of reach. You see what was here on').waitFor();
  await scene.message('before the tunnel').waitFor();
  await scene.mock.listen(port);
  await page.evaluate(() => window.dispatchEvent(new Event('online'))); // it would find out by itself, later
  await page.getByText('Halley is out of reach').waitFor({ state: 'detached' });
});

test('firefox: the browser itself fetches no image from elsewhere until one wants them', async () => {
  const page = await scene.start({ serviceWorkers: undefined });
  const ask = () => page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
    const image = new Image();
    image.onerror = () => setTimeout(() => resolve('asked for'), 500);
    image.src = 'https://127.0.0.1:9/m31.png';
  }));
  assert.equal(await ask(), 'img-src');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Show images on a click' }).click();
  scene.mock.say('libera', '#halley', 'vera', 'look: https://127.0.0.1:9/m31.png');
  await page.getByRole('button', { name: 'Show image' }).click();
  await page.getByText('The image could not be loaded.').waitFor();
  assert.equal(await ask(), 'asked for');
  assert.ok(scene.problems.length === 1 && /img-src/.test(scene.problems[0]), `${scene.problems}`);
  scene.problems.length = 0; // the one that was meant
});
