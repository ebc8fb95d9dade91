// What the stream brings is folded at once where it is little, and no more often than it can be drawn where it is much.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Incoming, type IncomingHost } from '../../src/app/incoming';
import { Store } from '../../src/app/store';
import type { Frame } from '../../src/transport/frames';
import { FakeEnv } from './fakes';

class Visit {
  readonly env = new FakeEnv();
  readonly store = new Store();
  /** How often what is shown followed. */
  drawn = 0;
  private id = 0;
  readonly incoming: Incoming;

  constructor() {
    const nothing = (): void => undefined;
    const host = {
      store: this.store, history: { refused: { add: nothing } }, closed: { forgetOpen: nothing }, unread: { readElsewhere: nothing }, outbox: null, missing: null,
      find: () => null, rename: nothing, applyKept: nothing, follow: () => { this.drawn += 1; }, afterReset: () => Promise.resolve(),
    };
    this.incoming = new Incoming(this.env, () => 0, host as unknown as IncomingHost);
    this.store.world.watching = true;
  }

  say(): void {
    this.id += 1;
    const line: Frame = { kind: 'line', id: `e:${this.id}`, prev: null, network: 'n', line: `:vera!v@h PRIVMSG #c :line ${this.id}`, called: false };
    this.incoming.frames([line]);
  }

  get texts(): string[] {
    return [...(this.store.world.networks.get('n')?.buffers.get('#c')?.log.all() ?? [])].map(({ text }) => text);
  }
}

test('a line by itself is there at once; those that come within a frame are drawn together, in order', async () => {
  const visit = new Visit();
  visit.say();
  assert.deepEqual([visit.texts, visit.drawn], [['line 1'], 1]);
  for (let i = 0; i < 5; i += 1) {
    visit.say();
    await visit.env.pass(2);
  }
  assert.deepEqual([visit.texts.length, visit.drawn], [1, 1]);
  await visit.env.pass(16);
  assert.deepEqual([visit.texts, visit.drawn], [Array.from({ length: 6 }, (_, i) => `line ${i + 1}`), 2]);
  await visit.env.pass(100);
  visit.say();
  assert.deepEqual([visit.texts.length, visit.drawn], [7, 3]);
});

test('where nobody looks nothing waits: timers of a hidden page may be a minute late', () => {
  const visit = new Visit();
  visit.store.world.watching = false;
  for (let i = 0; i < 3; i += 1) visit.say();
  assert.deepEqual([visit.texts.length, visit.drawn], [3, 3]);
});

test('what waits when the visit ends is let go', async () => {
  const visit = new Visit();
  visit.say();
  visit.say();
  visit.incoming.stop();
  await visit.env.pass(100);
  assert.equal(visit.texts.length, 1);
});
