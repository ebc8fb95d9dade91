// Finding in Chromium: the switcher, search with filters and the way to a hit, mentions, what is unread, and the channels.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, faults, message, open, start, until } from './browser.mjs';
import { PATIENCE } from './scene.mjs';

const DAY = 86_400_000;

async function openSwitcher() {
  await at.page.keyboard.press('Control+k');
  const field = at.page.getByRole('combobox', { name: /Go to/ });
  await field.waitFor();
  return field;
}

async function search(text) {
  const field = at.page.getByRole('searchbox', { name: 'Search messages' });
  await field.fill(text);
  await field.press('Enter');
}

const hits = () => at.page.locator('.hit');
const chosen = (name) => at.page.locator('.choice[aria-selected="true"]', { hasText: name });

test('a few letters and Enter lead to a channel, a list, a command, and a search', async () => {
  await start();
  const field = await openSwitcher();
  await field.fill('astro');
  await chosen('astronomy').waitFor();
  await field.press('Enter');
  await at.page.getByRole('heading', { name: '#astronomy' }).waitFor();
  await openSwitcher();
  await field.fill('oft');
  await chosen('oftc').waitFor();
  await field.press('Escape');
  await field.waitFor({ state: 'detached' });
  await openSwitcher();
  await field.fill('/me');
  await chosen('me').waitFor();
  await field.press('Enter');
  await at.page.waitForFunction(() => document.querySelector('.composer textarea')?.value === '/me ');
  await openSwitcher();
  await field.fill('#brandnew');
  await at.page.getByRole('option', { name: /Join #brandnew/ }).click();
  await at.page.getByRole('heading', { name: '#brandnew' }).waitFor();
  await openSwitcher();
  await field.fill('perihelion');
  await chosen('Search messages').waitFor();
  await field.press('Enter');
  await at.page.getByText('Nothing was found.').waitFor();
});

test('Ctrl+K right behind Escape opens the switcher again', async () => {
  await start();
  const field = await openSwitcher();
  await at.page.keyboard.press('Escape');
  await at.page.keyboard.press('Control+k');
  await at.page.keyboard.type('astro');
  await chosen('astronomy').waitFor();
  assert.equal(await field.inputValue(), 'astro');
  await at.page.keyboard.press('Control+k');
  await field.waitFor({ state: 'detached' });
});

test('the late word of a dialog that was closed leaves the next one open', async () => {
  await start();
  await at.page.getByRole('button', { name: /^Join a channel on/ }).first().click();
  await at.page.getByRole('heading', { name: /^Join a channel on/ }).waitFor();
  await at.page.evaluate(async () => {
    const closed = document.querySelector('dialog[open]');
    const told = new Promise((resolve) => closed.addEventListener('close', resolve));
    closed.close();
    document.querySelector('.add-network').click();
    await told;
  });
  await at.page.getByRole('heading', { name: 'Add a network' }).waitFor();
});

test('the arrows go through the choices, around their end', async () => {
  await start();
  const field = await openSwitcher();
  const first = await at.page.locator('.choice').first().textContent();
  const last = await at.page.locator('.choice').last().textContent();
  assert.equal(await at.page.locator('.choice[aria-selected="true"]').textContent(), first);
  await field.press('ArrowUp');
  await chosen(last.slice(0, 12)).waitFor();
  await field.press('ArrowDown');
  await chosen(first.slice(0, 4)).waitFor();
});

test('a hit of years ago, on another network, is shown where it stands; Back leads to the hits', async () => {
  for (let i = 1; i <= 400; i += 1) at.mock.say('oftc', '#debian', 'vera', i === 30 ? 'the comet is in perihelion' : `line ${i}`, Date.now() - 400 * DAY + i * 1000);
  at.mock.say('libera', '#halley', 'tycho', 'perihelion today?');
  at.mock.say('libera', '#cpp', 'tycho', 'not this');
  await start();
  await openSwitcher();
  await at.page.getByRole('combobox', { name: /Go to/ }).fill('perihelion');
  await at.page.getByRole('option', { name: /Search messages/ }).click();
  await hits().nth(1).waitFor();
  assert.equal(await hits().count(), 2);
  assert.equal(await at.page.locator('mark').first().textContent(), 'perihelion');
  await at.page.locator('.hit', { hasText: 'oftc' }).click();
  await at.page.getByRole('heading', { name: '#debian' }).waitFor();
  await at.page.locator('.row.found', { hasText: 'the comet is in perihelion' }).waitFor();
  await message('line 29').waitFor();
  await message('line 31').waitFor();
  const address = at.page.url();
  assert.match(address, /#\/oftc\/%23debian\/m1%3A/);
  await at.page.goBack();
  await hits().nth(1).waitFor();
  await at.page.goto('about:blank');
  await at.page.goto(address);
  await at.page.locator('.row.found', { hasText: 'the comet is in perihelion' }).waitFor();
});

test('filters: who, where, when, links; what cannot be asked is told', async () => {
  const old = Date.now() - 10 * DAY;
  at.mock.say('libera', '#halley', 'vera', 'notes are at https://example.org/a', old);
  at.mock.say('libera', '#halley', 'tycho', 'notes without an address', old + 1000);
  at.mock.say('libera', '#cpp', 'vera', 'notes on templates, see www.example.org/b');
  at.mock.say('libera', '#cpp', 'vera', 'and nothing else');
  await start();
  await at.page.keyboard.press('Control+Shift+f');
  const found = async (text, count) => {
    await search(text);
    await at.page.waitForFunction((n) => document.querySelectorAll('.hit').length === n && document.querySelector('.pane-body[aria-busy="true"]') === null, count);
  };
  await found('notes', 3);
  await found('notes from:vera', 2);
  await found('notes in:#halley', 2);
  await found('notes after:yesterday', 1);
  await found('notes before:yesterday from:tycho', 1);
  await found('notes has:link', 2);
  await found('from:vera in:#cpp', 2);
  await found('has:link', 1);
  await search('notes before:soon');
  await at.page.getByRole('alert').filter({ hasText: 'no day' }).waitFor();
  await search('from:vera');
  await at.page.getByRole('alert').filter({ hasText: 'Add a word' }).waitFor();
});

test('a search that is thinned out reads on a few pages at a time, when asked', async () => {
  for (let i = 1; i <= 2000; i += 1) at.mock.say('libera', '#halley', 'vera', i === 5 ? 'the sky, see https://example.org/' : `the sky, line ${i}`);
  await start();
  await at.page.keyboard.press('Control+Shift+f');
  await search('sky has:link');
  const more = at.page.getByRole('button', { name: 'Look further back' });
  await more.waitFor();
  const asked = () => at.mock.requests.filter((request) => request.includes('/api/search')).length;
  assert.equal(asked(), 8);
  await more.click();
  await until(() => asked() === 16);
  await more.click();
  await hits().first().waitFor();
  assert.equal(await hits().count(), 1);
});

test('mentions of any network are listed, of nobody else', async () => {
  at.mock.say('libera', '#halley', 'vera', 'ada: first');
  at.mock.say('libera', '#cpp', 'vera', 'adamant is not ada_');
  at.mock.say('oftc', '#debian', 'tycho', 'ask ada_ about it');
  at.mock.say('libera', '#cpp', 'kepler', 'thanks, ada');
  await start();
  await at.page.getByRole('button', { name: 'Mentions' }).click();
  await at.page.getByRole('heading', { name: 'Mentions' }).waitFor();
  await hits().nth(2).waitFor();
  const texts = await hits().allTextContents();
  assert.equal(texts.length, 3, JSON.stringify(texts));
  assert.match(texts[0], /thanks, ada/);
  assert.match(texts[1], /ask ada_/);
  await hits().nth(2).click();
  await at.page.locator('.row.found', { hasText: 'ada: first' }).waitFor();
});

test('what is unread is listed, read from there, and marked read', async () => {
  await start();
  at.mock.say('libera', '#cpp', 'kepler', 'line one');
  at.mock.say('libera', '#cpp', 'kepler', 'line two');
  at.mock.say('libera', '#quiet', 'vera', 'ada: quietly');
  await at.page.locator('[data-buffer="libera/#quiet"] .badge').waitFor();
  await at.page.locator('.finding').getByRole('button', { name: /Unread/ }).click();
  await at.page.getByRole('heading', { name: 'Unread', exact: true }).waitFor();
  await at.page.locator('.hit', { hasText: 'line two' }).waitFor();
  assert.equal(await at.page.locator('.unread-talk').first().getAttribute('aria-label'), '#quiet');
  await at.page.locator('.unread-talk', { hasText: '#cpp' }).getByRole('button', { name: 'Mark read' }).click();
  await at.page.locator('.hit', { hasText: 'line two' }).waitFor({ state: 'detached' });
  await at.page.getByRole('button', { name: 'Mark all read' }).click();
  await at.page.getByText('You have read everything.').waitFor();
  await at.page.reload();
  await at.page.getByText('You have read everything.').waitFor();
  await at.page.locator('.networks').waitFor();
  assert.equal(await at.page.locator('.networks .badge').count(), 0);
});

test('while something else stands in the middle, nothing behind it counts as read', async () => {
  await start();
  await at.page.getByRole('button', { name: 'Mentions' }).click();
  await at.page.getByRole('heading', { name: 'Mentions' }).waitFor();
  at.mock.say('libera', '#halley', 'vera', 'are you looking?');
  await at.page.locator('[data-buffer="libera/#halley"] .badge').waitFor();
  await at.page.keyboard.press('Escape');
  await message('are you looking?').waitFor();
  await at.page.locator('[data-buffer="libera/#halley"] .badge').waitFor({ state: 'detached' });
});

test('twenty thousand channels: few rows are drawn, a filter finds one, a click joins it', async () => {
  at.mock.listed = 20_000;
  await start();
  await at.page.locator('.composer textarea').fill('/list');
  await at.page.locator('.composer textarea').press('Enter');
  await at.page.getByText('20000 channels').waitFor({ timeout: 4 * PATIENCE }); // seconds of work, on a machine that may be busy
  assert.match(await at.page.locator('.listed').first().textContent(), /#c20000/);
  assert.ok(await at.page.locator('.listed').count() < 60);
  await at.page.getByRole('searchbox', { name: 'Filter channels' }).fill('channel 1234');
  await at.page.getByText('12 of 20000 channels').waitFor();
  await at.page.locator('.listed').last().click();
  await at.page.getByRole('heading', { name: '#c1234', exact: true }).waitFor();
  await open('#halley');
  assert.equal(await at.page.locator('.note').count(), 0);
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test(`axe-core finds nothing where one finds something: ${colorScheme}, ${viewport.width} wide`, async () => {
      at.mock.say('libera', '#cpp', 'vera', 'ada: clear skies, see https://example.org/');
      await start({ colorScheme, viewport });
      at.mock.say('libera', '#cpp', 'kepler', 'unread skies');
      await at.page.locator('[data-buffer="libera/#cpp"] .badge').waitFor({ state: 'attached' });
      await openSwitcher();
      assert.deepEqual(await faults(), []);
      await at.page.keyboard.press('Escape');
      await at.page.keyboard.press('Control+Shift+f');
      await at.page.getByText('Finds what was said').waitFor();
      assert.deepEqual(await faults(), []);
      await search('skies');
      await hits().nth(1).waitFor();
      assert.deepEqual(await faults(), []);
      for (const address of ['#mentions', '#unread', '#channels/libera']) {
        await at.page.evaluate((hash) => { window.location.hash = hash; }, address);
        await at.page.locator('.hit, .listed').first().waitFor();
        assert.deepEqual(await faults(), []);
      }
      await at.page.evaluate(() => { window.location.hash = '#search/skies'; });
      await hits().first().click();
      await at.page.locator('.row.found').waitFor();
      assert.deepEqual(await faults(), []);
    });
  }
}

test('where there is room, what waits or was found stands beside the talk, and stays there', async () => {
  await start({ viewport: { width: 3840, height: 2160 } });
  at.mock.say('libera', '#cpp', 'kepler', 'clear skies over there');
  await at.page.locator('.pane .hit', { hasText: 'clear skies' }).waitFor();
  await at.page.locator('.composer textarea').waitFor();
  await at.page.keyboard.press('Control+Shift+f');
  await search('skies');
  await at.page.locator('.hit mark').waitFor();
  await hits().first().click();
  await at.page.getByRole('heading', { name: '#cpp', exact: true }).waitFor();
  await at.page.locator('.row.found', { hasText: 'clear skies' }).waitFor();
  assert.equal(await hits().count(), 1);
  assert.match(at.page.url(), /%23cpp/);
  at.mock.say('libera', '#cpp', 'kepler', 'and here');
  await message('and here').waitFor();
  assert.equal(await at.page.locator('[data-buffer="libera/#cpp"] .badge').count(), 0, 'the talk is in sight, and read');
  assert.deepEqual(await faults(), []);
  await at.page.getByRole('button', { name: 'Close Search' }).click();
  await at.page.getByText('You have read everything.').waitFor();
});

test('what was said is saved as a file', async () => {
  for (let i = 1; i <= 1100; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await start();
  await at.page.getByRole('button', { name: 'More about #halley' }).click();
  await at.page.getByRole('menuitem', { name: 'Save as a file…' }).click();
  const box = at.page.getByRole('dialog', { name: 'Save what was said in #halley' });
  await box.waitFor();
  assert.deepEqual(await faults(), []);
  const coming = at.page.waitForEvent('download');
  await box.getByRole('button', { name: 'Save', exact: true }).click();
  const file = await coming;
  assert.equal(file.suggestedFilename(), 'libera-#halley.txt');
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 1100);
  assert.match(lines[0], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d <vera> line 1$/);
  assert.match(lines[1099], / <vera> line 1100$/);
  await box.waitFor({ state: 'detached' });
});
