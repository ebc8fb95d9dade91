import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStream } from '../../src/transport/stream';
import { FakeEnv, settle } from './fakes';
import { event, Heard, SNAPSHOT } from './heard';

function begin(env = new FakeEnv(), head: string | null = 'e:10'): { env: FakeEnv; heard: Heard; stream: EventStream } {
  const heard = new Heard();
  const stream = new EventStream(env, heard, 'page-1');
  stream.start(head);
  return { env, heard, stream };
}

async function beginLive(): Promise<{ env: FakeEnv; heard: Heard; stream: EventStream }> {
  const all = begin();
  all.env.last.open();
  all.env.last.frames(...SNAPSHOT);
  await settle();
  return all;
}

test('a fresh attach asks without a cursor and is live after "ready"', async () => {
  const { env, heard } = begin();
  assert.equal(env.last.query.get('after'), null);
  assert.equal(env.last.query.get('transport'), 'ndjson');
  assert.equal(env.last.query.get('client'), 'page-1.1');
  assert.deepEqual(heard.names, ['page-1.1']);
  assert.equal(heard.phase, 'connecting');
  env.last.open();
  env.last.frames(...SNAPSHOT, event(11));
  await settle();
  assert.equal(heard.phase, 'live');
  assert.deepEqual(heard.marks, ['snapshot', 'ready']);
  assert.deepEqual(heard.lines, [':me JOIN #c', 'line 11']);
  assert.deepEqual(heard.caught, []);
});

test('frames cut anywhere, even within a character, come out whole', async () => {
  const { env, heard } = begin();
  env.last.open();
  const request = env.last;
  const bytes = new TextEncoder().encode(`{"event":"snapshot"}\n{"event":"ready"}\n\n{"network":"n","line":"häß 🌠"}\n`);
  const decoder = new TextDecoder('latin1');
  // write() encodes as UTF-8: go round it, byte by byte.
  const controller = request as unknown as { controller: ReadableStreamDefaultController<Uint8Array> };
  for (const byte of bytes) controller.controller.enqueue(new Uint8Array([byte]));
  assert.equal(decoder.decode(bytes).length, bytes.length);
  await settle();
  assert.deepEqual(heard.lines, ['häß 🌠']);
});

test('after a lost line it resumes from its cursor and says how much was missed', async () => {
  const { env, heard } = await beginLive();
  env.last.frames(event(11), event(12));
  await settle();
  env.last.end();
  await settle();
  assert.equal(heard.phase, 'waiting');
  await env.pass(1000);
  assert.equal(heard.phase, 'connecting');
  assert.equal(env.last.query.get('after'), 'e:12');
  env.last.open();
  env.last.frames(event(13), event(14), { event: 'ready', id: 'e:14' });
  await settle();
  assert.equal(heard.phase, 'live');
  assert.deepEqual(heard.caught, [2]);
  assert.deepEqual(heard.lines.slice(1), ['line 11', 'line 12', 'line 13', 'line 14']);
});

test('without any line heard the head of /api/me is the cursor', async () => {
  const { env } = await beginLive();
  env.last.end();
  await settle();
  await env.pass(1000);
  assert.equal(env.last.query.get('after'), 'e:10');
});

test('the id of "ready" is the cursor of a fresh attach', async () => {
  const { env } = begin();
  env.last.open();
  env.last.frames({ event: 'snapshot' }, { event: 'ready', id: 'e:40' });
  await settle();
  env.last.end();
  await settle();
  await env.pass(1000);
  assert.equal(env.last.query.get('after'), 'e:40');
});

test('a drop before "ready" attaches fresh again', async () => {
  const { env, heard } = begin();
  env.last.open();
  env.last.frames({ event: 'snapshot' }, { network: 'n', line: ':me JOIN #c' });
  await settle();
  env.last.end();
  await settle();
  await env.pass(1000);
  assert.equal(env.last.query.get('after'), null);
  assert.equal(heard.phase, 'connecting');
});

test('duplicates are dropped', async () => {
  const { env, heard } = await beginLive();
  env.last.frames(event(11), event(12), event(11), event(12), event(13));
  await settle();
  assert.deepEqual(heard.lines.slice(1), ['line 11', 'line 12', 'line 13']);
});

