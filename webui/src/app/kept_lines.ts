// What this tab has still to send, kept so that it outlives the tab: another tab, or the next visit, takes over what
// a closed or crashed one left behind. A line that was tried carries the number it was tried under: whoever asks
// again asks with that, and the server does it once.

import type { Stamp } from '../transport/commands';
import type { Pending } from '../state/world';
import { Memory } from './memory';

export interface KeptLine {
  network: string;
  /** The buffer it was said in. */
  place: string;
  kind: Pending['kind'];
  text: string;
  audience: string;
  line: string;
  time: number;
  state: 'queued' | 'sending' | 'failed' | 'uncertain';
  error: string;
  stamp?: Stamp | undefined;
}

interface Shelf {
  /** When its tab last said that it is there; 0: it went in order. */
  beat: number;
  lines: KeptLine[];
}

export const BEAT_MS = 20_000;
export const STALE_MS = 90_000; // timers of hidden tabs may run once a minute
const MOST_LINES = 200;
const KEY = 'out.';

const KINDS = new Set(['message', 'action', 'notice']);
const STATES = new Set(['queued', 'sending', 'failed', 'uncertain']);

function isLine(value: unknown): value is KeptLine {
  if (typeof value !== 'object' || value === null) return false;
  const line = value as Record<string, unknown>;
  const texts = ['network', 'place', 'text', 'audience', 'line', 'error'].every((name) => typeof line[name] === 'string');
  return texts && typeof line['time'] === 'number' && KINDS.has(String(line['kind'])) && STATES.has(String(line['state']));
}

function parse(text: string | null): Shelf {
  try {
    const raw = JSON.parse(text ?? '') as Partial<Shelf>;
    return { beat: Number(raw.beat) || 0, lines: Array.isArray(raw.lines) ? raw.lines.filter(isLine).slice(0, MOST_LINES) : [] };
  } catch {
    return { beat: 0, lines: [] }; // not ours, or cut short
  }
}

export class KeptLines {
  private memory = new Memory(null);
  private written = false;
  private left: KeptLine[] = [];

  constructor(
    private readonly tab: string,
    private readonly clock: () => number,
  ) {}

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.written = false;
    this.left = parse(memory.get(KEY + this.tab)).lines; // of an earlier login in this tab
  }

  /** False when another tab took our lines over, because it had to think us gone: they are its to send now. */
  get ours(): boolean {
    return !this.written || this.memory.get(KEY + this.tab) !== null;
  }

  save(mine: KeptLine[]): void {
    const lines = [...this.left, ...mine];
    const shelf: Shelf = { beat: this.clock(), lines: lines.slice(0, MOST_LINES) };
    const kept = this.memory.set(KEY + this.tab, lines.length === 0 ? '' : JSON.stringify(shelf));
    this.written = kept && lines.length > 0;
  }

  /** The tab goes: whoever comes next need not wait until it is believed dead. */
  release(): void {
    const shelf = parse(this.memory.get(KEY + this.tab));
    if (shelf.lines.length > 0) this.memory.set(KEY + this.tab, JSON.stringify({ ...shelf, beat: 0 }));
  }

  /** What tabs that are gone left behind; ours from now on (and to be saved by the caller at once). */
  adopt(): KeptLine[] {
    const found = this.left;
    this.left = [];
    for (const key of this.memory.keys()) {
      if (!key.startsWith(KEY) || key === KEY + this.tab) continue;
      const shelf = parse(this.memory.get(key));
      if (this.clock() - shelf.beat < STALE_MS) continue;
      this.memory.set(key, '');
      found.push(...shelf.lines);
    }
    return found.sort((a, b) => a.time - b.time);
  }
}
