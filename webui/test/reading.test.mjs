// Reading in Chromium: a list that never freezes, loses no place, and reaches all of the history both ways.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, fillHistory, inOrder, message, numbersShown, open, say, start, until } from './browser.mjs';

function quits(count, target = '#halley') {
  for (let i = 1; i <= count; i += 1) at.mock.emit('libera', `:gone${i}!u@h QUIT :netsplit`, [target]);
}

/** A row of talk well inside the view: its text, and where it stands. */
function rowInSight() {
  return at.page.locator('#messages').evaluate((list) => {
    const row = [...list.querySelectorAll('.row.talk')].find((each) => each.getBoundingClientRect().top > 200);
    return { text: row.querySelector('.text').textContent, top: row.getBoundingClientRect().top };
  });
}

function topOf(text) {
  return message(text).first().evaluate((row) => row.getBoundingClientRect().top);
}

/** Goes to one end by scrolling, a screen at a time, until `seen` says so. */
function scrollUntil(direction, seen) {
  return at.page.evaluate(async ([step, text]) => {
    const list = document.querySelector('#messages');
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const seen = () => [...list.querySelectorAll('.text, .list-top')].some((each) => each.textContent.endsWith(text));
    let most = 0;
    for (let i = 0; i < 2000 && !seen(); i += 1) {
      list.dispatchEvent(new WheelEvent('wheel', { deltaY: step, bubbles: true }));
      list.scrollTop += step;
      list.dispatchEvent(new Event('scroll'));
      most = Math.max(most, list.querySelectorAll('.row').length);
      await frame();
    }
    return { found: seen(), most };
  }, [direction * 3000, seen]);
}

/** As with the End key, until there is nothing further down. */
function toTheBottom() {
  return at.page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    list.scrollTop = list.scrollHeight;
    return document.querySelector('.pill') === null;
  });
}

test('the newest lines are nearly all quits: live, in history, and after opening anew', async () => {
  for (let i = 1; i <= 580; i += 1) at.mock.world.networks.libera.channels['#halley'].members.set(`gone${i}`, '');
  await start({ viewport: { width: 1440, height: 900 } });
  quits(580);
  await at.page.locator('.row.quiet', { hasText: 'gone1, gone2 and 578 others left' }).waitFor();
  at.mock.say('libera', '#halley', 'vera', 'still here');
  await message('still here').waitFor();
  quits(800, '#cpp');
  await open('#cpp');
  await at.page.locator('.row.quiet', { hasText: 'others left' }).waitFor();
  await say('alive');
  await message('alive').waitFor();
  await at.page.reload();
  await message('alive').waitFor();
  await at.page.locator('.row.quiet', { hasText: 'others left' }).waitFor();
});

test('one line of talk in a hundred quits fills the screen, and ends', async () => {
  for (let i = 1; i <= 3000; i += 1) {
    if (i % 100 === 0) at.mock.say('libera', '#halley', 'vera', `line ${i / 100}`);
    else at.mock.emit('libera', `:gone${i}!u@h QUIT :bye`, ['#halley']);
  }
  await start({ viewport: { width: 1440, height: 900 } });
  await message('line 30').waitFor();
  at.mock.say('libera', '#halley', 'vera', 'line 31');
  await message('line 31').waitFor();
  const { found } = await scrollUntil(-1, 'begins here.');
  assert.ok(found);
  await message(/line 1$/).waitFor();
});

test('a history of nothing but quits rests after some pages, and goes on when asked', async () => {
  at.mock.say('libera', '#halley', 'vera', 'line 1');
  quits(6000);
  await start({ viewport: { width: 1440, height: 900 } });
  const older = at.page.getByRole('button', { name: 'Show older lines' });
  await older.waitFor();
  const asked = () => at.mock.requests.filter((request) => request.includes('/api/history')).length;
  assert.ok(asked() <= 8, `${asked()} pages`);
  while (await older.isVisible()) {
    const was = asked();
    await older.click();
    await until(() => asked() > was);
    await at.page.waitForFunction(() => document.querySelector('.list-top .spinner') === null);
  }
  await message('line 1').waitFor();
  await at.page.getByRole('button', { name: 'To the latest' }).click();
  at.mock.say('libera', '#halley', 'vera', 'line 2');
  await message('line 2').waitFor();
});

