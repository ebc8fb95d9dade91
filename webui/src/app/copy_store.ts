// Keeps the copy of talks (copy.ts) in IndexedDB: one user's, whose login this browser has. It is written now and then
// while the page is open, by any tab, and is gone with the login (forget.ts). A database is open only while it is used, so
// that deleting it never waits. Browser only.

import { effect } from '@preact/signals';
import { epochOf } from '../transport/frames';
import type { Entry } from '../state/entry';
import { networksOf, nextStep, seenIn, type Copy, type Standings } from './copy';
import { databaseName } from './forget';
import type { LastSeen } from './parts';
import type { Session } from './session';

/** Of what the kept objects are made: by build.mjs, from the sources. */
declare const COPY_FORMAT: string;

const STORE = 'copy';
const STATE = 'state';
const LINES = 'lines/';
const FIRST_MS = 1000;
const EVERY_MS = 20_000;

interface State extends Omit<Copy, 'lines'> {
  format: string;
}

function ownerOf({ format, user, head }: State): string {
  return JSON.stringify([format, user, epochOf(head)]);
}

function whenDone<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}

async function withDatabase<Result>(run: (store: IDBObjectStore) => Promise<Result>, mode: IDBTransactionMode): Promise<Result> {
  const opening = indexedDB.open(databaseName(), 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await whenDone(opening);
  database.onversionchange = () => database.close();
  try {
    const transaction = database.transaction(STORE, mode);
    const over = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up'));
    });
    const [result] = await Promise.all([run(transaction.objectStore(STORE)), over]);
    return result;
  } finally {
    database.close();
  }
}

/** Null: there is none, or one that this page cannot read. */
export async function lastSeen(): Promise<LastSeen | null> {
  return withDatabase(async (store) => {
    const state = (await whenDone(store.get(STATE))) as State | undefined;
    if (state?.format !== COPY_FORMAT) return null;
    const [keys, values] = await Promise.all([whenDone(store.getAllKeys()), whenDone(store.getAll() as IDBRequest<Entry[][]>)]);
    const lines = new Map<string, Entry[]>();
    keys.forEach((key, at) => {
      if (String(key).startsWith(LINES)) lines.set(String(key).slice(LINES.length), values[at] ?? []);
    });
    return seenIn({ ...state, lines });
  }, 'readonly');
}

/** Another's goes as a whole. Of which buffers there are lines then. */
async function keysOf(shelf: IDBObjectStore, owner: string): Promise<Set<string>> {
  const old = (await whenDone(shelf.get(STATE))) as State | undefined;
  if (old === undefined || ownerOf(old) !== owner) {
    shelf.clear();
    return new Set();
  }
  const keys = (await whenDone(shelf.getAllKeys())).map(String);
  return new Set(keys.filter((key) => key.startsWith(LINES)).map((key) => key.slice(LINES.length)));
}

/** Writes what changed since. */
async function keep({ store, head }: Session, standings: Standings): Promise<void> {
  const { world } = store;
  if (store.screen.value !== 'main' || !world.attached || head === null) return;
  const state: State = { format: COPY_FORMAT, user: store.user.value, head, time: Date.now(), networks: networksOf(world) };
  const { done } = await withDatabase(async (shelf) => {
    const step = nextStep(world, await keysOf(shelf, ownerOf(state)), standings);
    void shelf.put(state, STATE);
    for (const key of step.drop) shelf.delete(LINES + key);
    for (const [key, lines] of step.put) void shelf.put(lines, LINES + key);
    return step;
  }, 'readwrite');
  for (const [log, standing] of done) standings.set(log, standing);
}

/** From now on the copy follows what is read. */
export function keepCopies(session: Session): void {
  const standings: Standings = new WeakMap();
  let busy = false;
  const step = (): void => {
    if (busy) return;
    busy = true;
    // Without room, or in a private window, there is no copy; all else goes on.
    keep(session, standings).catch(() => undefined).finally(() => { busy = false; });
  };
  window.setTimeout(step, FIRST_MS);
  window.setInterval(step, EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') step();
  });
  // A talk that was just opened is the one that will be wanted.
  effect(() => {
    if (session.store.active.value !== null) window.setTimeout(step, FIRST_MS);
  });
}
