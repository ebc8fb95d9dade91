// The page in another language, in Chromium.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, openPage, start } from './browser.mjs';

const german = () => at.mock.requests.filter((request) => /\/de\.\w+\.js/.test(request)).length;

test('a German browser gets a German page; its reader may choose English, and that stays', async () => {
  await openPage({ locale: 'de-DE' });
  await at.page.getByLabel('Benutzername').fill('ada');
  await at.page.getByLabel('Passwort').fill('falsch');
  await at.page.getByRole('button', { name: 'Anmelden' }).click();
  await at.page.getByRole('alert').filter({ hasText: 'Benutzername oder Passwort ist falsch.' }).waitFor();
  await at.page.getByLabel('Passwort').fill('lovelace');
  await at.page.getByRole('button', { name: 'Anmelden' }).click();
  await at.page.getByRole('navigation', { name: 'Netze und Kanäle' }).waitFor();
  assert.equal(await at.page.evaluate(() => document.documentElement.lang), 'de');
  assert.deepEqual(await faults(), []);
  await at.page.getByRole('button', { name: 'Einstellungen' }).click();
  await at.page.getByRole('menuitemradio', { name: 'English' }).click();
  await at.page.getByRole('navigation', { name: 'Networks and channels' }).waitFor();
  await at.page.reload();
  await at.page.getByRole('navigation', { name: 'Networks and channels' }).waitFor();
  assert.equal(german(), 1);
});

test('an English one fetches no German, until it is asked for', async () => {
  await start();
  assert.equal(german(), 0);
  await at.page.locator('.composer textarea').fill('a draft');
  await at.page.getByRole('button', { name: 'Settings' }).click();
  await at.page.getByRole('menuitemradio', { name: 'Deutsch' }).click();
  await at.page.getByRole('navigation', { name: 'Netze und Kanäle' }).waitFor();
  assert.equal(await at.page.locator('.composer textarea').inputValue(), 'a draft');
  assert.equal(german(), 1);
});
