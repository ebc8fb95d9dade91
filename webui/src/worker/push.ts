// The service worker's end of Web Push: shows notices, closes what was read elsewhere, leads to the page, and subscribes
// anew when the push service asks for that.

import { keptLanguage } from './language';
import { noticeOf, type NoticeData } from './notices';
import { subscribed, type PushBody } from './subscription';
import { inTurn } from './turn';

interface Lasting extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Pushed extends Lasting {
  readonly data: { text(): string } | null;
}

interface Clicked extends Lasting {
  readonly notification: Notification & { readonly data: NoticeData | null };
}

interface Changed extends Lasting {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

interface PageWindow {
  readonly url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

export interface PushScope {
  readonly location: Location;
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<PageWindow[]>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: ServiceWorkerRegistration;
  addEventListener(kind: 'push', run: (event: Pushed) => void): void;
  addEventListener(kind: 'notificationclick', run: (event: Clicked) => void): void;
  addEventListener(kind: 'pushsubscriptionchange', run: (event: Changed) => void): void;
}

/** What the page is told when a notice was chosen. */
export interface OpenWord {
  kind: 'open';
  hash: string;
}

async function pushed(scope: PushScope, text: string, icon: string): Promise<void> {
  const { registration } = scope;
  const shown = (await registration.getNotifications()) as (Notification & { data: NoticeData | null })[];
  const notice = noticeOf(text, Date.now(), await keptLanguage(), (tag) => shown.find((each) => each.tag === tag)?.data ?? null);
  if (notice?.kind === 'close') {
    for (const each of shown) if (each.tag === notice.tag && (each.data?.time ?? 0) <= notice.time) each.close();
  } else if (notice !== null) {
    const { tag, title, body, data } = notice;
    await registration.showNotification(title, { tag, body, data, icon, renotify: true, timestamp: data.time } as NotificationOptions);
  }
}

async function chosen(scope: PushScope, hash: string): Promise<void> {
  // Other pages of this host, and our own about other things, lead nowhere.
  const all = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = all.find(({ url }) => url.replace(/[?#].*/, '') === scope.registration.scope);
  if (page === undefined) {
    await scope.clients.openWindow(`./${hash}`);
    return;
  }
  const word: OpenWord = { kind: 'open', hash };
  page.postMessage(word);
  await page.focus();
}

async function renewed(scope: PushScope, { oldSubscription, newSubscription }: Changed): Promise<void> {
  const key = oldSubscription?.options.applicationServerKey;
  const fresh = newSubscription ?? (key == null ? null : await scope.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  if (fresh === null) return;
  const body: PushBody = subscribed(fresh);
  await fetch('api/push', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

export function servePush(scope: PushScope, icon: string): void {
  scope.addEventListener('push', (event) => event.waitUntil(inTurn(() => pushed(scope, event.data?.text() ?? '', icon))));
  scope.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(chosen(scope, event.notification.data?.hash ?? ''));
  });
  scope.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renewed(scope, event)));
}
