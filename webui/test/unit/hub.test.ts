import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome, Stamp } from '../../src/transport/commands';
import { Hub } from '../../src/transport/hub';
import type { OpenLink, ToHub, ToTab } from '../../src/transport/hub_words';
import type { Frame } from '../../src/transport/frames';
import { MOST_FRAMES, Recent } from '../../src/transport/recent';
import { Wire } from '../../src/transport/wire';
import { FakeEnv, settle, type FakeRequest } from './fakes';

function event(id: number, prev = id - 1): unknown {
  return { id: `e:${id}`, prev: `e:${prev}`, network: 'n', line: `line ${id}` };
}

function line(id: string | null, text = ''): Frame {
  return { kind: 'line', id, prev: null, network: 'n', line: text };
}

/** A tab that notes what the hub says. */
class Tab {
  readonly words: ToTab[] = [];
  readonly say: (word: ToHub) => void;

  constructor(hub: Hub) {
    this.say = hub.join((word) => {
      this.words.push(word);
      if (word.kind === 'trying') this.say({ kind: 'tried', token: word.token });
    });
  }

  hello(after: string, user = 'ada'): this {
    this.say({ kind: 'hello', user, after, found: null });
    return this;
  }

  get lines(): string[] {
    return this.words.flatMap((word) => (word.kind === 'frames' ? word.frames : [])).flatMap((frame) => (frame.kind === 'line' ? [frame.line] : []));
  }

  get kinds(): string[] {
    return this.words.map((word) => word.kind);
  }
}

function streams(env: FakeEnv): FakeRequest[] {
  return env.requests.filter((request) => request.query.get('transport') === 'ndjson');
}

async function beginHub(): Promise<{ env: FakeEnv; hub: Hub; first: Tab }> {
  const env = new FakeEnv();
  const hub = new Hub(env, 'hub');
  const first = new Tab(hub).hello('e:10');
  streams(env)[0]!.open();
  streams(env)[0]!.frames({ event: 'ready', id: 'e:10' }, event(11), event(12));
  await settle();
  return { env, hub, first };
}

test('a tab that comes later, or knows more already, gets exactly what it misses', async () => {
  const { env, hub, first } = await beginHub();
  const late = new Tab(hub).hello('e:11');
  const ahead = new Tab(hub).hello('e:14');
  for (let id = 13; id <= 16; id += 1) streams(env)[0]!.frames(event(id));
  await settle();
  assert.deepEqual(first.lines, ['line 11', 'line 12', 'line 13', 'line 14', 'line 15', 'line 16']);
  assert.deepEqual(late.lines, ['line 12', 'line 13', 'line 14', 'line 15', 'line 16']);
  assert.deepEqual(ahead.lines, ['line 15', 'line 16']);
  assert.equal(streams(env).length, 1);
});

test('what the hub no longer has is read anew, and not skipped', async () => {
  const { hub } = await beginHub();
  const old = new Tab(hub).hello('e:9');
  assert.deepEqual(old.kinds, ['reread']);
});

test('the newest frames are kept within bounds, and a cursor behind them is refused', () => {
  const recent = new Recent();
  recent.begin('e:0');
  for (let id = 1; id <= MOST_FRAMES + 1; id += 1) recent.add(line(`e:${id}`));
  assert.equal(recent.since('e:0'), null);
  assert.equal(recent.since(`e:${MOST_FRAMES}`)!.length, 1);
  assert.equal(recent.since('f:1'), null);
  const wide = new Recent();
  wide.begin('e:0');
  for (let id = 1; id <= 20; id += 1) wide.add(line(`e:${id}`, 'x'.repeat(1 << 20)));
  assert.equal(wide.since('e:0'), null);
  assert.ok(wide.since('e:20')!.length === 0);
});

test('lines without a row behind the cursor are told too; a reset sends everybody later to the present', () => {
  const recent = new Recent();
  recent.begin('e:5');
  recent.add(line('e:6', 'six'));
  recent.add(line(null, 'state'));
  recent.add(line('e:7', 'seven'));
  assert.deepEqual(recent.since('e:6')!.map((frame) => (frame.kind === 'line' ? frame.line : '')), ['state', 'seven']);
  recent.add({ kind: 'reset', id: null });
  recent.add({ kind: 'snapshot', id: null });
  assert.equal(recent.since('e:7'), null);
  recent.add(line(null, 'of the snapshot'));
  recent.add({ kind: 'ready', id: 'f:1' });
  recent.add(line('f:2', 'new'));
  assert.equal(recent.since('f:1')!.length, 1);
});

test('another user ends the tabs of the one before; nothing of hers reaches him', async () => {
  const { env, hub, first } = await beginHub();
  first.say({ kind: 'command', token: 't', network: 'n', line: 'PRIVMSG #c :hers', stamp: undefined });
  const other = new Tab(hub).hello('b:1', 'bob');
  assert.deepEqual(first.kinds.slice(-1), ['ended']);
  assert.equal(streams(env)[0]!.aborted, true);
  assert.equal(streams(env)[1]!.query.get('after'), 'b:1');
  assert.deepEqual(other.lines, []);
});

