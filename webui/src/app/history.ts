// Fills buffers from the server's history: the newest page when a buffer is first shown, older and newer pages as the
// reader scrolls, any place that is asked for, and the mark where reading stopped last time.

import type { Api, HistoryPlace, StoredLine } from '../transport/api';
import { historyEntries, noteExtras } from '../state/fold';
import { isTalk, type Entry } from '../state/entry';
import { WINDOW, type Log } from '../state/log';
import { FORMER_NICKS, settleKept, type Buffer, type Network } from '../state/world';
import { afterOf, isRead, type Mark, type Marks } from './marks';
import { Memory } from './memory';
import { Refused } from './refused';
import type { Store } from './store';
import { t } from '../words/words';

export const PAGE = 100;
/** Where a page folds to next to nothing (joins and quits), the next one may be as long as this. */
export const LONG_PAGE = 500;

/** Lines that say nothing to a reader leave no entry: where to ask on, once those next to `from` were seen through. */
interface Skipped {
  from: string | null;
  to: string;
}

type Direction = 'before' | 'after';

function edge(log: Log, by: Direction): string | null {
  return by === 'before' ? log.oldestId() : log.lastId();
}

/** The least id behind that one. */
function following(id: string): string {
  const at = id.indexOf(':');
  return `${id.slice(0, at + 1)}${BigInt(id.slice(at + 1)) + 1n}`;
}