test('a hole is not passed on: the lines are asked for again from the last good one', async () => {
  const { env, heard } = await beginLive();
  env.last.frames(event(11));
  await settle();
  const first = env.last;
  first.frames(event(14, 13));
  await settle();
  assert.equal(first.aborted, true);
  assert.notEqual(env.last, first);
  assert.equal(env.last.query.get('after'), 'e:11');
  assert.equal(heard.gaps, 0);
  env.last.open();
  env.last.frames(event(12), event(13), event(14), { event: 'ready' });
  await settle();
  assert.deepEqual(heard.lines.slice(1), ['line 11', 'line 12', 'line 13', 'line 14']);
});

test('a hole the server cannot fill is told once, and the talk goes on', async () => {
  const { env, heard } = await beginLive();
  env.last.frames(event(11));
  env.last.frames(event(14, 13));
  await settle();
  env.last.open();
  env.last.frames(event(14, 13), event(15), { event: 'ready' });
  await settle();
  assert.equal(heard.gaps, 1);
  assert.equal(env.requests.length, 2);
  assert.deepEqual(heard.lines.slice(1), ['line 11', 'line 14', 'line 15']);
});

test('ids beyond the exact range of doubles are still told apart', async () => {
  const { env, heard } = await beginLive();
  const big = (id: string, prev: string): unknown => ({ id: `e:${id}`, prev: `e:${prev}`, network: 'n', line: id });
  env.last.frames(big('18014398509481985', '11'), big('18014398509481986', '18014398509481985'));
  await settle();
  assert.deepEqual(heard.lines.slice(1), ['18014398509481985', '18014398509481986']);
});

test('a reset forgets the cursor until the next line or seed', async () => {
  const { env, heard, stream } = await beginLive();
  env.last.frames(event(11), { event: 'reset' }, { event: 'snapshot' }, { event: 'ready' });
  await settle();
  assert.deepEqual(heard.marks, ['snapshot', 'ready', 'reset', 'snapshot', 'ready']);
  assert.equal(stream.position, null);
  env.last.frames({ id: 'f:3', prev: 'f:2', network: 'n', line: 'new epoch' });
  await settle();
  assert.equal(stream.position, 'f:3');
  assert.equal(heard.lines[heard.lines.length - 1], 'new epoch');
});

test('waits grow, stay bounded and differ by chance', async () => {
  const { env } = await beginLive();
  env.last.end();
  await settle();
  const waits: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    const before = env.requests.length;
    const start = env.time;
    for (let j = 0; env.requests.length === before && j < 4000; j += 1) await env.pass(50);
    waits.push(env.time - start);
    env.last.fail();
    await settle();
  }
  for (let i = 1; i < waits.length; i += 1) assert.ok(waits[i]! >= waits[i - 1]!, `${waits}`);
  assert.ok(waits[9]! <= 30_000);
  const fails = env.requests.length;
  env.dice = 0.99;
  for (let j = 0; env.requests.length === fails && j < 4000; j += 1) await env.pass(50);
  env.last.fail();
  await settle();
  const before = env.requests.length;
  const start = env.time;
  for (let j = 0; env.requests.length === before && j < 4000; j += 1) await env.pass(50);
  assert.ok(env.time - start > waits[9]!);
});

test('silence beyond the heartbeats is a lost line', async () => {
  const { env, heard } = await beginLive();
  await env.pass(1500);
  env.last.write('\n');
  await settle();
  for (let i = 0; i < 4; i += 1) {
    await env.pass(15_000);
    env.last.write('\n');
    await settle();
  }
  assert.equal(heard.phase, 'live');
  const before = env.last;
  await env.pass(41_000);
  assert.equal(before.aborted, true);
  assert.equal(env.requests.length, 2);
});

