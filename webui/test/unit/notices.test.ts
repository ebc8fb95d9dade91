import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNotices, sooner, whenActive } from '../../src/app/notices';
import { applyFrame } from '../../src/state/fold';
import { Changes, ensureBuffer, ensureNetwork, World } from '../../src/state/world';
import { MOST_LINES, noticeOf, tagOf, type Notice, type NoticeData } from '../../src/worker/notices';
import { subscribed } from '../../src/worker/subscription';
import { FakeEnv, settle } from './fakes';

const TAGS = '@time=2026-11-26T12:00:00.000Z;msgid=abc;halley/network=libera';
const none = (): null => null;

function shown(line: string, before: (tag: string) => NoticeData | null = none, language = 'en-GB'): Notice {
  const notice = noticeOf(line, 5, language, before);
  assert.equal(notice?.kind, 'show');
  return notice as Notice;
}

test('a pushed line becomes a notice of its channel or talk, with the way there', () => {
  const channel = shown(`${TAGS} :bob!b@host PRIVMSG #C :\x02kit\x02: hi`);
  assert.equal(channel.tag, 'libera/#c');
  assert.equal(channel.title, '#C · libera');
  assert.equal(channel.body, 'bob: kit: hi');
  assert.deepEqual(channel.data, { hash: '#/libera/%23C', time: Date.UTC(2026, 10, 26, 12), lines: ['bob: kit: hi'], count: 1 });
  const talk = shown(`${TAGS} :bob!b@host PRIVMSG kit :\x01ACTION waves\x01`);
  assert.deepEqual([talk.tag, talk.title, talk.body, talk.data.hash], ['libera/bob', 'bob · libera', 'bob waves', '#/libera/bob']);
  assert.equal(shown(`${TAGS} :bob!b@host PRIVMSG @#c :psst`).tag, 'libera/#c');
  const one = shown(':bob!b@host NOTICE kit :of one network alone');
  assert.deepEqual([one.title, one.data.time], ['bob', 5]);
});

test('invitations are told in the reader’s language', () => {
  const line = `${TAGS} :bob!b@host INVITE kit #d`;
  assert.deepEqual([shown(line).tag, shown(line).body], ['libera/#d', 'bob invites you to #d']);
  assert.equal(shown(line, none, 'de-AT').body, 'bob lädt dich ein in #d');
  assert.equal(shown(line, none, 'fr').body, 'bob invites you to #d');
});

test('what comes later in a channel takes the place of its notice, and is counted', () => {
  let data: NoticeData | null = null;
  let last = shown(`${TAGS} :bob!b@h PRIVMSG #c :kit: line 0`);
  for (let i = 1; i <= MOST_LINES; i += 1) {
    data = last.data;
    last = shown(`${TAGS} :bob!b@h PRIVMSG #c :kit: line ${i}`, (tag) => (tag === 'libera/#c' ? data : null));
  }
  assert.equal(last.title, `#c · libera (${MOST_LINES + 1})`);
  assert.equal(last.body.split('\n').length, MOST_LINES);
  assert.match(last.body, /^bob: kit: line 1\n/);
});

test('what was read elsewhere closes its notice; anything else says nothing', () => {
  const closing = noticeOf('@halley/network=libera :halley.example MARKREAD #C timestamp=2026-11-26T12:01:00.000Z', 0, 'en', none);
  assert.deepEqual(closing, { kind: 'close', tag: tagOf('libera', '#c'), time: Date.UTC(2026, 10, 26, 12, 1) });
  for (const line of ['', '@a', ':h MARKREAD #c *', ':bob!b@h JOIN #c']) assert.equal(noticeOf(line, 0, 'en', none), null, line);
});

test('a hostile line stays words', () => {
  const { title, body, data } = shown(`${TAGS} :\u202eb<b>!b@h PRIVMSG #a/b?c :${'x'.repeat(2000)}`);
  assert.equal(data.hash, '#/libera/%23a%2Fb%3Fc');
  assert.ok(title.length < 60 && body.length < 400);
});

