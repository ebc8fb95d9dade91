// How the page looks and reads in Chromium: hostile names and words, zones, copies, forced colours, screen readers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, message, open, openPage, start } from './browser.mjs';
import { seedTalk } from './mock-network.mjs';

const CHAIN = '👨‍👩‍👧‍👦'.repeat(40);
const EVIL = ['\u202eevil', 'ad\u200ba', `z${'\u0301'.repeat(60)}algo`, 'n'.repeat(300), CHAIN.slice(0, 200), 'аda', '\u2067rtl', '\u200b'];

test('hostile nicks and words stay in their column and row, and turn nobody around', async () => {
  await start({ viewport: { width: 390, height: 844 } });
  for (const nick of EVIL) {
    at.mock.emit('libera', `:${nick}!u@h JOIN #halley`, ['#halley']);
    for (const text of ['hello', `\u202e${CHAIN}`, `t${'\u0301'.repeat(200)}`, '\x01ACTION waves\x01', 'x'.repeat(400), '𒐫﷽'.repeat(30)]) {
      at.mock.say('libera', '#halley', nick, text);
    }
    at.mock.emit('libera', `:${nick}!u@h NOTICE #halley :${CHAIN}`, ['#halley']);
    at.mock.emit('libera', `:${nick}!u@h NICK ${nick}2`, ['#halley']);
    at.mock.say('libera', nick, nick, 'psst');
  }
  at.mock.say('libera', '#halley', 'vera', 'the end');
  await message('the end').waitFor();
  const wide = await at.page.evaluate(() => {
    const list = document.querySelector('#messages').getBoundingClientRect();
    const out = [...document.querySelectorAll('.row, .row .body, .row .nick, .row .text')]
      .filter((each) => each.getBoundingClientRect().right > list.right + 1 || each.getBoundingClientRect().left < list.left - 1)
      .map((each) => each.className);
    const open = [...document.querySelectorAll('.row')].filter((row) => !['clip', 'hidden'].includes(getComputedStyle(row).overflowY));
    return { out, open: open.length, page: document.documentElement.scrollWidth, list: document.querySelector('#messages').scrollWidth - list.width };
  });
  assert.deepEqual(wide, { out: [], open: 0, page: 390, list: 0 });
  // The time of a row stands on its side, whatever the nick holds.
  const sides = await at.page.locator('.row.quiet summary, .row.quiet .body').evaluateAll((rows) => rows.map((row) => row.textContent));
  assert.ok(sides.every((text) => !text.includes('\u202e')), JSON.stringify(sides));
  assert.ok((await at.page.locator('.nick').allTextContents()).includes('ad‹200B›a'));
  assert.ok(await at.page.locator('.nick.mixed').count() > 0);
  const lists = await at.page.evaluate(() => ['.networks', '.members-list'].map((name) => {
    const box = document.querySelector(name);
    return box.scrollWidth - box.clientWidth;
  }));
  assert.deepEqual(lists, [0, 0]);
});

test('a host that may be taken for another is told in plain letters', async () => {
  await start();
  at.mock.say('libera', '#halley', 'vera', 'see https://аррӏе.com/login and https://example.org/');
  await at.page.locator('.host-hint', { hasText: 'xn--80ak6aa92e.com' }).waitFor();
  assert.equal(await at.page.locator('.host-hint').count(), 1);
});

test('times follow the reader into another zone', async () => {
  await start();
  const devtools = await at.context.newCDPSession(at.page);
  const travel = async (timezoneId) => {
    await devtools.send('Emulation.setTimezoneOverride', { timezoneId });
    await at.page.evaluate(() => window.dispatchEvent(new Event('focus')));
  };
  await travel('Europe/Berlin');
  at.mock.say('libera', '#halley', 'vera', 'what time is it', Date.UTC(2026, 0, 5, 12, 0));
  const time = message('what time is it').locator('time');
  await time.waitFor();
  assert.equal(await time.textContent(), '13:00');
  await travel('Asia/Tokyo');
  await at.page.waitForFunction(() => [...document.querySelectorAll('time')].some((each) => each.textContent === '21:00'));
});

test('copied talk has times and nicks; a part of one line is just that', async () => {
  await start({ timezoneId: 'UTC' });
  at.mock.say('libera', '#halley', 'vera', 'first words', Date.UTC(2026, 0, 5, 12, 0));
  at.mock.say('libera', '#halley', 'vera', '\x01ACTION \x02waves\x02\x01', Date.UTC(2026, 0, 5, 12, 1));
  at.mock.emit('libera', ':tycho!t@h QUIT :bye', ['#halley'], Date.UTC(2026, 0, 5, 12, 2));
  at.mock.say('libera', '#halley', 'vera', 'last words here', Date.UTC(2026, 0, 5, 12, 3));
  await message('last words').waitFor();
  const copied = (from, to) => at.page.evaluate(([a, b]) => {
    const texts = [...document.querySelectorAll('.said')];
    const place = ([words, offset]) => [texts.find((each) => each.textContent.includes(words)).firstChild, offset];
    const selection = document.getSelection();
    selection.setBaseAndExtent(...place(a), ...place(b));
    const data = new DataTransfer();
    const event = new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector('#messages').dispatchEvent(event);
    return event.defaultPrevented ? data.getData('text/plain') : selection.toString();
  }, [from, to]);
  assert.equal(
    await copied(['first words', 6], ['last words', 10]),
    '[12:00] <vera> words\n[12:01] * vera waves\n[12:02] tycho left the network (bye)\n[12:03] <vera> last words',
  );
  assert.equal(await copied(['first words', 0], ['first words', 5]), 'first');
});

