// Lines that cannot be sent at once: they wait where they can be seen, outlive the tab, and are sent once.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { faultsOf, launch, Scene, until } from './scene.mjs';

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

const waiting = (page, text) => page.locator('.pending.queued', { hasText: text });
const sent = () => scene.mock.sent.map((each) => each.line);

function goAway() {
  scene.mock.setNetwork('libera', 'waiting');
}

function comeBack() {
  scene.mock.setNetwork('libera', 'connected');
  scene.mock.emit('libera', ':ada!ada@host.example JOIN #halley', ['#halley']);
}

test('while the network is away what is written waits, survives a reload, and is sent once when it is back', async () => {
  const page = await scene.start();
  goAway();
  await page.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor();
  await scene.say('first');
  await waiting(page, 'first').waitFor();
  await page.reload();
  await waiting(page, 'first').waitFor();
  assert.equal(await page.getByText('You are not in').count(), 0);
  await scene.say('second');
  await waiting(page, 'second').waitFor();
  await scene.say('third, on second thoughts not');
  await waiting(page, 'third').getByRole('button', { name: 'Discard' }).click();
  assert.deepEqual(sent(), []);
  await scene.attached();
  scene.mock.setNetwork('libera', 'connected');
  await page.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor({ state: 'detached' });
  assert.equal(await waiting(page, 'second').count(), 1, 'nobody in the channel would hear it yet');
  comeBack();
  await scene.message('second').waitFor();
  await page.locator('.pending').first().waitFor({ state: 'detached' });
  assert.deepEqual(sent(), ['PRIVMSG #halley :first', 'PRIVMSG #halley :second']);
  await page.reload();
  await scene.message('second').waitFor();
  assert.equal(await page.locator('.pending').count(), 0);
  assert.equal(sent().length, 2);
});

const pane = (page) => page.getByRole('main', { name: 'Not sent yet' });

test('all that is not sent, from any device, stands in one list: it is discarded or sent again, and goes when it is out', async () => {
  const page = await scene.start();
  goAway();
  await page.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor();
  await scene.say('said here');
  await waiting(page, 'said here').waitFor();
  const talk = { user: 'ada', network: 'libera', command: 'PRIVMSG' };
  scene.mock.outbox.add({ ...talk, state: 'waiting', target: '#halley', text: 'from the phone', line: 'PRIVMSG #halley :from the phone' });
  await waiting(page, 'from the phone').waitFor();
  scene.mock.outbox.add({ ...talk, state: 'unknown', target: 'vera', text: 'before the crash', line: 'PRIVMSG vera :before the crash' });
  await waiting(page, 'said here').getByRole('button', { name: 'All that waits' }).click();
  const rows = pane(page).locator('li');
  await rows.nth(2).waitFor();
  assert.deepEqual(await faultsOf(page), []);
  assert.match(await rows.nth(1).innerText(), /#halley[^]*from the phone[^]*said on another device/);
  await rows.filter({ hasText: 'from the phone' }).getByRole('button', { name: /^Discard/ }).click();
  await rows.nth(2).waitFor({ state: 'detached' });
  scene.mock.setNetwork('libera', 'connected');
  await rows.filter({ hasText: 'before the crash' }).getByRole('button', { name: /^Send again/ }).click();
  await rows.nth(1).waitFor({ state: 'detached' });
  comeBack();
  await pane(page).getByText('Nothing waits.').waitFor();
  assert.deepEqual(sent(), ['PRIVMSG vera :before the crash', 'PRIVMSG #halley :said here']);
  await page.goBack();
  await scene.message('said here').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Not sent yet' }).count(), 0);
});

test('a network that is switched off: lines wait in the browser, and go to Halley in their order when it is on', async () => {
  const page = await scene.start();
  scene.mock.setNetwork('libera', 'disconnected');
  await page.getByText('libera is switched off').or(page.getByRole('region', { name: 'libera, off' })).first().waitFor();
  await scene.say('begin');
  await scene.say('go on');
  await waiting(page, 'go on').waitFor();
  assert.equal(scene.mock.outbox.lines.length, 0);
  await page.getByRole('button', { name: /^Not sent yet/ }).click();
  await pane(page).locator('li').nth(1).waitFor();
  scene.mock.setNetwork('libera', 'connecting');
  await until(() => scene.mock.outbox.lines.length === 2);
  comeBack();
  await pane(page).getByText('Nothing waits.').waitFor();
  assert.deepEqual(sent(), ['PRIVMSG #halley :begin', 'PRIVMSG #halley :go on']);
});

test('what was settled while the page did not hear is asked for when it is back', async () => {
  const page = await scene.start();
  goAway();
  await page.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor();
  await scene.say('gone meanwhile');
  await waiting(page, 'gone meanwhile').waitFor();
  scene.mock.outbox.lines = [];
  scene.mock.dropStreams();
  await page.locator('.pending').first().waitFor({ state: 'detached' });
});

test('what a closed tab left waiting is taken over by another', async () => {
  const first = await scene.start();
  const second = await scene.tab();
  await scene.goTo('#halley', second);
  goAway();
  await first.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor();
  await scene.say('left behind', first);
  await waiting(first, 'left behind').waitFor();
  await first.close({ runBeforeUnload: true });
  await until(() => first.isClosed());
  scene.page = second;
  await second.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow')));
  await waiting(second, 'left behind').waitFor();
  comeBack();
  await scene.message('left behind', second).waitFor();
  assert.deepEqual(sent(), ['PRIVMSG #halley :left behind']);
});

test('a line whose answer never came, in a page that is gone, is asked for under its old number: said once', async () => {
  const page = await scene.start();
  scene.mock.rules.loseAnswers = 1e9;
  scene.mock.rules.holdEcho = true;
  await scene.say('said for certain');
  await until(() => scene.mock.sent.length === 1);
  await page.locator('.pending.sending').waitFor();
  await page.goto('about:blank');
  scene.mock.say('libera', '#halley', 'ada', 'said for certain');
  scene.mock.rules.loseAnswers = 0;
  await page.goto(scene.mock.url);
  await scene.message('said for certain').waitFor();
  await page.locator('.pending').first().waitFor({ state: 'detached' });
  assert.equal(await page.locator('.row', { hasText: 'said for certain' }).count(), 1);
  assert.equal(scene.mock.sent.length, 1);
});

test('what waits is nobody else’s: logging out takes it away', async () => {
  const page = await scene.start();
  goAway();
  await page.getByRole('status').filter({ hasText: 'libera is not connected' }).waitFor();
  await scene.say('of ada alone');
  await waiting(page, 'of ada alone').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
  await scene.logIn(page, 'bob', 'byron');
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await page.locator('.pending').count(), 0);
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }))).includes('of ada alone'));
});
