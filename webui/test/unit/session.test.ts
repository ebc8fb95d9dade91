// How a visit begins, over a network that may be slow, with what an earlier one saw at hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memory } from '../../src/app/memory';
import type { LastSeen } from '../../src/app/parts';
import { Session } from '../../src/app/session';
import { Store } from '../../src/app/store';
import type { ToHub } from '../../src/transport/hub_words';
import { Changes, ensureBuffer, ensureNetwork } from '../../src/state/world';
import { FakeEnv, FakeStorage, settle, type FakeRequest } from './fakes';

const NETWORK = { name: 'n', nick: 'ada', state: 'connected', trouble: '', buffers: [{ name: '#c', joined: true }] };

function me(user: string, networks: unknown[] = [NETWORK]): unknown {
  return { user, head: 'e:10', networks };
}

class Visit {
  readonly env = new FakeEnv();
  readonly store = new Store();
  readonly lasting = new Memory(new FakeStorage());
  /** What the hub is told. */
  readonly told: ToHub[] = [];
  readonly session: Session;
  seen: Promise<LastSeen | null> = Promise.resolve(null);

  constructor() {
    this.session = new Session({
      env: this.env,
      links: [() => ({ post: (word) => void this.told.push(word), close: () => undefined })],
      store: this.store,
      lasting: this.lasting,
      tab: new Memory(new FakeStorage()),
      clock: () => this.env.time,
      randomId: () => 'tab',
      address: () => null,
      lastSeen: () => this.seen,
    });
  }

  /** The newest request for that which is not answered yet. */
  asked(path: string): FakeRequest {
    const found = this.env.requests.filter((request) => request.url.startsWith(path)).pop();
    assert.ok(found !== undefined, path);
    return found;
  }

  async answer(path: string, status: number, value: unknown): Promise<void> {
    this.asked(path).answer(status, value);
    await settle();
  }

  /** The state beside the stream, as bob has it or ada. */
  present(): Promise<void> {
    return this.answer('api/events', 200, [{ event: 'snapshot' }, { event: 'network', network: 'n', state: 'connected', nick: 'ada' }, { event: 'ready', id: 'e:10' }]);
  }

  get state(): string {
    return `${this.store.screen.value} ${this.store.user.value}`.trim();
  }
}

const ADAS: LastSeen = {
  me: { user: 'ada', head: 'e:9', networks: [{ name: 'n', nick: 'ada', state: 'connected', trouble: '', buffers: [] }] },
  time: 5,
  fill: (world) => void ensureBuffer(ensureNetwork(world, 'n', new Changes()), 'vera', new Changes()),
};

/** Ada's copy is open, as Halley took its time. */
async function late(): Promise<{ visit: Visit; first: FakeRequest }> {
  const visit = new Visit();
  visit.seen = Promise.resolve(ADAS);
  void visit.session.begin();
  await settle();
  const first = visit.asked('api/me');
  await visit.env.pass(4000);
  assert.equal(visit.state, 'main ada');
  return { visit, first };
}

test('who turns out to be another sees nothing of the copy', async () => {
  const { visit, first } = await late();
  first.answer(200, me('bob'));
  visit.env.requests[0]!.answer(503, {}); // the state that was asked for with it
  await settle();
  assert.equal(visit.state, 'main bob');
  assert.equal(visit.store.seenAt.value, 0);
  assert.ok(!visit.store.world.networks.get('n')!.buffers.has('vera'));
});

test('what waits to be sent is not sent by whoever has logged in meanwhile', async () => {
  const { visit, first } = await late();
  first.fail();
  await settle();
  assert.equal(visit.state, 'main ada');
  const { store, session } = visit;
  assert.equal(session.input(store.world.networks.get('n')!.buffers.get('vera')!, 'said by ada'), null);
  await visit.present();
  assert.equal(visit.told.length, 0, 'not before it is known whose login this is');
  await visit.answer('api/me', 200, me('bob'));
  assert.equal(visit.state, 'main bob');
  await visit.present();
  await visit.answer('api/me', 200, me('bob'));
  assert.deepEqual(visit.told.map((word) => (word.kind === 'hello' ? word.user : word.kind)), ['bye', 'bob']);
});

