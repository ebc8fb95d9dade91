// What people do about their account in the browser, against the finished program: the first network, a device, logins of
// other browsers, what waits for a network that is away, and what administrators do about others.
import assert from 'node:assert/strict';

import { login } from './lib/events.mjs';
import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { ircds } from './lib/ircds.mjs';
import { Browser } from './lib/page.mjs';
import { CHANNEL, PASSWORD } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

const OTHERS = 'staple-battery';

class Account {
  constructor(page) {
    this.tab = page.tab;
  }

  button(name, within = this.tab) {
    return within.getByRole('button', { name, exact: true });
  }

  // The dialog of the account, at one of its parts.
  async open(part) {
    await this.button('Settings').click();
    await this.tab.getByRole('menuitem', { name: /^Devices, notices, password/ }).click();
    const box = this.tab.getByRole('dialog', { name: /^Account of/ });
    await this.button(part, box).click();
    return box;
  }

  close(box) {
    return this.button('Close', box).click();
  }
}

async function logIn(browser, origin, user, password) {
  const page = await browser.visit(origin);
  await page.tab.getByLabel('User name').fill(user);
  await page.tab.getByLabel('Password').fill(password);
  await page.tab.getByRole('button', { name: 'Log in' }).click();
  return page;
}

async function raise(stage) {
  const ircd = await ircds.ngircd(stage);
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.must(['user', 'add', 'kit', '--admin', '--password-stdin'], `${PASSWORD}\n`);
  const page = await logIn(await Browser.open(stage), halley.origin, 'kit', PASSWORD);
  return { ircd, halley, page, account: new Account(page) };
}

async function addFirstNetwork({ tab }, ircd) {
  await tab.getByRole('heading', { name: 'Where to?' }).waitFor();
  await tab.getByLabel('Network', { exact: true }).selectOption({ label: 'Another one' });
  await tab.getByLabel(/^Name/).fill('real');
  await tab.getByLabel('Address').fill(ircd.url);
  await tab.getByLabel(/^Channel to join/).fill(CHANNEL);
  await tab.getByRole('button', { name: 'Add network' }).click();
  await tab.getByRole('main', { name: CHANNEL }).waitFor();
}

scene('by the page: the first network, a device with a token that lets in, and the login of another browser ended', {}, async (stage) => {
  const { ircd, halley, page, account } = await raise(stage);
  await addFirstNetwork(page, ircd);

  const box = await account.open('Devices');
  await box.getByLabel('Name of the device').fill('phone');
  await account.button('Make a token', box).click();
  const token = await box.getByRole('region', { name: 'Token of phone' }).locator('code').innerText();
  const phone = await IrcClient.connect(stage, 'phone', halley.ircPort);
  await phone.register('kit', { password: `kit/real:${token}` });
  await account.button('Revoke phone', box).click();
  await account.button('Revoke', account.tab.getByRole('dialog', { name: 'Revoke phone?' })).click();
  await account.button('Revoke phone', box).waitFor({ state: 'detached' });
  assert.deepEqual(JSON.parse((await halley.must(['device', 'list', 'kit', '--json'])).stdout).filter(({ name }) => name === 'phone'), []);
  await account.close(box);

  const second = await logIn(await Browser.open(stage), halley.origin, 'kit', PASSWORD);
  await second.sidebar().waitFor();
  const [other] = JSON.parse((await halley.must(['session', 'list', 'kit', '--json'])).stdout).map(({ id }) => Number(id)).sort((a, b) => b - a);
  const logins = await account.open('Web logins');
  await account.button(`End login ${other}`, logins).click();
  await second.tab.getByText('Your login has ended').waitFor();
  await account.button(`End login ${other}`, logins).waitFor({ state: 'detached' });
  await account.close(logins);
  await halley.stop();
});