test('the last tab ends the stream; the next one begins another, under a name not used before', async () => {
  const { env, hub, first } = await beginHub();
  const second = new Tab(hub).hello('e:12');
  first.say({ kind: 'bye' });
  assert.equal(streams(env)[0]!.aborted, false);
  second.say({ kind: 'bye' });
  assert.equal(streams(env)[0]!.aborted, true);
  new Tab(hub).hello('e:12');
  const names = streams(env).map((request) => request.query.get('client'));
  assert.equal(new Set(names).size, 2);
});

test('tabs that vanished without a word are forgotten, and known again when they speak', async () => {
  const { env, hub, first } = await beginHub();
  env.time += 700_000;
  const second = new Tab(hub).hello('e:12');
  first.say({ kind: 'alive' });
  assert.deepEqual(first.kinds.slice(-1), ['unknown']);
  first.hello('e:12');
  streams(env)[0]!.frames(event(13));
  await settle();
  assert.deepEqual(second.lines, ['line 13']);
  assert.deepEqual(first.lines.slice(-1), ['line 13']);
});

test('what one tab tells the others does not come back to it', async () => {
  const { hub, first } = await beginHub();
  const second = new Tab(hub).hello('e:12');
  first.say({ kind: 'share', note: { read: 1 } });
  assert.deepEqual(second.words.slice(-1), [{ kind: 'share', note: { read: 1 } }]);
  assert.ok(!first.kinds.includes('share'));
});

/** A way whose hub can be taken away and replaced, as when the tab that leads is closed. */
class Ways {
  hub: Hub;
  hear: (word: ToTab) => void = () => undefined;
  private say: (word: ToHub) => void = () => undefined;

  constructor(private readonly env: FakeEnv) {
    this.hub = new Hub(env, 'first');
  }

  readonly open: OpenLink = (hear) => {
    this.hear = hear;
    this.join();
    return { post: (word) => queueMicrotask(() => this.say(word)), close: () => undefined };
  };

  replace(): void {
    this.hub.stop();
    this.hub = new Hub(this.env, 'second');
    this.join();
    this.hear({ kind: 'unknown' });
  }

  private join(): void {
    const { hub } = this;
    this.say = hub.join((word) => queueMicrotask(() => this.hub === hub && this.hear(word)));
  }
}

async function beginWire(): Promise<{ env: FakeEnv; ways: Ways; wire: Wire; lines: string[] }> {
  const env = new FakeEnv();
  const ways = new Ways(env);
  const lines: string[] = [];
  const nothing = (): void => undefined;
  const wire = new Wire({ env, links: [ways.open], user: 'ada', tab: 'tab', found: null }, {
    frames: (frames) => lines.push(...frames.flatMap((frame) => (frame.kind === 'line' ? [frame.line] : []))),
    status: nothing, caughtUp: nothing, gap: nothing, admit: () => Promise.resolve(), ended: nothing, waiting: nothing, shared: nothing, found: nothing,
  });
  wire.start({ frames: [], after: 'e:10' });
  await settle();
  streams(env)[0]!.open();
  streams(env)[0]!.frames({ event: 'ready', id: 'e:10' }, event(11));
  await settle();
  return { env, ways, wire, lines };
}

test('when the hub changes, the tab follows from its own cursor', async () => {
  const { env, ways, lines } = await beginWire();
  ways.replace();
  await settle();
  assert.equal(streams(env)[1]!.query.get('after'), 'e:11');
  streams(env)[1]!.open();
  streams(env)[1]!.frames(event(12));
  await settle();
  assert.deepEqual(lines, ['line 11', 'line 12']);
});

test('a command that was under way when its hub went is asked for under its old number: it is done once', async () => {
  const { env, ways, wire } = await beginWire();
  const outcomes: Outcome[] = [];
  const stamps: Stamp[] = [];
  for (const text of ['one', 'two']) {
    wire.send({ network: 'n', line: text, trying: (stamp) => { stamps.push(stamp); return undefined; }, outcome: (outcome) => outcomes.push(outcome) });
  }
  await settle();
  const tried = env.last.body;
  assert.equal(tried['line'], 'one');
  ways.replace();
  await settle();
  const again = env.requests.filter((request) => request.init.method === 'POST').slice(-1)[0]!;
  assert.deepEqual(again.body, tried);
  again.answer(200, { seq: 1, result: '' });
  await settle();
  assert.equal(env.last.body['line'], 'two');
  assert.equal(env.last.body['client'], 'second.1.1');
  env.last.answer(200, { seq: 1, result: '' });
  await settle();
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done', 'done']);
  assert.deepEqual(stamps.map((stamp) => stamp.client), ['first.1.1', 'second.1.1']);
});

