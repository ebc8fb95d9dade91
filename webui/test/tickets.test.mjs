// Links for those who have no login, in Chromium: a new password, an invitation; and how administrators make them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, openPage, start } from './browser.mjs';

const button = (name, within = at.page) => within.getByRole('button', { name, exact: true });
const field = (name) => at.page.getByLabel(name, { exact: true });

async function follow(hash, options = {}) {
  await openPage(options);
  await at.page.goto(`${at.mock.url}${hash}`);
}

async function choose(password) {
  await field('New password').fill(password);
  await field('Once more').fill(password);
}

test('an invitation: name and password are chosen, the code leaves the address, the first network is next', async () => {
  at.mock.world.networks = {};
  await follow('#invite=invite-1');
  await at.page.getByRole('heading', { name: 'Welcome to Halley' }).waitFor();
  assert.equal(await at.page.evaluate(() => window.location.hash), '');
  assert.deepEqual(await faults(), []);
  await field('User name').fill('taken');
  await choose('six or more');
  await button('Become a user').click();
  await at.page.getByRole('alert').filter({ hasText: 'choose another name' }).waitFor();
  await field('User name').fill('eve');
  await field('Once more').fill('another');
  await button('Become a user').click();
  await at.page.getByRole('alert').filter({ hasText: 'not the same' }).waitFor();
  await choose('six or more');
  await button('Become a user').click();
  await at.page.getByRole('heading', { name: 'Where to?' }).waitFor();
  assert.deepEqual(at.mock.tickets.asked.map(([path, { code, username, password }]) => `${path} ${code} ${username} ${password}`), [
    '/api/register invite-1 taken six or more',
    '/api/register invite-1 eve six or more',
  ]);
  assert.ok(!at.mock.requests.some((line) => line.includes('invite-1')), 'no address names the code');
});

test('a new password by a link, in German; used once, it says so, and the way to the login is there', async () => {
  await follow('#reset=reset-1', { locale: 'de-DE' });
  await at.page.getByRole('heading', { name: 'Ein neues Passwort' }).waitFor();
  assert.deepEqual(await faults(), []);
  await field('Neues Passwort').fill('sechs und mehr');
  await field('Noch einmal').fill('sechs und mehr');
  await button('Passwort setzen').click();
  await at.page.locator('#messages').waitFor();
  // In the same tab, while somebody is in, and what is open takes the address before the page hears of it.
  await at.page.evaluate(() => {
    const { hash } = window.location;
    window.location.hash = '#reset=reset-1';
    window.history.replaceState(null, '', hash);
  });
  await field('Neues Passwort').fill('sechs und mehr');
  await field('Noch einmal').fill('sechs und mehr');
  await button('Passwort setzen').click();
  await at.page.getByRole('alert').filter({ hasText: 'Dieser Link nützt nichts mehr' }).waitFor();
  await button('Ich habe einen Zugang').click();
  await at.page.locator('#messages').waitFor();
});

test('administrators make both, see each link once, and take invitations back', async () => {
  at.mock.tickets.admin = true;
  await start();
  await button('Settings').click();
  await at.page.getByRole('menuitem', { name: /^Devices/ }).click();
  await button('Users of this Halley').click();
  await button('What can be done about bob').click();
  await at.page.getByRole('menuitem', { name: 'Link for a new password' }).click();
  await at.page.getByText(`${at.mock.url}#reset=reset-of-bob`).waitFor();
  await field('For whom (only you see it)').fill('friends of #halley');
  await field('How many may register').fill('3');
  await button('Make an invitation').click();
  await at.page.getByText(`${at.mock.url}#invite=invite-made`).waitFor();
  await at.page.getByText('for 3 users').waitFor();
  assert.deepEqual(await faults(), []);
  await button('Revoke friends of #halley').click();
  await at.page.getByText('for 3 users').waitFor({ state: 'detached' });
  assert.equal(await at.page.getByText('#invite=invite-made').count(), 0);
});
