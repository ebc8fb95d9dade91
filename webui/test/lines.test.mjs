// What belongs to lines besides their words, in Chromium: answers, reactions, typing, what was taken back, addresses, days,
// and which comings and goings are shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, fillHistory, message, say, start, until } from './browser.mjs';

const DAY = 86_400_000;

/** A line by the name that the network gives it. */
function named(msgid, nick, text, tags = '') {
  at.mock.emit('libera', `:${nick}!${nick}@host.example PRIVMSG #halley :${text}`, ['#halley'], Date.now(), `msgid=${msgid}${tags}`);
}

function tagmsg(nick, tags) {
  at.mock.tell('libera', `@${tags} :${nick}!${nick}@host.example TAGMSG #halley`);
}

async function menuOf(text) {
  await message(text).locator('.said').first().click({ button: 'right' });
  const menu = at.page.getByRole('menu');
  await menu.waitFor();
  return menu;
}

test('an answer shows what it answers and leads there, and one’s own carries the name of the line', async () => {
  await start();
  named('m-one', 'vera', 'who observes tonight?');
  for (let i = 0; i < 60; i += 1) at.mock.say('libera', '#halley', 'tycho', `line ${i}`);
  named('m-two', 'kepler', 'I will', ';+draft/reply=m-one');
  const answered = message('I will').locator('.answered');
  await answered.getByText('who observes tonight?').waitFor();
  await answered.click();
  await at.page.locator('.row.found', { hasText: 'who observes tonight?' }).waitFor();
  await (await menuOf('who observes')).getByRole('menuitem', { name: 'Answer' }).click();
  await at.page.getByText('Answers vera: who observes tonight?').waitFor();
  await at.page.locator('.composer textarea').fill('me too');
  await at.page.locator('.composer textarea').press('Enter');
  await until(() => at.mock.sent.length === 1);
  assert.equal(at.mock.sent[0].line, '@+reply=m-one;+draft/reply=m-one PRIVMSG #halley :me too');
  await at.page.getByText('Answers vera').waitFor({ state: 'detached' });
});

test('reactions are counted, given from the menu and by a click', async () => {
  await start();
  named('m-one', 'vera', 'first light!');
  await message('first light!').waitFor();
  tagmsg('tycho', '+draft/react=🎉;+draft/reply=m-one');
  await message('first light!').getByRole('button', { name: '🎉 1: tycho' }).click();
  await message('first light!').getByRole('button', { name: '🎉 2: tycho, ada' }).waitFor();
  await until(() => at.mock.sent.length === 1);
  assert.equal(at.mock.sent[0].line, '@+draft/react=🎉;+reply=m-one;+draft/reply=m-one TAGMSG #halley');
  await (await menuOf('first light!')).getByRole('menuitem', { name: 'React…' }).click();
  await at.page.getByRole('menuitem', { name: '👍' }).click();
  await message('first light!').getByRole('button', { name: '👍 1: ada' }).waitFor();
  assert.deepEqual(await faults(), []);
});

test('who types is told without moving anything; what was taken back is gone', async () => {
  await start();
  named('m-one', 'vera', 'a secret');
  named('m-two', 'vera', 'and more');
  await message('and more').waitFor();
  const top = await message('and more').evaluate((row) => row.getBoundingClientRect().top);
  tagmsg('tycho', '+typing=active');
  await at.page.getByText('tycho is typing…').waitFor();
  assert.equal(await message('and more').evaluate((row) => row.getBoundingClientRect().top), top);
  assert.deepEqual(await faults(), []);
  at.mock.say('libera', '#halley', 'tycho', 'done');
  await at.page.getByText('tycho is typing…').waitFor({ state: 'detached' });
  at.mock.tell('libera', ':vera!vera@host.example REDACT #halley m-one :wrong window');
  await at.page.getByText('taken back by vera: wrong window').waitFor();
  assert.equal(await message('a secret').count(), 0);
});

