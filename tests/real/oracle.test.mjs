// Every transport times every fault, against an oracle that knows every event: nothing is lost, nothing comes twice.
import assert from 'node:assert/strict';

import { command, login } from './lib/events.mjs';
import { Follower, logBehind } from './lib/follower.mjs';
import { ircds } from './lib/ircds.mjs';
import { CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene, scenes } from './lib/stage.mjs';
import { TRANSPORTS } from './lib/transports.mjs';
import { Wire } from './lib/wire.mjs';

const NUMBERED = / PRIVMSG #comet :line (\d+)\.$/;
const BURST = 60; // lines of one fault: more than a packet, said while it happens
const POSTS = 12; // what the user says in one

function numberOf(line) {
  const match = NUMBERED.exec(line);
  return match ? [Number(match[1])] : [];
}

// Halley, somebody who talks, a follower behind a wire that fails, and a witness whom nothing happens to but what happens to Halley.
class Act {
  static async begin(stage, transport) {
    const { speaker, halley } = await raise(stage, ircds.ngircd);
    const { cookie } = await login(halley.origin, 'kit', PASSWORD);
    const wire = await Wire.lay(stage, halley.httpPort);
    const after = (await (await fetch(`${halley.origin}/api/me`, { headers: { cookie } })).json()).head;
    const act = Object.assign(new Act(), { stage, speaker, halley, cookie, wire, after, said: 0, unsure: [] });
    const who = { headers: { cookie }, after };
    act.follower = new Follower(stage, 'follower', { ...who, base: `http://127.0.0.1:${wire.port}`, ladder: [transport], silence: 2500 });
    act.witness = new Follower(stage, 'witness', { ...who, base: halley.origin, ladder: ['ndjson'] });
    return act;
  }

  say(count = BURST) {
    for (let end = this.said + count; this.said < end;) this.speaker.send(`PRIVMSG ${CHANNEL} :line ${++this.said}.`);
  }

  // Until both have heard the last line that was said.
  async level() {
    const last = new RegExp(`:line ${this.said}\\.`);
    await this.witness.until(last);
    await this.follower.until(last);
  }

  // What Halley heard of a burst in whose middle it ends is known only afterwards.
  async interrupt(end) {
    const begun = this.said;
    const half = this.witness.until(new RegExp(`:line ${begun + BURST / 2}\\.`));
    this.say();
    await half;
    const before = this.speaker.said.lines.length;
    await end();
    this.unsure.push([begun + 1, this.said]);
    await this.halley.serve();
    await this.speaker.until(/^:kit!\S+ JOIN/, { from: before });
    this.say();
    await this.level();
  }
}

// Numbered commands of one client, each asked again until it is answered: where there is no answer, and where its turn has not come.
class Posts {
  constructor(base, cookie, client) {
    Object.assign(this, { base, cookie, client, results: new Map() });
  }

  async post(seq, line) {
    for (;;) {
      const answer = await command(this.base, this.cookie, { client: this.client, seq, network: 'real', line }).catch(() => undefined);
      if (answer?.status === 200) {
        const { result } = await answer.json().catch(() => ({}));
        if (result === undefined) continue; // cut in the middle of the answer
        assert.equal(this.results.get(seq) ?? result, result, `post ${seq} is answered as before`);
        this.results.set(seq, result);
        return;
      }
      const refusal = await answer?.json().catch(() => undefined);
      if (refusal?.expected > seq) return; // done long ago: only the last answer is remembered
    }
  }
}

const upTo = (last) => Array.from({ length: last }, (_, index) => index + 1);
// Backwards, every second one again, and then all of them forwards.
const scrambled = (last) => [...upTo(last)].reverse().concat(upTo(last).filter((seq) => seq % 2 === 0), upTo(last));
const thrice = (last) => upTo(last).flatMap((seq) => [seq, seq, seq]);

