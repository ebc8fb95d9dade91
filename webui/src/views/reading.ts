// What the reader of one buffer sees of its log, and what moves it: scrolling, new lines, jumps. Each event makes at
// most one step; nothing here goes on until the layout agrees.

import type { Session } from '../app/session';
import type { Jump } from '../app/store';
import { LONG_PAGE, PAGE } from '../app/history';
import { isQuiet, isTalk, type Entry } from '../state/entry';
import { WINDOW, type Log } from '../state/log';
import type { Buffer } from '../state/world';
import { Scroller, type Place } from './scroller';
import { FIRST_ROWS, MIN_ROW_PX, rowsIn, Shown } from './shown';
import { t } from '../words/words';

const LOAD_WITHIN = 900; // pixels from an end at which more lines are brought in
const FEW_ROWS = 10; // a page that folds to fewer was all joins and quits
const SPARE_ROWS = 20;
const BARREN_PAGES = 6; // so many of those in a row are fetched unasked

/** Where the reader of a buffer was when they turned to another; the last few such buffers keep what was loaded. */
const places = new Map<Buffer, Place>();
const MOST_PLACES = 8;

function keepPlace(buffer: Buffer, place: Place | null): void {
  places.delete(buffer);
  buffer.log.pinned = place !== null;
  if (place === null) return;
  places.set(buffer, place);
  if (places.size <= MOST_PLACES) return;
  const [oldest] = places.keys();
  if (oldest === undefined) return;
  keepPlace(oldest, null);
  if (oldest.log.atEnd) return;
  oldest.log.clear();
  oldest.loading = 'no';
  oldest.more = true;
}

function afterFrame(run: () => void): void {
  requestAnimationFrame(() => setTimeout(run));
}

/** Has a row of its own, always: joins and their like may be part of another's. */
function stands(entry: Entry): boolean {
  return entry.id !== null && !isQuiet(entry.kind);
}

/** The line that a jump asks for, or the one behind it; null where what is loaded does not reach there, on either side. */
function entryAt(log: Log, { id, time }: Jump): Entry | null {
  const first = log.first;
  if (id !== null) {
    if (!log.has(id)) return null;
    let passed = false;
    for (const entry of log.all()) {
      passed ||= entry.id === id;
      if (passed && stands(entry)) return entry;
    }
    return null;
  }
  if (first === null || first.time >= time) return null;
  return firstFrom(log, time) ?? (log.atEnd ? log.newest(stands) : null);
}

function firstFrom(log: Log, time: number): Entry | null {
  for (const entry of log.all()) if (entry.time >= time && stands(entry)) return entry;
  return null;
}

export class Reading {
  readonly scroller = new Scroller();
  readonly shown = new Shown();
  /** The last line when the reader left the end: whatever follows is news. */
  leftAt: string | null = null;
  /** Unread lines lie above what is in sight. */
  unreadAbove = false;
  /** Older lines come only when asked for: what came by itself folded to nothing. */
  resting = false;
  /** The mark that was in sight already: who read on from there needs no way back. */
  private seenDivider: string | null = null;
  private target: Place | null = null;
  /** The line that was asked for: it is pointed out once it stands there. */
  private found: string | null = null;
  /** The end may have been reached without a scroll. */
  private lookForEnd = false;
  private barren = 0;
  private busy = false;
  /** Where the list opens; null: at its end. */
  private opening: Place | null = null;
  /** There the first frame has what a screen holds (`few`), and all that is shown comes once that is seen. */
  private drawn: 'nothing' | 'few' | 'all' = 'nothing';
  private gone = false;

  constructor(
    private readonly session: Session,
    private readonly buffer: Buffer,
    private readonly redraw: () => void,
  ) {
    const place = places.get(buffer);
    const at = place === undefined ? -1 : this.log.find(place.key);
    this.log.pinned = place !== undefined && at >= 0;
    if (place === undefined || at < 0) return;
    this.shown.around(this.log, at);
    this.target = this.opening = place;
    this.scroller.following = false;
    this.leftAt = this.log.newestKey;
  }

  /** The list is in the document: tells the session where the reader is. */
  enter(): void {
    if (!this.scroller.following) this.session.setFollowing(false);
  }

  get log(): Log {
    return this.buffer.log;
  }

