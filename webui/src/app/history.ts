// Fills buffers from the server's history: the newest page when a buffer is first shown, older pages as the reader
// scrolls up, and the mark where reading stopped last time.

import type { Api } from '../transport/api';
import { historyEntries } from '../state/fold';
import { isTalk } from '../state/entry';
import { READ_BOUND } from '../state/log';
import { settleKept, type Buffer } from '../state/world';
import { isRead, type Marks } from './marks';
import type { Memory } from './memory';
import { Refused } from './refused';
import type { Store } from './store';

export const PAGE = 100;

export class History {
  readonly refused = new Refused();

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly marks: Marks,
  ) {}

  belongTo(memory: Memory): void {
    this.refused.belongTo(memory);
  }

  /** The newest page, once; not before the stream is attached, or lines said in between would be in neither. */
  async fill(buffer: Buffer): Promise<void> {
    if (buffer.loading === 'loading' || buffer.loading === 'yes' || !this.store.world.attached) return;
    await this.load(buffer, null);
  }

  /** The page before the oldest line we have. False when there is none, or it did not come. */
  async older(buffer: Buffer): Promise<boolean> {
    if (buffer.loading !== 'yes' || !this.canLoadOlder(buffer)) return false;
    return this.load(buffer, buffer.log.oldestId());
  }

  canLoadOlder(buffer: Buffer): boolean {
    return buffer.more && buffer.log.count < READ_BOUND;
  }

  private async load(buffer: Buffer, before: string | null): Promise<boolean> {
    const network = this.store.world.networks.get(buffer.network);
    if (network === undefined) return false;
    const world = this.store.world;
    const first = before === null;
    const { clears } = buffer.log;
    const stale = (): boolean => this.store.world !== world || buffer.log.clears !== clears;
    buffer.loading = 'loading';
    this.store.touchLog(buffer);
    try {
      const { lines, more } = await this.api.history(buffer.network, buffer.kind === 'server' ? '' : buffer.name, before, PAGE);
      if (stale()) return false;
      buffer.loading = 'yes';
      const fresh = buffer.log.merge(this.refused.mark(historyEntries(network, lines)));
      // A page of nothing new goes nowhere: asking again would ask the same.
      buffer.more = (more ?? lines.length >= PAGE) && lines.length > 0 && (first || fresh > 0);
      settleKept(buffer);
      if (first) this.placeDivider(buffer);
      this.store.touchLog(buffer);
      return fresh > 0;
    } catch (error) {
      if (stale()) return false;
      buffer.loading = first ? 'failed' : 'yes';
      this.store.touchLog(buffer);
      if (!first) this.store.toast(error instanceof Error ? error.message : 'Older lines could not be loaded.');
      return false;
    }
  }

  /** Puts the "new" mark after what was read on an earlier visit. */
  private placeDivider(buffer: Buffer): void {
    const mark = this.marks.get(buffer.key);
    for (const entry of buffer.log.all()) {
      if (entry.id === null || entry.own || !isTalk(entry.kind)) continue;
      if (isRead(mark, entry)) continue;
      buffer.divider = entry.key;
      return;
    }
  }
}
