// The promise of the whole program, on each real ircd: leave, miss a lot, come back - by IRC client and by browser - and
// find every line once and in order, although Halley was killed in the middle.
import assert from 'node:assert/strict';

import { ircds } from './lib/ircds.mjs';
import { Browser } from './lib/page.mjs';
import { attach, CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { WeeChat } from './lib/weechat.mjs';

const NUMBERED = /\bline (\d+) of 500\b/;

const line = (number) => `line ${number} of 500`;

function numbers(texts) {
  return texts.map((text) => NUMBERED.exec(text)).filter(Boolean).map((match) => Number(match[1]));
}

function say(speaker, from, to) {
  for (let number = from; number <= to; number++) speaker.send(`PRIVMSG ${CHANNEL} :${line(number)}`);
}

function weechat(stage, halley) {
  return new WeeChat(stage, 'weechat', {
    server: 'halley', port: halley.ircPort, login: 'pass', user: 'kit/real@weechat', password: PASSWORD, nick: 'kit',
  });
}

// Kills Halley while lines 1 to 300 rush in, brings it back, and has the rest said. Returns the lines that the witness saw.
async function killInTheMiddle({ stage, speaker, halley }) {
  const witness = await attach(stage, halley, 'witness');
  const half = witness.until(new RegExp(line(150)));
  say(speaker, 1, 300);
  await half;
  await halley.kill9();
  await witness.closed;
  await speaker.until(/^:kit!\S+ QUIT/);
  const before = speaker.said.lines.length;
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  say(speaker, 301, 500);
  await speaker.settle('said');
  return numbers(witness.said.matching(/PRIVMSG/));
}

// `found`: the numbers one client shows. All that was seen, once, in order; then maybe some that were logged and seen by nobody;
// after the hole of the time when Halley was dead, all the rest.
function assertWhole(found, seen, who) {
  assert.deepEqual(found, [...new Set(found)].sort((a, b) => a - b), `${who}: each line once and in order`);
  assert.deepEqual(found.slice(0, seen.length), seen, `${who}: what the witness saw`);
  const after = found.filter((number) => number > 300);
  assert.deepEqual(after, Array.from({ length: 200 }, (_, index) => 301 + index), `${who}: what was said after the return`);
  const logged = found.filter((number) => number <= 300);
  assert.equal(logged.length, logged.at(-1), `${who}: no hole before the kill`);
}

for (const [name, startIrcd] of Object.entries(ircds)) {
  scene(`${name}: two clients leave, Halley is killed, nobody misses a line`, {}, async (stage) => {
    const { speaker, halley } = await raise(stage, startIrcd);
    const wee = await weechat(stage, halley).start();
    const browser = await Browser.open(stage);
    const page = await browser.visit(halley.origin);
    await page.login('kit', PASSWORD);
    await page.open(CHANNEL);
    await wee.log(CHANNEL).until(/kit .*has joined/);

    // Both see live talk, and what the other one says.
    speaker.send(`PRIVMSG ${CHANNEL} :good evening`);
    await wee.log(CHANNEL).until(/good evening/);
    await page.untilText('good evening');
    await page.say('hello from the page');
    await speaker.until(/PRIVMSG #comet :hello from the page/);
    await wee.log(CHANNEL).until(/hello from the page/);
    await wee.type(CHANNEL, 'hello from weechat');
    await speaker.until(/PRIVMSG #comet :hello from weechat/);
    await page.untilText('hello from weechat');

    await wee.leave();
    await page.leave();
    const seen = await killInTheMiddle({ stage, speaker, halley });
    assert.ok(seen.length >= 150);

    await wee.start();
    await wee.log(CHANNEL).until(new RegExp(line(500)));
    assertWhole(numbers(wee.log(CHANNEL).lines), seen, 'weechat');
    assert.equal(wee.log(CHANNEL).matching(/good evening/).length, 1, 'what was seen before leaving is not shown again');

    const again = await browser.visit(halley.origin);
    await again.open(CHANNEL);
    await again.untilText(line(500));
    assertWhole(numbers(await again.textsUpTo('hello from weechat')), seen, 'page');
    await halley.stop();
  });
}

scene('a browser that stays while Halley is killed comes back by itself and repeats nothing', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.inspircd);
  const browser = await Browser.open(stage);
  const page = await browser.visit(halley.origin);
  await page.login('kit', PASSWORD);
  await page.open(CHANNEL);
  speaker.send(`PRIVMSG ${CHANNEL} :good evening`);
  await page.untilText('good evening');

  const seen = await killInTheMiddle({ stage, speaker, halley });
  await page.untilText(line(500));
  assertWhole(numbers(await page.textsUpTo('good evening')), seen, 'page');
  await halley.stop();
});

scene('an IRC client that is attached when Halley is killed loses nothing that was seen', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const wee = await weechat(stage, halley).start();
  await wee.log(CHANNEL).until(/kit .*has joined/);
  const seen = await killInTheMiddle({ stage, speaker, halley });
  await wee.log(CHANNEL).until(new RegExp(line(500)));
  // WeeChat acknowledges nothing, so lines of the last moment may come twice; none may be missing.
  assertWhole([...new Set(numbers(wee.log(CHANNEL).lines))], seen, 'weechat');
  await halley.stop();
});