test('the address of a line is copied from its menu and leads there', async () => {
  fillHistory(900);
  await start();
  await at.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await message('line 900').waitFor();
  await (await menuOf('line 890')).getByRole('menuitem', { name: 'Copy address' }).click();
  await at.page.getByText('Copied.').waitFor();
  const address = await at.page.evaluate(() => navigator.clipboard.readText());
  for (let i = 901; i <= 1800; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await at.page.goto('about:blank');
  await at.page.goto(address);
  await at.page.locator('.row.found', { hasText: 'line 890' }).waitFor();
});

test('a day is jumped to, and from there a later one, and what follows it', async () => {
  const noon = new Date(2024, 4, 1, 12).getTime();
  for (let day = 0; day < 10; day += 1) for (let i = 0; i < 100; i += 1) at.mock.say('libera', '#halley', 'vera', `day ${day} line ${i}`, noon + day * DAY + i * 1000);
  await start();
  await message('day 9 line 99').waitFor();
  const jump = async (day) => {
    await at.page.getByRole('button', { name: 'More about #halley' }).click();
    await at.page.getByRole('menuitem', { name: 'Jump to a day…' }).click();
    await at.page.getByLabel('Day', { exact: true }).fill(day);
    await at.page.getByRole('button', { name: 'Jump', exact: true }).click();
  };
  await jump('2024-05-04');
  await at.page.locator('.row.found', { hasText: 'day 3 line 0' }).waitFor();
  // It lies behind all that is loaded about the first one.
  await jump('2024-05-09');
  await at.page.locator('.row.found', { hasText: 'day 8 line 0' }).waitFor();
  await at.page.getByRole('button', { name: 'To the latest' }).click();
  await message('day 9 line 99').waitFor();
});

test('joins and leaves are all shown, of those who spoke, or not at all; that is kept', async () => {
  await start();
  at.mock.emit('libera', ':lurker!l@h JOIN #halley', ['#halley']);
  at.mock.say('libera', '#halley', 'vera', 'good night');
  at.mock.emit('libera', ':vera!v@h PART #halley :bye', ['#halley']);
  await at.page.locator('.row.quiet', { hasText: 'lurker joined' }).waitFor();
  const choose = async (label) => {
    await at.page.getByRole('button', { name: 'Settings' }).click();
    await at.page.getByRole('menuitemradio', { name: label }).click();
  };
  await choose('Only of those who spoke');
  await at.page.locator('.row.quiet', { hasText: 'lurker joined' }).waitFor({ state: 'detached' });
  await at.page.locator('.row.quiet', { hasText: 'vera left (bye)' }).waitFor();
  await choose('No joins and leaves');
  await at.page.locator('.row.quiet').waitFor({ state: 'detached' });
  await at.page.reload();
  await message('good night').waitFor();
  assert.equal(await at.page.locator('.row.quiet').count(), 0);
  await choose('Show all joins and leaves');
  await at.page.locator('.row.quiet', { hasText: 'lurker joined' }).waitFor();
});

test('a history of nothing but leaves, none of them wanted, ends in words and a way on', async () => {
  for (let i = 1; i <= 3000; i += 1) at.mock.emit('libera', `:gone${i}!u@h QUIT :netsplit`, ['#halley']);
  await start({}, '#cpp');
  await at.page.evaluate(() => window.localStorage.setItem('halley.folding', 'none'));
  await at.page.reload();
  await at.page.locator('[data-buffer="libera/#halley"]').click();
  await at.page.getByRole('button', { name: 'Show older lines' }).waitFor();
  at.mock.say('libera', '#halley', 'vera', 'still here');
  await message('still here').waitFor();
});

test('the menu of a line by keys alone: arrows go from line to line, Enter opens it, Escape leads back', async () => {
  await start();
  named('m-one', 'vera', 'who observes tonight?');
  named('m-two', 'kepler', 'I will');
  await message('I will').waitFor();
  const focused = (text) => at.page.locator('.row:focus', { hasText: text }).waitFor();
  await at.page.locator('#messages').focus();
  await at.page.keyboard.press('ArrowUp');
  await focused('I will');
  await at.page.keyboard.press('ArrowUp');
  await focused('who observes tonight?');
  assert.deepEqual(await faults(), []);
  await at.page.keyboard.press('Enter');
  const menu = at.page.getByRole('menu', { name: 'Line of vera' });
  await menu.waitFor();
  await menu.getByRole('menuitem', { name: 'React…' }).focus();
  await at.page.keyboard.press('Enter');
  await at.page.getByRole('menu', { name: 'Reactions' }).getByRole('menuitem', { name: '🎉' }).focus();
  await at.page.keyboard.press('Enter');
  await until(() => at.mock.sent.length === 1);
  assert.match(at.mock.sent[0].line, /react=🎉;\+reply=m-one/);
  await focused('who observes tonight?');
  await at.page.keyboard.press('ArrowDown');
  await focused('I will');
  await at.page.keyboard.press('Escape');
  await at.page.locator('.composer textarea:focus').waitFor();
});

test('that its user types is told, unless they do not want it', async () => {
  await start();
  await at.page.locator('.composer textarea').fill('hello');
  await until(() => at.mock.typing.length === 1);
  assert.deepEqual(at.mock.typing[0], { network: 'libera', line: '@+typing=active TAGMSG #halley' });
  await at.page.locator('.composer textarea').fill('');
  await until(() => at.mock.typing.length === 2);
  await at.page.getByRole('button', { name: 'Settings' }).click();
  await at.page.getByRole('menuitemcheckbox', { name: 'Tell others when I type', checked: true }).click();
  await at.page.reload();
  await at.page.locator('.composer textarea').waitFor();
  await at.scene.attached();
  await at.page.locator('.composer textarea').fill('hello again');
  await say('hello again');
  await message('hello again').waitFor();
  assert.equal(at.mock.typing.length, 2);
});
