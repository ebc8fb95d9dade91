// What waits to be read, over reloads, tabs and clients.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, Scene, until } from './scene.mjs';

let browser;
let scene;

before(async () => {
  browser = await launch();
});

after(() => browser.close());

beforeEach(() => {
  scene = new Scene(browser);
});

afterEach(() => scene.close());

const badge = (page, buffer, kind = '') => page.locator(`[data-buffer="libera/${buffer}"] .badge${kind}`);
const shows = (page, buffer, text, kind) => badge(page, buffer, kind).getByText(text, { exact: true }).waitFor();

/** vera speaks to ada: the server lists that talk from then on. */
function whisper(text) {
  scene.mock.emit('libera', `:vera!vera@host.example PRIVMSG ada :${text}`, ['vera']);
  scene.mock.world.networks.libera.channels.vera = { name: 'vera', topic: '', joined: false, members: new Map() };
}

test('unread marks, pings and private messages outlive a reload, also those of closed pages', async () => {
  const page = await scene.start();
  scene.mock.say('libera', '#cpp', 'vera', 'one');
  await shows(page, '#cpp', '1');
  await page.goto('about:blank');
  scene.mock.say('libera', '#cpp', 'vera', 'two');
  scene.mock.say('libera', '#astronomy', 'vera', 'ada: look up');
  scene.mock.say('libera', '#astronomy', 'ada', 'my own words');
  whisper('are you there?');
  await page.goto(scene.mock.url);
  await shows(page, '#cpp', '2');
  await shows(page, '#astronomy', '1', '.loud');
  await shows(page, 'vera', '1', '.loud');
  await page.waitForFunction(() => document.title.startsWith('(4) '));
  await scene.goTo('#cpp');
  assert.match(await page.locator('.row.new + .row').textContent(), /one$/);
  await badge(page, '#cpp').waitFor({ state: 'detached' });
  await page.reload();
  await shows(page, 'vera', '1', '.loud');
  assert.equal(await badge(page, '#cpp').count(), 0, 'what was read stays read');
});

test('reading in one tab clears it in the others', async () => {
  const first = await scene.start();
  const second = await scene.tab();
  await scene.goTo('#quiet', second);
  await first.bringToFront();
  scene.mock.say('libera', '#cpp', 'vera', 'ada: one');
  await shows(first, '#cpp', '1', '.loud');
  await shows(second, '#cpp', '1', '.loud');
  await scene.goTo('#cpp', first);
  await badge(second, '#cpp').waitFor({ state: 'detached' });
});

test('a closed talk comes back when something was said in it meanwhile', async () => {
  const page = await scene.start();
  whisper('hello');
  await page.locator('[data-buffer="libera/vera"]').click();
  await page.getByRole('heading', { name: 'vera' }).waitFor();
  await scene.say('/close');
  await page.locator('[data-buffer="libera/vera"]').waitFor({ state: 'detached' });
  await page.goto('about:blank');
  whisper('and another thing');
  await page.goto(scene.mock.url);
  await shows(page, 'vera', '1', '.loud');
});

test('with a server that keeps read markers they are heard and told', async () => {
  const page = await scene.start();
  scene.mock.say('libera', '#cpp', 'vera', 'one');
  await shows(page, '#cpp', '1');
  await scene.goTo('#cpp');
  await badge(page, '#cpp').waitFor({ state: 'detached' });
  assert.deepEqual(scene.mock.sent, [], 'nothing is told to a server that never sent one');
  await scene.goTo('#halley');
  scene.mock.tell('libera', ':irc.example MARKREAD #halley *');
  scene.mock.say('libera', '#cpp', 'vera', 'two', Date.parse('2031-01-01T00:00:00.000Z'));
  await shows(page, '#cpp', '1');
  scene.mock.tell('libera', ':irc.example MARKREAD #cpp timestamp=2031-01-01T00:00:00.000Z');
  await badge(page, '#cpp').waitFor({ state: 'detached' });
  scene.mock.say('libera', '#halley', 'vera', 'three', Date.parse('2031-01-02T00:00:00.000Z'));
  await until(() => scene.mock.sent.length > 0);
  assert.deepEqual(scene.mock.sent, [{ network: 'libera', line: 'MARKREAD #halley timestamp=2031-01-02T00:00:00.000Z' }]);
});

test('a browser that comes anew shows what was read nowhere', async () => {
  const { channels } = scene.mock.world.networks.libera;
  for (const second of [1, 2, 3]) for (const name of ['#cpp', '#quiet']) scene.mock.say('libera', name, 'vera', `line ${second}`, Date.UTC(2024, 0, 1, 12, 0, second));
  channels['#cpp'].readUpTo = '2024-01-01T12:00:01.000Z';
  const page = await scene.start();
  await shows(page, '#cpp', '2');
  assert.equal(await badge(page, '#quiet').count(), 0, 'nobody knows how far it was read: nothing is called news');
  await scene.goTo('#cpp');
  assert.match(await page.locator('.row.new + .row').textContent(), /line 2$/);
  await badge(page, '#cpp').waitFor({ state: 'detached' });
});

test('what waits shows on the icon and in the title, and goes when it is read', async () => {
  const page = await scene.start();
  const icon = () => page.locator('link[rel=icon]').getAttribute('href');
  const plain = await icon();
  scene.mock.say('libera', '#cpp', 'vera', 'news');
  await page.waitForFunction(() => document.querySelector('link[rel=icon]').href.includes('%23ffb02e'));
  scene.mock.say('libera', '#cpp', 'vera', 'ada: news for you');
  await page.waitForFunction(() => document.querySelector('link[rel=icon]').href.includes('%23ff4d5e'));
  assert.match(await page.title(), /^\(2\) /);
  await scene.goTo('#cpp');
  await page.waitForFunction((was) => document.querySelector('link[rel=icon]').getAttribute('href') === was, plain);
});