  get reachesEnd(): boolean {
    return this.shown.reachesEnd(this.log);
  }

  get few(): boolean {
    return this.drawn === 'few';
  }

  /** The row at which the list opens; null: the last one. */
  get opensAt(): string | null {
    return this.opening?.key ?? null;
  }

  /** List or frame have another size, or their first one: before it is painted. */
  resized(): void {
    if (this.scroller.following) this.scroller.toEnd();
    else if (this.few && this.opening !== null) this.scroller.show(this.opening);
  }

  /** Before a redraw. */
  prepare(): void {
    // Who wants to be elsewhere meanwhile needs more than that.
    if (this.target !== this.opening || this.scroller.following !== (this.opening === null)) this.drawn = 'all';
    if (this.drawn === 'nothing' && this.log.count > 0) {
      this.drawn = 'few';
      afterFrame(() => this.drawAll());
    }
    if (this.scroller.following) this.shown.follow(this.log);
    else if (this.target === null) this.scroller.capture();
  }

  /** After a redraw: the list as it now stands in the document. */
  settle(element: HTMLElement | null): void {
    this.scroller.attach(element);
    // The first frame is brought to its place once it is laid out anyway (resized): not twice.
    if (this.few) return;
    if (this.target === null) this.scroller.restore();
    else this.scroller.show(this.target);
    this.target = null;
    if (this.found !== null && this.scroller.pointOut(this.found)) this.found = null;
    if (this.lookForEnd) {
      this.lookForEnd = false;
      if (this.scroller.scrolled(this.reachesEnd)) this.turned();
    }
    if (this.buffer.loading === 'yes') this.fill();
    this.look();
  }

  onScroll(): void {
    if (this.few && this.opening !== null) return;
    if (this.scroller.scrolled(this.reachesEnd)) this.turned();
    this.step();
    this.look();
  }

  /** Wheel, finger or key: the reader wants to get somewhere. */
  gesture(upwards: boolean): void {
    this.barren = 0;
    if (upwards) this.scroller.pull();
    if (!upwards || this.scroller.distanceToTop > LOAD_WITHIN) return;
    // In a list too short to scroll there is no other way to leave the end.
    if (this.resting) this.askOlder();
    else this.step();
  }

  askOlder(): void {
    this.barren = 0;
    this.resting = this.buffer.emptied = false;
    if (this.scroller.following && this.full) this.leaveEnd();
    this.loadOlder();
  }

  async toEnd(): Promise<void> {
    if (!this.log.atEnd && !(await this.session.history.latest(this.buffer))) return;
    if (!this.log.atEnd) await this.session.history.newer(this.buffer);
    if (this.gone || !this.log.atEnd) return;
    this.target = null;
    this.shown.follow(this.log);
    this.scroller.following = true;
    this.turned();
  }

  /** To the first line that was not read. */
  async toUnread(): Promise<void> {
    const { buffer } = this;
    if (buffer.readUpTo !== null && !(await this.session.history.aboutMark(buffer))) return;
    const at = buffer.divider === null ? -1 : this.log.find(buffer.divider);
    if (this.gone || at < 0 || buffer.divider === null) return;
    this.shown.around(this.log, at);
    if (this.scroller.following) this.leaveEnd();
    this.target = { key: 'new', top: 120 };
    this.redraw();
  }

  /** To one line, or to the first of a time, in context. */
  async toLine(jump: Jump): Promise<void> {
    const { buffer, log } = this;
    if (entryAt(log, jump) === null && !(await this.session.history.about(buffer, jump.id ?? `${jump.time}000`))) return;
    const entry = entryAt(log, jump) ?? (jump.id === null ? (firstFrom(log, jump.time) ?? log.newest(stands)) : null);
    if (this.gone) return;
    if (entry === null) {
      this.session.toast(t('That line is not in Halley’s memory any more.'), 'calm');
      return;
    }
    this.shown.around(log, log.find(entry.key));
    if (this.scroller.following) this.leaveEnd();
    this.target = { key: entry.key, top: 140 };
    this.found = entry.key;
    // It may stand so near the end that the reader is there too.
    this.lookForEnd = true;
    this.redraw();
  }

