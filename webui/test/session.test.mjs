// What a visit keeps, shares and forgets, in the built page.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, Scene, until } from './scene.mjs';

let browser;
let scene;

before(async () => {
  browser = await launch();
});

after(() => browser.close());

beforeEach(() => {
  scene = new Scene(browser);
});

afterEach(() => scene.close());

async function logOut(page = scene.page) {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You are logged out').waitFor();
}

test('drafts and sent lines of one user are not shown to the next who logs in in that tab', async () => {
  const page = await scene.start();
  await scene.say('only ada sent this');
  await scene.message('only ada sent this').waitFor();
  await scene.field().fill('only ada typed this');
  await logOut();
  await scene.logIn(page, 'bob', 'byron');
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '');
  await scene.field().press('ArrowUp');
  assert.equal(await scene.field().inputValue(), '');
  const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  assert.ok(!kept.includes('only ada'), kept);
  await logOut();
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '', 'logging out clears');
});

test('a login that ends by itself keeps the draft for its owner, and shows it to nobody else', async () => {
  const page = await scene.start();
  await scene.field().fill('half a thought of ada');
  scene.mock.sessions.clear();
  scene.mock.dropStreams();
  await page.getByText('Your login has ended').waitFor();
  await scene.logIn(page, 'bob', 'byron');
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), '');
  scene.mock.sessions.clear();
  scene.mock.dropStreams();
  await page.getByText('Your login has ended').waitFor();
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  assert.equal(await scene.field().inputValue(), 'half a thought of ada');
});
