// The service worker's end of Web Push, in a browser of the least that it needs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servePush, type PushScope } from '../../src/worker/push';
import { settle } from './fakes';

type Run = (event: unknown) => void;
interface Shown {
  tag: string;
  title: string;
  body: string;
  data: unknown;
}

const SCOPE = 'https://example.org/halley/';

class Browser {
  shown: Shown[] = [];
  windows: { url: string; told: unknown[] }[] = [];
  opened: string[] = [];
  private readonly runs = new Map<string, Run>();

  constructor() {
    const registration = {
      scope: SCOPE,
      getNotifications: () => Promise.resolve([...this.shown]),
      showNotification: async (title: string, { tag, body, data }: Shown) => {
        await settle();
        this.shown = [...this.shown.filter((each) => each.tag !== tag), { tag, title, body, data }];
      },
    };
    const clients = {
      matchAll: () => Promise.resolve(this.windows.map(({ url, told }) => ({ url, postMessage: (word: unknown) => void told.push(word), focus: () => Promise.resolve() }))),
      openWindow: (url: string) => Promise.resolve(this.opened.push(url)),
    };
    servePush({ registration, clients, addEventListener: (kind: string, run: Run) => this.runs.set(kind, run) } as unknown as PushScope, 'icon.png');
  }

  /** All at once; done when the worker need not be kept alive any more. */
  async hear(kind: string, ...events: object[]): Promise<void> {
    const waits: Promise<unknown>[] = [];
    for (const event of events) this.runs.get(kind)!({ ...event, waitUntil: (done: Promise<unknown>) => waits.push(done) });
    await Promise.all(waits);
  }

  push(...lines: string[]): Promise<void> {
    return this.hear('push', ...lines.map((line) => ({ data: { text: () => line } })));
  }

  choose(hash: string): Promise<void> {
    return this.hear('notificationclick', { notification: { close: () => undefined, data: { hash } } });
  }
}

/** What the page kept in the browser for its worker. */
function withLanguage(language: string | null): void {
  const cache = { match: () => Promise.resolve(language === null ? undefined : new Response(language)) };
  const set = (name: string, value: unknown): unknown => Object.defineProperty(globalThis, name, { value, configurable: true });
  set('location', new URL('sw.js', SCOPE));
  let last: Promise<unknown> = Promise.resolve();
  const request = (name: string, run: () => Promise<unknown>): Promise<unknown> => {
    assert.equal(name, 'halley /halley/ notices');
    return (last = last.catch(() => undefined).then(run));
  };
  set('navigator', { language: 'en-GB', locks: { request } });
  set('caches', { open: (name: string) => (name === 'halley /halley/ language' ? Promise.resolve(cache) : Promise.reject(new Error(name))) });
}

const line = (text: string): string => `@time=2026-11-26T12:00:00.000Z;halley/network=libera :bob!b@host ${text}`;

test('lines that are pushed at once are each counted', async () => {
  withLanguage(null);
  const browser = new Browser();
  await browser.push(...['one', 'two', 'three'].map((text) => line(`PRIVMSG #c :kit: ${text}`)));
  assert.deepEqual(browser.shown.map(({ title, body }) => [title, body]), [['#c · libera (3)', 'bob: kit: one\nbob: kit: two\nbob: kit: three']]);
  await browser.push('@halley/network=libera :halley.example MARKREAD #c timestamp=no-time', line('PRIVMSG #c :kit: four'));
  assert.equal(browser.shown[0]!.title, '#c · libera (4)');
});

test('notices speak as the page does', async () => {
  const body = async (language: string | null): Promise<string> => {
    withLanguage(language);
    const browser = new Browser();
    await browser.push(line('INVITE kit #d'));
    return browser.shown[0]!.body;
  };
  assert.equal(await body('de'), 'bob lädt dich ein in #d');
  assert.equal(await body(null), 'bob invites you to #d', 'before the page has spoken: the browser');
});

test('a notice leads to the page, and to no other one of that host', async () => {
  const browser = new Browser();
  const others = ['https://example.org/', 'https://example.org/grafana/', `${SCOPE}comet.html`, `${SCOPE}licences.ABC.txt`].map((url) => ({ url, told: [] }));
  browser.windows = others;
  await browser.choose('#/libera/%23c');
  assert.deepEqual([browser.opened, others.flatMap(({ told }) => told)], [['./#/libera/%23c'], []]);
  const page = { url: `${SCOPE}?from=home#/libera/vera`, told: [] };
  browser.windows = [...others, page];
  await browser.choose('#/libera/%23c');
  assert.deepEqual([browser.opened.length, page.told], [1, [{ kind: 'open', hash: '#/libera/%23c' }]]);
});
