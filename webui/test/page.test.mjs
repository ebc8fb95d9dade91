// The built page in the system's Chromium against the mock server: what a person does and sees.
// CHROMIUM names another browser binary.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import { MockServer } from './mock-server.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
const PATIENCE = 30_000;

let browser;
let mock;
let context;
let page;
let problems;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
});

after(() => browser.close());

beforeEach(async () => {
  mock = new MockServer();
  await mock.listen();
});

afterEach(async () => {
  await context.close();
  await mock.close();
  assert.deepEqual(problems, [], 'the page threw, or broke its content security policy');
});

async function openPage(options = {}) {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  await page.goto(mock.url);
}

async function logIn(name = 'ada', password = 'lovelace') {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Logged in and attached: live lines arrive from here on. */
async function start(options = {}, buffer = '#halley') {
  await openPage(options);
  await logIn();
  await page.locator('#messages').waitFor();
  await until(() => mock.streams.size === 1);
  await page.locator(`[data-buffer="libera/${buffer}"]`).evaluate((button) => button.click());
  await page.getByRole('heading', { name: buffer }).waitFor();
}

/** Waits until the other side of the wire is in a state; the browser has its own waits. */
async function until(condition) {
  const deadline = Date.now() + PATIENCE;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function message(text) {
  return page.locator('.row.talk:not(.pending)', { hasText: text });
}

async function say(text) {
  await page.locator('.composer textarea').fill(text);
  await page.locator('.composer textarea').press('Enter');
}

/** The numbers at the ends of "line N" texts, in the order of the page. */
function numbersShown() {
  return page.locator('.row.talk .text').evaluateAll((rows) =>
    rows.map((row) => /line (\d+)$/.exec(row.textContent)?.[1]).filter((found) => found !== undefined).map(Number));
}

function inOrder(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

test('a wrong password is told, the right one opens the page, logging out closes it', async () => {
  await openPage();
  await logIn('ada', 'wrong');
  await page.getByRole('alert').filter({ hasText: 'password is wrong' }).waitFor();
  await logIn();
  await page.locator('#messages').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
  await page.reload();
  await page.getByLabel('User name').waitFor();
});

test('what others say appears; what we say appears once, grey until it is back', async () => {
  await start();
  mock.say('libera', '#halley', 'vera', 'hello from vera');
  await message('hello from vera').waitFor();
  mock.rules.holdEcho = true;
  await say('hello from ada');
  await until(() => mock.sent.length === 1);
  await page.locator('.pending', { hasText: 'hello from ada' }).waitFor();
  assert.equal(await page.locator('.composer textarea').inputValue(), '');
  mock.say('libera', '#halley', 'ada', 'hello from ada');
  await message('hello from ada').waitFor();
  assert.equal(await page.locator('.pending').count(), 0);
  assert.equal(await page.locator('.row', { hasText: 'hello from ada' }).count(), 1);
  assert.deepEqual(mock.sent, [{ network: 'libera', line: 'PRIVMSG #halley :hello from ada' }]);
});

test('commands: join, part, topic, nick, me, whois, and one that does not exist', async () => {
  await start();
  await say('/join #comets');
  await page.getByRole('heading', { name: '#comets' }).waitFor();
  await say('/topic Ice and dust');
  await page.locator('.topic', { hasText: 'Ice and dust' }).waitFor();
  await say('/me looks up');
  await page.locator('.row.action', { hasText: 'ada looks up' }).waitFor();
  await say('/nick ada_l');
  await page.locator('.own-nick', { hasText: 'ada_l' }).waitFor();
  await say('/whois vera');
  await page.locator('.note', { hasText: 'vera the astronomer' }).waitFor();
  await say('/frobnicate');
  await page.getByRole('alert').filter({ hasText: 'no command /frobnicate' }).waitFor();
  assert.equal(await page.locator('.composer textarea').inputValue(), '/frobnicate');
  await say('/part');
  await page.getByText('You are not in #comets.').waitFor();
  await page.getByRole('button', { name: 'Join again' }).click();
  await page.getByText('You are not in #comets.').waitFor({ state: 'detached' });
});

test('reloading shows the same talk, and where reading stopped', async () => {
  await start();
  for (let i = 1; i <= 5; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  await message('line 5').waitFor();
  await page.goto('about:blank');
  await until(() => mock.streams.size === 0);
  for (let i = 6; i <= 8; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  await page.goto(mock.url);
  await message('line 8').waitFor();
  await page.getByRole('heading', { name: '#halley' }).waitFor();
  assert.deepEqual(await numbersShown(), inOrder(1, 8));
  const afterMark = await page.locator('.row.new + .row').textContent();
  assert.match(afterMark, /line 6$/);
});

test('scrolling up loads older lines and keeps the reader’s place; the pill leads back', async () => {
  for (let i = 1; i <= 450; i += 1) mock.say('libera', '#halley', `nick${i % 7}`, `line ${i}`);
  await openPage();
  await logIn();
  await page.locator('[data-buffer="libera/#halley"]').click();
  await message('line 450').waitFor();
  await page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
  // Goes up page by page, as a person does, and notes whether a row on screen ever jumps.
  const jumps = await page.evaluate(async () => {
    const list = document.querySelector('#messages');
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const jumped = [];
    while (!list.textContent.includes('begins here')) {
      list.scrollTop -= 300;
      list.dispatchEvent(new Event('scroll'));
      const row = [...list.querySelectorAll('.row.talk')].find((each) => each.getBoundingClientRect().top > 120);
      const top = row.getBoundingClientRect().top;
      await frame();
      const moved = row.isConnected ? Math.abs(row.getBoundingClientRect().top - top) : 0;
      if (moved > 2) jumped.push(moved);
    }
    return jumped;
  });
  assert.deepEqual(jumps, []);
  assert.deepEqual(await numbersShown(), inOrder(1, 450));
  mock.say('libera', '#halley', 'vera', 'line 451');
  await page.getByRole('button', { name: 'New messages' }).click();
  await message('line 451').waitFor();
  await page.getByRole('button', { name: /New messages|To the latest/ }).waitFor({ state: 'detached' });
});

test('after a lost connection the page resumes with its cursor and shows exactly what was missed', async () => {
  await start();
  for (let i = 1; i <= 3; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  await message('line 3').waitFor();
  mock.rules.refuseStreams = true;
  mock.dropStreams();
  await page.getByText('Connection lost, reconnecting').waitFor();
  for (let i = 4; i <= 203; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  mock.rules.refuseStreams = false;
  const cursor = `after=${encodeURIComponent(mock.log[2].id)}`;
  await page.getByText('caught up 200 lines').waitFor();
  await message('line 203').waitFor();
  const resumed = mock.requests.filter((request) => request.includes('/api/events'));
  assert.ok(resumed[resumed.length - 1].includes(cursor), resumed[resumed.length - 1]);
  assert.equal(new Set(await numbersShown()).size, (await numbersShown()).length);
  await page.locator('#messages').evaluate((list) => { list.scrollTop = 0; });
  await message('line 1').first().waitFor();
  assert.deepEqual(await numbersShown(), inOrder(1, 203));
});

test('what is said between the page’s requests is not lost, and nobody waits for the stream to read', async () => {
  mock.say('libera', '#astronomy', 'vera', 'line 1');
  mock.rules.holdOpening = [];
  await openPage();
  await logIn();
  await until(() => mock.rules.holdOpening.length === 1);
  await message('line 1').waitFor();
  mock.say('libera', '#astronomy', 'vera', 'line 2');
  mock.rules.holdOpening[0]();
  mock.say('libera', '#astronomy', 'vera', 'line 3');
  await message('line 3').waitFor();
  assert.deepEqual(await numbersShown(), inOrder(1, 3));
});

test('a server that lost its database, or our place in it, brings a snapshot and the history anew', async () => {
  await start();
  for (let i = 1; i <= 3; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  await message('line 3').waitFor();
  mock.rules.refuseStreams = true;
  mock.dropStreams();
  await page.getByText('Connection lost, reconnecting').waitFor();
  mock.epoch = 'm2';
  mock.log = [];
  mock.say('libera', '#halley', 'vera', 'line 7');
  mock.rules.refuseStreams = false;
  await message('line 7').waitFor();
  mock.say('libera', '#halley', 'vera', 'line 8');
  await message('line 8').waitFor();
  assert.deepEqual(await numbersShown(), [7, 8]);
});

test('a hole in the stream is noticed and filled', async () => {
  await start();
  mock.say('libera', '#halley', 'vera', 'line 1');
  await message('line 1').waitFor();
  mock.rules.dropFrames = 2;
  for (let i = 2; i <= 4; i += 1) mock.say('libera', '#halley', 'vera', `line ${i}`);
  await message('line 4').waitFor();
  assert.deepEqual(await numbersShown(), inOrder(1, 4));
});

test('a command whose answer was lost is sent to the network once', async () => {
  await start();
  mock.rules.loseAnswers = 2;
  await say('said once');
  await say('and then this');
  await message('and then this').waitFor();
  await until(() => mock.requests.filter((request) => request.startsWith('POST /api/commands')).length >= 4);
  await until(() => mock.sent.length === 2);
  assert.deepEqual(mock.sent.map((each) => each.line), ['PRIVMSG #halley :said once', 'PRIVMSG #halley :and then this']);
  assert.equal(await page.locator('.row', { hasText: 'said once' }).count(), 1);
  assert.equal(await page.locator('.pending').count(), 0);
});

test('what is refused says why, and can be sent again', async () => {
  await start();
  mock.rules.refuseCommands = { status: 503, error: 'not_connected', message: 'libera is not connected: nothing was sent.' };
  await say('try me');
  await page.locator('.pending.failed', { hasText: 'nothing was sent' }).waitFor();
  mock.rules.refuseCommands = null;
  await page.getByRole('button', { name: 'Send again' }).click();
  await message('try me').waitFor();
  assert.equal(await page.locator('.pending').count(), 0);
  assert.equal(mock.sent.length, 1);
});

test('badges, highlights and the title tell what waits; reading clears them', async () => {
  await start();
  mock.say('libera', '#astronomy', 'tycho', 'ada: look');
  mock.say('libera', '#cpp', 'kepler', 'anyone?');
  await page.locator('[data-buffer="libera/#astronomy"] .badge.loud').waitFor();
  await page.locator('[data-buffer="libera/#cpp"] .badge').waitFor();
  await page.waitForFunction(() => document.title.startsWith('(2) '));
  await page.keyboard.press('Alt+Shift+ArrowUp');
  await page.getByRole('heading', { name: '#cpp' }).waitFor();
  await page.keyboard.press('Alt+ArrowUp');
  await page.getByRole('heading', { name: '#astronomy' }).waitFor();
  await page.locator('.row.highlight', { hasText: 'ada: look' }).waitFor();
  await page.waitForFunction(() => document.title === '#astronomy · Halley');
  assert.equal(await page.locator('.badge').count(), 0);
});

test('writing: completion, recall of what was sent, drafts of each page', async () => {
  await start();
  const field = page.locator('.composer textarea');
  await field.pressSequentially('ve');
  await field.press('Tab');
  assert.equal(await field.inputValue(), 'vera: ');
  await field.pressSequentially('hi');
  await field.press('Enter');
  await message('vera: hi').waitFor();
  await field.press('ArrowUp');
  assert.equal(await field.inputValue(), 'vera: hi');
  await field.press('ArrowDown');
  assert.equal(await field.inputValue(), '');
  await field.fill('half a thought');
  await page.locator('[data-buffer="libera/#cpp"]').click();
  await page.getByRole('heading', { name: '#cpp' }).waitFor();
  assert.equal(await page.locator('.composer textarea').inputValue(), '');
  await page.locator('[data-buffer="libera/#halley"]').click();
  await page.getByRole('heading', { name: '#halley' }).waitFor();
  assert.equal(await page.locator('.composer textarea').inputValue(), 'half a thought');
});

test('a proxy that refuses WebSockets and holds a stream back brings the page to SSE', async () => {
  mock.rules.refuseUpgrades = mock.rules.muteNdjson = true;
  await openPage();
  await logIn();
  await page.locator('#messages').waitFor();
  await until(() => mock.requests.some((request) => request.includes('transport=sse')));
  await page.locator('[data-buffer="libera/#halley"]').click();
  await until(() => mock.streams.size === 1);
  mock.say('libera', '#halley', 'vera', 'over sse');
  await message('over sse').waitFor();
});

test('links open elsewhere and carry no opener; markup stays text', async () => {
  await start();
  mock.say('libera', '#halley', 'vera', 'see https://a.example/x(y) <img src=x onerror=alert(1)>');
  const link = page.locator('.row a');
  await link.waitFor();
  assert.equal(await link.getAttribute('href'), 'https://a.example/x(y)');
  assert.equal(await link.getAttribute('target'), '_blank');
  assert.match(await link.getAttribute('rel'), /noopener/);
  assert.equal(await page.locator('.row img').count(), 0);
});

test('members: groups by rank, and a talk from a click', async () => {
  await start();
  const titles = await page.locator('.member-group').allTextContents();
  assert.deepEqual(titles, ['Operators 2', 'Voices 2', 'Members 11']);
  mock.emit('libera', ':vera!v@h MODE #halley -o vera', ['#halley']);
  await page.locator('.member-group', { hasText: 'Operators 1' }).waitFor();
  await page.locator('.member [data-nick="tycho"]').click();
  await page.getByRole('button', { name: 'Talk in private' }).click();
  await page.getByRole('heading', { name: 'tycho' }).waitFor();
});

test('on a phone the panels are drawers, and nothing is wider than the screen', async () => {
  await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  mock.say('libera', '#halley', 'vera', `wide ${'x'.repeat(300)}`);
  await message('wide').waitFor();
  assert.equal(await page.locator('.sidebar').isVisible(), false);
  assert.equal(await page.locator('.members').isVisible(), false);
  await page.getByRole('button', { name: 'Channels' }).tap();
  await page.locator('.sidebar').waitFor({ state: 'visible' });
  await page.locator('[data-buffer="libera/#cpp"]').tap();
  await page.getByRole('heading', { name: '#cpp' }).waitFor();
  await page.locator('.sidebar').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: /^Members/ }).tap();
  await page.locator('.members').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await page.locator('.members').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

test('light, dark and back to the system’s choice; the choice stays', async () => {
  await start({ colorScheme: 'light' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await paper(), 'rgb(255, 255, 255)');
  await page.getByRole('button', { name: /^Theme/ }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
  assert.equal(await paper(), 'rgb(17, 22, 33)');
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).click();
  await page.getByRole('button', { name: 'Theme: as the system has it' }).waitFor();
  assert.equal(await paper(), 'rgb(255, 255, 255)');
});
