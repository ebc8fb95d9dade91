// The service worker: keeps the files of the page, so that it opens without a network, and at once where one hangs.
//
// All files of one build are kept together or not at all. The page itself comes from the server whenever that answers, so
// that nobody is shown an old one after an upgrade; its other files are named by their content and never change. Tabs of the
// build before may still open parts of theirs: two builds are kept. What belongs to a user never passes through here.

import { answered, keptOr, type Answers } from './worker/page';
import { servePush, type PushScope } from './worker/push';

/** By build.mjs: the files of this build; the script that its page names, and a name for all of it. */
declare const SHELL: string[];
declare const PAGE_SCRIPT: string;
declare const ICON: string;
declare const BUILD: string;

interface Lasting extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: 'install' | 'activate', run: (event: Lasting) => void): void;
  addEventListener(kind: 'fetch', run: (event: Fetching) => void): void;
}

const scope = globalThis as unknown as Scope;
const BASE = new URL('./', scope.location.href);
/** Another Halley at this host has its own. */
const OURS = `halley ${BASE.pathname} `;
const NAME = OURS + BUILD;
const MOST_BUILDS = 2;
const PATIENCE_MS = 3000;

/** Files of other builds are found there, too. */
function kept(url: string): Promise<Response | undefined> {
  return caches.match(url, { ignoreVary: true });
}

async function keepAll(): Promise<void> {
  const cache = await caches.open(NAME);
  await cache.addAll(SHELL);
  const page = await (await cache.match('./'))?.text();
  if (page?.includes(PAGE_SCRIPT) === true) return;
  // The server became another while this ran: that one's worker keeps its own.
  await caches.delete(NAME);
  throw new Error('the page is of another build');
}

async function forgetOld(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name !== NAME && name.startsWith(OURS) && /^[0-9A-F]{8}$/.test(name.slice(OURS.length)));
  await Promise.all(others.slice(0, Math.max(0, others.length - MOST_BUILDS + 1)).map((name) => caches.delete(name)));
}

/** The page, of the newest build that is whole here. */
async function keptPage(): Promise<Response | undefined> {
  return (await caches.open(NAME)).match('./');
}

function answersFor(event: Fetching): Answers<Response> {
  return {
    // No navigation preload: where it fails, Firefox shows that and not what stands in for it.
    fresh: fetch(event.request),
    kept: keptPage,
    late: new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
  };
}

scope.addEventListener('install', (event) => event.waitUntil(keepAll().then(() => scope.skipWaiting())));

scope.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([forgetOld(), scope.clients.claim()]));
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== BASE.origin || !url.pathname.startsWith(BASE.pathname)) return;
  const file = url.pathname.slice(BASE.pathname.length);
  if (request.mode === 'navigate' && file === '') event.respondWith(answered(answersFor(event)));
  // Named by its content (build.mjs).
  else if (/^[\w-]+\.[0-9A-Z]{8}\.\w+$/.test(file)) event.respondWith(keptOr(() => kept(request.url), () => fetch(request)));
});

servePush(globalThis as unknown as PushScope, ICON);
