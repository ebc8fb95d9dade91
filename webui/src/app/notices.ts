// Notices while the page is closed (Web Push): whether this browser gets them, and that those which were read go. Browser only.

import { effect } from '@preact/signals';
import { ApiError, type Api } from '../transport/api';
import { browserEnv, type Env } from '../transport/env';
import { keepPage } from '../transport/links';
import { news, type World } from '../state/world';
import { keepLanguage } from '../worker/language';
import { tagOf, type NoticeData } from '../worker/notices';
import { subscribed } from '../worker/subscription';
import { inTurn } from '../worker/turn';
import type { Session } from './session';
import { t, w, type Word } from '../words/words';

export interface Subscription {
  id: number;
  /** Of its endpoint only where it is. */
  endpoint: string;
  here: boolean;
  created: string;
  sent: string;
}

export interface PushState {
  vapid: string;
  subscriptions: Subscription[];
}

type Raw = Record<string, unknown>;

/** Why this browser cannot have them; null: it can, or has. */
export function obstacle(): Word | null {
  if (!window.isSecureContext) return w('Notices need https: open Halley by an https address.');
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || typeof Notification === 'undefined') {
    return w('This browser can be sent no notices. On an iPhone or iPad, add Halley to the home screen and open it from there.');
  }
  if (Notification.permission === 'denied') return w('This browser is told to show no notices of this page. Allow them in its settings, beside the address.');
  return null;
}

export async function readPush(api: Api): Promise<PushState> {
  const raw = (await api.resource('GET', 'push')) as Raw;
  const rows = Array.isArray(raw['subscriptions']) ? (raw['subscriptions'] as Raw[]) : [];
  const text = (row: Raw, name: string): string => (typeof row[name] === 'string' ? String(row[name]) : '');
  return {
    vapid: text(raw, 'vapid'),
    subscriptions: rows.map((row) => ({ id: Number(row['id']), endpoint: text(row, 'endpoint'), here: row['here'] === true, created: text(row, 'created'), sent: text(row, 'sent') })),
  };
}

async function subscribeAt(manager: PushManager, vapid: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: vapid };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    const old = await manager.getSubscription();
    if (old === null) throw error;
    // By another Halley's key.
    await old.unsubscribe();
    return manager.subscribe(options);
  }
}

/** Fails where the worker cannot be installed, for which `serviceWorker.ready` waits for ever. */
export function whenActive({ active, waiting, installing }: Pick<ServiceWorkerRegistration, 'active' | 'waiting' | 'installing'>): Promise<void> {
  const worker = active ?? waiting ?? installing;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (worker === null || worker.state === 'redundant') reject(new Error('no worker'));
      else if (worker.state === 'activating' || worker.state === 'activated') resolve();
    };
    worker?.addEventListener('statechange', look);
    look();
  });
}

/** Asks its user, and the push service. Throws words for a person. */
export async function beginPush(api: Api): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new ApiError(0, 'denied', t('You have not allowed notices of this page.'));
  const { vapid } = await readPush(api);
  let subscription: PushSubscription;
  try {
    const registration = await keepPage();
    await whenActive(registration);
    subscription = await subscribeAt(registration.pushManager, vapid);
  } catch {
    throw new ApiError(0, 'no_service', t('The push service of this browser does not answer. Try again later.'));
  }
  await api.resource('POST', 'push', subscribed(subscription));
}

export async function endPush(api: Api, { id, here }: Subscription): Promise<void> {
  await api.resource('DELETE', `push/${id}`);
  if (!here) return;
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

type Shown = Notification & { readonly data: NoticeData | null };

/** Which of the notices shown are for nobody any more. A push may be here before its line, above all where a machine wakes up. */
export function readNotices<Each extends Pick<Shown, 'tag' | 'data'>>(world: World, shown: Each[]): Each[] {
  const waiting = new Set<string>();
  for (const network of world.networks.values()) {
    for (const buffer of network.buffers.values()) if (news(buffer) > 0 || buffer.highlights > 0) waiting.add(tagOf(network.name, buffer.name));
  }
  return shown.filter(({ tag, data }) => !waiting.has(tag) && (data?.time ?? 0) <= world.heard);
}

const SOON_MS = 1000;

/** Runs `look` soon after it is called, once for all calls meanwhile; and again while `look` says that it was too early. */
export function sooner(env: Pick<Env, 'setTimer'>, look: () => boolean): () => void {
  let waits = false;
  const call = (): void => {
    if (waits) return;
    waits = true;
    env.setTimer(() => {
      waits = false;
      if (!look()) call();
    }, SOON_MS);
  };
  return call;
}

/** Notices go when what they tell is read here. */
export function followNotices(session: Session): void {
  if (obstacle() !== null) return;
  const { store, unread } = session;
  const close = async (): Promise<void> => {
    const registration = await navigator.serviceWorker.getRegistration();
    const shown = ((await registration?.getNotifications()) ?? []) as Shown[];
    for (const notice of readNotices(store.world, shown)) notice.close();
  };
  const soon = sooner(browserEnv(), () => {
    if (unread.counting) return false; // what waits there may not be told yet
    // Only who looks has read anything.
    if (store.world.attached && store.world.watching) void inTurn(close).catch(() => undefined); // what cannot be closed is closed by its reader
    return true;
  });
  effect(() => {
    void store.list.value;
    soon();
  });
  // The worker has no words of its own for what its user chose.
  effect(() => void keepLanguage(store.spoken.value).catch(() => undefined));
}
