// comet.js, the page of 2006, in a document of the least that it needs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { settle } from './fakes';

type Fake = Record<string, any>;

class Comet {
  readonly posts: Fake[] = [];
  /** What of the page of today is gone. */
  readonly gone: string[] = [];
  private timers: { at: number; id: number; run(): void }[] = [];
  private time = 0;
  private id = 0;
  private readonly elements = new Map<string, Fake>();
  private readonly scope: Fake;

  constructor() {
    const element = (): Fake => ({
      value: '', textContent: '', childNodes: [], style: {}, scrollTop: 0, scrollHeight: 0, clientHeight: 0, className: '',
      appendChild(child: Fake) { child['parentNode'] = this; return child; }, removeChild(child: Fake) { child['parentNode'] = null; },
      focus: () => undefined, setAttribute: () => undefined, addEventListener: () => undefined, removeAttribute: () => undefined,
    });
    const document = {
      readyState: 'complete', body: element(), createElement: element, createTextNode: element,
      getElementById: (id: string) => {
        if (!this.elements.has(id)) this.elements.set(id, { ...element(), user: {}, client: {}, seq: {}, network: {}, line: {}, submit: () => this.submitted(id) });
        return this.elements.get(id);
      },
    };
    const setTimeout = (run: () => void, ms = 0): number => {
      this.timers.push({ at: this.time + ms, id: (this.id += 1), run });
      return this.id;
    };
    const clearTimeout = (id: number): void => { this.timers = this.timers.filter((timer) => timer.id !== id); };
    class Request { readyState = 4; status = 200; responseText = `{"user":"${Request.user}","lines":[]}`; static user = 'ada'; onreadystatechange = () => undefined; open() {} send() { this.onreadystatechange(); } }
    this.scope = { document, setTimeout, clearTimeout, XMLHttpRequest: Request, Math, Date, JSON, Object, encodeURIComponent };
    const gone = (what: string) => () => void this.gone.push(what);
    const registration = {
      getNotifications: () => Promise.resolve([{ close: gone('notice') }]),
      pushManager: { getSubscription: () => Promise.resolve({ unsubscribe: gone('subscription') }) },
    };
    Object.assign(this.scope, {
      location: { pathname: '/irc/comet.html' },
      indexedDB: { deleteDatabase: (name: string) => this.gone.push(name) },
      navigator: { serviceWorker: { getRegistration: () => Promise.resolve(registration) } },
    });
    this.scope['window'] = this.scope;
    vm.runInNewContext(readFileSync(path.join(process.env['HALLEY_WEBUI']!, 'public/comet.js'), 'utf8'), this.scope);
    this.frame({ event: 'network', network: 'n', state: 'connected', nick: 'ada' });
    this.element('text')['value'] = '';
  }

  element(id: string): Fake {
    return this.elements.get(id)!;
  }

  frame(value: unknown): void {
    this.scope['halley'](value);
  }

  answer(status: number, body: unknown = {}): void {
    this.frame({ event: 'answer', status, body });
  }

  private submitted(id: string): void {
    const { seq, user } = this.element('post') as { seq: Fake; user: Fake };
    if (id === 'post') this.posts.push({ seq: seq['value'], user: user['value'], at: this.time });
  }

  /** Somebody else logs in, in another tab. */
  overtake(user: string): void {
    this.scope['XMLHttpRequest'].user = user;
  }

  say(text: string): void {
    this.element('text')['value'] = text;
    this.element('say')['onsubmit']();
  }

  /** Lets the next timer go off. */
  tick(): void {
    this.timers.sort((a, b) => a.at - b.at);
    const next = this.timers.shift()!;
    this.time = next.at;
    next.run();
  }

  untilPost(count: number): void {
    for (let i = 0; i < 1000 && this.posts.length < count; i += 1) this.tick();
    assert.equal(this.posts.length, count);
  }
}

test('comet.js: a post that is refused by its number is tried again under the right one, each time later', () => {
  const comet = new Comet();
  comet.frame({ network: 'n', id: 'e:1', prev: 'e:0', line: ':ada!a@h JOIN #c' });
  comet.element('where')['value'] = 'n #c';
  comet.element('where')['onchange']();
  comet.say('hello');
  assert.equal(comet.posts.length, 1);
  const waits: number[] = [];
  for (let i = 1; i <= 8; i += 1) {
    comet.answer(409, { expected: 7 });
    assert.equal(comet.posts.length, i, 'not at once');
    comet.untilPost(i + 1);
    waits.push(comet.posts[i]!['at'] - comet.posts[i - 1]!['at']);
  }
  assert.ok(waits[0]! >= 500 && waits[7]! >= 15_000 && waits[7]! <= 30_000, String(waits));
  assert.deepEqual(comet.posts.map(({ seq }) => seq), [1, ...Array.from({ length: 8 }, () => 7)]);
  comet.answer(200, { result: '' });
  comet.say('and more');
  assert.equal(comet.posts[9]!['seq'], 8);
});

test('comet.js: what the page of today keeps goes with the login, and not while Halley is only away', async () => {
  const ALL = ['halley /irc/', 'notice', 'subscription'];
  const out = new Comet();
  out.element('leave')['onsubmit']();
  out.answer(204);
  await settle();
  assert.deepEqual(out.gone.sort(), ALL);
  const refused = new Comet();
  refused.element('leave')['onsubmit']();
  refused.answer(503);
  await settle();
  assert.deepEqual(refused.gone, []);
  const ended = new Comet();
  ended.frame({ network: 'n', id: 'e:1', prev: 'e:0', line: ':ada!a@h JOIN #c' });
  ended.element('where')['value'] = 'n #c';
  ended.element('where')['onchange']();
  ended.say('hello');
  ended.answer(401);
  await settle();
  assert.deepEqual(ended.gone.sort(), ALL);
});

test('comet.js: posts say whose they are, and what waits is not said by whoever has logged in meanwhile', async () => {
  const comet = new Comet();
  const chat = (): void => {
    comet.frame({ event: 'network', network: 'n', state: 'connected', nick: 'ada' });
    comet.frame({ network: 'n', id: 'e:1', prev: 'e:0', line: ':ada!a@h JOIN #c' });
    comet.element('where')['value'] = 'n #c';
    comet.element('where')['onchange']();
  };
  chat();
  comet.say('said by ada');
  comet.say('and this');
  comet.overtake('bob');
  comet.answer(409, { error: 'other_user', message: 'Somebody else has logged in here.' });
  await settle();
  assert.deepEqual(comet.posts.map(({ user }) => user), ['ada']);
  assert.ok(comet.gone.length > 0, 'what was kept of ada went');
  chat();
  comet.say('said by bob');
  assert.deepEqual(comet.posts.map(({ user }) => user), ['ada', 'bob']);
  assert.equal(comet.element('leave')['user'].value, 'bob');
});