test('pages of lines that say nothing to a reader are passed, both ways', async () => {
  const nothing = () => {
    for (let i = 0; i < 350; i += 1) at.mock.emit('libera', ':vera!v@h TAGMSG #halley', ['#halley']);
  };
  at.mock.say('libera', '#halley', 'vera', 'line 1');
  nothing();
  await start();
  await message('line 1').waitFor();
  nothing();
  fillHistory(300, '#cpp');
  await open('#cpp');
  await message('line 300').waitFor();
  await open('#halley');
  await message('line 1').waitFor();
  await at.page.reload();
  await message('line 1').waitFor();
});

test('ten thousand lines, both ways: all are reached, few are in the document, live lines move nothing', async () => {
  fillHistory(10_000);
  await start();
  await message('line 10000').waitFor();
  const up = await scrollUntil(-1, 'begins here.');
  assert.ok(up.found);
  assert.ok(up.most < 700, `${up.most} rows`);
  assert.equal((await numbersShown())[0], 1);
  await at.page.locator('#messages').evaluate((list) => { list.scrollTop = 3000; });
  const seen = await rowInSight();
  for (let i = 10_001; i <= 10_600; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await at.page.getByRole('button', { name: 'New messages' }).waitFor();
  assert.ok(Math.abs((await topOf(new RegExp(`${seen.text}$`))) - seen.top) <= 2);
  const down = await scrollUntil(1, 'line 10600');
  assert.ok(down.found);
  assert.ok(down.most < 700, `${down.most} rows`);
  await toTheBottom();
  await at.page.getByRole('button', { name: /latest|New/ }).waitFor({ state: 'detached' });
  const numbers = await numbersShown();
  assert.deepEqual(numbers, inOrder(numbers[0], 10_600));
  at.mock.say('libera', '#halley', 'vera', 'line 10601');
  await message('line 10601').waitFor();
});

test('from far back, one click leads to the latest', async () => {
  fillHistory(5000);
  await start();
  await message('line 5000').waitFor();
  await scrollUntil(-1, 'line 100');
  for (let i = 5001; i <= 5300; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await at.page.getByRole('button', { name: 'New messages' }).click();
  await message('line 5300').waitFor();
  await at.page.getByRole('button', { name: /latest|New/ }).waitFor({ state: 'detached' });
  const numbers = await numbersShown();
  assert.deepEqual(numbers, inOrder(numbers[0], 5300));
});

test('who says something further up comes to the end and sees it', async () => {
  fillHistory(3000);
  await start();
  await message('line 3000').waitFor();
  await at.page.locator('#messages').evaluate((list) => { list.scrollTop -= 2000; });
  await at.page.getByRole('button', { name: 'To the latest' }).waitFor();
  await say('here I am');
  await message('here I am').waitFor();
  await at.page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
});

test('what opens at its end stands there in its first frame, fills the screen, and then holds more', async () => {
  fillHistory(300);
  await start({ viewport: { width: 1440, height: 900 } });
  await message('line 300').waitFor();
  await open('#cpp');
  const first = await at.page.evaluate(() => new Promise((resolve) => {
    document.querySelector('[data-buffer="libera/#halley"]').click();
    queueMicrotask(() => {
      const list = document.querySelector('#messages');
      // Told of its size before the first frame is painted, after those who watched it first.
      new ResizeObserver(() => {
        const rows = [...list.querySelectorAll('.row')].map((row) => row.getBoundingClientRect());
        const frame = list.getBoundingClientRect();
        resolve({
          count: rows.length,
          above: frame.top - rows[0].top,
          distance: list.scrollHeight - list.scrollTop - list.clientHeight,
          writes: document.activeElement === document.querySelector('.composer textarea'),
        });
      }).observe(list);
    });
  }));
  assert.ok(first.count < 60 && first.above > 0 && first.distance < 2 && first.writes, JSON.stringify(first));
  await at.page.waitForFunction((count) => document.querySelectorAll('.row.talk').length > count, first.count);
  assert.ok(await at.page.locator('#messages').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 2));
});

test('the place in a channel is kept while one looks at another', async () => {
  fillHistory(1500);
  await start();
  await message('line 1500').waitFor();
  // More than the first frame has: else there is nothing to scroll by so much.
  await at.page.waitForFunction(() => document.querySelectorAll('.row.talk').length > 60);
  await at.page.locator('#messages').evaluate((list) => { list.scrollTop -= 1500; });
  await at.page.getByRole('button', { name: 'To the latest' }).waitFor();
  const seen = await rowInSight();
  await open('#cpp');
  at.mock.say('libera', '#halley', 'vera', 'line 1501');
  await at.page.locator('[data-buffer="libera/#halley"] .badge', { hasText: '1' }).waitFor();
  const first = await at.page.evaluate((text) => new Promise((resolve) => {
    document.querySelector('[data-buffer="libera/#halley"]').click();
    queueMicrotask(() => {
      const list = document.querySelector('#messages');
      new ResizeObserver(() => {
        const rows = [...list.querySelectorAll('.row.talk')];
        const row = rows.find((each) => each.querySelector('.text').textContent === text);
        resolve({ count: rows.length, top: row?.getBoundingClientRect().top });
      }).observe(list);
    });
  }), seen.text);
  // Before the first frame is painted, and with little more than that shows.
  assert.ok(Math.abs(first.top - seen.top) <= 2 && first.count < 60, JSON.stringify([first, seen]));
  await at.page.waitForFunction((count) => document.querySelectorAll('.row.talk').length > count, first.count);
  await message(new RegExp(`${seen.text}$`)).waitFor();
  assert.ok(Math.abs((await topOf(new RegExp(`${seen.text}$`))) - seen.top) <= 2);
  await at.page.getByRole('button', { name: 'To the latest' }).click();
  await message('line 1501').waitFor();
  await open('#cpp');
  await open('#halley');
  await at.page.getByRole('button', { name: /latest|New/ }).waitFor({ state: 'detached' });
});

test('unread lines out of sight are announced, and one click leads to the first', async () => {
  await start();
  at.mock.say('libera', '#halley', 'vera', 'line 0');
  await message('line 0').waitFor();
  await open('#cpp');
  for (let i = 1; i <= 60; i += 1) at.mock.say('libera', '#halley', `nick${i % 7}`, `line ${i}`);
  await at.page.locator('[data-buffer="libera/#halley"] .badge', { hasText: '60' }).waitFor();
  await open('#halley');
  await message('line 60').waitFor();
  await at.page.getByRole('button', { name: '60 new messages since' }).click();
  await at.page.locator('.row.new').waitFor();
  const first = await at.page.locator('.row.new + .row').evaluate((row) => ({ text: row.textContent, top: row.getBoundingClientRect().top }));
  assert.match(first.text, /line 1$/);
  assert.ok(first.top > 0 && first.top < 600, `${first.top}`);
  await at.page.getByRole('button', { name: '60 new messages' }).waitFor({ state: 'detached' });
});

test('unread lines beyond the first page are reached too, on a later visit', async () => {
  await start();
  at.mock.say('libera', '#halley', 'vera', 'line 0');
  await message('line 0').waitFor();
  await at.page.goto('about:blank');
  await until(() => at.mock.streams.size === 0);
  fillHistory(900);
  await at.page.goto(at.mock.url);
  await message('line 900').waitFor();
  await at.page.getByRole('button', { name: 'New messages since you left' }).click();
  await at.page.locator('.row.new').waitFor();
  assert.match(await at.page.locator('.row.new + .row').textContent(), /line 1$/);
  const { found } = await scrollUntil(1, 'line 900');
  assert.ok(found);
});

test('a draft of many lines that is typed on leaves the list at its end; sending it too', async () => {
  for (let i = 1; i <= 80; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await start();
  await message('line 80').waitFor();
  const field = at.page.locator('.composer textarea');
  const distance = () => at.page.locator('#messages').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
  const steady = () => at.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)))));
  await field.fill(Array.from({ length: 12 }, (_, i) => `draft ${i}`).join('\n'));
  for (const letter of 'typed') {
    await field.press(letter);
    await steady();
    assert.ok((await distance()) < 2, `after ${letter}: ${await distance()}`);
  }
  await field.press('Enter');
  await at.page.getByRole('button', { name: /Send 12 messages/ }).click();
  await message('draft 11typed').waitFor();
  await at.page.locator('.pending').first().waitFor({ state: 'detached' });
  await steady();
  assert.ok((await distance()) < 2);
  assert.equal(await at.page.locator('.pill').count(), 0);
});
