// The lines of one buffer, oldest first, in chunks. A chunk is what the page draws and skips as one block, so that
// a new line touches one block and not thousands of rows.
//
// The log is a window over a history without end that the server keeps. It slides: what is loaded at one end pushes
// out what lies beyond WINDOW at the other (the caller cuts), and can be loaded again. While the window does not reach
// to the newest line (atEnd is false), lines that just happen wait in a tail of at most TAIL; they join when the
// window has come up to them without a gap.

import { compareIds, sameEpoch } from '../transport/frames';
import type { Entry } from './entry';

export interface Chunk {
  readonly key: number;
  entries: Entry[];
  version: number;
}

export const CHUNK_SIZE = 64;
/** Entries of a buffer somebody looks at; and of all others. */
export const WINDOW = 2048;
export const RESTING = 256;
export const TAIL = 256;

function before(a: Entry, b: Entry): boolean {
  if (a.id === null || b.id === null) return false;
  return sameEpoch(a.id, b.id) && compareIds(a.id, b.id) < 0;
}

export class Log {
  chunks: Chunk[] = [];
  count = 0;
  version = 0;
  /** How often it was emptied: a page that was asked for before belongs to another past. */
  clears = 0;
  /** Whether the window reaches to the newest line there is. */
  atEnd = true;
  /** Somebody reads further up: what comes may not push out what they read. */
  pinned = false;
  /** Key of the newest line we know of, in the window or not. */
  newestKey: string | null = null;
  private nextKey = 1;
  private readonly ids = new Set<string>();
  private tail: Entry[] = [];
  /** The newest line that is neither in the window nor in the tail. */
  private lost: string | null = null;

  has(id: string): boolean {
    return this.ids.has(id);
  }

  get first(): Entry | null {
    return this.chunks[0]?.entries[0] ?? null;
  }

  get last(): Entry | null {
    const chunk = this.chunks[this.chunks.length - 1];
    return chunk?.entries[chunk.entries.length - 1] ?? null;
  }

  /** The oldest entry that the server knows: where the next page of history ends. */
  oldestId(): string | null {
    for (const entry of this.all()) if (entry.id !== null) return entry.id;
    return null;
  }

  /** The newest entry of the window that the server knows: where the next newer page begins. */
  lastId(): string | null {
    for (let c = this.chunks.length - 1; c >= 0; c -= 1) {
      const id = newestIn(this.chunks[c]!.entries);
      if (id !== null) return id;
    }
    return null;
  }

  newestId(): string | null {
    return newestIn(this.tail) ?? this.lastId();
  }

  /** The newest entry of that kind, shown or not. */
  newest(wanted: (entry: Entry) => boolean): Entry | null {
    for (const entries of [this.tail, ...this.chunks.map((chunk) => chunk.entries).reverse()]) {
      for (let i = entries.length - 1; i >= 0; i -= 1) if (wanted(entries[i]!)) return entries[i]!;
    }
    return null;
  }

  /** The entry that the network calls so. */
  named(msgid: string): Entry | null {
    return msgid === '' ? null : this.newest((entry) => entry.msgid === msgid);
  }

  /** Entries are never changed in place: who draws them compares them. */
  replace(entry: Entry, by: Entry): void {
    const waits = this.tail.indexOf(entry);
    if (waits >= 0) this.tail[waits] = by;
    for (const chunk of this.chunks) {
      const at = chunk.entries.indexOf(entry);
      if (at < 0) continue;
      chunk.entries[at] = by;
      chunk.version += 1;
      this.version += 1;
      return;
    }
  }

  *all(): Generator<Entry> {
    for (const chunk of this.chunks) yield* chunk.entries;
  }

  /** The place in `chunks` of the entry with that key; -1 when it is not in the window. */
  find(key: string): number {
    return this.chunks.findIndex((chunk) => chunk.entries.some((entry) => entry.key === key));
  }

  entry(key: string | null): Entry | null {
    for (const each of this.all()) if (each.key === key) return each;
    return null;
  }

  /** A line that just happened, or was late, behind a page of history that reaches further. False when it is here already. */
  append(entry: Entry): boolean {
    if (entry.id !== null && this.ids.has(entry.id)) return false;
    if (this.atEnd && this.pinned && this.count >= WINDOW) this.atEnd = false;
    if (!this.atEnd) return this.hold(entry);
    const newest = this.lastId();
    if (entry.id !== null && newest !== null && sameEpoch(entry.id, newest) && compareIds(entry.id, newest) < 0) {
      this.insert(entry);
      return true;
    }
    this.push(entry);
    this.newestKey = entry.key;
    return true;
  }

