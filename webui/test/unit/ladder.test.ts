import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rememberCarrier, rememberedCarrier } from '../../src/app/carrier';
import { Memory } from '../../src/app/memory';
import type { CarrierName, Fate, Found } from '../../src/transport/carriers';
import { EventStream } from '../../src/transport/stream';
import { FakeEnv, FakeStorage, settle, type FakeRequest, type FakeSocket } from './fakes';
import { event, Heard } from './heard';

const HELLO = { event: 'hello', time: '2026-11-27T12:00:00.000Z' };
const READY = { event: 'ready', id: 'e:10' };
const PING = { event: 'ping' };
const HOUR = 3600_000;

interface Scene {
  env: FakeEnv;
  heard: Heard;
  stream: EventStream;
}

function follow(carrier: CarrierName | null = null): Scene {
  const env = new FakeEnv(true, true);
  const heard = new Heard();
  const stream = new EventStream(env, heard, 'page-1', 'ada');
  stream.follow('e:10', carrier === null ? null : { carrier, tried: [] });
  return { env, heard, stream };
}

function socketOf(env: FakeEnv): FakeSocket {
  return env.sockets[env.sockets.length - 1]!;
}

function asked(env: FakeEnv, transport: string): FakeRequest[] {
  return env.requests.filter((request) => request.query.get('transport') === transport);
}

async function live(): Promise<Scene> {
  const scene = follow();
  socketOf(scene.env).open(HELLO, READY);
  await settle();
  await scene.env.pass(1500);
  socketOf(scene.env).frames(PING);
  await settle();
  return scene;
}

test('a WebSocket comes first; one that speaks at once is the only request', async () => {
  const { env, heard } = await live();
  const { query } = socketOf(env);
  assert.deepEqual([query.get('transport'), query.get('after'), query.get('client'), query.get('user')], ['websocket', 'e:10', 'page-1.1', 'ada']);
  assert.equal(heard.phase, 'live');
  assert.equal(heard.carrier, 'websocket');
  assert.deepEqual(heard.provenCarriers, ['websocket']);
  socketOf(env).frames(event(11), event(12));
  await settle();
  await env.pass(11_000);
  assert.deepEqual(heard.lines, ['line 11', 'line 12']);
  assert.equal(env.sockets.length, 1);
  assert.equal(env.requests.length, 0);
});

test('messages that come together are told together', async () => {
  const { env, heard } = await live();
  let told = 0;
  const frames = heard.frames.bind(heard);
  heard.frames = (each) => { told += 1; frames(each); };
  socketOf(env).frames(...Array.from({ length: 200 }, (_, at) => event(11 + at)));
  await settle();
  assert.equal(heard.lines.length, 200);
  assert.equal(told, 1);
});

test('what came before the end is told, and the next WebSocket goes on behind it', async () => {
  const { env, heard } = await live();
  socketOf(env).frames(event(11), { event: 'end', message: 'Halley stops.' });
  socketOf(env).end();
  await settle();
  assert.deepEqual(heard.lines, ['line 11']);
  assert.equal(heard.phase, 'waiting');
  assert.equal(heard.statuses[heard.statuses.length - 1]!.reason, 'Halley stops.');
  await env.pass(1000);
  assert.equal(env.sockets.length, 2);
  assert.equal(socketOf(env).query.get('after'), 'e:11');
});

test('a proxy that refuses the handshake costs nothing: a stream is asked for in the same moment, and kept', async () => {
  const { env, heard } = follow();
  socketOf(env).end();
  await settle();
  assert.equal(env.time, 0);
  assert.equal(asked(env, 'ndjson').length, 1);
  assert.equal(heard.statuses.some(({ phase }) => phase === 'waiting'), false);
  env.last.open();
  env.last.frames(HELLO, READY);
  await settle();
  assert.equal(heard.phase, 'live');
  assert.equal(heard.carrier, 'ndjson');
  assert.deepEqual(heard.provenCarriers, ['ndjson']);
  env.last.end();
  await settle();
  await env.pass(1000);
  assert.equal(env.sockets.length, 1, 'it is not asked again at each turn');
  assert.equal(asked(env, 'ndjson').length, 2);
});

test('a browser whose policy forbids it tells an error alone, as Chromium, and is served by a stream', async () => {
  const { env } = follow();
  socketOf(env).onerror?.();
  await settle();
  assert.equal(env.time, 0);
  assert.equal(asked(env, 'ndjson').length, 1);
});

test('a browser whose policy forbids it throws, and is served by a stream', async () => {
  const env = new FakeEnv(true, true);
  env.webSocket = () => { throw new Error('insecure'); };
  const heard = new Heard();
  new EventStream(env, heard, 'page-1').follow('e:10');
  await settle();
  assert.equal(asked(env, 'ndjson').length, 1);
});