test('a proxy that swallows the stream brings SSE, then poll', async () => {
  const { env, heard } = begin();
  env.last.open();
  await env.pass(10_000);
  assert.equal(env.sources.length, 1);
  assert.match(env.sources[0]!.url, /transport=sse/);
  assert.equal(heard.carrier, 'sse');
  await env.pass(10_000);
  assert.equal(env.sources[0]!.closed, true);
  assert.equal(env.last.query.get('transport'), 'poll');
  env.last.answer(200, [...SNAPSHOT, event(11)]);
  await settle();
  assert.equal(heard.phase, 'live');
  assert.equal(env.last.query.get('after'), 'e:11');
  env.last.answer(200, [event(12), { event: 'ready', id: 'e:12' }]);
  await settle();
  assert.equal(env.last.query.get('after'), 'e:12');
  assert.deepEqual(heard.lines.slice(1), ['line 11', 'line 12']);
  assert.deepEqual(heard.caught, [], 'polls are no reconnections');
});

test('without EventSource the ladder has two rungs', async () => {
  const { env } = begin(new FakeEnv(false));
  env.last.open();
  await env.pass(10_000);
  assert.equal(env.last.query.get('transport'), 'poll');
});

test('SSE carries the same frames, and resumes by our own cursor', async () => {
  const { env, heard } = begin();
  env.last.open();
  await env.pass(10_000);
  const source = env.sources[0]!;
  source.onopen?.();
  for (const frame of [...SNAPSHOT, event(11), { event: 'ping' }]) source.onmessage?.({ data: JSON.stringify(frame) });
  assert.equal(heard.phase, 'live');
  source.onerror?.();
  assert.equal(source.closed, true);
  assert.equal(heard.phase, 'waiting');
  await env.pass(1000);
  assert.match(env.sources[1]!.url, /after=e%3A11/);
});

test('empty polls that return at once do not spin', async () => {
  const { env } = begin(new FakeEnv(false));
  env.last.open();
  await env.pass(10_000);
  env.last.answer(200, [...SNAPSHOT, event(11)]);
  await settle();
  const before = env.requests.length;
  env.last.answer(200, [{ event: 'ready', id: 'e:11' }]);
  await settle();
  assert.equal(env.requests.length, before);
  await env.pass(250);
  assert.equal(env.requests.length, before + 1);
});

test('a proven carrier is kept when the server is away for long', async () => {
  const { env, heard } = await beginLive();
  env.last.end();
  await settle();
  for (let i = 0; i < 8; i += 1) {
    const before = env.requests.length;
    for (let j = 0; env.requests.length === before && j < 4000; j += 1) await env.pass(1000);
    env.last.fail();
    await settle();
  }
  assert.equal(heard.carrier, 'ndjson');
  assert.equal(env.sources.length, 0);
});

test('401 ends it; nothing is tried again', async () => {
  const { env, heard } = await beginLive();
  env.last.end();
  await settle();
  await env.pass(1000);
  env.last.answer(401, { error: 'unauthorized', message: 'Log in first.' });
  await settle();
  assert.equal(heard.unauthorizedCount, 1);
  assert.equal(heard.phase, 'stopped');
  const count = env.requests.length;
  await env.pass(120_000);
  assert.equal(env.requests.length, count);
});

test('429 waits as long as the server says, and its words are passed on', async () => {
  const { env, heard } = await beginLive();
  env.last.end();
  await settle();
  await env.pass(1000);
  env.last.answer(429, { error: 'slow_down', message: 'Too many streams.' }, { 'retry-after': '20' });
  await settle();
  assert.equal(heard.statuses[heard.statuses.length - 1]!.reason, 'Too many streams.');
  const count = env.requests.length;
  await env.pass(19_000);
  assert.equal(env.requests.length, count);
  await env.pass(1500);
  assert.equal(env.requests.length, count + 1);
});

test('check() cuts the waiting short, and doubts a line that was silent through a sleep', async () => {
  const { env, heard, stream } = await beginLive();
  env.time += 25_000;
  stream.check();
  assert.equal(heard.phase, 'waiting');
  stream.check();
  assert.equal(heard.phase, 'connecting');
  assert.equal(env.requests.length, 2);
});

test('a stopped stream says nothing more', async () => {
  const { env, heard, stream } = await beginLive();
  stream.stop();
  assert.equal(env.last.aborted, true);
  const told = heard.lines.length;
  await env.pass(100_000);
  assert.equal(heard.lines.length, told);
  assert.equal(env.requests.length, 1);
});

test('the reason the server gives before closing is shown while waiting', async () => {
  const { env, heard } = await beginLive();
  env.last.frames({ event: 'end', message: 'The server restarts.' });
  env.last.end();
  await settle();
  assert.equal(heard.statuses[heard.statuses.length - 1]!.reason, 'The server restarts.');
});