export class History {
  readonly refused = new Refused();
  private memory = new Memory(null);
  private readonly skipped = { before: new WeakMap<Log, Skipped>(), after: new WeakMap<Log, Skipped>() };

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly marks: Marks,
  ) {}

  /** What is kept for the user who is in. */
  belongTo(memory: Memory): void {
    this.memory = memory;
    this.refused.belongTo(memory);
  }

  /** The newest page, once; not before the stream is attached, or lines said in between would be in neither. */
  async fill(buffer: Buffer): Promise<void> {
    if (buffer.loading === 'loading' || buffer.loading === 'yes' || !this.store.world.attached) return;
    await this.load(buffer, null, PAGE, (page, more, lines) => {
      buffer.log.merge(page);
      buffer.more = more;
      this.skip(buffer, 'before', lines[0]);
      this.placeDivider(buffer);
    });
  }

  /** The page before the oldest line we have; a window that grew too long loses its newer end. False when none came. */
  async older(buffer: Buffer, size = PAGE): Promise<boolean> {
    const place = this.next(buffer, 'before');
    if (!this.canLoadOlder(buffer) || place === null) return false;
    return this.load(buffer, place, size, (page, more, lines) => {
      buffer.log.merge(page);
      buffer.more = more;
      this.skip(buffer, 'before', lines[0]);
      buffer.log.cutNewer(WINDOW);
      if (buffer.readUpTo !== null) this.placeDivider(buffer, buffer.readUpTo);
    });
  }

  /** The page after the newest line of a window that has slid away from the end. */
  async newer(buffer: Buffer): Promise<boolean> {
    const place = this.next(buffer, 'after');
    if (buffer.loading !== 'yes' || buffer.log.atEnd || place === null) return false;
    return this.load(buffer, place, PAGE, (page, more, lines) => {
      buffer.log.mergeNewer(page, more);
      this.skip(buffer, 'after', lines[lines.length - 1]);
      if (buffer.log.cutOlder(WINDOW) > 0) buffer.more = true;
    });
  }

  /** The newest page in place of what was read. */
  async latest(buffer: Buffer): Promise<boolean> {
    if (buffer.log.atEnd) return true;
    return this.load(buffer, null, PAGE, (page, more) => {
      buffer.log.reset(page, true);
      buffer.more = more;
    });
  }

  /** The lines about the place where reading stopped, in place of what was read since. */
  async aboutMark(buffer: Buffer): Promise<boolean> {
    const mark = buffer.readUpTo;
    const id = afterOf(mark);
    if (mark === null || id === null || !(await this.about(buffer, id))) return false;
    this.placeDivider(buffer, mark);
    this.store.touchLog(buffer);
    return true;
  }

  /** The lines about an event, or about a time as microseconds, in place of what is loaded. */
  async about(buffer: Buffer, id: string): Promise<boolean> {
    return this.load(buffer, { by: 'around', id }, PAGE, (page) => {
      buffer.log.pinned = true;
      buffer.log.reset(page, false);
      buffer.more = true;
    });
  }

  /** Takes all of it off the page; it comes again when older lines are asked for. */
  empty(buffer: Buffer): void {
    const { log } = buffer;
    const newest = log.newestId();
    log.clear();
    buffer.loading = 'yes';
    buffer.more = buffer.emptied = true;
    buffer.divider = null;
    buffer.readUpTo = null;
    if (newest !== null) this.skipped.before.set(log, { from: null, to: following(newest) });
    this.store.touchLog(buffer);
  }

  canLoadOlder(buffer: Buffer): boolean {
    return buffer.loading === 'yes' && buffer.more;
  }

  /** Under which names we went on that network: also on earlier visits. */
  private recallNicks(network: Network): void {
    const key = `nicks.${network.name}`;
    const known = (this.memory.get(key) ?? '').split(' ');
    const all = [...new Set([...known, ...network.formerNicks, network.nick])].filter((nick) => nick !== '');
    network.formerNicks = all.filter((nick) => nick !== network.nick).slice(-FORMER_NICKS);
    this.memory.set(key, [...network.formerNicks, network.nick].join(' '));
  }

  /** Where the next page in that direction begins. */
  private next(buffer: Buffer, by: Direction): HistoryPlace | null {
    const from = edge(buffer.log, by);
    const skipped = this.skipped[by].get(buffer.log);
    const id = skipped?.from === from ? skipped.to : from;
    return id === null ? null : { by, id };
  }

  /** A page reached to that line, though there may be no entry of it. */
  private skip(buffer: Buffer, by: Direction, line: StoredLine | undefined): void {
    if (line !== undefined) this.skipped[by].set(buffer.log, { from: edge(buffer.log, by), to: line.id });
  }

  /** One page, handed to `take` unless the buffer meanwhile became another. False when it did not come. */
  private async load(
    buffer: Buffer,
    place: HistoryPlace | null,
    size: number,
    take: (page: Entry[], more: boolean, lines: StoredLine[]) => void,
  ): Promise<boolean> {
    const network = this.store.world.networks.get(buffer.network);
    if (network === undefined) return false;
    const world = this.store.world;
    const first = buffer.loading !== 'yes';
    const { clears } = buffer.log;
    const stale = (): boolean => this.store.world !== world || buffer.log.clears !== clears;
    buffer.loading = 'loading';
    this.store.touchLog(buffer);
    try {
      const { lines, more } = await this.api.history(buffer.network, buffer.kind === 'server' ? '' : buffer.name, place, size);
      if (stale()) return false;
      buffer.loading = 'yes';
      this.recallNicks(network);
      noteExtras(buffer, lines);
      take(this.refused.mark(historyEntries(network, lines)), (more ?? lines.length >= size) && lines.length > 0, lines);
      settleKept(buffer);
      this.store.touchLog(buffer);
      return true;
    } catch (error) {
      if (stale()) return false;
      buffer.loading = first ? 'failed' : 'yes';
      this.store.touchLog(buffer);
      if (!first) this.store.toast(error instanceof Error ? error.message : t('These lines could not be loaded.'));
      return false;
    }
  }

  /** Puts the "new" mark after what was read on an earlier visit. */
  private placeDivider(buffer: Buffer, mark: Mark | null = this.marks.get(buffer.key)): void {
    const oldest = buffer.log.first;
    // Where even the oldest line loaded is new, the first new one lies further back.
    buffer.readUpTo = buffer.more && oldest !== null && !isRead(mark, oldest) ? mark : null;
    for (const entry of buffer.log.all()) {
      if (entry.id === null || entry.own || !isTalk(entry.kind)) continue;
      if (isRead(mark, entry)) continue;
      buffer.divider = entry.key;
      return;
    }
  }
}
