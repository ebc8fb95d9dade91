// /comet.html: the page of 2006, in a browser without all that came after it.
import assert from 'node:assert/strict';

import { ircds } from './lib/ircds.mjs';
import { Browser } from './lib/page.mjs';
import { CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

const LATER = ['fetch', 'EventSource', 'WebSocket', 'SharedWorker', 'Worker', 'BroadcastChannel', 'ReadableStream', 'TextDecoder',
  'AbortController', 'URLSearchParams', 'localStorage', 'sessionStorage', 'indexedDB', 'IntersectionObserver'];

class Comet {
  static async open(stage, origin) {
    const browser = await Browser.open(stage);
    await browser.context.addInitScript((names) => {
      for (const name of names) delete window[name];
    }, LATER);
    const { tab, said } = await browser.tab(`${origin}/comet.html`);
    return new Comet(tab, said);
  }

  constructor(tab, said) {
    Object.assign(this, { tab, said });
  }

  async login(password) {
    await this.tab.getByLabel('User name').fill('kit');
    await this.tab.getByLabel('Password').fill(password);
    await this.tab.getByRole('button', { name: 'Log in' }).click();
  }

  async look(channel) {
    await this.tab.getByLabel('Channel').locator('option', { hasText: channel }).waitFor({ state: 'attached' });
    await this.tab.getByLabel('Channel').selectOption(`real ${channel}`);
  }

  row(text) {
    return this.tab.locator('#log li', { hasText: text }).first();
  }

  state(text) {
    return this.tab.getByRole('status').filter({ hasText: text });
  }

  async say(text) {
    await this.tab.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.tab.getByRole('button', { name: 'Send' }).click();
  }

  texts() {
    return this.tab.locator('#log li').allTextContents();
  }
}

scene('comet.html logs in, shows a channel and talks by a frame and forms, through a kill, without fetch', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  speaker.send(`PRIVMSG ${CHANNEL} :line 0 of old`);
  const page = await Comet.open(stage, halley.origin);
  assert.equal(await page.tab.evaluate(() => typeof window.fetch), 'undefined');

  await page.login('wrong');
  await page.state(/wrong|password/i).waitFor();
  await page.login(PASSWORD);
  await page.state('Connected').waitFor();
  await page.look(CHANNEL);
  await page.row('line 0 of old').waitFor();

  speaker.send(`PRIVMSG ${CHANNEL} :</script><img src=x onerror=alert(1)> & "so" on`);
  await page.row('</script><img src=x onerror=alert(1)> & "so" on').waitFor();
  await page.say('hello from 2006');
  await speaker.until(/PRIVMSG #comet :hello from 2006/);
  await page.say('/me waves');
  await speaker.until(/PRIVMSG #comet :\x01ACTION waves/);
  await page.row('waves').waitFor();
  await page.say('/topic of the day');
  await speaker.until(/TOPIC #comet :of the day/);

  for (let number = 1; number <= 40; number++) speaker.send(`PRIVMSG ${CHANNEL} :line ${number} of new`);
  await page.row('line 40 of new').waitFor();
  const before = speaker.said.lines.length;
  await halley.kill9();
  await page.state(/trying again/).waitFor();
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  await page.say('back again');
  await speaker.until(/PRIVMSG #comet :back again/, { from: before });
  for (let number = 41; number <= 50; number++) speaker.send(`PRIVMSG ${CHANNEL} :line ${number} of new`);
  await page.row('line 50 of new').waitFor();
  const numbers = (await page.texts()).map((text) => /line (\d+) of new/.exec(text)?.[1]).filter(Boolean).map(Number);
  assert.deepEqual(numbers, Array.from({ length: 50 }, (_, index) => index + 1), 'each line once and in order');
  assert.equal(speaker.said.matching(/back again/).length, 1);
  await page.tab.waitForFunction(() => document.querySelectorAll('iframe').length === 1); // those of posts are gone

  await page.tab.getByRole('button', { name: 'Log out' }).click();
  await page.tab.getByLabel('Password').waitFor();
  assert.deepEqual(page.said.matching(/Content.Security|Refused to|Trusted|page error/i), []);
  await halley.stop();
});
