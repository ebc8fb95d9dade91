// People and channels in Chromium: the card of somebody, what a rank allows, the channel's dialog, and the list's order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, message, start, until, untilTrue } from './browser.mjs';
import { seedTalk } from './mock-network.mjs';

const sent = () => at.mock.sent.map(({ line }) => line).filter((line) => !line.startsWith('WHOIS'));

async function card(nick) {
  await at.page.locator(`.member [data-nick="${nick}"]`).click();
  const dialog = at.page.getByRole('dialog', { name: nick, exact: true });
  await dialog.waitFor();
  return dialog;
}

async function menuOf(buffer) {
  await at.page.locator(`[data-buffer="libera/${buffer}"]`).click({ button: 'right' });
  const menu = at.page.getByRole('menu');
  await menu.waitFor();
  return menu;
}

test('a card tells who somebody is, where both are, and what one’s rank allows', async () => {
  await start();
  const vera = await card('vera');
  await vera.getByText('vera the astronomer').waitFor();
  await vera.getByRole('button', { name: '#cpp' }).waitFor();
  assert.deepEqual(await vera.locator('.deed').allTextContents(), ['Talk in private', 'Ignore', 'Unmake operator', 'Give voice', 'Kick…', 'Ban…']);
  assert.equal(await at.page.locator('.note').count(), 0, 'the answer is for the card alone');
  await vera.getByRole('button', { name: 'Give voice' }).click();
  await until(() => sent().includes('MODE #halley +v vera'));
  await at.page.keyboard.press('Escape');
  const other = await card('tycho');
  await other.getByText('tycho the astronomer').waitFor();
  await other.getByRole('button', { name: 'Ban…' }).click();
  await at.page.getByText('*!*@host.example may not join again').waitFor();
  await at.page.getByRole('button', { name: 'Ban', exact: true }).click();
  await until(() => sent().includes('KICK #halley tycho'));
  assert.ok(sent().includes('MODE #halley +b *!*@host.example'));
});

test('without a rank nothing of it is offered', async () => {
  await start({}, '#astronomy');
  const someone = await card('caroline');
  await someone.getByText('caroline the astronomer').waitFor();
  assert.deepEqual(await someone.locator('.deed').allTextContents(), ['Talk in private', 'Ignore']);
  await someone.getByRole('button', { name: 'Talk in private' }).click();
  await at.page.getByRole('heading', { name: 'caroline' }).waitFor();
});

