// Which chunks of a log are in the document: the newest few, others as the reader goes up or down. Decided by counting
// rows, never by measuring: as each row is at least MIN_ROW_PX high (the style sheet sees to it), FIRST_ROWS fill any
// screen, and what is let go at the far end of MOST_ROWS is screens away from what is read.

import { isQuiet } from '../state/entry';
import type { Folding } from '../state/folding';
import type { Chunk, Log } from '../state/log';

export const MIN_ROW_PX = 22;
export const FIRST_ROWS = 120;
export const STEP_ROWS = 80;
export const MOST_ROWS = 400;
/** Beyond what a screen holds, so that what opens is drawn in little time; the rest comes once it is seen. */
const SPARE_ROWS = 20;
let firstRows = FIRST_ROWS;

/** No window is higher than its screen. */
export function fitScreen(pixels: number): void {
  if (pixels > 0) firstRows = Math.min(FIRST_ROWS, Math.ceil(pixels / MIN_ROW_PX) + SPARE_ROWS);
}

const counted = new WeakMap<Chunk, { version: number; rows: number }>();
/** Where joins and quits may be left out, none of them is counted on. */
let counting = true;

export function countQuiet(folding: Folding): void {
  counting = folding === 'all';
}

/** At least so many rows come of a chunk: talk, and runs of joins and quits that begin in it. */
export function rowsOf(chunk: Chunk): number {
  const known = counted.get(chunk);
  const version = counting ? chunk.version : -1 - chunk.version;
  if (known?.version === version) return known.rows;
  let rows = 0;
  let quiet = true;
  for (const entry of chunk.entries) {
    const was = quiet;
    quiet = isQuiet(entry.kind);
    if (!quiet || (!was && counting)) rows += 1;
  }
  counted.set(chunk, { version, rows });
  return rows;
}

export function rowsIn(chunks: Chunk[]): number {
  return chunks.reduce((sum, chunk) => sum + rowsOf(chunk), 0);
}

export class Shown {
  private first: number | null = null;
  /** Null: the newest of the log, however it grows. */
  private last: number | null = null;

  chunks(log: Log): Chunk[] {
    const [from, to] = this.range(log);
    return log.chunks.slice(from, to);
  }

  /** The chunk before the first one shown, for day marks and grouping. */
  before(log: Log): Chunk | null {
    return log.chunks[this.range(log)[0] - 1] ?? null;
  }

  /** Whether the newest line there is is shown. */
  reachesEnd(log: Log): boolean {
    return log.atEnd && this.range(log)[1] === log.chunks.length;
  }

  /** The newest few, for who follows the talk: settled anew where they are too few, or so many that they cost something. */
  follow(log: Log): void {
    this.last = null;
    const rows = rowsIn(this.chunks(log));
    if (rows < firstRows || rows > MOST_ROWS) this.first = null;
  }

  /** Holds the newer end where it is, for who reads further up. */
  hold(log: Log): void {
    const [, to] = this.range(log);
    this.last = log.chunks[to - 1]?.key ?? null;
  }

  /** One step further up. False when all there is is shown. */
  up(log: Log): boolean {
    let [from, to] = this.range(log);
    if (from === 0) return false;
    for (let rows = 0; from > 0 && rows < STEP_ROWS; rows += rowsOf(log.chunks[from]!)) from -= 1;
    this.first = log.chunks[from]!.key;
    const was = to;
    let rows = rowsIn(log.chunks.slice(from, to));
    while (to - from > 1 && rows - rowsOf(log.chunks[to - 1]!) >= MOST_ROWS) rows -= rowsOf(log.chunks[--to]!);
    if (to < was) this.last = log.chunks[to - 1]!.key;
    return true;
  }

  /** One step further down. False when the window of the log ends here. */
  down(log: Log): boolean {
    let [from, to] = this.range(log);
    if (to === log.chunks.length) return false;
    for (let rows = 0; to < log.chunks.length && rows < STEP_ROWS; to += 1) rows += rowsOf(log.chunks[to]!);
    let rows = rowsIn(log.chunks.slice(from, to));
    while (to - from > 1 && rows - rowsOf(log.chunks[from]!) >= MOST_ROWS) rows -= rowsOf(log.chunks[from++]!);
    this.set(log, from, to);
    return true;
  }

  /** The chunks about one place. */
  around(log: Log, at: number): void {
    let from = Math.max(0, at);
    let to = Math.min(log.chunks.length, from + 1);
    for (let rows = 0; from > 0 && rows < FIRST_ROWS / 2; rows += rowsOf(log.chunks[from]!)) from -= 1;
    for (let rows = 0; to < log.chunks.length && rows < FIRST_ROWS; to += 1) rows += rowsOf(log.chunks[to]!);
    this.set(log, from, to);
  }

  private set(log: Log, from: number, to: number): void {
    this.first = log.chunks[from]?.key ?? null;
    this.last = log.chunks[to - 1]?.key ?? null;
  }

  /** Chunks may have gone at either end since the last look. */
  private range(log: Log): [number, number] {
    const { chunks } = log;
    const lastAt = this.last === null ? -1 : chunks.findIndex((chunk) => chunk.key === this.last);
    const to = lastAt < 0 ? chunks.length : lastAt + 1;
    const firstAt = this.first === null ? -1 : chunks.findIndex((chunk) => chunk.key === this.first);
    if (firstAt >= 0 && firstAt < to) return [firstAt, to];
    let from = to;
    for (let rows = 0; from > 0 && rows < firstRows; rows += rowsOf(chunks[from]!)) from -= 1;
    this.first = chunks[from]?.key ?? null;
    return [from, to];
  }
}