test('a server that is away is asked by both, and found by the WebSocket when it is back', async () => {
  const { env, heard } = await live();
  socketOf(env).end();
  await settle();
  for (let tries = 0; tries < 6; tries += 1) {
    const before = env.sockets.length;
    for (let i = 0; env.sockets.length === before && i < 4000; i += 1) await env.pass(100);
    socketOf(env).end();
    await settle();
    env.last.fail();
    await settle();
    assert.equal(heard.phase, 'waiting');
    assert.equal(heard.carrier, 'websocket');
  }
  assert.equal(asked(env, 'poll').length, 0);
  const before = env.sockets.length;
  for (let i = 0; env.sockets.length === before && i < 4000; i += 1) await env.pass(100);
  socketOf(env).open(HELLO, READY);
  await settle();
  assert.equal(heard.phase, 'live');
  assert.deepEqual(heard.provenCarriers, ['websocket']);
});

test('why it was refused is told by the stream that is tried next', async () => {
  const { env, heard } = follow();
  socketOf(env).end();
  await settle();
  env.last.answer(401, { error: 'not_logged_in', message: 'Log in first.' });
  await settle();
  assert.equal(heard.unauthorizedCount, 1);
  assert.equal(heard.phase, 'stopped');
});

test('a page that travels to where WebSockets are refused goes on by a stream', async () => {
  const { env, heard } = await live();
  socketOf(env).end();
  await env.pass(1000);
  socketOf(env).end();
  await settle();
  env.last.open();
  env.last.frames(HELLO, event(11), { event: 'ready', id: 'e:11' });
  await settle();
  assert.equal(heard.phase, 'live');
  assert.deepEqual(heard.lines, ['line 11']);
  assert.deepEqual(heard.provenCarriers, ['websocket', 'ndjson']);
});

test('a WebSocket that opens and says nothing gets a poll beside it, which is answered at once', async () => {
  const { env, heard } = follow();
  socketOf(env).open();
  await env.pass(700);
  const [poll] = asked(env, 'poll');
  assert.equal(poll!.query.get('wait'), '0');
  poll!.answer(200, [READY]);
  await settle();
  assert.equal(heard.phase, 'live');
  assert.equal(heard.carrier, 'poll');
  await env.pass(300);
  assert.equal(env.last.query.get('wait'), null, 'the next one waits for news');
  await env.pass(9000);
  assert.equal(asked(env, 'ndjson').length, 1, 'the next way is tried');
  asked(env, 'ndjson')[0]!.open();
  asked(env, 'ndjson')[0]!.frames(HELLO, READY);
  await settle();
  assert.equal(heard.carrier, 'ndjson');
  assert.deepEqual(heard.provenCarriers, ['ndjson']);
});

test('where a poll gets no answer either it is not the WebSocket that fails', async () => {
  const { env, heard } = follow();
  socketOf(env).open();
  await env.pass(10_000);
  assert.equal(heard.phase, 'waiting');
  assert.equal(asked(env, 'ndjson').length, 0);
  await env.pass(1000);
  assert.equal(env.sockets.length, 2);
});

test('a proxy that passes the first words and then gathers is found out, and the next way tried', async () => {
  const { env } = follow();
  for (let tries = 0; tries < 2; tries += 1) {
    socketOf(env).open(HELLO, READY);
    await settle();
    await env.pass(9000);
  }
  assert.equal(env.sockets.length, 2);
  assert.equal(asked(env, 'ndjson').length, 1);
});

test('after a day of polls the best way gets its chance again', async () => {
  const { env, heard } = follow('poll');
  assert.equal(env.sockets.length, 0);
  assert.equal(env.last.query.get('wait'), '0', 'a page that comes up to date waits for no news');
  env.last.answer(200, [READY]);
  await settle();
  await env.pass(300);
  env.time += 23 * HOUR;
  env.last.answer(200, [event(11), { event: 'ready', id: 'e:11' }]);
  await settle();
  assert.equal(env.sockets.length, 0);
  env.time += 2 * HOUR;
  env.last.answer(200, [event(12), { event: 'ready', id: 'e:12' }]);
  await settle();
  assert.equal(env.sockets.length, 1);
  socketOf(env).open(HELLO, { event: 'ready', id: 'e:12' });
  await settle();
  assert.equal(heard.carrier, 'websocket');
  assert.deepEqual(heard.provenCarriers, ['poll', 'websocket']);
});

