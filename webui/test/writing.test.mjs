// Writing in Chromium: nothing goes out unasked, by halves or too early.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, message, open, say, start, until } from './browser.mjs';

function field() {
  return at.page.locator('.composer textarea');
}

test('long text is many messages: they are counted, asked for, and sent whole or not at all', async () => {
  await start();
  const long = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
  await say(long);
  const question = at.page.getByRole('dialog', { name: /^Send \d+ messages\?/ });
  await question.waitFor();
  assert.equal(at.mock.sent.length, 0);
  await at.page.getByRole('button', { name: 'Keep writing' }).click();
  await question.waitFor({ state: 'detached' });
  assert.equal(await field().inputValue(), long);
  await field().press('Enter');
  await at.page.getByRole('button', { name: /^Send \d+ messages$/ }).click();
  await until(() => at.mock.sent.length > 3);
  await at.page.waitForFunction(() => document.querySelectorAll('.pending').length === 0);
  assert.equal(at.mock.sent.map((each) => each.line.replace('PRIVMSG #halley :', '')).join(' '), long);
  assert.equal(await field().inputValue(), '');
  const was = at.mock.sent.length;
  await say('x'.repeat(60_000));
  await at.page.getByRole('alert').filter({ hasText: 'At most 30 can be said at once' }).waitFor();
  assert.equal(at.mock.sent.length, was);
});

test('what does not all fit behind what waits already is not begun', async () => {
  await start();
  at.mock.rules.refuseCommands = { status: 503, error: '', message: '' };
  for (let i = 0; i < 4; i += 1) {
    await say(Array.from({ length: 25 }, (_, n) => `waiting ${i} ${n}`).join('\n'));
    await at.page.getByRole('button', { name: 'Send 25 messages' }).click();
  }
  await say('one\ntwo\nthree');
  await at.page.getByRole('alert').filter({ hasText: 'wait to be sent' }).waitFor();
  assert.equal(await field().inputValue(), 'one\ntwo\nthree');
  assert.equal(await at.page.locator('.pending').count(), 100);
});

test('a paste of many lines makes the field tall, and the list stays at its end', async () => {
  for (let i = 1; i <= 200; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await start();
  await message('line 200').waitFor();
  await at.page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
  // A scroll event of an earlier frame arrives when the field has grown already, and the list has shrunk.
  await at.page.evaluate(() => {
    const area = document.querySelector('.composer textarea');
    area.value = Array.from({ length: 20 }, (_, i) => `item ${i}`).join('\n');
    area.dispatchEvent(new Event('input', { bubbles: true }));
    document.querySelector('#messages').dispatchEvent(new Event('scroll'));
  });
  await at.page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
  await field().press('Enter');
  await at.page.getByRole('button', { name: 'Send 20 messages' }).click();
  await message('item 19').waitFor();
  assert.deepEqual(at.mock.sent.map((each) => each.line), Array.from({ length: 20 }, (_, i) => `PRIVMSG #halley :item ${i}`));
  assert.equal(await at.page.getByRole('button', { name: /latest|New messages/ }).count(), 0);
  assert.ok(await message('item 19').evaluate((row) => row.getBoundingClientRect().bottom < window.innerHeight));
});

test('the Enter that ends a composition sends nothing, in the order of events of any browser', async () => {
  await start();
  await field().fill('にほ');
  const press = (init) => field().evaluate((area, given) => {
    area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...given }));
  }, init);
  await press({ isComposing: true, keyCode: 229 });
  await press({ isComposing: false, keyCode: 229 });
  assert.equal(await field().inputValue(), 'にほ');
  await press({ isComposing: false, keyCode: 13 });
  await message('にほ').waitFor();
  assert.equal(at.mock.sent.length, 1);
});

test('leaving a channel is asked for, and looks unlike logging out', async () => {
  await start();
  const leave = at.page.getByRole('button', { name: 'Leave #halley' });
  const picture = (button) => button.locator('path').first().getAttribute('d');
  assert.notEqual(await picture(leave), await picture(at.page.getByRole('button', { name: 'Log out' })));
  await leave.click();
  await at.page.getByRole('button', { name: 'Stay' }).click();
  await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  await leave.click();
  await at.page.getByRole('dialog').waitFor();
  await at.page.keyboard.press('Escape');
  await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(at.mock.sent.length, 0);
  await leave.click();
  await at.page.getByRole('button', { name: 'Leave', exact: true }).click();
  await at.page.getByText('You are not in #halley.').waitFor();
  await open('#cpp');
});
