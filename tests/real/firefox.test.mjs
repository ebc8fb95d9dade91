// The page in Debian's Firefox, against the finished program and a real ircd.
import assert from 'node:assert/strict';

import { ircds } from './lib/ircds.mjs';
import { attach, CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { Browser } from './lib/page.mjs';
import { scene } from './lib/stage.mjs';
import { WeeChat } from './lib/weechat.mjs';

const line = (number) => `line ${number} of them`;

function say(speaker, from, to) {
  for (let number = from; number <= to; number++) speaker.send(`PRIVMSG ${CHANNEL} :${line(number)}`);
}

function numbers(texts) {
  return texts.flatMap((text) => /\bline (\d+) of them/.exec(text)?.[1] ?? []).map(Number);
}

async function enter(browser, origin) {
  const page = await browser.visit(origin);
  await page.login('kit', PASSWORD);
  await page.open(CHANNEL);
  return page;
}

scene('firefox: reads what was said before, talks with Chromium and WeeChat, and a reload shows each line once', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  say(speaker, 1, 300);
  await speaker.settle('said');
  const wee = await new WeeChat(stage, 'weechat', {
    server: 'halley', port: halley.ircPort, login: 'pass', user: 'kit/real@weechat', password: PASSWORD, nick: 'kit',
  }).start();
  const fox = await enter(await Browser.open(stage, 'firefox'), halley.origin);
  await fox.untilText(line(300));
  const other = await enter(await Browser.open(stage), halley.origin);

  await fox.say('hello from firefox');
  await speaker.until(/PRIVMSG #comet :hello from firefox/);
  await other.untilText('hello from firefox');
  await wee.log(CHANNEL).until(/hello from firefox/);
  await other.say('hello from chromium');
  await fox.untilText('hello from chromium');
  await wee.type(CHANNEL, 'hello from weechat');
  await fox.untilText('hello from weechat');

  await fox.tab.reload();
  await fox.untilText('hello from weechat');
  const texts = await fox.textsUpTo(line(1));
  const all = Array.from({ length: 300 }, (_, index) => index + 1);
  assert.deepEqual(numbers(texts), all, 'each line once and in order');
  assert.deepEqual(texts.filter((text) => text.startsWith('hello from')), ['hello from firefox', 'hello from chromium', 'hello from weechat']);
  assert.equal(speaker.said.matching(/hello from firefox/).length, 1);
  await halley.stop();
});

scene('firefox: eight tabs are there while Halley is killed; each comes back by itself, and shows each line once', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const browser = await Browser.open(stage, 'firefox');
  const tabs = [await enter(browser, halley.origin)];
  while (tabs.length < 8) {
    const page = await browser.visit(halley.origin);
    await page.open(CHANNEL);
    tabs.push(page);
  }
  const witness = await attach(stage, halley, 'witness');
  say(speaker, 1, 100);
  await witness.until(new RegExp(line(100)));
  for (const page of tabs) await page.untilText(line(100));

  await halley.kill9();
  await speaker.until(/^:kit!\S+ QUIT/);
  const before = speaker.said.lines.length;
  await tabs[3].say('said while nobody was there');
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  await speaker.until(/PRIVMSG #comet :said while nobody was there/);
  say(speaker, 101, 150);
  const all = Array.from({ length: 150 }, (_, index) => index + 1);
  for (const page of tabs) {
    await page.untilText(line(150));
    assert.deepEqual(numbers(await page.textsUpTo(line(1))), all, 'each line once and in order');
  }
  assert.equal(speaker.said.matching(/said while nobody was there/).length, 1);
  await halley.stop();
});
