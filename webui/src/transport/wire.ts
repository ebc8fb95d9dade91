// A tab's end of the wire: finds a hub, follows from its own cursor, and keeps what it asked to be sent until it is
// known what became of it, through hubs that come and go.

import { ApiError, request } from './api';
import { Backoff } from './backoff';
import { ALIVE_MS, LONGEST_QUEUE } from './bounds';
import type { Found } from './carriers';
import type { Order, Stamp } from './commands';
import type { Env, TimerId } from './env';
import type { Frame } from './frames';
import type { Link, OpenLink, ToTab } from './hub_words';
import { readPresent, type Present } from './present';
import type { StreamStatus } from './stream';
import { t, w } from '../words/words';

const DEAF_MS = 6000; // a hub that does not answer a hello for so long is none

export interface WireListener {
  frames(frames: Frame[]): void;
  /** `way`: which of the links leads to the hub. */
  status(status: StreamStatus, way: number): void;
  caughtUp(lines: number): void;
  gap(): void;
  /** Halley answers: throws while it is not known whose login it has here, and stops the wire where it is another's. */
  admit(): Promise<void>;
  /** The login ended; `loggedOut`: because the person asked for it, in another tab. */
  ended(loggedOut: boolean): void;
  waiting(count: number, stuck: boolean): void;
  /** Another tab says so. */
  shared(note: unknown): void;
  /** What gets through here; worth remembering. */
  found(found: Found): void;
}

export interface WireParts {
  env: Env;
  /** Ways to a hub, the best first; the last one always leads somewhere. */
  links: OpenLink[];
  user: string;
  /** Unique among all tabs. */
  tab: string;
  /** By an earlier visit. */
  found: Found | null;
}

const DOUBT_AFTER = 3; // tries that failed without a word from the server
const BLOCKED =
  w('Halley answers, but the requests that bring its events are blocked: look for an ad blocker, a proxy or a firewall that stops api/events.');

const WAITING: StreamStatus = { phase: 'waiting', carrier: 'poll', tried: [], everLive: false, reason: '' };

export class Wire {
  private link: Link | null = null;
  private way = 0;
  private cursor: string | null = null;
  private everLive = false;
  private reading = false;
  private answered = false;
  private stopped = false;
  private paused = false;
  private count = 0;
  /** Names the orders of this login among those of the tab. */
  private readonly visit: string;
  private failures = 0;
  private blocked = false;
  private readonly orders = new Map<string, Order>();
  private readonly timers = new Map<'deaf' | 'alive' | 'read', TimerId>();
  private readonly backoff: Backoff;

  constructor(
    private readonly parts: WireParts,
    private readonly listener: WireListener,
  ) {
    this.backoff = new Backoff(() => parts.env.random());
    this.visit = `${parts.tab}.${Math.floor(parts.env.random() * 2 ** 32).toString(36)}`;
  }

  /** Begins behind a state that was read already; else reads it first. */
  start(present: Present | null): void {
    this.open();
    if (present === null) void this.read();
    else this.begin(present);
  }

  /** How many more orders are taken. */
  get room(): number {
    return this.stopped ? 0 : LONGEST_QUEUE - this.orders.size;
  }

  /** False when too much waits already: nothing was taken. */
  send(order: Order): boolean {
    if (this.stopped || this.orders.size >= LONGEST_QUEUE) return false;
    this.count += 1;
    const token = `${this.visit}.${this.count}`;
    this.orders.set(token, order);
    this.pass(token, order);
    return true;
  }

  share(note: unknown): void {
    this.link?.post({ kind: 'share', note });
  }

  wake(better = false): void {
    if (this.stopped) return;
    if (this.paused) {
      this.paused = false;
      this.hello();
    }
    if (this.timers.has('read')) {
      this.disarm('read');
      void this.read();
    }
    this.link?.post({ kind: 'wake', better });
  }

  /** The page goes away, perhaps for good, perhaps to be woken from the browser's memory. */
  pause(): void {
    if (this.stopped || this.paused) return;
    this.paused = true;
    this.link?.post({ kind: 'bye' });
  }

  stop(loggedOut = false): void {
    if (this.stopped) return;
    this.stopped = true;
    for (const which of [...this.timers.keys()]) this.disarm(which);
    this.orders.clear();
    this.link?.post({ kind: loggedOut ? 'left' : 'bye' });
    this.link?.close();
    this.link = null;
  }

  /** The state that the server would tell a newcomer, beside the stream; null when it cannot be had now. */
  async look(): Promise<Present | null> {
    try {
      return await readPresent(this.parts.env, this.parts.user);
    } catch {
      return null; // the stream goes on, and its own errors are shown
    }
  }

  private arm(which: 'deaf' | 'alive' | 'read', ms: number, run: () => void): void {
    this.disarm(which);
    this.timers.set(which, this.parts.env.setTimer(() => {
      this.timers.delete(which);
      run();
    }, ms));
  }

  private disarm(which: 'deaf' | 'alive' | 'read'): void {
    const timer = this.timers.get(which);
    if (timer !== undefined) this.parts.env.clearTimer(timer);
    this.timers.delete(which);
  }

