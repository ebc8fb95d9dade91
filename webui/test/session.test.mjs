// What a visit keeps, shares and forgets, in the built page.

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

async function logOut(page = scene.page) {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
}

test('drafts and sent lines of one user are not shown to the next who logs in in that tab', async () => {
  const page = await scene.start();
  await scene.say('only ada sent this');
  await scene.message('only ada sent this').waitFor();
  await scene.field().fill('only ada typed this');
  await logOut();
  await scene.logIn(page, 'bob', 'byron');
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '');
  await scene.field().press('ArrowUp');
  assert.equal(await scene.field().inputValue(), '');
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.ok(!kept.includes('only ada'), kept);
  await logOut();
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '', 'logging out clears');
});

test('a login that ends by itself keeps the draft for its owner, and shows it to nobody else', async () => {
  const page = await scene.start();
  await scene.field().fill('half a thought of ada');
  scene.mock.sessions.clear();
  scene.mock.dropStreams();
  await page.getByText('Your login has ended').waitFor();
  await scene.logIn(page, 'bob', 'byron');
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '');
  scene.mock.sessions.clear();
  scene.mock.dropStreams();
  await page.getByText('Your login has ended').waitFor();
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), 'half a thought of ada');
});

test('a network that connects while the page is open is understood, though the stream does not say what it is', async () => {
  const page = await scene.start();
  const { mock } = scene;
  mock.setNetwork('oftc', 'connected');
  mock.emit('oftc', ':ada_!ada@host.example JOIN #debian', ['#debian']);
  mock.tell('oftc', ':irc.example 353 ada_ = #debian :@vera %half ada_');
  mock.tell('oftc', ':irc.example 366 ada_ #debian :End of names');
  await page.locator('[data-buffer="oftc/#debian"]').click();
  await page.locator('.member-group', { hasText: 'Half-operators 1' }).waitFor();
  await page.locator('.member [data-nick="half"]').waitFor();
});

test('a private talk follows its partner to another nick, with what was typed into it', async () => {
  const page = await scene.start();
  scene.mock.say('libera', 'ada', 'vera', 'hello');
  await page.locator('[data-buffer="libera/vera"]').click();
  await scene.field().fill('half a thought');
  scene.mock.emit('libera', ':vera!v@h NICK vera_away', ['#halley', 'vera']);
  await page.getByRole('heading', { name: 'vera_away' }).waitFor();
  assert.equal(await scene.field().inputValue(), 'half a thought');
  await scene.field().press('Enter');
  await until(() => scene.mock.sent.length === 1);
  assert.equal(scene.mock.sent[0].line, 'PRIVMSG vera_away :half a thought');
});

test('speech to a channel’s operators opens no page of its own, and does not look like speech to all', async () => {
  const page = await scene.start();
  await scene.say('/msg @#halley psst');
  await until(() => scene.mock.sent.length === 1);
  await page.locator('.row.talk:not(.pending)', { hasText: 'psst' }).locator('.tag', { hasText: 'to operators' }).waitFor();
  assert.equal(await page.locator('.pending').count(), 0);
  assert.equal(await page.locator('[data-buffer="libera/@#halley"]').count(), 0);
  assert.equal(scene.mock.sent[0].line, 'PRIVMSG @#halley :psst');
});