test('topic, modes, bans and invitations of a channel', async () => {
  await start();
  const menu = await menuOf('#halley');
  await menu.getByRole('menuitem', { name: 'Topic, modes and bans…' }).click();
  const dialog = at.page.getByRole('dialog', { name: '#halley' });
  await dialog.getByLabel('Topic').last().fill('Ice and dust');
  await dialog.getByRole('button', { name: 'Set topic' }).click();
  await at.page.locator('.topic', { hasText: 'Ice and dust' }).waitFor();
  await dialog.getByRole('button', { name: 'Modes' }).click();
  const moderated = dialog.getByLabel(/Only voices and operators may speak/);
  await moderated.check();
  await dialog.getByLabel('Key to join').fill('tail');
  await dialog.getByRole('button', { name: 'Set modes' }).click();
  await until(() => sent().includes('MODE #halley +m+k tail'));
  await at.page.waitForFunction(() => document.querySelector('.check input:checked + span')?.textContent.includes('voices'));
  await dialog.getByRole('button', { name: 'Bans', exact: true }).click();
  await dialog.getByText('Nobody.').waitFor();
  await dialog.getByLabel('Add to Bans').fill('troll');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByText('troll!*@*').waitFor();
  assert.deepEqual(await faults(), []);
  await dialog.getByRole('button', { name: 'Remove troll!*@*' }).click();
  await dialog.getByText('Nobody.').waitFor();
  await dialog.getByRole('button', { name: 'Invite' }).first().click();
  await dialog.getByLabel('Nick to invite').fill('hubble');
  await dialog.getByLabel('Nick to invite').press('Enter');
  await until(() => sent().includes('INVITE hubble #halley'));
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('pinned stands first, muted tells only what calls, and both are kept', async () => {
  await start();
  const names = () => at.page.locator('.network').first().locator('.buffer-link .name').allTextContents();
  assert.deepEqual(await names(), ['astronomy', 'cpp', 'halley', 'quiet']);
  await (await menuOf('#quiet')).getByRole('menuitem', { name: 'Pin to the top' }).click();
  await at.page.locator('[data-buffer="libera/#quiet"] .mark[title="Pinned"]').waitFor();
  await (await menuOf('#cpp')).getByRole('menuitem', { name: 'Move up' }).click();
  await at.page.waitForFunction(() => document.querySelectorAll('.network .buffer-link .name')[1].textContent === 'cpp');
  await (await menuOf('#cpp')).getByRole('menuitem', { name: 'Mute', exact: true }).click();
  await at.page.locator('[data-buffer="libera/#cpp"] .mark[title="Muted"]').waitFor();
  at.mock.say('libera', '#cpp', 'vera', 'just talk');
  at.mock.say('libera', '#astronomy', 'vera', 'other talk');
  await at.page.locator('[data-buffer="libera/#astronomy"] .badge').waitFor();
  assert.equal(await at.page.locator('[data-buffer="libera/#cpp"] .badge').count(), 0);
  assert.equal(await at.page.title(), '(1) #halley · Halley');
  at.mock.say('libera', '#cpp', 'vera', 'ada: come here');
  await at.page.locator('[data-buffer="libera/#cpp"] .badge.loud', { hasText: '1' }).waitFor();
  await at.page.reload();
  await at.page.locator('[data-buffer="libera/#cpp"] .badge.loud').waitFor();
  await at.page.locator('[data-buffer="libera/#quiet"] .mark[title="Pinned"]').waitFor();
  assert.deepEqual(await names(), ['quiet', 'cpp', 'astronomy', 'halley']);
  const elsewhere = await at.browser.newContext();
  await elsewhere.addCookies(await at.context.cookies());
  const other = await elsewhere.newPage();
  await other.goto(at.mock.url);
  await other.locator('[data-buffer="libera/#cpp"] .mark[title="Muted"]').waitFor();
  await (await menuOf('#cpp')).getByRole('menuitem', { name: 'Unmute' }).click();
  await other.locator('[data-buffer="libera/#cpp"] .mark[title="Muted"]').waitFor({ state: 'detached' });
  await elsewhere.close();
});

test('what is set for a channel is changed in a dialog', async () => {
  await start();
  await (await menuOf('#cpp')).getByRole('menuitem', { name: 'More settings…' }).click();
  const dialog = at.page.getByRole('dialog', { name: 'Settings of #cpp' });
  await dialog.getByLabel('Announce').selectOption('all');
  await dialog.getByLabel(/^Detached/).check();
  await dialog.getByLabel(/^Keep its lines/).fill('30');
  assert.deepEqual(await faults(), []);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await at.page.locator('[data-buffer="libera/#cpp"].parted').waitFor();
  await until(() => at.mock.buffers.get('libera')?.get('#cpp')?.detached === true);
  const { notify, detached, retention, muted } = at.mock.buffers.get('libera').get('#cpp');
  assert.deepEqual({ notify, detached, retention, muted }, { notify: 'all', detached: true, retention: 30, muted: false });
});

test('a network is folded away: what is open or new in it still shows', async () => {
  await start();
  const names = () => at.page.locator('.network').first().locator('.buffer-link .name').allTextContents();
  const fold = at.page.getByRole('button', { name: 'Channels of libera' });
  await fold.click();
  await at.page.waitForFunction(() => document.querySelectorAll('.network .buffer-link').length < 4);
  assert.deepEqual(await names(), ['halley']);
  assert.equal(await fold.getAttribute('aria-expanded'), 'false');
  at.mock.say('libera', '#cpp', 'vera', 'anybody here?');
  await at.page.locator('[data-buffer="libera/#cpp"]').waitFor();
  await at.page.reload();
  await at.page.getByRole('button', { name: 'Channels of libera' }).and(at.page.locator('[aria-expanded="false"]')).waitFor();
  await at.page.getByRole('button', { name: 'Channels of libera' }).click();
  await at.page.locator('[data-buffer="libera/#astronomy"]').waitFor();
});

test('a menu is used by keys alone, and gives the focus back', async () => {
  await start();
  const more = at.page.getByRole('button', { name: 'More about #halley' });
  await more.focus();
  await at.page.keyboard.press('Enter');
  await at.page.getByRole('menu').waitFor();
  await at.page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'menuitem');
  assert.deepEqual(await faults(), []);
  await at.page.keyboard.press('ArrowUp');
  await at.page.waitForFunction(() => document.activeElement?.textContent === 'Leave…');
  await at.page.keyboard.press('Escape');
  await at.page.getByRole('menu').waitFor({ state: 'detached' });
  assert.equal(await more.evaluate((button) => button === document.activeElement), true);
});

test('members are found by a part of their name', async () => {
  await start();
  await at.page.getByRole('searchbox', { name: 'Filter members' }).fill('CO');
  await at.page.waitForFunction(() => document.querySelectorAll('.member').length === 1);
  assert.equal(await at.page.locator('.member').textContent(), 'copernicus');
});

test('what a card asked is for that card alone, in other tabs too', async () => {
  await start();
  const other = await at.scene.tab();
  await other.locator('[data-buffer="libera/"]').click();
  await other.getByRole('heading', { name: 'libera', exact: true }).waitFor();
  const vera = await card('vera');
  await vera.getByText('vera the astronomer').waitFor();
  at.mock.tell('libera', ':irc.example NOTICE ada :and then');
  await other.locator('.row.notice', { hasText: 'and then' }).waitFor();
  assert.equal(await other.locator('.note', { hasText: 'astronomer' }).count(), 0);
});

for (const colorScheme of ['light', 'dark']) {
  for (const viewport of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test(`axe-core finds nothing about people: ${colorScheme}, ${viewport.width} wide`, async () => {
      await start({ colorScheme, viewport });
      at.mock.say('libera', '#halley', 'vera', 'hello');
      await message('hello').waitFor();
      await at.page.locator('.row [data-nick="vera"]').click();
      await at.page.getByText('vera the astronomer').waitFor();
      assert.deepEqual(await faults(), []);
      const box = await at.page.locator('.nick-card').boundingBox();
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= viewport.width && box.y + box.height <= viewport.height, JSON.stringify(box));
      await at.page.keyboard.press('Escape');
      await at.page.locator('.nick-card').waitFor({ state: 'detached' });
      await at.page.locator('.composer textarea').fill('/k');
      await at.page.getByRole('listbox', { name: 'Suggestions' }).waitFor();
      assert.deepEqual(await faults(), []);
    });
  }
}

test('a nick has one colour in the talk and in the list of members, whoever is told apart from whom', async () => {
  seedTalk(at.mock);
  await start();
  await at.page.locator('.row.talk').first().waitFor();
  const apart = () => at.page.evaluate(() => {
    const inks = (name, text) => new Map([...document.querySelectorAll(name)].map((each) => [text(each), each.style.getPropertyValue('--l')]));
    const talk = inks('.row .nick', (each) => each.dataset.nick);
    const list = inks('.member-nick', (each) => each.textContent);
    return [...talk].filter(([nick, ink]) => list.has(nick) && list.get(nick) !== ink).map(([nick]) => nick);
  });
  await untilTrue(at.page, () => document.querySelectorAll('.row.talk').length > 40);
  assert.deepEqual(await apart(), []);
});
