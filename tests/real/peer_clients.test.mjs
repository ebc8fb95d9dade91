// Real clients, each at the far end of a link of its own: what they are shown when they are new, when they come back, and when the
// link died under them. README.md's table of clients is what was seen here.
import assert from 'node:assert/strict';

import { Catgirl } from './lib/catgirl.mjs';
import { HexChat } from './lib/hexchat.mjs';
import { ircds } from './lib/ircds.mjs';
import { Irssi } from './lib/irssi.mjs';
import { Matrix } from './lib/matrix.mjs';
import { Link, ownNetwork } from './lib/own_network.mjs';
import { attach, CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene, scenes } from './lib/stage.mjs';
import { WeeChat } from './lib/weechat.mjs';

await ownNetwork();

const CLIENTS = {
  WeeChat: { Client: WeeChat, door: 'PASS' },
  irssi: { Client: Irssi, door: 'PASS' },
  HexChat: { Client: HexChat, door: 'PASS' },
  catgirl: { Client: Catgirl, door: 'PASS, TLS' },
};
const [DOOR, TALK, NEW, ASKED, BACK, DEAD] = ['logs in by', 'hears, is heard', 'new: gets what was said before', '`/msg *halley history`',
  'back: gets what it missed', 'killed on a dead link, and back'];
const ONCE = 'each line, once';
const matrix = new Matrix('tests/real/peer_clients.test.mjs', 'client', [DOOR, TALK, NEW, ASKED, BACK, DEAD]);

const NUMBERED = /\bline (\d+)\./;

function say(speaker, from, to) {
  for (let number = from; number <= to; number++) speaker.send(`PRIVMSG ${CHANNEL} :line ${number}.`);
}

// What a client has shown of the numbered lines, in its order.
function numbers(lines) {
  return lines.map((line) => NUMBERED.exec(line)).filter(Boolean).map((match) => Number(match[1]));
}

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

// Returns when Halley knows that a device has all of the numbered lines, which is a fifth of a second later: then another who comes by
// its name is sent none of them.
async function known(stage, halley, device, speaker) {
  for (let round = 1; ; round++) {
    const twin = await attach(stage, halley, device);
    speaker.send(`PRIVMSG ${CHANNEL} :round ${round}.`);
    await twin.until(new RegExp(`round ${round}\\.`));
    await twin.quit();
    if (numbers(twin.said.lines).length === 0) return;
  }
}

async function play(stage, name) {
  const { Client, door } = CLIENTS[name];
  const link = await Link.make(stage);
  const { speaker, halley } = await raise(stage, ircds.ngircd, { address: link.here });
  const witness = await attach(stage, halley, 'witness');
  const missed = async (from, to) => {
    say(speaker, from, to);
    await witness.until(new RegExp(`line ${to}\\.`));
  };
  await missed(1, 5);
  const client = await new Client(stage, name.toLowerCase(), {
    server: 'halley', address: link.here, port: door.includes('TLS') ? halley.tlsPort : halley.ircPort, login: 'pass', inside: link.inside,
    user: `kit/real@${name.toLowerCase()}`, password: PASSWORD, nick: 'kit',
  }).start();
  const shown = client.log(CHANNEL);
  await shown.until(/line 5\./);

  speaker.send(`PRIVMSG ${CHANNEL} :can you hear me?`);
  await shown.until(/can you hear me/);
  await client.say(CHANNEL, 'loud and clear');
  await speaker.until(/PRIVMSG #comet :loud and clear/);

  await client.say('*halley', `history real ${CHANNEL} --limit 3`);
  await client.log('*halley').until(/can you hear me/);

  await client.leave();
  await missed(6, 15);
  await client.start();
  await shown.until(/line 15\./);

  await known(stage, halley, name.toLowerCase(), speaker);
  await link.down();
  await missed(16, 25);
  await client.die();
  await link.up();
  await client.start();
  await shown.until(/line 25\./);
  say(speaker, 26, 26);
  await shown.until(/line 26\./);
  assert.deepEqual(numbers(shown.lines), range(1, 26), 'each line once and in order');
  await client.leave();
  await halley.stop();
  matrix.put(name, { [DOOR]: door, [TALK]: 'yes', [NEW]: ONCE, [ASKED]: 'answered', [BACK]: ONCE, [DEAD]: ONCE });
}

scenes('clients come, leave, lose their links, and miss nothing', Object.keys(CLIENTS).map((name) => [name, (stage) => play(stage, name)]));

scene('README.md says the same of clients', {}, () => matrix.settle(Object.keys(CLIENTS)));