test('why a way is used: what came of each better one, when, and in the words of the server', async () => {
  const { env, heard, stream } = follow();
  env.time += 60_000;
  socketOf(env).end();
  await settle();
  const [trial] = heard.statuses[heard.statuses.length - 1]!.tried;
  assert.deepEqual(trial, { carrier: 'websocket', fate: 'barred', at: env.began + 60_000, said: '' });
  env.last.answer(501, { error: 'unfit', message: 'No streams here.' });
  await settle();
  await env.pass(1000);
  assert.deepEqual(heard.tried.slice(0, 2), [['websocket', 'barred', ''], ['ndjson', 'refused', 'No streams here.']]);
  env.sources[0]!.onmessage?.({ data: JSON.stringify(HELLO) });
  env.sources[0]!.onmessage?.({ data: JSON.stringify(READY) });
  await settle();
  assert.equal(heard.carrier, 'sse');
  assert.deepEqual(heard.tried, [['websocket', 'barred', ''], ['ndjson', 'refused', 'No streams here.']]);
  assert.deepEqual(heard.found?.tried.map(({ carrier }) => carrier), ['websocket', 'ndjson'], 'and is remembered');
  stream.stop();
});

test('while a poll brings the news beside a way that is silent, that is said, and of a way that gathers, too', async () => {
  const { env, heard } = follow();
  socketOf(env).open();
  await env.pass(700);
  asked(env, 'poll')[0]!.answer(200, [READY]);
  await settle();
  assert.deepEqual(heard.tried, [['websocket', 'asked', '']]);
  await env.pass(9300);
  assert.deepEqual(heard.tried, [['websocket', 'silent', ''], ['ndjson', 'asked', '']]);

  const second = follow();
  for (let tries = 0; tries < 2; tries += 1) {
    socketOf(second.env).open(HELLO, READY);
    await settle();
    await second.env.pass(9000);
  }
  asked(second.env, 'ndjson')[0]!.open();
  asked(second.env, 'ndjson')[0]!.frames(HELLO, READY);
  await settle();
  assert.deepEqual(second.heard.tried, [['websocket', 'late', '']]);
});

test('a browser without WebSockets is named as the reason; nothing is said of what works', async () => {
  const env = new FakeEnv(true, false);
  const heard = new Heard();
  new EventStream(env, heard, 'page-1').follow('e:10');
  env.last.open();
  env.last.frames(HELLO, READY);
  await settle();
  assert.deepEqual(heard.tried, [['websocket', 'absent', '']]);
  assert.deepEqual((await live()).heard.tried, []);
});

test('what an earlier visit found is told until it is tried again, which who reads it can ask for', async () => {
  const env = new FakeEnv(true, true);
  const heard = new Heard();
  const stream = new EventStream(env, heard, 'page-1');
  stream.follow('e:10', { carrier: 'ndjson', tried: [{ carrier: 'websocket', fate: 'barred', at: 5, said: '' }] });
  env.last.open();
  env.last.frames(HELLO, READY);
  await settle();
  assert.deepEqual(heard.statuses[heard.statuses.length - 1]!.tried, [{ carrier: 'websocket', fate: 'barred', at: 5, said: '' }]);
  stream.climb();
  assert.equal(socketOf(env).query.get('after'), 'e:10');
  socketOf(env).open(HELLO, event(11), { event: 'ready', id: 'e:11' });
  await settle();
  assert.equal(heard.phase, 'live');
  assert.equal(heard.carrier, 'websocket');
  assert.deepEqual(heard.tried, []);
  assert.deepEqual(heard.lines, ['line 11']);
  assert.equal(heard.statuses.some(({ phase }) => phase === 'waiting'), false, 'nothing is interrupted for it');
  stream.climb();
  assert.equal(env.sockets.length, 1, 'the best way is in use');
});

test('what worked is remembered for a day from when it was found, however often the page is opened', () => {
  const memory = new Memory(new FakeStorage());
  assert.equal(rememberedCarrier(memory, 0), null);
  const found = (carrier: CarrierName, ...fates: Fate[]): Found => ({ carrier, tried: fates.map((fate) => ({ carrier: 'websocket', fate, at: 7, said: 'x'.repeat(1000) })) });
  rememberCarrier(memory, found('poll', 'barred'), 0);
  rememberCarrier(memory, found('poll', 'silent'), 20 * HOUR);
  assert.equal(rememberedCarrier(memory, 23 * HOUR)?.carrier, 'poll');
  assert.deepEqual(rememberedCarrier(memory, 23 * HOUR)?.tried, [{ carrier: 'websocket', fate: 'silent', at: 7, said: 'x'.repeat(200) }], 'what came of the others is the newest');
  assert.equal(rememberedCarrier(memory, 25 * HOUR), null);
  rememberCarrier(memory, found('poll'), 25 * HOUR);
  assert.equal(rememberedCarrier(memory, 48 * HOUR)?.carrier, 'poll');
  rememberCarrier(memory, found('ndjson'), 48 * HOUR);
  assert.equal(rememberedCarrier(memory, 49 * HOUR)?.carrier, 'ndjson');
  for (const other of ['poll 1', 'poll 1 {', 'poll 1 [{"carrier":"pigeon"}]']) {
    memory.set('carrier', other);
    assert.deepEqual(rememberedCarrier(memory, 2), { carrier: 'poll', since: 1, tried: [] }, 'of an earlier page, or another one');
  }
});
