import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from '../../src/app/store';
import { TypingNotices } from '../../src/app/typing_notices';
import { LONGEST_QUEUE } from '../../src/transport/bounds';
import { Changes, ensureBuffer, ensureNetwork, type Buffer } from '../../src/state/world';
import { Fleeting } from '../../src/transport/fleeting';
import { FakeEnv, settle } from './fakes';

function begin() {
  const env = new FakeEnv();
  const store = new Store();
  const said: string[] = [];
  const host = { store, room: LONGEST_QUEUE, tell: (_: string, line: string) => said.push(line) };
  const changes = new Changes();
  const network = ensureNetwork(store.world, 'n', changes);
  network.state = 'connected';
  store.connection.value = { phase: 'live', carrier: 'ndjson', tried: [], everLive: true, reason: '' };
  const channel = ensureBuffer(network, '#c', changes);
  channel.joined = true;
  return { env, store, host, said, network, channel, query: ensureBuffer(network, 'vera', changes), typing: new TypingNotices(env, host) };
}

test('typing is told once in three seconds, that it paused, and that nothing is left; what is said ends it by itself', async () => {
  const { env, said, channel, typing } = begin();
  for (const text of ['h', 'he', 'hel']) typing.typed(channel, text);
  assert.deepEqual(said, ['@+typing=active TAGMSG #c']);
  await env.pass(3100);
  typing.typed(channel, 'hell');
  assert.equal(said.length, 2);
  await env.pass(5100);
  assert.equal(said[2], '@+typing=paused TAGMSG #c');
  typing.typed(channel, 'hello');
  typing.typed(channel, '');
  assert.deepEqual(said.slice(3), ['@+typing=active TAGMSG #c', '@+typing=done TAGMSG #c']);
  typing.typed(channel, 'again');
  typing.sent();
  await env.pass(60_000);
  typing.typed(channel, '');
  assert.equal(said.length, 6);
});

test('who turns to another page has paused on the one before', () => {
  const { said, channel, query, typing } = begin();
  typing.typed(channel, 'hello');
  typing.typed(query, 'you');
  assert.deepEqual(said, ['@+typing=active TAGMSG #c', '@+typing=paused TAGMSG #c', '@+typing=active TAGMSG vera']);
});

test('commands are nobody else’s business', () => {
  const { said, channel, typing } = begin();
  for (const text of ['/', '/msg vera secret', '   ']) typing.typed(channel, text);
  assert.deepEqual(said, []);
  typing.typed(channel, '/me waves');
  assert.equal(said.length, 1);
});

test('nothing is told where it is not wanted, or anything is in the way', () => {
  const cases: ((all: ReturnType<typeof begin>) => Buffer | void)[] = [
    ({ store }) => { store.tellsTyping.value = false; },
    ({ store }) => { store.connection.value = { ...store.connection.value, phase: 'waiting' }; },
    ({ host }) => { host.room -= 1; },
    ({ network }) => { network.state = 'waiting'; },
    ({ channel }) => { channel.set = { ...channel.set, muted: true }; },
    ({ channel }) => { channel.joined = false; },
    ({ network }) => network.server,
    ({ network }) => ensureBuffer(network, '*halley', new Changes()),
  ];
  for (const change of cases) {
    const all = begin();
    const buffer = change(all) ?? all.channel;
    all.typing.typed(buffer, 'hello');
    assert.deepEqual(all.said, [], String(change));
  }
});

test('notices have numbers of their own, are never said twice, and hold nothing up', async () => {
  const env = new FakeEnv();
  const fleeting = new Fleeting(env, 'tab.now');
  void fleeting.send('n', 'one');
  void fleeting.send('n', 'two');
  assert.equal(env.requests.length, 1, 'one at a time; another meanwhile is dropped');
  env.last.fail();
  await settle();
  void fleeting.send('n', 'three');
  assert.deepEqual(env.last.body, { client: 'tab.now', seq: 2, network: 'n', line: 'three' });
  env.last.answer(409, { error: 'hole', message: '', expected: 1 });
  await settle();
  void fleeting.send('n', 'four');
  assert.equal(env.last.body['seq'], 1);
  env.last.answer(200, { seq: 1, result: '' });
  await settle();
  await env.pass(60_000);
  assert.equal(env.requests.length, 3);
});