  /** A page of history, oldest first: what is new of it goes to its place by id. Returns how many were new. */
  merge(page: Entry[]): number {
    const fresh = page.filter((entry) => entry.id !== null && !this.ids.has(entry.id));
    const oldest = this.firstKnown();
    const older = oldest === null ? fresh : fresh.filter((entry) => before(entry, oldest));
    const within = oldest === null ? [] : fresh.filter((entry) => !before(entry, oldest));
    this.prepend(older);
    for (const entry of within) this.insert(entry);
    if (this.atEnd) this.newestKey = this.last?.key ?? null;
    return fresh.length;
  }

  /** The page that follows the window; `more`: the server has newer ones still. Returns how many were new. */
  mergeNewer(page: Entry[], more: boolean): number {
    let fresh = 0;
    for (const entry of page) {
      if (entry.id === null || this.ids.has(entry.id)) continue;
      this.push(entry);
      fresh += 1;
    }
    if (!more) this.joinTail();
    return fresh;
  }

  /** Another place in the history: the window holds that page alone. */
  reset(page: Entry[], toEnd: boolean): void {
    const { tail, lost } = this;
    this.clear();
    this.tail = tail;
    this.lost = lost;
    this.atEnd = false;
    this.mergeNewer(page, !toEnd);
  }

  /** Drops whole chunks from the old end, down to about `bound` entries. Returns how many entries went. */
  cutOlder(bound: number): number {
    return this.cut(bound, () => this.chunks[0]!, () => this.chunks.shift());
  }

  /** Drops whole chunks from the new end. */
  cutNewer(bound: number): number {
    const newest = this.lastId();
    const gone = this.cut(bound, () => this.chunks[this.chunks.length - 1]!, () => this.chunks.pop());
    if (gone > 0 && this.atEnd) {
      this.atEnd = false;
      this.lost = newest;
    }
    return gone;
  }

  clear(): void {
    this.chunks = [];
    this.count = 0;
    this.ids.clear();
    this.tail = [];
    this.lost = null;
    this.atEnd = true;
    this.clears += 1;
    this.version += 1;
  }

  private hold(entry: Entry): boolean {
    if (entry.id !== null && this.tail.some((held) => held.id === entry.id)) return false;
    this.tail.push(entry);
    this.newestKey = entry.key;
    if (this.tail.length > TAIL) this.lost = this.tail.shift()!.id ?? this.lost;
    this.version += 1;
    return true;
  }

  /** The window holds all that the server had: what waits follows, unless some of it was let go meanwhile. */
  private joinTail(): void {
    const newest = this.lastId();
    const newer = (id: string): boolean => newest === null || (sameEpoch(id, newest) && compareIds(id, newest) > 0);
    if (this.lost !== null && newer(this.lost)) return;
    const { tail } = this;
    this.tail = [];
    this.lost = null;
    this.atEnd = true;
    for (const entry of tail) if (entry.id === null || newer(entry.id)) this.push(entry);
  }

  private cut(bound: number, end: () => Chunk, drop: () => unknown): number {
    let gone = 0;
    while (this.chunks.length > 1 && this.count - end().entries.length >= bound) {
      const { entries } = end();
      drop();
      for (const entry of entries) if (entry.id !== null) this.ids.delete(entry.id);
      gone += entries.length;
      this.count -= entries.length;
      this.version += 1;
    }
    return gone;
  }

  private firstKnown(): Entry | null {
    for (const entry of this.all()) if (entry.id !== null) return entry;
    return null;
  }

  private push(entry: Entry): void {
    let chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined || chunk.entries.length >= CHUNK_SIZE) {
      chunk = { key: this.nextKey++, entries: [], version: 0 };
      this.chunks.push(chunk);
    }
    chunk.entries.push(entry);
    chunk.version += 1;
    this.took(entry);
  }

  private prepend(entries: Entry[]): void {
    const made: Chunk[] = [];
    // Full chunks lie next to the newer lines; the odd one is the oldest.
    for (let end = entries.length; end > 0; end -= CHUNK_SIZE) {
      const part = entries.slice(Math.max(0, end - CHUNK_SIZE), end);
      made.unshift({ key: this.nextKey++, entries: part, version: 0 });
    }
    for (const entry of entries) this.took(entry);
    this.chunks = [...made, ...this.chunks];
  }

  private insert(entry: Entry): void {
    for (let c = this.chunks.length - 1; c >= 0; c -= 1) {
      const chunk = this.chunks[c]!;
      for (let i = chunk.entries.length - 1; i >= 0; i -= 1) {
        if (!before(chunk.entries[i]!, entry)) continue;
        chunk.entries.splice(i + 1, 0, entry);
        chunk.version += 1;
        this.took(entry);
        return;
      }
    }
    this.prepend([entry]);
  }

  private took(entry: Entry): void {
    if (entry.id !== null) this.ids.add(entry.id);
    this.count += 1;
    this.version += 1;
  }
}

function newestIn(entries: Entry[]): string | null {
  for (let i = entries.length - 1; i >= 0; i -= 1) if (entries[i]!.id !== null) return entries[i]!.id;
  return null;
}