  private open(): void {
    this.answered = false;
    while (this.link === null && this.way < this.parts.links.length) {
      const way = this.way;
      const mine = (): boolean => !this.stopped && this.way === way;
      this.link = this.parts.links[way]!(
        (word) => mine() && this.hear(word),
        () => mine() && this.next(),
      );
      if (this.link === null) this.way += 1;
    }
  }

  /** False when there is no other way. */
  private next(): boolean {
    if (this.way >= this.parts.links.length - 1) return false;
    this.link?.post({ kind: 'bye' });
    this.link?.close();
    this.link = null;
    this.way += 1;
    this.open();
    this.hello();
    return true;
  }

  private begin(present: Present): void {
    this.listener.frames(present.frames);
    this.cursor = present.after;
    this.hello();
  }

  private hello(): void {
    if (this.stopped || this.paused) return;
    if (this.cursor === null) {
      if (!this.timers.has('read')) void this.read();
      return;
    }
    const { user, found } = this.parts;
    this.link?.post({ kind: 'hello', user, after: this.cursor, found });
    if (!this.answered) this.arm('deaf', DEAF_MS, () => this.next());
    this.beat();
    for (const [token, order] of this.orders) this.pass(token, order);
  }

  private beat(): void {
    this.arm('alive', ALIVE_MS, () => {
      if (!this.paused) this.link?.post({ kind: 'alive' });
      this.beat();
    });
  }

  private pass(token: string, order: Order): void {
    if (this.cursor === null) return; // goes with the hello
    this.link?.post({ kind: 'command', token, network: order.network, line: order.line, stamp: order.stamp });
  }

  private async read(): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    try {
      const [present] = await Promise.all([readPresent(this.parts.env, this.parts.user), this.listener.admit()]);
      this.reading = false;
      if (!this.stopped) this.begin(present);
    } catch (error) {
      this.reading = false;
      if (this.stopped) return;
      if (error instanceof ApiError && error.status === 401) {
        this.listener.ended(false);
        return;
      }
      const answered = error instanceof ApiError && error.status !== 0;
      this.status({ ...WAITING, everLive: this.everLive, reason: answered ? error.message : '' });
      const pause = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
      this.arm('read', Math.max(this.backoff.next(), pause), () => void this.read());
    }
  }

  private hear(word: ToTab): void {
    this.answered = true;
    this.disarm('deaf');
    switch (word.kind) {
      case 'frames':
        this.frames(word.frames);
        break;
      case 'status':
        this.everLive ||= word.status.phase === 'live';
        if (word.status.phase === 'live') this.backoff.reset();
        this.status(word.status);
        break;
      case 'caughtUp':
        this.listener.caughtUp(word.lines);
        break;
      case 'gap':
        this.listener.gap();
        break;
      case 'ended':
        this.listener.ended(word.loggedOut);
        break;
      case 'waiting':
        this.listener.waiting(word.count, word.stuck);
        break;
      case 'trying':
        this.trying(word.token, word.stamp);
        break;
      case 'outcome': {
        const order = this.orders.get(word.token);
        this.orders.delete(word.token);
        order?.outcome(word.outcome);
        break;
      }
      case 'found':
        this.listener.found(word.found);
        break;
      case 'unknown':
        this.hello();
        break;
      case 'reread':
        this.cursor = null;
        this.arm('read', this.backoff.next(), () => void this.read());
        break;
      case 'share':
        this.listener.shared(word.note);
        break;
    }
  }

  private status(status: StreamStatus): void {
    if (status.phase === 'live') {
      this.failures = 0;
      this.blocked = false;
    } else if (status.phase === 'waiting' && status.reason === '') {
      this.failures += 1;
      if (this.failures >= DOUBT_AFTER && !this.blocked) void this.doubt(status);
    }
    this.listener.status(this.blocked && status.reason === '' ? { ...status, reason: t(BLOCKED) } : status, this.way);
  }

  /** Is the server away, or only what brings its events? */
  private async doubt(status: StreamStatus): Promise<void> {
    try {
      const response = await request(this.parts.env, 'api/me');
      const user = response.ok ? ((await response.json()) as { user?: unknown }).user : this.parts.user;
      // An EventSource does not say why it was refused.
      if (user !== this.parts.user) await this.listener.admit();
    } catch {
      this.failures = 0; // asked again later
      return;
    }
    if (this.stopped || this.failures < DOUBT_AFTER) return;
    this.failures = 0;
    // A worker may be forbidden what a page may: before anything is said, the next way is tried.
    if (!this.everLive && this.cursor !== null && this.next()) return;
    this.blocked = true;
    this.listener.status({ ...status, reason: t(BLOCKED) }, this.way);
  }

  private trying(token: string, stamp: Stamp): void {
    const order = this.orders.get(token);
    if (order !== undefined) {
      order.stamp = stamp;
      void order.trying?.(stamp);
    }
    this.link?.post({ kind: 'tried', token });
  }

  private frames(frames: Frame[]): void {
    for (const frame of frames) {
      if (frame.kind === 'reset') this.cursor = null;
      else if ((frame.kind === 'line' || frame.kind === 'ready') && frame.id !== null) this.cursor = frame.id;
    }
    this.listener.frames(frames);
  }
}