scene('by the page: what is said while the network is away waits at Halley, and is heard once, though the page is gone', {}, async (stage) => {
  const { ircd, halley, page, account } = await raise(stage);
  await addFirstNetwork(page, ircd);
  await ircd.stop();
  await page.tab.getByRole('status').filter({ hasText: 'real is not connected' }).waitFor();
  await page.say('heard when it is back');
  await page.say('on second thoughts not');
  await account.button(/^Not sent yet/).click();
  const waiting = page.tab.getByRole('main', { name: 'Not sent yet' }).getByRole('listitem');
  await waiting.nth(1).waitFor();
  await waiting.filter({ hasText: 'on second thoughts' }).getByRole('button', { name: /^Discard/ }).click();
  await waiting.nth(1).waitFor({ state: 'detached' });
  await page.leave();
  assert.match((await halley.must(['outbox', 'kit'])).said, /heard when it is back/);

  // Whoever is to hear it is there before Halley is back.
  await halley.must(['network', 'disconnect', 'kit', 'real']);
  await ircd.start();
  const speaker = await IrcClient.connect(stage, 'speaker', ircd.port);
  await speaker.register('speaker');
  await speaker.join(CHANNEL);
  await halley.must(['network', 'connect', 'kit', 'real']);
  await speaker.until(/^:kit!\S+ PRIVMSG #comet :heard when it is back/);
  assert.equal(speaker.said.matching(/PRIVMSG/).length, 1);
  await halley.stop();
});

scene('by the page: an administrator adds somebody, gives them a new password, locks them out and in, and removes them', {}, async (stage) => {
  const { ircd, halley, page, account } = await raise(stage);
  await addFirstNetwork(page, ircd);
  await account.button('Users of this Halley', await account.open('Devices')).click();
  const place = page.tab.getByRole('main', { name: 'Users of this Halley' });
  await place.getByLabel('Name of the user').fill('bob');
  await place.getByLabel('Their first password').fill(OTHERS);
  await account.button('Add user', place).click();
  const row = place.getByRole('listitem').filter({ hasText: 'bob' });
  await row.waitFor();
  const status = async (password) => (await login(halley.origin, 'bob', password)).status;
  assert.equal(await status(OTHERS), 204);
  const choose = async (item) => {
    await account.button('What can be done about bob', row).click();
    await page.tab.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await choose('New password…');
  await row.getByLabel('New password of bob').fill('another-horse');
  await account.button('Save', row).click();
  await page.tab.getByText('bob has a new password.').waitFor();
  await choose('How long lines are kept…');
  await row.getByLabel(/^Days that lines of bob/).fill('30');
  await account.button('Save', row).click();
  await row.getByText('lines kept for 30 days').waitFor();
  await choose('Room for files…');
  await row.getByLabel(/^MiB of files that bob/).fill('7');
  await account.button('Save', row).click();
  await row.getByLabel(/^MiB of files that bob/).waitFor({ state: 'detached' });
  assert.equal(JSON.parse((await halley.must(['user', 'show', 'bob', '--json'])).stdout).upload_quota, 7);
  await place.getByLabel('A line to all users').fill('Halley is restarted at eight.');
  await account.button('Say to all', place).click();
  await page.tab.getByText('Said to 2 users.').waitFor();
  assert.deepEqual([await status(OTHERS), await status('another-horse')], [401, 204]);
  await choose('Disable');
  await account.button('Disable', page.tab.getByRole('dialog', { name: 'Disable bob?' })).click();
  await row.getByText('disabled').waitFor();
  assert.equal(await status('another-horse'), 403);
  await choose('Enable');
  await row.getByText('disabled').waitFor({ state: 'detached' });
  await choose('Make administrator');
  await row.getByText('administrator').waitFor();
  await choose('Let log in again');
  await page.tab.getByText(/bob: /).waitFor();
  await account.button('Read configuration and certificates again', place).click();
  await page.tab.getByText('Configuration and certificates are read.').waitFor();
  await choose('Remove…');
  await account.button('Remove for ever', page.tab.getByRole('dialog', { name: 'Remove bob?' })).click();
  await row.waitFor({ state: 'detached' });
  assert.doesNotMatch((await halley.must(['user', 'list'])).said, /bob/);
  await halley.stop();
});

scene('by the page: a file is sent to Halley, fetched by its address, listed and removed; the way that news come is told', {}, async (stage) => {
  const { ircd, halley, page, account } = await raise(stage);
  await addFirstNetwork(page, ircd);
  await page.tab.locator('.composer input[type=file]').setInputFiles({ name: 'sky.txt', mimeType: 'text/plain', buffer: Buffer.from('clear until two') });
  const field = page.tab.locator('.composer textarea');
  await page.tab.waitForFunction(() => / $/.test(document.querySelector('.composer textarea').value));
  const address = (await field.inputValue()).trim();
  assert.equal(await (await fetch(address)).text(), 'clear until two');
  const box = await account.open('Files');
  const name = address.slice(address.lastIndexOf('/') + 1);
  await account.button(`Remove ${name}`, box).click();
  await account.button('Remove for good', page.tab.getByRole('dialog', { name: `Remove ${name}?` })).click();
  await box.getByText('No files yet.').waitFor();
  assert.equal((await fetch(address)).status, 404);
  await account.button('Connection', box).click();
  await box.getByText(/^\d+ ms$/).waitFor();
  await box.getByText('a WebSocket', { exact: true }).waitFor();
  await halley.stop();
});