/** Of notices with a line of that time. */
function readTags(world: World, tags: string[], time = 0): string[] {
  return readNotices(world, tags.map((tag) => ({ tag, data: { time, hash: '', lines: [], count: 1 } }))).map(({ tag }) => tag);
}

test('a notice stays until the page has heard what it tells, which a push may be ahead of', () => {
  const world = new World();
  const ready = (id: string): void => applyFrame(world, { kind: 'ready', id }, 0, new Changes());
  ready('e:5000000');
  assert.deepEqual(readTags(world, ['libera/#c'], 5000), ['libera/#c']);
  assert.deepEqual(readTags(world, ['libera/#c'], 5001), []);
  ready('e:6000000');
  assert.deepEqual(readTags(world, ['libera/#c'], 6000), ['libera/#c']);
  const line = (id: string | null, time: number, text: string): void =>
    applyFrame(world, { kind: 'line', id, prev: null, network: 'libera', line: `@time=${new Date(time).toISOString()} ${text}` }, 0, new Changes());
  line(null, 9000, ':irc.example 306 kit :away');
  assert.deepEqual(readTags(world, ['libera/#c'], 7000), [], 'that is no part of what happened');
  line('e:7000000', 7500, ':vera!v@h JOIN #d');
  assert.deepEqual(readTags(world, ['libera/#c'], 7500), ['libera/#c'], 'by the network’s clock, which is ahead');
  line('e:8000000', 7600, ':bob!b@h PRIVMSG #c :kit: hi');
  assert.deepEqual(readTags(world, ['libera/bob'], 8000), ['libera/bob']);
});

test('notices of what was read here are closed', () => {
  const world = new World();
  const network = ensureNetwork(world, 'libera', new Changes());
  const channel = ensureBuffer(network, '#C', new Changes());
  ensureBuffer(network, 'bob', new Changes());
  channel.unread = 1;
  assert.deepEqual(readTags(world, ['libera/#c', 'libera/bob', 'gone/#x']), ['libera/bob', 'gone/#x']);
});

test('no browser is pushed what shows nothing, where that costs the right to push', () => {
  const of = (endpoint: string) => subscribed({ toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }) });
  assert.deepEqual(of('https://push.example/x'), { endpoint: 'https://push.example/x', p256dh: 'p', auth: 'a', markread: true });
  assert.equal(of('https://web.push.apple.com/x').markread, false);
  assert.equal(of('https://evil.example/.push.apple.com/').markread, true);
});

test('where something happens all the time notices are looked at all the same, and not before it is known what waits', async () => {
  const env = new FakeEnv();
  let ready = false;
  const looks: boolean[] = [];
  const soon = sooner(env, () => {
    looks.push(ready);
    return ready;
  });
  for (let i = 0; i < 5; i += 1) {
    soon();
    await env.pass(900);
  }
  assert.deepEqual(looks, [false, false, false, false]);
  ready = true;
  await env.pass(1000);
  assert.deepEqual(looks.slice(4), [true]);
  await env.pass(10_000);
  assert.equal(looks.length, 5, 'until something happens again');
});

test('a service worker that cannot be installed is said, and not waited for', async () => {
  class Worker extends EventTarget {
    constructor(public state: string) { super(); }
    become(state: string): void {
      this.state = state;
      this.dispatchEvent(new Event('statechange'));
    }
  }
  const wait = (worker: Worker | null, active: Worker | null = null): Promise<string> =>
    whenActive({ active, waiting: null, installing: worker } as unknown as ServiceWorkerRegistration).then(() => 'active', () => 'failed');
  const fails = new Worker('installing');
  const failed = wait(fails);
  fails.become('redundant');
  assert.equal(await failed, 'failed');
  const works = new Worker('installing');
  const working = wait(works);
  works.become('installed');
  await settle();
  works.become('activating');
  assert.equal(await working, 'active');
  assert.equal(await wait(new Worker('installing'), new Worker('activated')), 'active');
  assert.equal(await wait(null), 'failed');
});