test('forced colours still show what is chosen and what calls', async () => {
  await start({ forcedColors: 'active' });
  at.mock.say('libera', '#halley', 'vera', 'ada: look');
  const called = at.page.locator('.row.highlight');
  await called.waitFor();
  assert.equal(await called.evaluate((row) => getComputedStyle(row).borderLeftStyle), 'solid');
  assert.equal(await at.page.locator('.buffer-link.active').evaluate((link) => getComputedStyle(link).outlineStyle), 'solid');
  assert.equal(await at.page.locator('.buffer-link:not(.active)').first().evaluate((link) => getComputedStyle(link).outlineStyle), 'none');
});

test('the topic is read whole by keyboard alone', async () => {
  await start();
  const whole = at.page.getByRole('button', { name: 'Whole topic' });
  await whole.focus();
  await at.page.keyboard.press('Enter');
  await at.page.getByRole('button', { name: 'Topic in one line' }).waitFor();
  assert.equal(await at.page.locator('.topic').evaluate((topic) => getComputedStyle(topic).whiteSpace), 'normal');
});

test('own lines are marked, a left channel’s name is whole', async () => {
  await start();
  at.mock.say('libera', '#halley', 'ada', 'mine');
  await message('mine').waitFor();
  assert.notEqual(await message('mine').evaluate((row) => getComputedStyle(row).boxShadow), 'none');
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test(`axe-core finds nothing: ${colorScheme}, ${viewport.width} wide`, async () => {
      await openPage({ colorScheme, viewport });
      assert.deepEqual(await faults(), []);
      await at.context.close();
      await start({ colorScheme, viewport });
      at.mock.emit('libera', ':tycho!t@h QUIT :bye', ['#halley']);
      at.mock.emit('libera', ':kepler!t@h QUIT :bye', ['#halley']);
      at.mock.emit('libera', ':vera!v@h AWAY :gone', ['#halley']);
      at.mock.emit('libera', ':vera!v@h NOTICE #halley :a notice', ['#halley']);
      at.mock.say('libera', '#halley', 'vera', 'ada: \x0304red\x03 \x038,1pair\x03 \x030white\x03 see #cpp and https://example.org/');
      at.mock.say('libera', '#halley', 'ada', 'and mine');
      at.mock.say('libera', '#cpp', 'kepler', 'ada: unread');
      await message('and mine').waitFor();
      assert.deepEqual(await faults(), []);
      await open('#quiet');
      assert.deepEqual(await faults(), []);
    });
  }
}

test('compact: lines stand behind their nicks, more of them fit, and it is kept', async () => {
  seedTalk(at.mock);
  await start();
  await at.page.locator('.row.talk').first().waitFor();
  const heights = () => at.page.locator('.row').evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  const before = Math.max(...await heights());
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menuitemcheckbox', { name: 'Compact' }).click();
  await at.page.locator('html.compact').waitFor();
  const after = await heights();
  assert.ok(Math.min(...after) >= 22, 'the list counts on that (MIN_ROW_PX)');
  assert.ok(Math.max(...after) < before);
  assert.deepEqual(await faults(), []);
  await at.page.reload();
  await at.page.locator('html.compact').waitFor();
});

for (const colorScheme of ['light', 'dark']) {
  test(`more contrast where the system asks for it: ${colorScheme}`, async () => {
    seedTalk(at.mock);
    await start({ colorScheme, contrast: 'more' });
    await at.page.locator('.time').first().waitFor();
    const [time, text] = await at.page.evaluate(() => [document.querySelector('.time'), document.body].map((element) => getComputedStyle(element).color));
    assert.equal(time, text);
    assert.deepEqual(await faults(), []);
  });
}

test('what is touched is 44 pixels high and wide, but for what stands within words', async () => {
  seedTalk(at.mock);
  await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await at.page.locator('.row.talk').first().waitFor();
  const small = () => at.page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, summary')]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.matches('.nick, .channel-ref, .answered, .topic-button, summary, [type=checkbox]'))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && (width < 43.5 || height < 43.5))
    .map(([each, { width, height }]) => `${each.className} ${each.getAttribute('aria-label') ?? each.textContent} ${width} x ${height}`));
  assert.deepEqual(await small(), []);
  await at.page.getByRole('button', { name: /^Members/ }).click();
  await at.page.locator('.drawer-members').waitFor();
  assert.deepEqual(await small(), []);
  await at.page.locator('.members .drawer-close').click();
  await at.page.getByRole('button', { name: /^Channels/ }).click();
  await at.page.locator('.drawer-buffers').waitFor();
  assert.deepEqual(await small(), []);
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menu').waitFor();
  assert.deepEqual(await small(), []);
  assert.deepEqual(await faults(), []);
  await at.page.getByRole('menuitem', { name: /^Devices/ }).click();
  await at.page.getByRole('dialog').waitFor();
  for (const part of ['Devices', 'Web logins', 'Password', 'Notices', 'Rules', 'Files', 'Connection']) {
    await at.page.getByRole('button', { name: part, exact: true }).click();
    assert.deepEqual(await small(), [], part);
  }
});
