// Keeps the copy of talks (copy.ts) in IndexedDB: one user's, whose login this browser has. It is written now and then
// while the page is open, by any tab, and is gone with the login (start.tsx). A database is open only while it is used, so
// that deleting it never waits. Browser only.

import { effect } from '@preact/signals';
import { epochOf } from '../transport/frames';
import { orderedBuffers, type Buffer } from '../state/world';
import type { Entry } from '../state/entry';
import { linesOf, networksOf, seenIn, type Copy } from './copy';
import type { LastSeen } from './parts';
import type { Session } from './session';

/** Of what the kept objects are made: by build.mjs, from the sources. */
declare const COPY_FORMAT: string;

const DATABASE = 'halley';
const STORE = 'copy';
const STATE = 'state';
const LINES = 'lines/';
const FIRST_MS = 1000;
const EVERY_MS = 20_000;

interface State extends Omit<Copy, 'lines'> {
  format: string;
}

function whenDone<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}

async function withDatabase<Result>(run: (store: IDBObjectStore) => Promise<Result>, mode: IDBTransactionMode): Promise<Result> {
  const opening = indexedDB.open(DATABASE, 1);
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

class Keeper {
  /** What is kept already: the version of each buffer's log. */
  private versions = new Map<string, number>();
  private owner = '';

  constructor(private readonly session: Session) {}

  /** Writes what changed since. */
  async keep(): Promise<void> {
    const { store, head } = this.session;
    if (store.screen.value !== 'main' || !store.world.attached || head === null) return;
    const user = store.user.value;
    const state: State = { format: COPY_FORMAT, user, head, time: Date.now(), networks: networksOf(store.world) };
    const owner = JSON.stringify([COPY_FORMAT, user, epochOf(head)]);
    if (owner !== this.owner) this.versions.clear();
    const buffers = [...store.world.networks.values()].flatMap(orderedBuffers);
    const changed = buffers.filter((buffer) => this.versions.get(buffer.key) !== buffer.log.version);
    const { forgotten } = store.world;
    const gone = [...forgotten];
    await withDatabase(async (shelf) => {
      await this.tidy(shelf, owner, buffers.filter(({ key }) => !gone.includes(key)));
      void shelf.put(state, STATE);
      for (const buffer of changed) {
        const lines = linesOf(buffer);
        if (lines === null) continue;
        void shelf.put(lines, LINES + buffer.key);
        this.versions.set(buffer.key, buffer.log.version);
      }
    }, 'readwrite');
    this.owner = owner;
    for (const key of gone) forgotten.delete(key); // others may have come meanwhile
  }

  /** Another's goes as a whole; of one's own, what has no page any more. */
  private async tidy(shelf: IDBObjectStore, owner: string, buffers: Buffer[]): Promise<void> {
    if (owner !== this.owner) {
      const old = (await whenDone(shelf.get(STATE))) as State | undefined;
      if (old === undefined || JSON.stringify([old.format, old.user, epochOf(old.head)]) !== owner) {
        shelf.clear();
        return;
      }
    }
    const known = new Set(buffers.map((buffer) => LINES + buffer.key));
    for (const key of await whenDone(shelf.getAllKeys())) if (key !== STATE && !known.has(String(key))) shelf.delete(key);
  }
}

/** From now on the copy follows what is read. */
export function keepCopies(session: Session): void {
  const keeper = new Keeper(session);
  let busy = false;
  const keep = (): void => {
    if (busy) return;
    busy = true;
    // Without room, or in a private window, there is no copy; all else goes on.
    keeper.keep().catch(() => undefined).finally(() => { busy = false; });
  };
  window.setTimeout(keep, FIRST_MS);
  window.setInterval(keep, EVERY_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') keep();
  });
  // A talk that was just opened is the one that will be wanted.
  effect(() => {
    if (session.store.active.value !== null) window.setTimeout(keep, FIRST_MS);
  });
}
