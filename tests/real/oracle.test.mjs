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

scenes('cut, stalled, asleep, restarted and killed, a transport loses nothing and doubles nothing',
  TRANSPORTS.map((transport) => [transport, (stage) => throughAllFaults(stage, transport)]));

scene('posts that come twice, in any order, through cuts and a restart, are done once and in their order', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const { cookie } = await login(halley.origin, 'kit', PASSWORD);
  const wire = await Wire.lay(stage, halley.httpPort);
  const results = new Map();
  // Asked again until it is answered: where there is no answer, and where its turn has not come.
  const post = async (seq) => {
    for (;;) {
      const body = { client: 'posts', seq, network: 'real', line: `PRIVMSG ${CHANNEL} :post ${seq}.` };
      const answer = await command(`http://127.0.0.1:${wire.port}`, cookie, body).catch(() => undefined);
      if (answer?.status === 200) {
        const { result } = await answer.json().catch(() => ({}));
        if (result === undefined) continue; // cut in the middle of the answer
        assert.equal(results.get(seq) ?? result, result, `post ${seq} is answered as before`);
        results.set(seq, result);
        return;
      }
      const refusal = await answer?.json().catch(() => undefined);
      if (refusal?.expected > seq) return; // done long ago: only the last answer is remembered
    }
  };
  const scrambled = (from, to) => {
    const order = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    return [...order].reverse().concat(order.filter((seq) => seq % 2 === 0), order);
  };
  const first = Promise.all(scrambled(1, 12).map(post));
  await speaker.until(/:post 5\./);
  wire.cut();
  await first;
  const before = speaker.said.lines.length;
  await halley.stop();
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  await Promise.all(scrambled(1, 20).map(post));
  await speaker.until(/:post 20\./);
  await speaker.settle('all heard');
  const heard = speaker.said.lines.flatMap((line) => /PRIVMSG #comet :post (\d+)\./.exec(line)?.slice(1).map(Number) ?? []);
  assert.deepEqual(heard, Array.from({ length: 20 }, (_, index) => index + 1));
  await halley.stop();
});
