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

test('words said to Halley itself do not stay on the page', async () => {
  const page = await scene.start();
  await scene.say('/msg *halley passwd hunter2');
  await page.getByRole('heading', { name: '*halley' }).waitFor();
  await page.getByText('passwd: done.').waitFor();
  await page.locator('.row.talk:not(.pending)', { hasText: 'passwd …' }).waitFor();
  await scene.say('passwd hunter2');
  await page.locator('.row.talk:not(.pending)', { hasText: 'passwd …' }).nth(1).waitFor();
  assert.deepEqual(scene.mock.sent.map((each) => each.line), Array(2).fill('PRIVMSG *halley :passwd hunter2'));
  await scene.field().press('ArrowUp');
  assert.equal(await scene.field().inputValue(), '');
  assert.ok(!(await page.content()).includes('hunter2'));
});

test('a browser that refuses cookies is told so', async () => {
  scene.mock.rules.noCookies = true;
  const page = await scene.open();
  await scene.logIn();
  await page.getByRole('alert').filter({ hasText: 'refuses cookies' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Log in' }).isEnabled(), true);
});

test('a closed talk stays closed, over a reload and in other tabs, until somebody says something in it', async () => {
  const page = await scene.start();
  scene.mock.say('libera', 'ada', 'vera', 'hello');
  scene.mock.world.networks.libera.channels.vera = { name: 'vera', topic: '', joined: false, members: new Map() };
  const other = await scene.tab();
  const link = (tab) => tab.locator('[data-buffer="libera/vera"]');
  await link(other).waitFor();
  await link(page).click();
  await page.getByRole('heading', { name: 'vera' }).waitFor();
  await scene.say('/close');
  await link(page).waitFor({ state: 'detached' });
  await link(other).waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('[data-buffer="libera/#halley"]').waitFor();
  assert.equal(await link(page).count(), 0);
  await scene.attached();
  scene.mock.say('libera', 'ada', 'vera', 'are you there?');
  await link(page).waitFor();
  await page.reload();
  await link(page).waitFor();
});

test('where only the requests for events are blocked, the page says so', async () => {
  scene.mock.rules.refuseStreams = true;
  const page = await scene.open();
  await scene.logIn();
  await page.getByRole('status').filter({ hasText: 'api/events' }).waitFor();
  scene.mock.rules.refuseStreams = false;
  await page.getByRole('button', { name: 'Try now' }).click();
  await scene.attached();
  await page.getByRole('status').filter({ hasText: 'api/events' }).waitFor({ state: 'detached' });
});

test('the first questions are sent once, while the page’s script is still on the way; a link with a code sends none', async () => {
  const page = await scene.start();
  const { mock } = scene;
  const first = () => mock.requests.filter((request) => /\/api\/me|wait=0/.test(request)).sort();
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route(/\/chunk\.\w+\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  mock.requests.length = 0;
  await page.reload({ waitUntil: 'commit' });
  await until(() => first().length === 2);
  assert.equal(await page.locator('#app > *').count(), 0, 'the script is not there yet');
  release();
  await page.locator('#messages').waitFor();
  await scene.attached();
  assert.deepEqual(first(), ['GET /api/events?transport=poll&wait=0', 'GET /api/me']);
  await scene.context.clearCookies();
  mock.requests.length = 0;
  await page.reload();
  await page.locator('input[type=password]').waitFor();
  await until(() => first().length === 2);
  await scene.logIn();
  await page.locator('#messages').waitFor();
  assert.equal(first().filter((request) => request.includes('wait=0')).length, 2, 'what was refused before the login is asked again');
  await page.goto('about:blank');
  mock.requests.length = 0;
  await page.goto(`${mock.url}#invite=invite-1`);
  await page.getByRole('heading', { name: 'Welcome to Halley' }).waitFor();
  assert.deepEqual(first(), []);
});

test('answers appear where they were asked for, and an unasked line on the network’s page', async () => {
  const page = await scene.start();
  await scene.say('/motd');
  await page.locator('.note', { hasText: 'Be kind.' }).waitFor();
  await scene.say('/list >1');
  await page.locator('.note', { hasText: '150 are not shown' }).waitFor();
  scene.mock.tell('libera', ':oper!o@h WALLOPS :maintenance at noon');
  await page.locator('[data-buffer="libera/"]').click();
  await page.locator('.row.notice', { hasText: 'maintenance at noon' }).waitFor();
});

test('a line that the network refused looks refused, also after a reload', async () => {
  const page = await scene.start();
  await scene.say('please refuse me');
  await page.locator('.row.refused', { hasText: 'please refuse me' }).filter({ hasText: 'Cannot send to channel (+m)' }).waitFor();
  await page.reload();
  await page.locator('.row.refused', { hasText: 'please refuse me' }).filter({ hasText: 'Cannot send to channel (+m)' }).waitFor();
});

test('what the network said while nobody looked is on its page', async () => {
  const page = await scene.open();
  scene.mock.emit('libera', ':irc.example NOTICE ada :the server restarts at noon', ['']);
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await page.locator('[data-buffer="libera/"]').click();
  await page.locator('.row.notice', { hasText: 'restarts at noon' }).waitFor();
});

test('each page has an address: Back and Forward go through them, a link leads there, logging out takes it away', async () => {
  const page = await scene.start();
  await scene.goTo('#cpp');
  await scene.goTo('#astronomy');
  assert.match(page.url(), /#\/libera\/%23astronomy$/);
  await page.goBack();
  await page.getByRole('heading', { name: '#cpp' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: '#halley' }).waitFor();
  await page.goForward();
  await page.getByRole('heading', { name: '#cpp' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: '#halley' }).waitFor();
  const other = await scene.tab('#/libera/%23quiet');
  await other.getByRole('heading', { name: '#quiet' }).waitFor();
  const odd = await scene.tab('#/libera/%E0%A4%A');
  await odd.locator('#messages').waitFor();
  await logOut();
  assert.equal(new URL(page.url()).hash, '');
});