// What the user says meanwhile, cut in the middle: the follower hears it as it hears everybody.
async function posted(act, order) {
  const begun = act.said;
  act.said += POSTS;
  const posts = new Posts(`http://127.0.0.1:${act.wire.port}`, act.cookie, `posts-${begun}`);
  const done = Promise.all(order(POSTS).map((seq) => posts.post(seq, `PRIVMSG ${CHANNEL} :line ${begun + seq}.`)));
  await act.witness.until(new RegExp(`:line ${begun + POSTS / 2}\\.`));
  act.wire.cut();
  await done;
}

const FAULTS = {
  cut: async (act) => {
    for (let time = 0; time < 3; time++) {
      act.say(BURST / 3);
      await act.witness.until(new RegExp(`:line ${act.said}\\.`));
      act.wire.cut();
    }
    act.say(1);
  },
  stall: async (act) => {
    act.wire.stall();
    act.say();
  },
  asleep: async (act) => {
    act.follower.sleep();
    act.say();
    await act.witness.until(new RegExp(`:line ${act.said}\\.`));
    act.wire.cut(); // what was open is gone when it wakes
    act.say(1);
    act.follower.wake();
  },
  reordered: (act) => posted(act, scrambled),
  doubled: (act) => posted(act, thrice),
  restart: (act) => act.interrupt(() => act.halley.stop()),
  kill: (act) => act.interrupt(() => act.halley.kill9()),
};

// The log has each line once, all of them but the end of what was said when Halley ended, and of that all that anybody was shown.
function assertLogWhole(act, logged) {
  const numbers = logged.flatMap(({ line }) => numberOf(line));
  assert.equal(new Set(numbers).size, numbers.length, 'the log has no line twice');
  const expected = [];
  const witnessed = act.witness.events().flatMap(({ line }) => numberOf(line));
  for (let number = 1; number <= act.said; number++) {
    const window = act.unsure.find(([from, to]) => number >= from && number <= to);
    if (!window || witnessed.includes(number)) assert.ok(numbers.includes(number), `line ${number} is in the log`);
    if (numbers.includes(number)) expected.push(number);
  }
  assert.deepEqual(numbers, expected, 'the log is in the order in which it was said');
}

async function throughAllFaults(stage, transport) {
  const act = await Act.begin(stage, transport);
  act.say();
  await act.level();
  for (const fault of Object.values(FAULTS)) {
    await fault(act);
    await act.level();
  }
  const logged = await logBehind(act.halley.origin, act.cookie, 'real', CHANNEL, act.after);
  assertLogWhole(act, logged);
  act.follower.assertWhole('the follower');
  act.witness.assertWhole('the witness');
  const heard = act.follower.events().flatMap(({ id, line }) => (numberOf(line).length > 0 ? [id] : []));
  assert.deepEqual(heard, logged.flatMap(({ id, line }) => (numberOf(line).length > 0 ? [id] : [])), 'the follower has what the log has');
  assert.deepEqual([...act.follower.transports()], [transport]);
  await act.halley.stop();
}

scenes('cut, stalled, asleep, its posts reordered and doubled, restarted and killed, a transport loses nothing and doubles nothing',
  TRANSPORTS.map((transport) => [transport, (stage) => throughAllFaults(stage, transport)]));

scene('posts that come twice, in any order, through cuts and a restart, are done once and in their order', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const { cookie } = await login(halley.origin, 'kit', PASSWORD);
  const wire = await Wire.lay(stage, halley.httpPort);
  const posts = new Posts(`http://127.0.0.1:${wire.port}`, cookie, 'posts');
  const post = (seq) => posts.post(seq, `PRIVMSG ${CHANNEL} :post ${seq}.`);
  const first = Promise.all(scrambled(12).map(post));
  await speaker.until(/:post 5\./);
  wire.cut();
  await first;
  const before = speaker.said.lines.length;
  await halley.stop();
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  await Promise.all(scrambled(20).map(post));
  await speaker.until(/:post 20\./);
  await speaker.settle('all heard');
  const heard = speaker.said.lines.flatMap((line) => /PRIVMSG #comet :post (\d+)\./.exec(line)?.slice(1).map(Number) ?? []);
  assert.deepEqual(heard, Array.from({ length: 20 }, (_, index) => index + 1));
  await halley.stop();
});
