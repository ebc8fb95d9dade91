// A passkey in the browser, against the finished program: Chromium makes it with a device of its own in software, logs in by it,
// and is refused when the device was copied and when the passkey was removed.
import assert from 'node:assert/strict';

import { Halley } from './lib/halley.mjs';
import { Browser } from './lib/page.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

// What signs for the tab, as a phone or laptop does: it keeps passkeys, and has made sure who is there.
class Device {
  static async beside(browser, tab) {
    const session = await browser.context.newCDPSession(tab);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Device(session, authenticatorId);
  }

  constructor(session, authenticatorId) {
    Object.assign(this, { session, authenticatorId });
  }

  async credentials() {
    return (await this.session.send('WebAuthn.getCredentials', { authenticatorId: this.authenticatorId })).credentials;
  }

  // Another of the same key, which does not know how often this one has signed.
  async becomeCopy() {
    const [credential] = await this.credentials();
    await this.session.send('WebAuthn.clearCredentials', { authenticatorId: this.authenticatorId });
    await this.session.send('WebAuthn.addCredential', { authenticatorId: this.authenticatorId, credential: { ...credential, signCount: 0 } });
  }
}

class Visitor {
  // Passkeys are for names, and plain http is for this one: localhost.
  static async at(stage, halley) {
    const browser = await Browser.open(stage);
    const { tab } = await browser.visit(halley.origin.replace('127.0.0.1', 'localhost'));
    return new Visitor(tab, await Device.beside(browser, tab));
  }

  constructor(tab, device) {
    Object.assign(this, { tab, device });
  }

  button(name, within = this.tab) {
    return within.getByRole('button', { name, exact: true });
  }

  async enterByPassword() {
    await this.tab.getByLabel('User name').fill('kit');
    await this.tab.getByLabel('Password').fill(PASSWORD);
    await this.button('Log in').click();
    await this.isIn();
  }

  async isIn() {
    await this.tab.getByRole('heading', { name: 'Where to?' }).waitFor();
  }

  async openPasskeys() {
    await this.button('Settings').click();
    await this.tab.getByRole('menuitem', { name: /^Devices, notices, password/ }).click();
    const box = this.tab.getByRole('dialog', { name: /^Account of kit/ });
    await this.button('Passkeys', box).click();
    return box;
  }

  async add(box, name, password) {
    await box.getByLabel('Name', { exact: true }).fill(name);
    await box.getByLabel('Current password').fill(password);
    await this.button('Add a passkey', box).click();
  }

  async leave(box) {
    await this.button('Log out', box).click();
    await this.button('Use a passkey').waitFor();
  }

  async isRefused(what) {
    await this.button('Use a passkey').click();
    await this.tab.getByRole('alert').filter({ hasText: what }).waitFor();
  }
}

scene('by the page: a passkey is made with the password, logs in, is refused when it was copied, gets another name and is removed', {}, async (stage) => {
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  const visitor = await Visitor.at(stage, halley);
  await visitor.isRefused('Nothing came of it'); // this device has none

  await visitor.enterByPassword();
  let box = await visitor.openPasskeys();
  await box.getByText('No passkey yet.').waitFor();
  await visitor.add(box, 'the laptop', 'not-the-password');
  await box.getByText('The current password is wrong.').waitFor();
  assert.deepEqual(await visitor.device.credentials(), []);
  await visitor.add(box, 'the laptop', PASSWORD);
  await box.getByRole('listitem').filter({ hasText: 'the laptop' }).getByText('localhost · used never').waitFor();
  const [made] = await visitor.device.credentials();
  assert.equal(made.rpId, 'localhost');
  assert.ok(!Buffer.from(made.userHandle, 'base64').includes('kit'));
  await visitor.add(box, 'again', PASSWORD);
  await box.getByText('This device has a passkey for you already.').waitFor();

  await visitor.leave(box);
  await visitor.button('Use a passkey').click(); // no name is typed
  await visitor.isIn();
  const [listed] = JSON.parse((await halley.must(['passkey', 'list', 'kit', '--json'])).stdout);
  assert.equal(listed.name, 'the laptop');
  assert.notEqual(listed.used, 'never');

  await visitor.leave(await visitor.openPasskeys());
  await visitor.device.becomeCopy();
  await visitor.isRefused('This passkey does not let you in');
  assert.match((await halley.must(['user', 'show', 'kit'])).said, /counter of passkey 1 went back/);

  await visitor.enterByPassword();
  box = await visitor.openPasskeys();
  await visitor.button('Rename the laptop', box).click();
  await box.getByLabel('New name of the laptop').fill('an old laptop');
  await visitor.button('Save', box).click();
  await visitor.button('Remove an old laptop', box).click();
  await visitor.button('Remove for good', visitor.tab.getByRole('dialog', { name: 'Remove an old laptop?' })).click();
  await box.getByText('No passkey yet.').waitFor();
  assert.deepEqual(JSON.parse((await halley.must(['passkey', 'list', 'kit', '--json'])).stdout), []);
  await visitor.leave(box);
  await visitor.isRefused('This passkey does not let you in');
  await halley.stop();
});
