// Many tabs of one browser: one stream for all of them, whatever the browser has to share it by.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, Scene, until, untilTrue } from './scene.mjs';

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

const WITHOUT_WORKER = () => {
  delete window.SharedWorker;
};
const WITH_NOTHING = () => {
  delete window.SharedWorker;
  delete window.BroadcastChannel;
};
const WITH_A_BROKEN_WORKER = () => {
  const Real = window.SharedWorker;
  window.SharedWorker = class extends Real {
    constructor(url, options) {
      super(`/nowhere-${url}`, options);
    }
  };
};

async function openTabs(count, script) {
  await scene.open();
  if (script !== undefined) await scene.context.addInitScript(script);
  if (script !== undefined) await scene.page.reload();
  await scene.logIn();
  await scene.page.locator('#messages').waitFor();
  const tabs = [scene.page];
  while (tabs.length < count) tabs.push(await scene.tab());
  for (const tab of tabs) await scene.goTo('#halley', tab);
  return tabs;
}

for (const [how, script] of [['a shared worker', undefined], ['a tab that leads', WITHOUT_WORKER], ['a worker that cannot start', WITH_A_BROKEN_WORKER]]) {
  test(`eight tabs by ${how}: one stream, all hear, each can speak, and each line is said once`, async () => {
    const tabs = await openTabs(8, script);
    await scene.attached(1);
    scene.mock.say('libera', '#halley', 'vera', 'to all tabs');
    for (const tab of tabs) await scene.message('to all tabs', tab).waitFor();
    for (const [index, tab] of tabs.entries()) await scene.say(`from tab ${index}`, tab);
    for (const tab of tabs) {
      for (const index of tabs.keys()) await scene.message(`from tab ${index}`, tab).waitFor();
      await tab.locator('.pending').first().waitFor({ state: 'detached' });
      assert.equal(await tab.locator('.row', { hasText: 'to all tabs' }).count(), 1);
    }
    assert.equal(scene.mock.sent.length, 8);
    assert.equal(scene.mock.streams.size, 1);
  });

  test(`with ${how} the first tab can close, and the others go on where they were`, async () => {
    const [first, ...tabs] = await openTabs(3, script);
    await scene.attached(1);
    for (let i = 1; i <= 3; i += 1) scene.mock.say('libera', '#halley', 'vera', `line ${i}`);
    for (const tab of tabs) await scene.message('line 3', tab).waitFor();
    await first.close();
    scene.mock.say('libera', '#halley', 'vera', 'line 4');
    for (const tab of tabs) await scene.message('line 4', tab).waitFor();
    await scene.say('still here', tabs[1]);
    for (const tab of tabs) {
      await scene.message('still here', tab).waitFor();
      for (const text of ['line 1', 'line 2', 'line 3', 'line 4', 'still here']) assert.equal(await tab.locator('.row', { hasText: text }).count(), 1, text);
    }
    scene.page = tabs[0];
  });
}

test('where nothing can be shared each tab has a stream of its own', async () => {
  const tabs = await openTabs(2, WITH_NOTHING);
  await scene.attached(2);
  scene.mock.say('libera', '#halley', 'vera', 'to both');
  for (const tab of tabs) await scene.message('to both', tab).waitFor();
  await scene.say('said once', tabs[1]);
  for (const tab of tabs) await scene.message('said once', tab).waitFor();
  assert.equal(scene.mock.sent.length, 1);
});

test('logging out in one tab logs all out, and clears what they kept', async () => {
  const [first, second] = await openTabs(2);
  await scene.attached(1);
  await scene.field(second).fill('half a thought');
  await first.getByRole('button', { name: 'Log out' }).click();
  await second.getByText('You are logged out').waitFor();
  const kept = await second.evaluate(() => JSON.stringify({ ...sessionStorage }));
  assert.ok(!kept.includes('half a thought'), kept);
});

test('a tab that was put away and comes back has what it missed', async () => {
  const [first, second] = await openTabs(2);
  await scene.attached(1);
  await second.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  for (let i = 1; i <= 20; i += 1) scene.mock.say('libera', '#halley', 'vera', `line ${i}`);
  await scene.message('line 20', first).waitFor();
  assert.equal(await scene.message('line 20', second).count(), 0);
  await second.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await scene.message('line 20', second).waitFor();
  assert.equal(await second.locator('.row.talk').count(), 20);
});

test('a proxy that holds streams back: the page is of use at once, hears what is said, and can speak', async () => {
  scene.mock.rules.muteStreams = true;
  const page = await scene.open();
  scene.mock.say('libera', '#halley', 'vera', 'said before');
  await scene.logIn();
  await page.locator('#messages').waitFor();
  await scene.goTo('#halley');
  await scene.message('said before').waitFor();
  await until(() => scene.mock.polls.size === 1);
  scene.mock.say('libera', '#halley', 'vera', 'said now');
  await scene.message('said now').waitFor();
  await scene.say('and answered');
  await scene.message('and answered').waitFor();
  assert.ok(!scene.mock.requests.some((request) => request.includes('transport=sse')), 'nobody waited for the first try to end');
});

test('a proxy that refuses WebSockets: a stream is asked for in the same moment, and begun with the next time', async () => {
  scene.mock.rules.refuseUpgrades = true;
  await scene.start();
  const ways = () => scene.mock.requests.flatMap((request) => /\/api\/events.*transport=(\w+)(?!.*wait=0)/.exec(request)?.[1] ?? []);
  await until(() => ways().length === 2);
  assert.deepEqual(ways(), ['websocket', 'ndjson']);
  scene.mock.say('libera', '#halley', 'vera', 'said by a stream');
  await scene.message('said by a stream').waitFor();
  await untilTrue(scene.page, () => localStorage.getItem('halley.carrier')?.startsWith('ndjson') === true);
  await scene.page.reload();
  await until(() => ways().length === 3);
  assert.deepEqual(ways(), ['websocket', 'ndjson', 'ndjson']);
});

test('a worker that is not allowed to ask the server is left for a tab that leads', async () => {
  scene.mock.rules.muteWorkers = true;
  const [first, second] = await openTabs(2);
  await scene.attached(1);
  scene.mock.say('libera', '#halley', 'vera', 'to both');
  for (const tab of [first, second]) await scene.message('to both', tab).waitFor();
  scene.problems.length = 0; // the browser notes what it forbade
});
