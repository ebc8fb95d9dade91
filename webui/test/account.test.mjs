// Networks and the account, in Chromium: the first network, settings, devices with their codes, logins, the password.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, openPage, start, until } from './browser.mjs';

const dialog = (name) => at.page.getByRole('dialog', { name });
const button = (name, within = at.page) => within.getByRole('button', { name, exact: true });

test('who has no network chooses one of those that people know, and ends in its channel', async () => {
  at.mock.world.networks = {};
  await openPage();
  await at.scene.logIn();
  await at.page.getByRole('heading', { name: 'Where to?' }).waitFor();
  await at.page.getByLabel('Network', { exact: true }).selectOption({ label: 'hackint' });
  await at.page.getByLabel('Nick').fill('ada_l');
  await at.scene.attached();
  assert.deepEqual(await faults(), []);
  await button('Add network').click();
  await at.page.getByRole('heading', { name: '#hackint', exact: true }).waitFor();
  assert.deepEqual(at.mock.account, ["network add hackint ircs://irc.hackint.org nick=ada_l join=#hackint"]);
});

test('another network, with an account: what is wrong is said, nothing typed is lost', async () => {
  await start();
  await button('Add a network…').click();
  const box = dialog('Add a network');
  await box.getByLabel('Network', { exact: true }).selectOption({ label: 'Another one' });
  await box.getByLabel(/^Name/).fill('libera');
  await box.getByLabel('Address').fill('irc://irc.example.org');
  await box.getByText('not encrypted').waitFor();
  await box.getByText('Account on this network').click();
  await box.getByLabel('Account', { exact: true }).fill('ada');
  await box.getByLabel(/^Password/).fill("it's a secret");
  await button('Add network', box).click();
  await box.getByRole('alert').filter({ hasText: 'libera already' }).waitFor();
  await box.getByLabel(/^Name/).fill('example');
  await button('Add network', box).click();
  await at.page.locator('[data-buffer="example/"]').waitFor();
  assert.equal(at.mock.account[1], "network add example irc://irc.example.org nick=ada sasl=plain:ada sasl-password='it'\\''s a secret'");
  assert.ok(!(await at.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes('a secret'));
});

test('login on a network by certificate: what the network is to be told is shown; SCRAM stays SCRAM', async () => {
  await start();
  await button('Add a network…').click();
  const box = dialog('Add a network');
  await box.getByText('Account on this network').click();
  await box.getByLabel('Log in there').selectOption({ label: 'By certificate' });
  await box.getByText('Halley makes a certificate').waitFor();
  await box.getByLabel('Network', { exact: true }).selectOption({ label: 'OFTC' });
  await box.getByLabel('Network', { exact: true }).selectOption({ label: 'hackint' });
  await button('Add network', box).click();
  const shown = dialog('Settings of hackint');
  await shown.getByText('/msg NickServ CERT ADD ab12cd').waitFor();
  assert.equal(at.mock.account[0], 'network add hackint ircs://irc.hackint.org nick=ada sasl=external join=#hackint');
  assert.deepEqual(await faults(), []);
  await shown.getByLabel('Log in there').selectOption({ label: 'By password, which is not sent (SCRAM)' });
  await shown.getByLabel('Account', { exact: true }).fill('ada:x');
  await shown.getByLabel(/^Password/).fill('secret');
  await button('Save', shown).click();
  await shown.waitFor({ state: 'detached' });
  await at.page.locator('[data-buffer="hackint/"]').click({ button: 'right' });
  await at.page.getByRole('menuitem', { name: 'Settings of the network…' }).click();
  assert.equal(await shown.getByLabel('Account', { exact: true }).inputValue(), 'ada:x');
  await button('Save', shown).click();
  await shown.waitFor({ state: 'detached' });
  assert.match(at.mock.account.at(-1), /sasl=scram:ada:x$/);
});

test('a network is changed, disconnected, and removed when one is sure', async () => {
  await start();
  const menu = async (item) => {
    await at.page.locator('[data-buffer="oftc/"]').click({ button: 'right' });
    await at.page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await menu('Settings of the network…');
  const box = dialog('Settings of oftc');
  await box.getByLabel('Nick').fill('lovelace');
  await button('Save', box).click();
  await box.waitFor({ state: 'detached' });
  assert.match(at.mock.account[1], /^network set oftc url=ircs:\/\/oftc.example nick=lovelace/);
  await menu('Disconnect');
  await at.page.getByRole('region', { name: 'oftc, off' }).waitFor();
  await menu('Connect');
  await at.page.getByRole('region', { name: 'oftc, connected' }).waitFor();
  await menu('Remove network…');
  await button('Keep').click();
  assert.ok(!at.mock.account.includes('network remove oftc --yes'));
  await menu('Remove network…');
  await button('Remove for good').click();
  await at.page.locator('[data-buffer="oftc/"]').waitFor({ state: 'detached' });
});

async function account(tab) {
  await button('Settings').click();
  await at.page.getByRole('menuitem', { name: 'Devices, notices, password…' }).click();
  const box = dialog('Account of ada');
  await box.waitFor();
  if (tab !== '') await button(tab, box).click();
  return box;
}

test('a device gets a token, which is shown once, with a code for a phone; another one is revoked', async () => {
  await start();
  const box = await account('');
  await box.getByLabel('Name of the device').fill('phone');
  await button('Make a token', box).click();
  await box.getByText('halley_0123456789abcdef').waitFor();
  await box.getByRole('img', { name: /code for a phone/ }).waitFor();
  assert.equal(await box.getByRole('link').getAttribute('href'), 'ircs://ada%40phone:halley_0123456789abcdef@127.0.0.1:6697');
  assert.deepEqual(await faults(), []);
  // Halley knows at which address its clients reach it, if it was told.
  at.mock.ircHost = 'irc.example.org:7000';
  await box.getByLabel('Name of the device').fill('tablet');
  await button('Make a token', box).click();
  await box.getByRole('region', { name: 'Token of tablet' }).waitFor();
  assert.equal(await box.getByRole('link').getAttribute('href'), 'ircs://ada%40tablet:halley_0123456789abcde10@irc.example.org:7000');
  await button('Rename tablet', box).click();
  const next = box.getByLabel('New name of tablet');
  await next.fill('laptop');
  await button('Save', box).click();
  await box.getByText('ada has a device laptop already').waitFor();
  await next.fill('slate');
  await button('Save', box).click();
  await button('Revoke slate', box).waitFor();
  await box.getByText('ada has a device laptop already').waitFor({ state: 'detached' });
  assert.deepEqual(await faults(), []);
  await button('Revoke laptop', box).click();
  await button('Revoke', at.page.getByRole('dialog', { name: 'Revoke laptop?' })).click();
  await button('Revoke laptop', box).waitFor({ state: 'detached' });
  assert.ok(at.mock.account.includes('device revoke laptop --yes'));
});

test('logins are ended; a new password needs the current one, and leaves this page logged in', async () => {
  await start();
  let box = await account('Web logins');
  await box.getByText('Firefox on Linux').waitFor();
  await button('End login 7', box).click();
  await until(() => at.mock.webLogins.length === 0);
  await button('Password', box).click();
  await box.getByLabel('Current password').fill('babbage');
  await box.getByLabel('New password').fill('123456');
  await box.getByLabel('Once more').fill('123457');
  await button('Change password', box).click();
  await box.getByRole('alert').filter({ hasText: 'not the same' }).waitFor();
  await box.getByLabel('Once more').fill('123456');
  await button('Change password', box).click();
  await box.getByRole('alert').filter({ hasText: 'current password is wrong' }).waitFor();
  await box.getByLabel('Current password').fill('lovelace');
  await button('Change password', box).click();
  await box.waitFor({ state: 'detached' });
  await at.scene.attached();
  assert.deepEqual(at.mock.passwords, ['123456']);
});

test('logging out on a phone', async () => {
  await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await at.page.getByRole('button', { name: /^Channels/ }).click();
  await button('Log out').click();
  await at.page.getByText('You are logged out').waitFor();
});

test('rules: what calls besides the nick, and what is not heard', async () => {
  await start();
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menuitem', { name: 'Devices, notices, password…' }).click();
  const dialog = at.page.getByRole('dialog', { name: 'Account of ada' });
  await dialog.getByRole('button', { name: 'Rules' }).click();
  await dialog.getByText('No rules yet.').waitFor();
  await dialog.getByLabel('Pattern').fill('comet');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.locator('code', { hasText: 'comet' }).waitFor();
  assert.deepEqual(at.mock.kept_rules.map(({ kind, match, pattern }) => [kind, match, pattern]), [['highlight', 'word', 'comet']]);
  assert.deepEqual(await faults(), []);
  await dialog.getByRole('button', { name: 'Close' }).click();
  at.mock.say('libera', '#halley', 'vera', 'a comet, at last');
  await at.page.locator('.row.highlight', { hasText: 'a comet, at last' }).waitFor();
  await at.page.reload();
  await at.page.locator('.row.highlight', { hasText: 'a comet, at last' }).waitFor();
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menuitem', { name: 'Devices, notices, password…' }).click();
  await dialog.getByRole('button', { name: 'Rules' }).click();
  await dialog.getByRole('button', { name: 'Remove comet' }).click();
  await dialog.getByText('No rules yet.').waitFor();
});

test('how news come to this browser is told, and why so', async () => {
  const look = async () => {
    await button('Settings').click();
    await at.page.getByRole('menuitem', { name: /^Devices/ }).click();
    await button('Connection').click();
    await at.page.getByText(/^\d+ ms$/).waitFor();
    await at.page.getByText('9.9.9').waitFor();
    return at.page.locator('.facts').innerText();
  };
  await start();
  assert.match(await look(), /connected[^]*a WebSocket\n[^]*quickest[^]*one for all tabs/);
  assert.deepEqual(await faults(), []);
  await at.page.evaluate(() => localStorage.setItem('halley.carrier', `poll ${Date.now()}`));
  await at.page.reload();
  await at.page.locator('#messages').waitFor();
  await until(() => at.mock.polls.size > 0);
  assert.match(await look(), /one request after the other\n[^]*On an earlier visit/);

  at.mock.rules.refuseUpgrades = true;
  await button('Try the others now').click();
  await at.page.getByText('a stream', { exact: true }).waitFor();
  assert.match(await at.page.locator('.facts').innerText(), /Today, \d\d:\d\d, a WebSocket: no connection came about/);
  assert.deepEqual(await faults(), []);
  await at.page.reload();
  await at.page.locator('#messages').waitFor();
  await at.scene.attached();
  assert.match(await look(), /a stream\n[^]*Today, \d\d:\d\d, a WebSocket: no connection came about/, 'it is kept');
  at.mock.rules.refuseUpgrades = false;
  await button('Try the others now').click();
  await at.page.getByText('a WebSocket', { exact: true }).waitFor();
  assert.match(await at.page.locator('.facts').innerText(), /quickest/);
});
