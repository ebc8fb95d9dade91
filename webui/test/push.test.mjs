// Notices while the page is closed: asked for by its user alone, shown, replaced, closed, and the way they lead.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, message, start, untilTrue } from './browser.mjs';
import { PATIENCE } from './scene.mjs';

/** The browser’s push service is out of the test’s reach: it would have given this. */
const SUBSCRIBE = `PushManager.prototype.subscribe = function (options) {
  window.subscribedWith = options;
  return Promise.resolve({ options, endpoint: 'https://push.example/abc', toJSON: () => ({ endpoint: 'https://push.example/abc', keys: { p256dh: 'BCV', auth: 'BTB' } }), unsubscribe: () => { window.unsubscribed = true; return Promise.resolve(true); } });
};
PushManager.prototype.getSubscription = function () { return this.subscribe({}); };`;

async function begin() {
  await start({ serviceWorkers: 'allow', permissions: ['notifications'] });
  await untilTrue(at.page, async () => (await navigator.serviceWorker.ready).active?.state === 'activated');
}

/** Pushes a line to the service worker, as the browser does. */
async function pusher() {
  const wire = await at.context.newCDPSession(at.page);
  const registered = new Promise((resolve) => wire.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0].registrationId)));
  await wire.send('ServiceWorker.enable');
  const registrationId = await registered;
  const origin = new URL(at.mock.url).origin;
  return (data) => wire.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
}

/** In turn with the page and its worker: Chromium forgets a notice about which it is asked while it shows it. */
function shown() {
  return at.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const found = await navigator.locks.request('halley / notices', () => registration.getNotifications());
    return found.map(({ tag, title, body }) => ({ tag, title, body }));
  });
}

async function waitForNotices(titles) {
  const deadline = Date.now() + PATIENCE;
  for (let last = ''; last !== JSON.stringify(titles); last = JSON.stringify((await shown()).map(({ title }) => title).sort())) {
    assert.ok(Date.now() < deadline, `${last} in place of ${titles}`);
  }
}

/** What a page takes for heard and read, where nothing waits; and what is ahead of any page, which leaves it. */
const BEFORE = '2020-01-01T12:00:00.000Z';
const AHEAD = '2099-01-01T12:00:00.000Z';

const line = (text, { network = 'libera', time = BEFORE } = {}) => `@time=${time};msgid=abc;halley/network=${network} ${text}`;

test('pushed lines are shown, one notice for each place, and closed when read elsewhere', async () => {
  await begin();
  const push = await pusher();
  await push(line(':bob!b@host PRIVMSG #cpp :ada: hi', { time: AHEAD }));
  await waitForNotices(['#cpp · libera']);
  await push(line(':bob!b@host PRIVMSG #cpp :ada: are you there?', { time: AHEAD }));
  await waitForNotices(['#cpp · libera (2)']);
  await push(line(':vera!v@host PRIVMSG ada :hello', { network: 'oftc', time: AHEAD }));
  await waitForNotices(['#cpp · libera (2)', 'vera · oftc']);
  assert.deepEqual((await shown()).find(({ tag }) => tag === 'libera/#cpp').body, 'bob: ada: hi\nbob: ada: are you there?');
  await push(`@halley/network=libera :halley.example MARKREAD #cpp timestamp=${AHEAD}`);
  await waitForNotices(['vera · oftc']);
});

test('a page closes no notice of what it has not heard yet', async () => {
  await begin();
  const push = await pusher();
  await push(line(':bob!b@host PRIVMSG #cpp :ada: hi', { time: AHEAD }));
  await push(line(':vera!v@host PRIVMSG ada :hello'));
  const deadline = Date.now() + PATIENCE;
  await push(line(':bob!b@host PRIVMSG #halley :ada: behind the one that goes', { time: AHEAD }));
  while (!(await shown()).some(({ tag }) => tag === 'libera/#halley')) assert.ok(Date.now() < deadline, 'the last is shown');
  at.mock.say('libera', '#astronomy', 'bob', 'something happens');
  await waitForNotices(['#cpp · libera', '#halley · libera']);
});

test('nothing is asked before its user asks; then this browser is told where, and taken off again', async () => {
  await at.scene.open({ serviceWorkers: 'allow', permissions: ['notifications'] });
  await at.scene.context.addInitScript(SUBSCRIBE);
  await at.scene.page.close();
  at.scene.page = undefined;
  const page = await at.scene.tab();
  at.page = page;
  at.context = at.scene.context;
  await at.scene.logIn(page);
  await page.locator('#messages').waitFor();
  assert.equal(at.mock.requests.filter((request) => request.includes('/api/push')).length, 0);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Devices, notices, password…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Account of ada' });
  await dialog.getByRole('button', { name: 'Notices' }).click();
  await dialog.getByRole('button', { name: 'Send notices to this browser' }).click();
  await dialog.locator('.login-agent', { hasText: 'This browser' }).waitFor();
  assert.deepEqual(at.mock.pushes.map(({ body }) => body), [{ endpoint: 'https://push.example/abc', p256dh: 'BCV', auth: 'BTB', markread: true }]);
  assert.equal(await page.evaluate(() => window.subscribedWith.applicationServerKey), 'BVAPID');
  assert.deepEqual(await faults(), []);
  await dialog.getByRole('button', { name: 'End notices to This browser' }).click();
  await dialog.getByRole('button', { name: 'Send notices to this browser' }).waitFor();
  assert.deepEqual(at.mock.pushes, []);
  await page.waitForFunction(() => window.unsubscribed === true);
});

test('what is read here, or a logout, closes notices', async () => {
  await begin();
  const push = await pusher();
  at.mock.say('libera', '#cpp', 'bob', 'ada: hi');
  await at.page.locator('[data-buffer="libera/#cpp"] .badge.loud').waitFor();
  await push(line(':bob!b@host PRIVMSG #cpp :ada: hi'));
  await waitForNotices(['#cpp · libera']);
  await at.page.locator('[data-buffer="libera/#cpp"]').click();
  await message('ada: hi').waitFor();
  await waitForNotices([]);
  at.mock.say('libera', '#astronomy', 'bob', 'ada: look up');
  await at.page.locator('[data-buffer="libera/#astronomy"] .badge.loud').waitFor();
  await push(line(':bob!b@host PRIVMSG #astronomy :ada: look up'));
  await waitForNotices(['#astronomy · libera']);
  await at.page.evaluate(SUBSCRIBE);
  await at.page.getByRole('button', { name: 'Log out' }).click();
  await waitForNotices([]);
  await at.page.waitForFunction(() => window.unsubscribed === true);
});