test('an answer that was asked for before somebody else came in changes nothing', async () => {
  const { visit, first } = await late();
  await visit.present();
  assert.notEqual(visit.asked('api/me'), first);
  await visit.answer('api/me', 200, me('bob'));
  assert.equal(visit.state, 'main bob');
  first.answer(200, me('ada'));
  visit.env.requests[0]!.answer(503, {}); // the state that was asked for with it
  await settle();
  assert.equal(visit.state, 'main bob');
});

test('the copy goes on as the visit it was kept for', async () => {
  const { visit, first } = await late();
  first.fail();
  await settle();
  const { store, session } = visit;
  assert.equal(session.input(store.world.networks.get('n')!.buffers.get('vera')!, 'said by ada'), null);
  await visit.present();
  await visit.answer('api/me', 200, me('ada'));
  assert.deepEqual(visit.told.map(({ kind }) => kind), ['hello', 'command']);
});

test('a login that has ended ends the copy, too; the next one begins anew', async () => {
  for (const [status, screen] of [[401, 'login'], [404, 'unreachable']] as const) {
    const { visit, first } = await late();
    first.answer(status, {});
    await settle();
    assert.equal(visit.state, screen);
    assert.equal(visit.store.world.networks.size, 0);
    assert.equal(visit.session.outbox, null);
    void visit.session.begin();
    await settle();
    await visit.answer('api/me', 200, me('ada'));
    await visit.present();
    assert.equal(visit.state, 'main ada');
  }
});

test('a copy that is still being read is not shown to who has to log in, nor after a logout', async () => {
  const visit = new Visit();
  let found: (seen: LastSeen) => void = () => undefined;
  visit.seen = new Promise((resolve) => { found = resolve; });
  void visit.session.begin();
  await visit.env.pass(4000);
  await visit.answer('api/me', 401, {});
  assert.equal(visit.state, 'login');
  found(ADAS);
  await settle();
  assert.equal(visit.state, 'login');
  assert.equal(visit.store.world.networks.size, 0);
});

test('an answer from before a logout brings nobody in', async () => {
  const { visit, first } = await late();
  void visit.session.logout();
  await settle();
  await visit.answer('api/logout', 204, undefined);
  first.answer(200, me('ada'));
  visit.env.requests[0]!.answer(503, {});
  await settle();
  assert.equal(visit.state, 'login');
});

test('when the state is told anew, networks that went leave the list, and what is open is one of the others', async () => {
  const visit = new Visit();
  const { store, session } = visit;
  void session.begin();
  await settle();
  await visit.answer('api/me', 200, me('ada', [NETWORK, { ...NETWORK, name: 'o' }]));
  await visit.present();
  assert.equal(store.active.value?.network, 'n');
  const before = store.list.value;
  void session.afterReset();
  await settle();
  await visit.answer('api/me', 200, me('ada', [{ ...NETWORK, name: 'o' }]));
  assert.equal(store.active.value?.network, 'o');
  assert.ok(store.list.value > before);
  void session.afterReset();
  await settle();
  await visit.answer('api/me', 200, me('bob'));
  assert.equal(visit.state, 'main bob', 'another has logged in meanwhile');
});

test('a request that another login would answer makes the page look whose it is', async () => {
  const visit = new Visit();
  void visit.session.begin();
  await settle();
  await visit.answer('api/me', 200, me('ada', [NETWORK]));
  await visit.present();
  const asking = visit.session.api.changeOutbox(7, 'cancel').catch((error: Error) => error);
  await settle();
  assert.equal(new Headers(visit.asked('api/outbox').init.headers).get('halley-user'), 'ada');
  await visit.answer('api/outbox', 409, { error: 'other_user', message: 'Somebody else has logged in here.' });
  assert.ok((await asking) instanceof Error);
  assert.equal(new Headers(visit.asked('api/me').init.headers).get('halley-user'), null);
  await visit.answer('api/me', 200, me('bob'));
  assert.equal(visit.state, 'main bob');
});
