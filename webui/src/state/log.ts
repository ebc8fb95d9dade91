// The lines of one buffer, oldest first, in chunks. A chunk is what the page draws and skips as one block, so that
// a new line touches one block and not thousands of rows.
//
// Bounds: LIVE_BOUND entries while following the talk (the oldest chunks go, and can be loaded again), and
// READ_BOUND while somebody reads back (loading stops there).

import { compareIds, sameEpoch } from '../transport/frames';
import type { Entry } from './entry';

export interface Chunk {
  readonly key: number;
  entries: Entry[];
  version: number;
}

export const CHUNK_SIZE = 64;
export const LIVE_BOUND = 4096;
export const READ_BOUND = 16384;

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
  private nextKey = 1;
  private readonly ids = new Set<string>();

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
    for (const chunk of this.chunks) {
      for (const entry of chunk.entries) if (entry.id !== null) return entry.id;
    }
    return null;
  }

  newestId(): string | null {
    for (let c = this.chunks.length - 1; c >= 0; c -= 1) {
      const entries = this.chunks[c]!.entries;
      for (let i = entries.length - 1; i >= 0; i -= 1) {
        const id = entries[i]!.id;
        if (id !== null) return id;
      }
    }
    return null;
  }

  /** The newest entry of that kind. */
  newest(wanted: (entry: Entry) => boolean): Entry | null {
    for (let c = this.chunks.length - 1; c >= 0; c -= 1) {
      const entries = this.chunks[c]!.entries;
      for (let i = entries.length - 1; i >= 0; i -= 1) if (wanted(entries[i]!)) return entries[i]!;
    }
    return null;
  }

  /** Entries are never changed in place: who draws them compares them. */
  replace(entry: Entry, by: Entry): void {
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

  /** A line that just happened. False when it is here already. */
  append(entry: Entry): boolean {
    if (entry.id !== null && this.ids.has(entry.id)) return false;
    let chunk = this.chunks[this.chunks.length - 1];
    if (chunk === undefined || chunk.entries.length >= CHUNK_SIZE) {
      chunk = { key: this.nextKey++, entries: [], version: 0 };
      this.chunks.push(chunk);
    }
    chunk.entries.push(entry);
    chunk.version += 1;
    this.took(entry);
    return true;
  }

  /** A page of history, oldest first: what is new of it goes to its place by id. Returns how many were new. */
  merge(page: Entry[]): number {
    const fresh = page.filter((entry) => entry.id !== null && !this.ids.has(entry.id));
    const oldest = this.chunks.length === 0 ? null : this.firstKnown();
    const older = oldest === null ? fresh : fresh.filter((entry) => before(entry, oldest));
    const within = oldest === null ? [] : fresh.filter((entry) => !before(entry, oldest));
    this.prepend(older);
    for (const entry of within) this.insert(entry);
    return fresh.length;
  }

  /** Drops whole chunks from the old end. Returns how many entries went. */
  trim(bound: number): number {
    let gone = 0;
    while (this.chunks.length > 1 && this.count - this.chunks[0]!.entries.length >= bound) {
      const chunk = this.chunks.shift()!;
      for (const entry of chunk.entries) if (entry.id !== null) this.ids.delete(entry.id);
      gone += chunk.entries.length;
      this.count -= chunk.entries.length;
      this.version += 1;
    }
    return gone;
  }

  clear(): void {
    this.chunks = [];
    this.count = 0;
    this.ids.clear();
    this.clears += 1;
    this.version += 1;
  }

  private firstKnown(): Entry | null {
    for (const entry of this.all()) if (entry.id !== null) return entry;
    return null;
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
