// Folds what the stream brings into the World, and does what follows from it. Much at once (a netsplit, a crowded channel) goes
// in slices, between which the page is drawn and answers keys; frames keep their order.

import { batch } from '@preact/signals';
import type { Env } from '../transport/env';
import type { Frame } from '../transport/frames';
import { applyFrame } from '../state/fold';
import { Changes, orderedBuffers, type Buffer } from '../state/world';
import type { Closed } from './closed';
import type { History } from './history';
import type { Missing } from './missing';
import type { Outbox } from './outbox';
import type { Place } from './parts';
import type { Store } from './store';
import type { Unread } from './unread';

/** A slice is over after that time; what is drawn then takes its own. */
const SLICE_MS = 10;
/** What comes sooner behind the last slice goes into one with what follows: more often than that nothing is drawn. */
const GATHER_MS = 16;
/** Frames between two looks at the clock. */
const STRIDE = 16;
const CLOSED_LOOKED_AT = 20;

/** What a few frames came to. */
class Slice {
  readonly changes = new Changes();
  reset = false;
  head: string | null = null;
}

/** The visit it belongs to. */
export interface IncomingHost {
  readonly store: Store;
  readonly history: History;
  readonly closed: Closed;
  readonly unread: Unread;
  readonly outbox: Outbox | null;
  readonly missing: Missing | null;
  find(place: Place): Buffer | null;
  /** Buffers have other names. */
  rename(changes: Changes): void;
  /** What is kept of networks and buffers, to those that came since. */
  applyKept(): void;
  /** What is open follows what happened. */
  follow(changes: Changes): void;
  /** The server knows our cursor no more: what it tells beside the stream comes anew. */
  afterReset(): Promise<void>;
}

export class Incoming {
  private queue: Frame[] = [];
  private at = 0;
  private stopped = false;
  private looking = false;
  private workedAt = -Infinity;

  constructor(
    private readonly env: Env,
    private readonly clock: () => number,
    private readonly visit: IncomingHost,
  ) {}

  frames(frames: Frame[]): void {
    const waiting = this.at < this.queue.length;
    this.queue = waiting ? this.queue.slice(this.at).concat(frames) : frames;
    this.at = 0;
    if (waiting) return;
    const wait = this.workedAt + GATHER_MS - this.env.now();
    if (wait > 0 && this.visit.store.world.watching) this.env.setTimer(() => this.work(), wait);
    else this.work();
  }

  stop(): void {
    this.stopped = true;
  }

  private work(): void {
    if (this.stopped) return;
    const slice = new Slice();
    // Where nobody looks nothing jerks, and timers may run once a second.
    const end = this.visit.store.world.watching ? this.env.now() + SLICE_MS : Infinity;
    const now = this.clock();
    try {
      while (this.at < this.queue.length) {
        this.apply(this.queue[this.at++]!, now, slice);
        if (this.at % STRIDE === 0 && this.env.now() >= end) break;
      }
    } finally {
      if (this.at < this.queue.length) this.env.setTimer(() => this.work(), 0);
      else this.queue = [];
      this.workedAt = this.env.now();
      this.settle(slice);
    }
  }

  private apply(frame: Frame, now: number, slice: Slice): void {
    const { store } = this.visit;
    applyFrame(store.world, frame, now, slice.changes);
    if (frame.kind === 'reset') slice.reset = true;
    if (frame.kind === 'snapshot') this.looking = true;
    if (frame.kind !== 'ready') return;
    slice.head = frame.id;
    if (store.seenAt.peek() === 0) return;
    store.seenAt.value = 0;
    slice.reset = true;
  }

  private settle({ changes, reset, head }: Slice): void {
    const { visit } = this;
    const { store, unread } = visit;
    if (changes.list) {
      visit.closed.forgetOpen(store.world);
      visit.applyKept();
    }
    visit.history.refused.add(changes.refused);
    visit.rename(changes);
    batch(() => {
      store.publish(changes);
      visit.follow(changes);
    });
    for (const { buffer, time } of changes.marks) unread.readElsewhere(buffer, { id: null, time });
    if (this.looking && head !== null) this.lookAtAll(head);
    visit.outbox?.follow(changes);
    if (head !== null) visit.outbox?.attached();
    if (reset) void visit.afterReset();
    visit.missing?.ask(store.world);
  }

  /** After a snapshot: what came while this page was not there, in open talks and in closed ones. */
  private lookAtAll(head: string): void {
    this.looking = false;
    const { store, unread, closed } = this.visit;
    unread.lookAtAll([...store.world.networks.values()].flatMap(orderedBuffers), head);
    unread.lookAtClosed(closed.newest(CLOSED_LOOKED_AT), head, (place) => this.visit.find(place));
  }
}
