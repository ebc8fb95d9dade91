// A paste on its way: many lines at once, through a tab, a hub and a queue to a server, while requests and answers are
// lost, streams end, the page sleeps and wakes, and words between tab and hub are late. Each line is said once, in order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../src/transport/commands';
import { Hub } from '../../src/transport/hub';
import type { OpenLink } from '../../src/transport/hub_words';
import { Wire } from '../../src/transport/wire';
import { FakeEnv, settle, type FakeRequest } from './fakes';

const LINES = 8;

function dice(seed: number): (sides: number) => number {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** What Halley keeps of numbered commands: the last answer of each client. */
class Server {
  readonly done: string[] = [];
  private readonly last = new Map<string, number>();

  take(request: FakeRequest): { status: number; body: unknown } {
    const { client, seq, line } = request.body as { client: string; seq: number; line: string };
    const last = this.last.get(client) ?? 0;
    if (seq === last) return { status: 200, body: { seq, result: '' } };
    if (seq !== last + 1) return { status: 409, body: { error: 'hole', message: 'Another seq is expected.', expected: last + 1 } };
    this.last.set(client, seq);
    this.done.push(line);
    return { status: 200, body: { seq, result: '' } };
  }
}

class Play {
  readonly env = new FakeEnv(false);
  readonly server = new Server();
  readonly outcomes: Outcome[] = [];
  readonly wire: Wire;
  private readonly toHub: (() => void)[] = [];
  private readonly toTab: (() => void)[] = [];
  private handled = 0;
  private readonly open: FakeRequest[] = [];

  constructor(private readonly roll: (sides: number) => number) {
    const hub = new Hub(this.env, 'hub');
    const link: OpenLink = (hear) => {
      const say = hub.join((word) => this.toTab.push(() => hear(structuredClone(word))));
      return { post: (word) => this.toHub.push(() => say(structuredClone(word))), close: () => undefined };
    };
    const nothing = (): void => undefined;
    this.wire = new Wire({ env: this.env, links: [link], user: 'ada', tab: 'tab', found: null }, {
      frames: nothing, status: nothing, caughtUp: nothing, gap: nothing, admit: () => Promise.resolve(), ended: nothing, waiting: nothing, shared: nothing, found: nothing,
    });
    this.wire.start({ frames: [], after: 'e:10' });
  }

  /** Requests that nobody has answered yet. */
  get requests(): FakeRequest[] {
    while (this.handled < this.env.requests.length) this.open.push(this.env.requests[this.handled++]!);
    return this.open.filter((request) => !request.aborted);
  }

  private settled(request: FakeRequest): void {
    this.open.splice(this.open.indexOf(request), 1);
  }

  answer(request: FakeRequest, weather: number): void {
    this.settled(request);
    if (request.url.startsWith('api/commands')) {
      if (weather === 1) request.fail(); // it never came there
      else if (weather === 2) request.answer(502, 'a proxy in trouble');
      else {
        const { status, body } = this.server.take(request);
        if (weather === 3) request.fail(); // done, and its answer lost
        else request.answer(status, body);
      }
    } else if (request.query.get('transport') === 'poll') {
      if (weather === 1) request.fail();
      else request.answer(200, [{ event: 'ready', id: 'e:10' }]);
    } else if (request.url.startsWith('api/events')) {
      if (weather === 1) {
        request.fail();
        return;
      }
      request.open();
      request.frames({ event: 'ready', id: 'e:10' });
      if (weather === 2) request.end();
    } else {
      request.answer(200, {});
    }
  }

  say(text: string): void {
    const taken = this.wire.send({ network: 'n', line: text, outcome: (outcome) => this.outcomes.push(outcome) });
    assert.ok(taken);
  }

  async step(): Promise<void> {
    const { roll } = this;
    const what = roll(10);
    const [request] = this.requests.slice(roll(Math.max(1, this.requests.length)));
    if (what < 3 && request !== undefined) this.answer(request, roll(7));
    else if (what < 5) this.toHub.shift()?.();
    else if (what < 7) this.toTab.shift()?.();
    else if (what === 7) await this.env.pass(100 + roll(3000));
    else if (what === 8) this.wire.wake();
    else if (roll(3) === 0) this.wire.pause();
    await settle();
  }

  /** The weather clears: everything gets through. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200 && this.outcomes.length < LINES; round += 1) {
      this.wire.wake();
      for (let i = 0; i < 3; i += 1) {
        while (this.toHub.length > 0) this.toHub.shift()!();
        while (this.toTab.length > 0) this.toTab.shift()!();
        for (const request of this.requests) this.answer(request, 0);
        await settle();
      }
      await this.env.pass(1000);
    }
  }
}

test('a paste of many lines, whatever is lost or late on the way: each line is said once, in its order', async () => {
  const paste = Array.from({ length: LINES }, (_, i) => `PRIVMSG #c :line ${i}`);
  for (let seed = 1; seed <= 400; seed += 1) {
    const play = new Play(dice(seed));
    for (const text of paste) play.say(text);
    for (let i = 0; i < 30; i += 1) await play.step();
    await play.finish();
    assert.deepEqual(play.server.done, paste, `seed ${seed}`);
    assert.deepEqual(play.outcomes, paste.map(() => ({ kind: 'done' })), `seed ${seed}`);
  }
});
