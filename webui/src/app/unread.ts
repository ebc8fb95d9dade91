// What waits to be read: counted again after a reload from what the server has behind the marks, and cleared wherever
// it is read: in another tab, and, with a server that keeps read markers (MARKREAD), in any client.

import type { Api } from '../transport/api';
import type { Env, TimerId } from '../transport/env';
import { compareIds, sameEpoch } from '../transport/frames';
import { isTalk, type Entry } from '../state/entry';
import { historyEntries } from '../state/fold';
import { foldName, markRead, type Buffer, type Network } from '../state/world';
import { afterOf, Marks, isRead, type Mark } from './marks';
import type { Store } from './store';

const PAGE = 100;
const MOST_PAGES = 3; // a badge says 99+; pings further on are found when the buffer is read
const SIDE_BY_SIDE = 2; // requests; the stream and what the person does come first
const TELL_MS = 1000; // several lines read in a second are one word to the server

export interface UnreadHost {
  readonly store: Store;
  /** What the other tabs should know. */
  share(note: unknown): void;
  /** A line to the server, about itself. */
  tellMarker(network: string, line: string): void;
}

export class Unread {
  readonly marks = new Marks();
  private queue: Buffer[] = [];
  private running = 0;
  /** Closed talks that are looked at. */
  private closed = 0;
  private readonly timers = new Map<Buffer, TimerId>();

  constructor(
    private readonly env: Env,
    private readonly api: Api,
    private readonly host: UnreadHost,
  ) {}

  /** The buffer was read to its end. */
  noteRead(buffer: Buffer): void {
    if (buffer.kind === 'server') return;
    const last = buffer.log.newest((entry) => entry.id !== null);
    if (last === null) return;
    const mark: Mark = { id: last.id, time: last.time };
    if (!this.marks.advance(buffer.key, mark)) return;
    this.host.share({ kind: 'read', network: buffer.network, name: buffer.name, mark });
    this.tellServer(buffer);
  }

  /** All of it counts as read, whatever of it was ever here. */
  readAll(buffer: Buffer, now: number): void {
    const last = buffer.log.newest((entry) => entry.id !== null);
    const mark: Mark = { id: last?.id ?? null, time: last?.time ?? now };
    markRead(buffer);
    buffer.divider = null;
    if (!this.marks.advance(buffer.key, mark)) return;
    this.host.share({ kind: 'read', network: buffer.network, name: buffer.name, mark });
    this.tellServer(buffer);
  }

  /** Another tab, or another client, has read up to there. */
  readElsewhere(buffer: Buffer, told: Mark): void {
    this.marks.advance(buffer.key, told); // tabs share what is kept: it may stand there already
    const mark = this.marks.get(buffer.key) ?? told;
    if (buffer.unread === 0) return;
    const news = [...buffer.log.all()].filter((entry) => counts(entry) && !isRead(mark, entry));
    // What is not in the log was counted from the history: without a look at it only "all" is certain.
    if (news.length > 0 || buffer.loading === 'yes' || newestKnown(buffer, mark)) this.set(buffer, news);
    else this.look(buffer);
  }

  /** Counts what came behind the marks while this page was not there. */
  lookAtAll(buffers: Buffer[], head: string): void {
    const open = buffers.filter((buffer) => {
      const mark = this.marks.get(buffer.key);
      const current = mark?.id != null && sameEpoch(mark.id, head) && compareIds(mark.id, head) >= 0;
      return buffer.kind !== 'server' && !current;
    });
    // People first: they wait for an answer.
    this.queue.push(...open.filter((buffer) => buffer.kind === 'query'), ...open.filter((buffer) => buffer.kind !== 'query'));
    this.work();
  }

  /** Closed talks in which something was said since come back. */
  lookAtClosed(places: { network: string; name: string }[], head: string, reopen: (place: { network: string; name: string }) => Buffer | null): void {
    const { world } = this.host.store;
    for (const place of places) {
      const network = world.networks.get(place.network);
      if (network === undefined) continue;
      const look = async (): Promise<void> => {
        const news = await this.newsOf(network, place.name, `${network.name}/${foldName(network, place.name)}`, 1);
        if (news.length === 0 || this.host.store.world !== world) return;
        const buffer = reopen(place);
        if (buffer !== null) this.lookAtAll([buffer], head);
      };
      this.closed += 1;
      void look().catch(() => undefined).finally(() => { this.closed -= 1; }); // it stays closed until something is said
    }
  }

  /** Badges may be missing still. */
  get counting(): boolean {
    return this.running + this.closed > 0;
  }

  stop(): void {
    this.queue = [];
    for (const timer of this.timers.values()) this.env.clearTimer(timer);
    this.timers.clear();
  }

  private look(buffer: Buffer): void {
    if (!this.queue.includes(buffer)) this.queue.push(buffer);
    this.work();
  }

  private work(): void {
    while (this.running < SIDE_BY_SIDE) {
      const buffer = this.queue.shift();
      if (buffer === undefined) return;
      this.running += 1;
      void this.count(buffer).finally(() => {
        this.running -= 1;
        this.work();
      });
    }
  }

  private async count(buffer: Buffer): Promise<void> {
    const { world } = this.host.store;
    const network = world.networks.get(buffer.network);
    if (network === undefined) return;
    let news: Entry[];
    try {
      news = await this.newsOf(network, buffer.name, buffer.key, MOST_PAGES);
    } catch {
      return; // badges may be missing then; the buffer itself says when it cannot be loaded
    }
    const { store } = this.host;
    if (store.world !== world) return;
    if (world.active === buffer && world.watching && world.following) return;
    const ids = new Set(news.map((entry) => entry.id));
    const live = [...buffer.log.all()].filter((entry) => counts(entry) && !ids.has(entry.id));
    const mark = this.marks.get(buffer.key); // it may have moved meanwhile
    this.set(buffer, [...news, ...live].filter((entry) => !isRead(mark, entry)));
  }

  private async newsOf(network: Network, name: string, key: string, pages: number): Promise<Entry[]> {
    const news: Entry[] = [];
    let after = afterOf(this.marks.get(key));
    for (let page = 0; page < pages && after !== null; page += 1) {
      const { lines, more } = await this.api.history(network.name, name, { by: 'after', id: after }, PAGE);
      news.push(...historyEntries(network, lines).filter(counts));
      after = more === true ? (lines[lines.length - 1]?.id ?? null) : null;
    }
    return news;
  }

  private set(buffer: Buffer, news: Entry[]): void {
    const { store } = this.host;
    markRead(buffer);
    buffer.unread = news.length;
    buffer.highlights = news.filter((entry) => entry.highlight || buffer.kind === 'query').length;
    if (news.length === 0 && store.active.value !== buffer) buffer.divider = null;
    store.touchList();
    store.touchLog(buffer);
  }

  private tellServer(buffer: Buffer): void {
    if (!this.host.store.world.keepsMarkers || this.timers.has(buffer)) return;
    this.timers.set(buffer, this.env.setTimer(() => {
      this.timers.delete(buffer);
      const mark = this.marks.get(buffer.key);
      if (mark !== null) this.host.tellMarker(buffer.network, `MARKREAD ${buffer.name} timestamp=${new Date(mark.time).toISOString()}`);
    }, TELL_MS));
  }
}

function counts(entry: Entry): boolean {
  return isTalk(entry.kind) && !entry.own;
}

function newestKnown(buffer: Buffer, mark: Mark): boolean {
  const last = buffer.log.newest((entry) => entry.id !== null);
  return last !== null && isRead(mark, last);
}
