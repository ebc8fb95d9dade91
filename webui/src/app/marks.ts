// How far each buffer was read, by this user in this browser, and, where the server keeps that too, anywhere. A mark
// only moves on. What was never read here counts from the first visit, or from where the server says that it was read to.

import { compareIds, sameEpoch } from '../transport/frames';
import type { Entry } from '../state/entry';
import { Memory } from './memory';

export interface Mark {
  /** The last event that was read; null where only its time is known (a server's read marker). */
  id: string | null;
  /** Its time, milliseconds. */
  time: number;
}

export function isRead(mark: Mark | null, entry: Entry): boolean {
  if (mark === null) return true;
  if (mark.id !== null && entry.id !== null && sameEpoch(mark.id, entry.id)) return compareIds(entry.id, mark.id) <= 0;
  return entry.time <= mark.time;
}

/** Ids are microseconds since 1970 (halley-web(7)), or more: where only the time is known it leads near enough. */
export function afterOf(mark: Mark | null): string | null {
  if (mark === null) return null;
  return mark.id ?? `${Math.max(0, Math.floor(mark.time))}000`;
}

function isNewer(mark: Mark, than: Mark): boolean {
  if (mark.id !== null && than.id !== null && sameEpoch(mark.id, than.id)) return compareIds(mark.id, than.id) > 0;
  return mark.time > than.time;
}

function parse(text: string | null): Mark | null {
  const [id = '', time = ''] = (text ?? '').split(' ');
  const at = Number(time);
  return time === '' || Number.isNaN(at) ? null : { id: id === '' ? null : id, time: at };
}

function format(mark: Mark): string {
  return `${mark.id ?? ''} ${mark.time}`;
}

export class Marks {
  private memory = new Memory(null);
  /** For where nothing can be stored: then this visit at least knows. */
  private readonly known = new Map<string, Mark>();

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.known.clear();
  }

  /** The first visit begins with everything read. */
  begin(mark: Mark): void {
    if (this.read('baseline') === null) this.write('baseline', mark);
  }

  get(buffer: string): Mark | null {
    return this.read(`read.${buffer}`) ?? this.read('baseline');
  }

  /** False when that was read already. */
  advance(buffer: string, mark: Mark): boolean {
    // What only the server knows may lie before the first visit here: all behind it waits still.
    const before = this.read(`read.${buffer}`) ?? (mark.id === null ? null : this.read('baseline'));
    if (before !== null && !isNewer(mark, before)) return false;
    this.write(`read.${buffer}`, mark);
    return true;
  }

  rename(from: string, to: string): void {
    const mark = this.read(`read.${from}`);
    if (mark === null) return;
    this.advance(to, mark);
    this.known.delete(`read.${from}`);
    this.memory.set(`read.${from}`, '');
  }

  private read(key: string): Mark | null {
    return parse(this.memory.get(key)) ?? this.known.get(key) ?? null;
  }

  private write(key: string, mark: Mark): void {
    this.known.set(key, mark);
    this.memory.set(key, format(mark));
  }
}
