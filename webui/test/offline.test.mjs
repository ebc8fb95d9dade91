// The page without a network: its files from the service worker, talks from the browser's copy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, message, start, until, untilTrue } from './browser.mjs';
import { PATIENCE } from './scene.mjs';

/** Whether the copy has that text. */
function copied(text, page = at.page) {
  return page.evaluate(async (wanted) => {
    if (!(await indexedDB.databases()).some(({ name }) => name === 'halley /')) return false;
    const asked = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = reject;
    });
    const database = await asked(indexedDB.open('halley /'));
    try {
      return JSON.stringify(await asked(database.transaction('copy').objectStore('copy').getAll())).includes(wanted);
    } finally {
      database.close();
    }
  }, text);
}

/** Waits until the page would open without a network, and show that line. */
async function settled(text, page = at.page) {
  await untilTrue(page, async () => {
    await navigator.serviceWorker.ready;
    return navigator.serviceWorker.controller !== null;
  });
  await untilCopied(text, true, page);
}

async function untilCopied(text, wanted = true, page = at.page) {
  const deadline = Date.now() + PATIENCE;
  while ((await copied(text, page)) !== wanted) assert.ok(Date.now() < deadline, `${wanted ? 'no' : 'a'} copy of ${text}`);
}

/** Another build in its place, as a newer Halley has it. */
function upgrade({ assets }) {
  const script = [...assets.keys()].find((name) => /^\/app\.\w+\.js$/.test(name)).slice(1);
  const next = 'app.NEXTNEXT.js';
  const rename = (name, change = (text) => text) => {
    const asset = assets.get(name);
    assets.set(name, { ...asset, packed: null, body: Buffer.from(change(asset.body.toString().replaceAll(script, next))) });
  };
  assets.set(`/${next}`, { ...assets.get(`/${script}`), packed: null, body: Buffer.concat([Buffer.from('document.documentElement.dataset.build="2";'), assets.get(`/${script}`).body]) });
  assets.delete(`/${script}`);
  rename('/');
  rename('/sw.js', (text) => text.replace(/"[0-9A-F]{8}"/, '"22222222"'));
}

const build = (page) => page.evaluate(() => document.documentElement.dataset.build ?? '1');

test('without a network the page opens with what was read last, says so, keeps what is typed, and comes up to date', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  mock.say('libera', '#halley', 'vera', 'before the tunnel');
  await message('before the tunnel').waitFor();
  await settled('before the tunnel');
  const { port } = mock;
  await mock.close();
  await page.reload();
  await page.getByText('Halley is out of reach. You see what was here on').waitFor();
  await message('before the tunnel').waitFor();
  await page.getByRole('heading', { name: '#halley', exact: true }).waitFor();
  await page.locator('[data-buffer="libera/#astronomy"]').click();
  await page.getByRole('heading', { name: '#astronomy', exact: true }).waitFor();
  await page.locator('[data-buffer="libera/#halley"]').click();
  await message('before the tunnel').waitFor();
  await at.scene.say('said in the tunnel');
  await page.locator('.row.pending', { hasText: 'said in the tunnel' }).waitFor();
  mock.say('libera', '#halley', 'vera', 'said meanwhile');
  await mock.listen(port);
  await page.evaluate(() => window.dispatchEvent(new Event('online'))); // it would find out by itself, later
  await message('said meanwhile').waitFor();
  await message('said in the tunnel').waitFor();
  await page.locator('.member [data-nick="vera"]').first().waitFor();
  await page.getByText('Halley is out of reach').waitFor({ state: 'detached' });
  assert.deepEqual(mock.sent.map(({ line }) => line), ['PRIVMSG #halley :said in the tunnel']);
});

test('who logs out leaves no copy, and nothing is shown without a network', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  mock.say('libera', '#halley', 'vera', 'for ada alone');
  await message('for ada alone').waitFor();
  await settled('for ada alone');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
  await untilTrue(page, async () => (await indexedDB.databases()).length === 0);
  await mock.close();
  await page.reload();
  await page.getByRole('heading', { name: 'Halley is out of reach' }).waitFor();
  assert.equal(await page.getByText('for ada alone').count(), 0);
  await mock.listen(mock.port);
});

test('what is removed for good is in no copy', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  for (const name of ['#halley', '#cpp']) {
    await at.scene.goTo(name);
    mock.say('libera', name, 'vera', `said in ${name}`);
    await message(`said in ${name}`).waitFor();
    await settled(`said in ${name}`);
  }
  await at.scene.goTo('#quiet');
  mock.send({ event: 'buffers', network: 'libera', buffers: [{ target: '#cpp', removed: true }] });
  mock.say('libera', '#quiet', 'vera', 'the last word');
  await message('the last word').waitFor();
  await settled('the last word');
  assert.ok(await copied('said in #halley'));
  assert.ok(!(await copied('said in #cpp')));
});

