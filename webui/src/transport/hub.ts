// One stream and one queue of commands for all tabs of a browser: it lives in a SharedWorker, in the tab that leads,
// or, where neither can be, in each tab for itself. Tabs come, follow from their own cursor, and go; the hub knows
// nothing of IRC.
//
// Promise to a tab: lines with ids reach it once each, in order and without a hole behind the cursor it came with;
// what cannot be told any more is said ("reread"), never skipped.

import { LONGEST_QUEUE } from './bounds';
import type { Found } from './carriers';
import { CommandQueue, type Order, type Outcome, type Stamp } from './commands';
import type { Env } from './env';
import { compareIds, epochOf, sameEpoch, type Frame } from './frames';
import type { ToHub, ToTab } from './hub_words';
import { Recent } from './recent';
import { EventStream, type StreamStatus } from './stream';
import { w } from '../words/words';

const GONE_MS = 600_000; // a hidden tab's timers may run once a minute, or not at all for a while
const NOTED_MS = 500; // a tab that does not answer for so long is frozen or gone
const MOST_TABS = 64;
const MOST_ANSWERED = 2 * LONGEST_QUEUE; // a tab asks again only for what it has not heard the end of
const FULL = w('Too many lines wait to be sent. Wait until the connection is back.');

/** A tab as the hub sees it. */
class Place {
  /** Events up to here it knows already. */
  from: string | null = null;
  following = false;
  seen = 0;
  readonly orders = new Map<string, Order>();
  /** What waits until the tab has noted a number. */
  private readonly noting = new Map<string, () => void>();
  /** What became of the last few: a tab that says them again did not hear it. */
  readonly answered = new Map<string, Outcome>();

  constructor(
    readonly post: (word: ToTab) => void,
    private readonly env: Env,
  ) {}

  trying(token: string, stamp: Stamp): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.env.setTimer(() => this.tried(token), NOTED_MS);
      this.noting.set(token, () => {
        this.env.clearTimer(timer);
        resolve();
      });
      this.post({ kind: 'trying', token, stamp });
    });
  }

  tried(token: string): void {
    this.noting.get(token)?.();
    this.noting.delete(token);
  }

  /** It is not there to note anything. */
  left(): void {
    for (const token of [...this.noting.keys()]) this.tried(token);
  }

  answer(token: string, outcome: Outcome): void {
    this.orders.delete(token);
    this.answered.set(token, outcome);
    if (this.answered.size > MOST_ANSWERED) this.answered.delete([...this.answered.keys()][0]!);
    this.post({ kind: 'outcome', token, outcome });
  }

  tell(frames: Frame[]): void {
    const { from } = this;
    const news = from === null ? frames : frames.filter((frame) => !known(frame, from));
    if (news.length > 0) this.post({ kind: 'frames', frames: news });
  }
}

function known(frame: Frame, from: string): boolean {
  return frame.kind === 'line' && frame.id !== null && sameEpoch(frame.id, from) && compareIds(frame.id, from) <= 0;
}

export class Hub {
  private readonly places = new Set<Place>();
  private readonly recent = new Recent();
  private user = '';
  private epoch = '';
  private stream: EventStream | null = null;
  private queue: CommandQueue | null = null;
  private status: StreamStatus | null = null;
  /** No two streams of a hub listen under one name. */
  private streams = 0;

  constructor(
    private readonly env: Env,
    /** Names this hub among all of the user's; up to 40 characters. */
    private readonly name: string,
  ) {}

  /** A tab is here; what it says goes into the function returned. */
  join(post: (word: ToTab) => void): (word: ToHub) => void {
    const place = new Place(post, this.env);
    return (word) => this.hear(place, word);
  }

  /** The page that holds this hub goes. */
  stop(): void {
    this.hangUp();
    this.queue?.stop();
    this.queue = null;
    this.places.clear();
  }

  private hear(place: Place, word: ToHub): void {
    place.seen = this.env.now();
    if (word.kind === 'hello') this.hello(place, word.user, word.after, word.found);
    else if (word.kind === 'bye') this.gone(place);
    else if (word.kind === 'tried') place.tried(word.token);
    else if (!place.following) place.post({ kind: 'unknown' });
    else if (word.kind === 'command') this.command(place, word);
    else if (word.kind === 'wake') this.wake(word.better);
    else if (word.kind === 'left') this.end(true, place);
    else if (word.kind === 'share') for (const other of this.places) if (other !== place) other.post({ kind: 'share', note: word.note });
  }