test('a hub that has not what we miss makes us read the present, then follow behind it', async () => {
  const { env, ways, lines } = await beginWire();
  ways.replace();
  ways.hub.join(() => undefined)({ kind: 'hello', user: 'ada', after: 'e:50', found: null });
  await settle();
  await env.pass(1000);
  const present = env.requests.find((request) => request.query.get('wait') === '0')!;
  assert.deepEqual([...present.query.keys()], ['transport', 'wait', 'user'], 'no cursor, and no name of a client: no answer may wait there');
  present.answer(200, [{ event: 'snapshot' }, { network: 'n', line: 'state' }, { event: 'ready', id: 'e:51' }]);
  await settle();
  streams(env)[1]!.open();
  streams(env)[1]!.frames({ event: 'ready', id: 'e:50' }, event(51), event(52));
  await settle();
  assert.deepEqual(lines, ['line 11', 'state', 'line 52']);
});

test('a way that leads nowhere is left for the next', async () => {
  const env = new FakeEnv();
  const deaf: OpenLink = () => ({ post: () => undefined, close: () => undefined });
  const none: OpenLink = () => null;
  const ways = new Ways(env);
  const nothing = (): void => undefined;
  const wire = new Wire({ env, links: [none, deaf, ways.open], user: 'ada', tab: 'tab', found: null }, {
    frames: nothing, status: nothing, caughtUp: nothing, gap: nothing, admit: () => Promise.resolve(), ended: nothing, waiting: nothing, shared: nothing, found: nothing,
  });
  wire.start({ frames: [], after: 'e:10' });
  wire.send({ network: 'n', line: 'said meanwhile', outcome: nothing });
  await settle();
  assert.equal(env.requests.length, 0);
  await env.pass(6000);
  assert.equal(streams(env)[0]!.query.get('after'), 'e:10');
  assert.equal(env.requests.filter((request) => request.init.method === 'POST')[0]!.body['line'], 'said meanwhile');
});

test('what a tab that goes had not tried yet is not sent behind its back', async () => {
  const { env, hub, first } = await beginHub();
  const second = new Tab(hub).hello('e:12');
  for (const text of ['tried', 'not tried']) first.say({ kind: 'command', token: text, network: 'n', line: text, stamp: undefined });
  second.say({ kind: 'command', token: 'x', network: 'n', line: 'of the other', stamp: undefined });
  await settle();
  first.say({ kind: 'bye' });
  env.last.answer(200, { seq: 1, result: '' });
  await settle();
  env.last.answer(200, { seq: 2, result: '' });
  await settle();
  const said = env.requests.filter((request) => request.init.method === 'POST').map((request) => request.body['line']);
  assert.deepEqual(said, ['tried', 'of the other']);
});

test('a line is sent when its tab has noted the number; a tab that goes before that keeps it, one that is frozen holds nobody up', async () => {
  const env = new FakeEnv();
  const hub = new Hub(env, 'hub');
  const words: ToTab[] = [];
  const say = hub.join((word) => words.push(word));
  const posts = (): FakeRequest[] => env.requests.filter((request) => request.init.method === 'POST');
  say({ kind: 'hello', user: 'ada', after: 'e:10', found: null });
  say({ kind: 'command', token: 't', network: 'n', line: 'one', stamp: undefined });
  await settle();
  assert.deepEqual(words.slice(-1).map(({ kind }) => kind), ['trying']);
  assert.equal(posts().length, 0);
  say({ kind: 'tried', token: 't' });
  await settle();
  posts()[0]!.answer(200, { seq: 1, result: '' });
  say({ kind: 'command', token: 'u', network: 'n', line: 'two', stamp: undefined });
  await settle();
  say({ kind: 'bye' });
  await settle();
  assert.equal(posts().length, 1);
  say({ kind: 'hello', user: 'ada', after: 'e:10', found: null });
  say({ kind: 'command', token: 'v', network: 'n', line: 'three', stamp: undefined });
  await settle();
  assert.equal(posts().length, 1);
  await env.pass(500);
  assert.equal(posts()[1]!.body['line'], 'three');
});

test('when somebody else has logged in, commands and streams of the one before are refused, and tabs look whose login it is', async () => {
  const anothers = { error: 'other_user', message: 'Somebody else has logged in here.' };
  const { env, hub, first } = await beginHub();
  assert.equal(streams(env)[0]!.query.get('user'), 'ada');
  first.say({ kind: 'command', token: 't1', network: 'n', line: 'said by ada', stamp: undefined });
  await settle();
  env.last.answer(409, anothers);
  await settle();
  assert.deepEqual(first.kinds.slice(-1), ['reread']);
  assert.equal(first.kinds.filter((kind) => kind === 'outcome').length, 0, 'it waits with its tab');
  assert.ok(streams(env)[0]!.aborted);

  const bob = new Tab(hub).hello('e:20', 'bob');
  await settle();
  assert.equal(streams(env)[1]!.query.get('user'), 'bob');
  streams(env)[1]!.answer(409, anothers);
  await settle();
  assert.deepEqual(bob.kinds.slice(-1), ['reread']);
  await env.pass(60_000);
  assert.equal(streams(env).length, 2, 'nothing is asked for again in another name');
});