test('of what may have been taken back while the page was closed there is no copy any more', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock } = at;
  await at.scene.goTo('#cpp');
  mock.say('libera', '#cpp', 'vera', 'said in #cpp');
  await message('said in #cpp').waitFor();
  await settled('said in #cpp');
  await at.scene.goTo('#halley');
  mock.say('libera', '#halley', 'vera', 'said in #halley');
  await message('said in #halley').waitFor();
  await settled('said in #halley');
  assert.ok(await copied('said in #cpp'));
  await at.page.reload();
  await untilCopied('said in #cpp', false);
  await untilCopied('said in #halley');
});

test('a login that ended elsewhere leaves no copy either', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  mock.say('libera', '#halley', 'vera', 'for ada alone');
  await message('for ada alone').waitFor();
  await settled('for ada alone');
  const { port } = mock;
  await mock.close();
  mock.sessions.clear();
  await page.reload();
  await message('for ada alone').waitFor();
  await mock.listen(port);
  await page.getByText('Your login has ended').waitFor();
  await untilTrue(page, async () => (await indexedDB.databases()).length === 0);
});

test('after an upgrade the next visit has the new page, also without a network; a tab of the old one goes on', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  mock.say('libera', '#halley', 'vera', 'before the upgrade');
  await message('before the upgrade').waitFor();
  await settled('before the upgrade');
  const old = page;
  upgrade(mock);
  for (const name of [...mock.assets.keys()]) if (/^\/emoji\./.test(name)) mock.assets.delete(name); // as if that were another, too
  const next = await at.scene.tab();
  await next.locator('#messages').waitFor();
  assert.equal(await build(next), '2');
  await at.scene.field(old).fill(':come');
  await old.getByRole('option').first().waitFor();
  assert.equal(await build(old), '1');
});

test('what a newer build kept is shown without a network', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  await settled('#halley');
  upgrade(mock);
  await page.reload();
  await untilTrue(page, async () => (await caches.keys()).includes('halley / 22222222') && (await (await caches.open('halley / 22222222')).match('./')) !== undefined);
  await untilTrue(page, async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    return registration?.waiting === null && registration.installing === null;
  });
  const { port } = mock;
  await mock.close();
  await page.reload();
  await page.locator('#messages').waitFor();
  assert.equal(await build(page), '2');
  await mock.listen(port);
});

test('the page can be installed', async () => {
  await start({ serviceWorkers: 'allow' });
  await settled('#halley');
  const wire = await at.context.newCDPSession(at.page);
  const { installabilityErrors } = await wire.send('Page.getInstallabilityErrors');
  // A window of a test is a private one.
  assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((error) => error !== 'in-incognito'), []);
  const { errors, url } = await wire.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  const icons = await at.page.evaluate(async (address) => (await (await fetch(address)).json()).icons.map(({ src }) => src), url);
  for (const icon of icons) assert.equal((await at.page.request.get(at.mock.url + icon)).status(), 200, icon);
});

test('a tab that stays open while Halley is upgraded is told so, and keeps what is typed', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  await settled('#halley');
  await at.scene.field().fill('half a thought');
  upgrade(mock);
  mock.dropStreams();
  await page.getByText('Halley was upgraded').waitFor();
  await page.getByRole('button', { name: 'Reload the page' }).click();
  await page.waitForFunction(() => document.documentElement.dataset.build === '2');
  await page.locator('#messages').waitFor();
  assert.equal(await at.scene.field().inputValue(), 'half a thought');
});

test('the newest page does not say that there is a newer one when its own worker comes late', async () => {
  await start({ serviceWorkers: 'allow' });
  const { mock, page } = at;
  await settled('#halley');
  const before = mock.assets.get('/sw.js');
  upgrade(mock);
  const after = mock.assets.get('/sw.js');
  mock.assets.set('/sw.js', before);
  await page.reload();
  await page.locator('#messages').waitFor();
  assert.equal(await build(page), '2');
  mock.say('libera', '#halley', 'vera', 'after the upgrade');
  await message('after the upgrade').waitFor();
  await untilCopied('after the upgrade'); // what comes afterwards is there: it looks after workers, too
  mock.assets.set('/sw.js', after);
  const asked = () => mock.requests.filter((request) => request === 'GET /').length;
  const pages = asked();
  await page.evaluate(async () => {
    const taken = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
    await (await navigator.serviceWorker.getRegistration()).update();
    await taken;
  });
  await until(() => asked() >= pages + 2); // the new worker for itself, and the page
  await page.evaluate(() => fetch('./').then((answer) => answer.text())); // behind which its answer is read
  assert.equal(await page.getByText('Halley was upgraded').count(), 0);
});