function follow(carrier: 'ndjson' | 'sse' | 'poll' | null = null): { env: FakeEnv; heard: Heard; stream: EventStream } {
  const env = new FakeEnv();
  const heard = new Heard();
  const stream = new EventStream(env, heard, 'page-1');
  stream.follow('e:10', carrier === null ? null : { carrier, tried: [] });
  return { env, heard, stream };
}

test('behind a snapshot that was read already it resumes at once, also when the first try fails', async () => {
  const { env } = follow();
  assert.equal(env.last.query.get('after'), 'e:10');
  env.last.fail();
  await settle();
  await env.pass(600);
  const streams = env.requests.filter((request) => request.query.get('transport') === 'ndjson');
  assert.equal(streams.length, 2);
  assert.equal(streams[1]!.query.get('after'), 'e:10');
});

test('a proxy that holds the stream back costs nobody a wait: a poll beside it brings the lines', async () => {
  const { env, heard } = follow();
  const stream = env.last;
  stream.open();
  await env.pass(1000);
  const poll = env.last;
  assert.notEqual(poll, stream);
  assert.deepEqual([poll.query.get('transport'), poll.query.get('after'), poll.query.get('client')], ['poll', 'e:10', 'page-1.2']);
  poll.answer(200, [event(11), { event: 'ready', id: 'e:11' }]);
  await settle();
  await env.pass(0);
  assert.equal(heard.phase, 'live');
  assert.deepEqual(heard.lines, ['line 11']);
  assert.deepEqual(heard.names, ['page-1.1', 'page-1.2'], 'what is sent now is answered to the poll');
  assert.equal(env.last.query.get('after'), 'e:11');
  await env.pass(25_000);
  assert.equal(heard.phase, 'live', 'the ladder goes down unnoticed');
  assert.equal(heard.statuses.some((status) => status.phase === 'waiting'), false);
  assert.equal(env.last.query.get('transport'), 'poll');
  env.last.answer(200, [event(12), { event: 'ready', id: 'e:12' }]);
  await settle();
  assert.deepEqual(heard.lines, ['line 11', 'line 12']);
  assert.deepEqual(heard.provenCarriers, ['poll']);
});

test('when the stream speaks after all, the poll goes, and no line comes twice', async () => {
  const { env, heard } = follow();
  const stream = env.last;
  stream.open();
  await env.pass(1000);
  env.last.answer(200, [event(11), { event: 'ready', id: 'e:11' }]);
  await settle();
  await env.pass(300);
  const poll = env.last;
  stream.frames(event(11), event(12), { event: 'ready', id: 'e:12' });
  await settle();
  assert.equal(poll.aborted, true);
  assert.deepEqual(heard.lines, ['line 11', 'line 12']);
  assert.deepEqual(heard.names, ['page-1.1', 'page-1.2', 'page-1.1']);
  assert.deepEqual(heard.provenCarriers, ['ndjson']);
  const count = env.requests.length;
  await env.pass(1500);
  stream.write('\n');
  await settle();
  await env.pass(10_000);
  assert.equal(env.requests.length, count);
});

test('a stream that speaks at once gets no poll beside it', async () => {
  const { env } = follow();
  env.last.open();
  env.last.frames({ event: 'ready', id: 'e:10' });
  await settle();
  await env.pass(5000);
  assert.equal(env.requests.length, 1);
});

test('what worked the last time comes first', async () => {
  const { env, heard } = follow('poll');
  assert.equal(env.last.query.get('transport'), 'poll');
  env.last.answer(200, [event(11), { event: 'ready', id: 'e:11' }]);
  await settle();
  assert.deepEqual(heard.lines, ['line 11']);
  assert.equal(env.last.query.get('client'), 'page-1.1', 'polls of one page keep their name');
});

test('each new stream listens under a new name', async () => {
  const { env, heard } = await beginLive();
  env.last.end();
  await settle();
  await env.pass(1000);
  assert.deepEqual(heard.names, ['page-1.1', 'page-1.2']);
  assert.equal(env.last.query.get('client'), 'page-1.2');
});