  /** How many lines wait behind the mark; null when it is more than what is loaded. */
  unreadCount(): number | null {
    const { divider, readUpTo } = this.buffer;
    if (divider === null || readUpTo !== null) return null;
    let count = 0;
    let after = false;
    for (const entry of this.log.all()) {
      after ||= entry.key === divider;
      if (after && isTalk(entry.kind) && !entry.own) count += 1;
    }
    return count;
  }

  /** The reader turns to another buffer. */
  leave(): void {
    this.gone = true;
    keepPlace(this.buffer, this.scroller.following ? null : (this.target ?? this.scroller.place()));
  }

  private get full(): boolean {
    return this.log.count > WINDOW - LONG_PAGE;
  }

  private leaveEnd(): void {
    this.scroller.following = false;
    this.turned();
  }

  /** The reader came to the end, or left it. */
  private turned(): void {
    const { following } = this.scroller;
    this.leftAt = following ? null : (this.log.newestKey);
    this.log.pinned = !following;
    this.session.setFollowing(following);
    if (following) this.shown.follow(this.log);
    else this.shown.hold(this.log);
    this.redraw();
  }

  private drawAll(): void {
    if (!this.few || this.gone) return;
    this.drawn = 'all';
    this.redraw();
  }

  /** Brings in lines where the reader comes near an end, first from memory, then from the server. */
  private step(): void {
    if (this.few) return;
    if (this.scroller.distanceToTop < LOAD_WITHIN) {
      if (this.shown.up(this.log)) this.redraw();
      else if (this.barren < BARREN_PAGES) this.loadOlder();
    } else if (!this.scroller.following && this.scroller.distanceToEnd < LOAD_WITHIN) {
      if (this.shown.down(this.log)) this.redraw();
      else this.loadNewer();
    }
  }

  /** A screen that joins and quits leave empty gets older lines, up to a bound. */
  private fill(): void {
    if (this.buffer.emptied) {
      this.rest();
      return;
    }
    const wanted = Math.min(FIRST_ROWS, window.innerHeight / MIN_ROW_PX + SPARE_ROWS);
    if (rowsIn(this.shown.chunks(this.log)) >= wanted) return;
    if (this.shown.up(this.log)) this.redraw();
    else if (this.barren < BARREN_PAGES) this.loadOlder();
  }

  private loadOlder(): void {
    const { buffer, log, session } = this;
    if (this.busy || buffer.emptied || !session.history.canLoadOlder(buffer)) return;
    if (this.scroller.following && this.full) {
      this.rest();
      return;
    }
    this.busy = true;
    const oldest = log.chunks[0];
    void session.history.older(buffer, this.barren > 0 ? LONG_PAGE : PAGE).then((came) => {
      this.busy = false;
      if (this.gone) return;
      const at = oldest === undefined ? -1 : log.chunks.indexOf(oldest);
      const gained = rowsIn(log.chunks.slice(0, at < 0 ? log.chunks.length : at));
      this.barren = came && gained >= FEW_ROWS ? 0 : this.barren + 1;
      if (this.scroller.following && !log.atEnd) this.leaveEnd();
      if (came) this.shown.up(log);
      if (this.barren >= BARREN_PAGES) this.rest();
      this.redraw();
    });
  }

  private loadNewer(): void {
    if (this.busy || this.log.atEnd) return;
    this.busy = true;
    void this.session.history.newer(this.buffer).then((came) => {
      this.busy = false;
      if (this.gone) return;
      if (came) this.shown.down(this.log);
      this.lookForEnd = true;
      this.redraw();
    });
  }

  private rest(): void {
    if (this.resting) return;
    this.resting = true;
    this.redraw();
  }

  private look(): void {
    const above = this.liesAbove();
    if (above === this.unreadAbove) return;
    this.unreadAbove = above;
    this.redraw();
  }

  private liesAbove(): boolean {
    const { buffer, shown, scroller, log } = this;
    const { divider } = buffer;
    if (divider === null || divider === this.seenDivider) return false;
    if (buffer.readUpTo !== null) return true;
    const side = scroller.sideOf('new');
    if (side === 'in sight') this.seenDivider = divider;
    if (side !== null) return side === 'above';
    const at = log.find(divider);
    const first = shown.chunks(log)[0];
    return at >= 0 && first !== undefined && at < log.chunks.indexOf(first);
  }
}
