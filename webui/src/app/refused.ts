// Own lines that the network refused: the server keeps what was said when it is sent, so after a reload only this
// tells that nobody heard them. Bounded: the oldest are forgotten.

import type { Entry } from '../state/entry';
import { Memory } from './memory';

const MOST = 300;

export class Refused {
  private reasons = new Map<string, string>();
  private memory = new Memory(null);

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.reasons = new Map();
    for (const line of (memory.get('refused') ?? '').split('\n')) {
      const at = line.indexOf(' ');
      if (at > 0) this.reasons.set(line.slice(0, at), line.slice(at + 1));
    }
  }

  add(refused: { id: string; why: string }[]): void {
    if (refused.length === 0) return;
    for (const { id, why } of refused) this.reasons.set(id, why.replace(/[\r\n]+/g, ' '));
    for (const id of [...this.reasons.keys()].slice(0, Math.max(0, this.reasons.size - MOST))) this.reasons.delete(id);
    this.memory.set('refused', [...this.reasons].map(([id, why]) => `${id} ${why}`).join('\n'));
  }

  mark(entries: Entry[]): Entry[] {
    if (this.reasons.size === 0) return entries;
    return entries.map((entry) => {
      const why = entry.id === null ? undefined : this.reasons.get(entry.id);
      return why === undefined ? entry : { ...entry, refused: why };
    });
  }
}
