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
    await field().fill(Array.from({ length: 25 }, (_, n) => `waiting ${i} ${n}`).join('\n'));
    await at.page.getByRole('button', { name: 'Send line by line' }).click();
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
  assert.deepEqual(at.mock.sent.map((each) => each.line), [`@halley/multiline PRIVMSG #halley :${Array.from({ length: 20 }, (_, i) => `item ${i}`).join('\u2028')}`]);
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

test('commands are offered with their help as one types; Tab and Enter take one, Escape none', async () => {
  await start();
  await field().pressSequentially('/ki');
  const offered = at.page.getByRole('listbox', { name: 'Suggestions' });
  await offered.getByRole('option', { name: /\/kick .* removes somebody$/ }).waitFor();
  await field().press('ArrowDown');
  await offered.locator('[aria-selected="true"]', { hasText: '/kick' }).waitFor();
  await field().press('Enter');
  await at.page.getByText('/kick [#CHANNEL] NICK [REASON] – removes somebody').waitFor();
  assert.equal(await field().inputValue(), '/kick ');
  await field().fill('/vo');
  await offered.getByRole('option', { name: /gives voice/ }).waitFor();
  await field().press('Tab');
  assert.equal(await field().inputValue(), '/voice ');
  await field().fill('hello @ver');
  await offered.getByRole('option', { name: 'vera' }).click();
  assert.equal(await field().inputValue(), 'hello vera ');
  await field().pressSequentially(':comet');
  await offered.getByRole('option', { name: /:comet:/ }).waitFor();
  await field().press('Tab');
  assert.equal(await field().inputValue(), 'hello vera ☄️ ');
  await field().pressSequentially('#hal');
  await offered.waitFor();
  await field().press('Escape');
  await offered.waitFor({ state: 'detached' });
  await field().press('Enter');
  await message('hello vera ☄️ #hal').waitFor();
  assert.equal(at.mock.sent.length, 1);
});

test('several pasted lines are counted, and can be made one', async () => {
  await start();
  await field().evaluate((area) => {
    area.focus();
    document.execCommand('insertText', false, 'one\ntwo\n\nthree');
  });
  await at.page.getByText('3 lines: one message where the network takes it, else a message each.').waitFor();
  await at.page.locator('.counter', { hasText: '3 messages' }).waitFor();
  await at.page.getByRole('button', { name: 'Make it one line' }).click();
  await at.page.getByText('3 lines:').waitFor({ state: 'detached' });
  assert.equal(await field().inputValue(), 'one two three');
  await field().fill(Array.from({ length: 8 }, (_, i) => `item ${i}`).join('\n'));
  await field().press('Enter');
  await at.page.getByRole('dialog').getByRole('button', { name: 'Make it one line' }).click();
  await at.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await field().inputValue(), 'item 0 item 1 item 2 item 3 item 4 item 5 item 6 item 7');
  assert.equal(at.mock.sent.length, 0);
});

test('several lines are one message where the network takes it, which the page learns; else, or when asked, line by line', async () => {
  await start();
  const rows = (text) => at.page.locator('.row.talk:not(.pending)', { hasText: text });
  await say('first\n\n  second');
  await rows('second').waitFor();
  assert.equal(at.mock.sent[0].line, '@halley/multiline PRIVMSG #halley :first\u2028\u2028  second');
  await at.page.locator('.row.pending').waitFor({ state: 'detached' });
  assert.equal(await rows('first').filter({ hasText: 'second' }).count(), 0, 'two messages, as this network takes them');
  at.mock.world.networks.libera.multiline = true;
  await say('third\nfourth');
  await rows('third').filter({ hasText: 'fourth' }).waitFor();
  await at.page.locator('.row.pending').waitFor({ state: 'detached' });
  await field().fill(Array.from({ length: 9 }, (_, i) => `item ${i}`).join('\n'));
  await at.page.getByText('9 lines: one message.').waitFor();
  assert.equal(await at.page.locator('.counter').count(), 0);
  await field().press('Enter');
  await rows('item 0').filter({ hasText: 'item 8' }).waitFor();
  await field().fill('apart 1\napart 2');
  await at.page.getByRole('button', { name: 'Send line by line' }).click();
  await rows('apart 2').waitFor();
  assert.deepEqual(at.mock.sent.slice(-2).map(({ line }) => line), ['PRIVMSG #halley :apart 1', 'PRIVMSG #halley :apart 2']);
});

test('where many lines were the field is one line high again, also on a phone', async () => {
  await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const height = () => field().evaluate((area) => area.offsetHeight);
  const before = await height();
  await field().fill(Array.from({ length: 9 }, (_, i) => `item ${i}`).join('\n'));
  await at.page.locator('.counter').waitFor();
  assert.ok((await height()) > 4 * before);
  await field().fill('');
  await at.page.locator('.counter').waitFor({ state: 'detached' });
  assert.equal(await height(), before);
});

test('what is chosen is made bold by keys, and shown as it will look', async () => {
  await start();
  await field().fill('clear skies');
  await field().evaluate((area) => area.setSelectionRange(0, 5));
  await field().press('Control+b');
  await at.page.locator('.preview .t-bold', { hasText: 'clear' }).waitFor();
  await field().press('Enter');
  await until(() => at.mock.sent.length === 1);
  assert.equal(at.mock.sent[0].line, 'PRIVMSG #halley :\x02clear\x02 skies');
  await at.page.locator('.preview').waitFor({ state: 'detached' });
});

test('who is ignored is neither seen nor counted, on no device, until that is taken back', async () => {
  await start();
  at.mock.say('libera', '#halley', 'tycho', 'ada: spam');
  await message('ada: spam').waitFor();
  await say('/ignore tycho');
  await at.page.locator('.toast', { hasText: 'on any device' }).waitFor();
  await message('ada: spam').waitFor({ state: 'detached' });
  await open('#cpp');
  at.mock.say('libera', '#halley', 'tycho', 'ada: more spam');
  at.mock.say('libera', '#halley', 'vera', 'no spam');
  await at.page.locator('[data-buffer="libera/#halley"] .badge:not(.loud)', { hasText: '1' }).waitFor();
  await at.page.reload();
  await at.page.locator('[data-buffer="libera/#halley"]').waitFor();
  await at.scene.attached();
  await open('#halley');
  await message('no spam').waitFor();
  assert.equal(await message('more spam').count(), 0);
  await say('/unignore tycho');
  await message('ada: spam').waitFor();
  assert.equal(await message('more spam').count(), 0, 'Halley kept nothing of it');
});

test('/clear empties the page and stays so; older lines come when asked for', async () => {
  for (let i = 1; i <= 120; i += 1) at.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await start();
  await message('line 120').waitFor();
  await say('/clear');
  const older = at.page.getByRole('button', { name: 'Show older lines' });
  await older.waitFor();
  at.mock.say('libera', '#halley', 'vera', 'line 121');
  await message('line 121').waitFor();
  assert.equal(await at.page.locator('.row.talk').count(), 1);
  await older.click();
  await message('line 120').waitFor();
  await at.page.waitForFunction(() => document.querySelectorAll('.row.talk').length > 20);
});
