// Which chunks of a log are in the document: the newest few, more as the reader goes up, fewer again at the end.

import type { Chunk, Log } from '../state/log';

const FIRST_ROWS = 120;
const STEP_CHUNKS = 2;
const MOST_CHUNKS = 10;

export class Shown {
  private firstKey: number | null = null;

  chunks(log: Log): Chunk[] {
    return log.chunks.slice(this.start(log));
  }

  /** One step further up; false when all there is is shown. */
  reveal(log: Log): boolean {
    const at = this.start(log);
    if (at === 0) return false;
    this.firstKey = log.chunks[Math.max(0, at - STEP_CHUNKS)]!.key;
    return true;
  }

  /** Back to the newest few, once so many have gathered that they cost something. */
  shrink(log: Log): void {
    if (log.chunks.length - this.start(log) > MOST_CHUNKS) this.firstKey = null;
  }

  /** The entry before the first one shown, for day marks and grouping. */
  before(log: Log): Chunk | null {
    return log.chunks[this.start(log) - 1] ?? null;
  }

  private start(log: Log): number {
    const known = log.chunks.findIndex((chunk) => chunk.key === this.firstKey);
    if (known >= 0) return known;
    let at = log.chunks.length;
    for (let rows = 0; at > 0 && rows < FIRST_ROWS; ) {
      at -= 1;
      rows += log.chunks[at]!.entries.length;
    }
    this.firstKey = log.chunks[at]?.key ?? null;
    return at;
  }
}
