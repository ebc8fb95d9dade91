// The test's side of follower_main.mjs: what the follower has heard, and the oracle that compares it with the log.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('follower_main.mjs', import.meta.url));

export class Follower {
  constructor(stage, name, { base, headers, ladder, after, firstWord = 30_000, silence = 4000 }) {
    this.after = after;
    this.child = stage.run(name, process.execPath, [main, JSON.stringify({ base, headers, ladder, after, firstWord, silence })]);
  }

  until(pattern) {
    return this.child.said.until(pattern);
  }

  // As a laptop whose lid is closed, and opened again.
  sleep() {
    this.child.process.kill('SIGSTOP');
  }

  wake() {
    this.child.process.kill('SIGCONT');
  }

  transports() {
    return new Set(this.frames().map(({ transport }) => transport));
  }

  frames() {
    return this.child.said.lines.map((line) => /^frame (\w+) (.*)$/.exec(line)).filter(Boolean)
      .map(([, transport, json]) => ({ transport, frame: JSON.parse(json) }));
  }

  events() {
    return this.frames().map(({ frame }) => frame).filter((frame) => frame.id && frame.line);
  }

  // Each event names the one before it in the whole log. An unbroken chain from the cursor on which the follower began has
  // every event once: none was lost, none came twice.
  assertWhole(who) {
    let last = this.after;
    for (const event of this.events()) {
      assert.equal(event.prev, last, `${who}: behind ${last} came ${event.id}`);
      last = event.id;
    }
    const resets = this.frames().filter(({ frame }) => frame.event === 'reset' || frame.event === 'snapshot');
    assert.equal(resets.length, 0, `${who}: its cursor was always known`);
    return last;
  }
}

// What the log says of a channel behind a cursor, by /api/history.
export async function logBehind(origin, cookie, network, target, after) {
  const lines = [];
  for (let place = after, more = true; more;) {
    const query = new URLSearchParams({ network, target, after: place, limit: '1000' });
    const answer = await (await fetch(`${origin}/api/history?${query}`, { headers: { cookie } })).json();
    lines.push(...answer.lines);
    more = answer.more && answer.lines.length > 0;
    place = lines.at(-1)?.id ?? place;
  }
  return lines;
}