  private hello(place: Place, user: string, after: string, found: Found | null): void {
    this.forgetSilent();
    if (this.user !== user) this.end(false, place);
    else if (epochOf(after) !== this.epoch) this.restart(place);
    this.user = user;
    this.epoch = epochOf(after);
    this.places.add(place);
    if (this.stream === null) this.start(after, found);
    const missed = this.recent.since(after);
    if (missed === null) {
      place.following = false;
      place.post({ kind: 'reread' });
      return;
    }
    place.from = after;
    place.following = true;
    if (this.status !== null) place.post({ kind: 'status', status: this.status });
    place.tell(missed);
  }

  private start(after: string, found: Found | null): void {
    this.recent.begin(after);
    this.streams += 1;
    this.queue ??= new CommandQueue(this.env, this.name, {
      unauthorized: () => this.end(false),
      another: () => this.dismiss({ kind: 'reread' }),
      waiting: (count, stuck) => this.tellAll({ kind: 'waiting', count, stuck }),
    }, this.user);
    this.stream = new EventStream(this.env, {
      frames: (frames) => this.frames(frames),
      status: (status) => {
        this.status = status;
        if (status.phase === 'live') this.queue?.kick();
        this.tellAll({ kind: 'status', status });
      },
      caughtUp: (lines) => this.tellAll({ kind: 'caughtUp', lines }),
      gap: () => this.tellAll({ kind: 'gap' }),
      unauthorized: () => this.end(false),
      another: () => this.dismiss({ kind: 'reread' }),
      named: (client) => this.queue?.rename(client),
      proven: (each) => this.tellAll({ kind: 'found', found: each }),
    }, `${this.name}.${this.streams}`, this.user);
    this.stream.follow(after, found);
  }

  private frames(frames: Frame[]): void {
    for (const frame of frames) {
      this.recent.add(frame);
      const id = frame.kind === 'line' || frame.kind === 'ready' ? frame.id : null;
      if (id !== null) this.epoch = epochOf(id);
    }
    for (const place of this.places) if (place.following) place.tell(frames);
  }

  private tellAll(word: ToTab): void {
    for (const place of this.places) if (place.following) place.post(word);
  }

  private command(place: Place, word: ToHub & { kind: 'command' }): void {
    const { token, network, line, stamp } = word;
    if (place.orders.has(token)) return; // said again, because the tab was not sure that we heard
    const answered = place.answered.get(token);
    if (answered !== undefined) {
      place.post({ kind: 'outcome', token, outcome: answered });
      return;
    }
    const order: Order = {
      network,
      line,
      stamp,
      trying: (tried) => place.trying(token, tried),
      outcome: (outcome) => place.answer(token, outcome),
    };
    place.orders.set(token, order);
    if (this.queue?.send(order) === true) return;
    place.answer(token, { kind: 'refused', message: FULL });
  }

  private wake(better: boolean): void {
    if (better) this.stream?.climb();
    else this.stream?.check();
    this.queue?.kick();
  }

  private gone(place: Place): void {
    place.following = false;
    this.places.delete(place);
    // What it had us send and we did not try yet it keeps, or leaves to another tab: it must not go twice.
    // What was tried goes on: should the tab come back and say it again, it is known.
    for (const [token, order] of place.orders) if (this.queue?.withdraw(order) !== false) place.orders.delete(token);
    place.left();
    if (this.places.size === 0) this.hangUp();
  }

  /** What tabs that ended without a word left behind; they are asked to come again, should they still be there. */
  private forgetSilent(): void {
    const silent = [...this.places].filter((place) => this.env.now() - place.seen > GONE_MS);
    const oldest = [...this.places].sort((a, b) => a.seen - b.seen).slice(0, Math.max(0, this.places.size - MOST_TABS + 1));
    for (const place of new Set([...silent, ...oldest])) {
      place.following = false;
      this.places.delete(place);
    }
  }

  private hangUp(): void {
    this.stream?.stop();
    this.stream = null;
    this.status = null;
  }

  /** Another database, or another past of it: everybody reads the present anew. */
  private restart(except: Place): void {
    this.hangUp();
    for (const place of this.places) {
      if (place === except) continue;
      place.following = false;
      place.post({ kind: 'reread' });
    }
  }

  private end(loggedOut: boolean, except: Place | null = null): void {
    this.dismiss({ kind: 'ended', loggedOut }, except);
  }

  /** The login is over, or is another's: the tabs that were there for it are told, or look whose it is. */
  private dismiss(word: ToTab, except: Place | null = null): void {
    this.hangUp();
    this.queue?.stop();
    this.queue = null;
    this.user = '';
    const told = [...this.places];
    this.places.clear();
    for (const place of told) {
      place.following = false;
      place.orders.clear();
      place.answered.clear();
      if (place !== except) place.post(word);
    }
  }
}
