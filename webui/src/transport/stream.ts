// The page's cursor over the user's log: keeps one carrier open, resumes where it stopped, refuses holes and
// duplicates, and falls back to humbler carriers where something on the way refuses or swallows streams. A carrier that
// has not spoken yet gets a poll beside it: nobody waits for a proxy to be found out. Where the way changes under a page
// (another network, another proxy), a carrier that worked is left as soon as another one gets through in its place.
//
// Promise to the owner: lines with ids arrive once each and in order; a line that would leave a hole is not
// passed on but asked for again. Only when the server itself cannot fill the hole is onGap told.

import { Backoff } from './backoff';
import { LOST, openNdjson, openPoll, openSse, openWebSocket, CARRIERS, type Carrier, type CarrierName, type Ending, type Fate, type Found, type Trial } from './carriers';
import type { Env, TimerId } from './env';
import { compareIds, sameEpoch, toFrame, type Frame, type LineFrame } from './frames';

export type Phase = 'stopped' | 'connecting' | 'waiting' | 'live';

export interface StreamStatus {
  phase: Phase;
  carrier: CarrierName;
  /** What came of the carriers that are better than this one, the best first; while none gets through, of all that were tried. */
  tried: Trial[];
  /** False until the first replay or snapshot of this stream was complete. */
  everLive: boolean;
  /** What the server or the network said when the line was lost; may be empty. */
  reason: string;
}

export interface StreamListener {
  frames(frames: Frame[]): void;
  status(status: StreamStatus): void;
  /** A replay after a lost line is complete: so many lines had been missed. */
  caughtUp(lines: number): void;
  /** The server cannot fill a hole before the next line: histories on the page must be fetched anew. */
  gap(): void;
  unauthorized(): void;
  /** Somebody else is logged in here. */
  another?(): void;
  /** Commands sent under this name from now on are answered here. */
  named?(client: string): void;
  /** This carrier gets through: worth beginning with the next time. */
  proven?(found: Found): void;
}

const FIRST_WORD_MS = 10_000; // an open stream speaks at once; silence means that a proxy holds it back
const SILENCE_MS = 40_000; // heartbeats come at least each 15 s
const STEADY_MS = 500; // a heartbeat follows the first word after one to two seconds (halley-web(7), "hello") ...
const UNSTEADY_MS = 8000; // ... and who does not hear it has something on the way that gathers
const UNSTEADY_TRIES = 2;
const DOUBT_MS = 20_000; // after a sleep: older than this and we rather open anew
const POLL_MS = 45_000; // an answer is held up to 25 s
const IDLE_POLL_GAP_MS = 250; // between answers that came empty and at once
const BESIDE_MS = 700; // an unproven carrier that says nothing for so long gets a poll beside it
const BESIDE_PROVEN_MS = 3000; // the same for one that has worked before
const BESIDE_AGAIN_MS = 2000; // after a poll beside it failed
const BETTER_MS = 24 * 3600_000; // after so long the best way gets its chance again
const TRIES_PER_CARRIER = 3;

const OPENERS = { websocket: openWebSocket, ndjson: openNdjson, sse: openSse, poll: openPoll };

export class EventStream {
  private cursor: string | null = null;
  /** Whether the cursor is the id of the last event heard, so that the next `prev` must name it. */
  private exact = false;
  private holeAt: string | null = null;
  private phase: Phase = 'stopped';
  private told: CarrierName = 'poll';
  private carrier: Carrier | null = null;
  private rung = 0;
  /** Where a try begins: the rung that worked, or the best that was not found to fail. */
  private top = 0;
  private topSince = 0;
  /** The try before this one, of a better carrier, was barred. */
  private fell = false;
  private readonly tried = new Map<CarrierName, Trial>();
  private proven = false;
  private failures = 0;
  private everLive = false;
  private reason = '';
  private farewell = '';
  private missed = 0;
  private openedAt = 0;
  private heardAt = 0;
  private heardValues = false;
  private spokeAt = 0;
  private steady = false;
  private unsteady = 0;
  private heardNews = false;
  private beats = false;
  private timer: TimerId | null = null;
  private beside: Carrier | null = null;
  private besideTimer: TimerId | null = null;
  private besideName = '';
  private besideWorks = false;
  /** A snapshot or replay was complete: from here on there is a cursor to resume from. */
  private attached = false;
  private opened = 0;
  private client = '';
  private readonly backoff: Backoff;
  private readonly ladder: CarrierName[];

  constructor(
    private readonly env: Env,
    private readonly listener: StreamListener,
    /** What the names begin with under which our streams listen, and our commands go (see `named`). */
    private readonly page = '',
    /** Whose events they are: nobody else's are heard. */
    private readonly user = '',
    private readonly base = 'api/events',
  ) {
    this.backoff = new Backoff(() => env.random());
    const lacking: CarrierName[] = [...(env.webSocket === null ? ['websocket' as const] : []), ...(env.eventSource === null ? ['sse' as const] : [])];
    this.ladder = CARRIERS.filter((name) => !lacking.includes(name));
    for (const name of lacking) this.tried.set(name, { carrier: name, fate: 'absent', at: 0, said: '' });
  }

  /** Attaches fresh: a snapshot, then live. `head` (of /api/me, asked before) is the cursor until a line gives one. */
  start(head: string | null): void {
    this.seed(head);
    this.open(null);
  }

  /** Goes on behind a snapshot that was read already, with the carrier that worked the last time. */
  follow(after: string, found: Found | null = null): void {
    for (const trial of found?.tried ?? []) if (this.ladder.includes(trial.carrier)) this.tried.set(trial.carrier, trial);
    this.settleOn(Math.max(0, found === null ? 0 : this.ladder.indexOf(found.carrier)));
    this.cursor = after;
    this.exact = true;
    this.attached = true;
    this.open(after);
  }

  /** A cursor from outside: older than the next line to come, never newer. */
  seed(head: string | null): void {
    this.cursor = head;
    this.exact = false;
    this.holeAt = null;
  }

  stop(): void {
    this.drop();
    this.leaveBeside();
    this.enter('stopped');
  }

  get position(): string | null {
    return this.cursor;
  }

  /** The machine woke up, or is online again: looks at once instead of waiting for a timer. */
  check(): void {
    if (this.phase === 'waiting') this.open(this.cursor);
    else if (this.phase === 'live' && this.name() !== 'sse' && this.env.now() - this.heardAt > DOUBT_MS) this.lose(LOST);
  }

  /** The best way gets its chance again, now. */
  climb(): void {
    if (this.rung === 0 || this.phase === 'stopped') return;
    this.settleOn(0);
    this.failures = this.unsteady = 0;
    this.proven = this.fell = false;
    this.open(this.resumeFrom());
  }

  private settleOn(rung: number): void {
    this.rung = this.top = rung;
    this.topSince = this.env.now();
  }

  /** Streams may get through by now. */
  private tryBetter(): void {
    if (this.top === 0 || this.env.now() - this.topSince < BETTER_MS) return;
    this.settleOn(0);
    this.proven = false;
  }

  private name(): CarrierName {
    return this.ladder[this.rung] ?? 'poll';
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.told = this.besideWorks ? 'poll' : this.name();
    this.listener.status({ phase, carrier: this.told, tried: this.trials(phase === 'live' ? this.told : undefined), everLive: this.everLive, reason: this.reason });
  }

  private note(fate: Fate, said = ''): void {
    const carrier = this.name();
    this.tried.set(carrier, { carrier, fate, at: this.env.date(), said });
  }

  /** Of those that are better than this one; undefined: of all. */
  private trials(than?: CarrierName): Trial[] {
    return CARRIERS.slice(0, than === undefined ? CARRIERS.length : CARRIERS.indexOf(than)).flatMap((name) => this.tried.get(name) ?? []);
  }

  private arm(ms: number, run: () => void): void {
    if (this.timer !== null) this.env.clearTimer(this.timer);
    this.timer = this.env.setTimer(() => {
      this.timer = null;
      run();
    }, ms);
  }

  private drop(): void {
    this.carrier?.close();
    this.carrier = null;
    if (this.timer !== null) this.env.clearTimer(this.timer);
    this.timer = null;
  }

  private open(after: string | null): void {
    this.drop();
    this.note('asked');
    if (this.phase !== 'live') this.enter('connecting');
    else if (this.besideWorks) this.enter('live');
    this.openedAt = this.env.now();
    this.heardAt = this.openedAt;
    this.heardValues = this.heardNews = this.beats = this.steady = false;
    const name = this.name();
    if (name === 'poll') this.leaveBeside();
    // Each stream listens under a name of its own, so that no answer goes to one that died unnoticed. Polls keep
    // theirs: what happens between two of them is kept for that name.
    if (name !== 'poll' || this.opened === 0 || !this.proven) {
      this.client = this.newName();
      if (!this.besideWorks) this.listener.named?.(this.client);
    }
    this.arm(name === 'poll' ? POLL_MS : FIRST_WORD_MS, () => this.silent());
    this.carrier = OPENERS[name](this.env, this.address(name, this.client, after, name === 'poll' && this.phase !== 'live'), {
      alive: () => this.alive(),
      values: (values) => {
        this.prove();
        this.values(values);
      },
      ended: (ending) => this.ended(ending),
    });
    if (name !== 'poll' && this.attached && this.beside === null) this.armBeside(this.proven ? BESIDE_PROVEN_MS : BESIDE_MS);
  }

  private newName(): string {
    this.opened += 1;
    return this.page === '' ? '' : `${this.page}.${this.opened}`;
  }

  /** `first`: of polls. It is answered at once, news or not: what is here is whole then. */
  private address(transport: CarrierName, client: string, after: string | null, first: boolean): string {
    const query = new URLSearchParams({ transport });
    if (first) query.set('wait', '0');
    if (client !== '') query.set('client', client);
    if (after !== null) query.set('after', after);
    if (this.user !== '') query.set('user', this.user);
    return `${this.base}?${query.toString()}`;
  }

  private prove(): void {
    if (!this.heardValues) this.spokeAt = this.env.now();
    this.heardValues = true;
    const wasBeside = this.besideWorks || this.beside !== null;
    this.leaveBeside();
    if (wasBeside) this.listener.named?.(this.client);
    if (this.phase === 'live' && this.told !== this.name()) this.enter('live');
    if (!this.proven || this.rung !== this.top) {
      this.settleOn(this.rung);
      this.listener.proven?.({ carrier: this.name(), tried: this.trials(this.name()) });
    }
    this.tried.delete(this.name());
    this.proven = true;
    this.fell = false;
    this.failures = 0;
  }

  private armBeside(ms: number): void {
    if (this.besideTimer !== null) this.env.clearTimer(this.besideTimer);
    this.besideTimer = this.env.setTimer(() => this.openBeside(), ms);
  }

  private openBeside(): void {
    this.besideTimer = null;
    if (this.besideName === '') this.besideName = this.newName();
    const began = this.env.now();
    this.beside = openPoll(this.env, this.address('poll', this.besideName, this.cursor, !this.besideWorks), {
      alive: () => undefined,
      values: (values) => {
        if (!this.besideWorks) this.listener.named?.(this.besideName);
        this.besideWorks = true;
        this.values(values);
      },
      ended: (ending) => {
        this.beside = null;
        if (this.turnedAway(ending)) return;
        if (ending.kind !== 'done') this.besideWorks = false;
        const quick = this.env.now() - began < IDLE_POLL_GAP_MS;
        this.armBeside(ending.kind === 'done' ? (quick ? IDLE_POLL_GAP_MS : 0) : BESIDE_AGAIN_MS);
      },
    });
  }

  private leaveBeside(): void {
    this.beside?.close();
    this.beside = null;
    if (this.besideTimer !== null) this.env.clearTimer(this.besideTimer);
    this.besideTimer = null;
    this.besideWorks = false;
    this.besideName = '';
  }

  /** The login is over, or another's (a conflict: the address names its user). */
  private turnedAway({ status }: Ending): boolean {
    if (status !== 401 && status !== 409) return false;
    this.stop();
    if (status === 401) this.listener.unauthorized();
    else this.listener.another?.();
    return true;
  }

  private alive(): void {
    this.heardAt = this.env.now();
    if (this.heardValues && this.heardAt - this.spokeAt >= STEADY_MS) {
      this.steady = true;
      this.unsteady = 0;
    }
    // EventSource hides comments: a silent SSE stream is judged only where heartbeats are frames.
    const watched = this.name() !== 'sse' || this.beats;
    if (watched) this.arm(this.name() === 'poll' ? POLL_MS : this.steady || !this.heardValues ? SILENCE_MS : UNSTEADY_MS, () => this.silent());
    else if (this.timer !== null && this.heardValues) {
      this.env.clearTimer(this.timer);
      this.timer = null;
    }
  }

  private silent(): void {
    // Where no poll gets through either, it is not the carrier that fails.
    const mute = !this.heardValues && (this.besideWorks || (!this.proven && !this.attached));
    if (this.heardValues && !this.steady) this.unsteady += 1;
    if (this.rung < this.ladder.length - 1 && (mute || this.unsteady >= UNSTEADY_TRIES)) {
      this.stepDown(mute ? 'silent' : 'late');
      this.open(this.resumeFrom());
    } else this.lose(LOST);
  }

  private stepDown(fate: Fate, said = ''): void {
    this.note(fate, said);
    this.settleOn((this.rung + 1) % this.ladder.length);
    this.failures = this.unsteady = 0;
    this.proven = this.fell = false;
  }

  private ended(ending: Ending): void {
    if (ending.kind === 'done') {
      this.tryBetter();
      const quick = !this.heardNews && this.env.now() - this.openedAt < 1000;
      if (quick) this.arm(IDLE_POLL_GAP_MS, () => this.open(this.resumeFrom()));
      else this.open(this.resumeFrom());
      return;
    }
    if (!this.turnedAway(ending)) this.lose(ending);
  }

  /** Without a finished attach there is nothing to resume: the snapshot must come again. */
  private resumeFrom(): string | null {
    return this.attached ? this.cursor : null;
  }

  private lose(ending: Ending): void {
    this.drop();
    // The next way tells at once whether it is this carrier that does not get through, or the server that is away.
    if (ending.kind === 'barred' && this.rung < this.ladder.length - 1) {
      this.note('barred');
      this.fell = true;
      this.rung += 1;
      this.open(this.resumeFrom());
      return;
    }
    this.reason = ending.message || this.farewell;
    this.farewell = '';
    this.missed = 0;
    this.failures += 1;
    const unfit = ending.kind === 'refused' && (ending.status === 400 || ending.status === 406 || ending.status === 501);
    const failed = unfit || this.failures >= TRIES_PER_CARRIER;
    // Another one is worth a try where the server is in reach by it, or where nobody can tell.
    if (failed && (this.besideWorks || (!this.proven && (unfit || !this.attached)))) this.stepDown(ending.kind === 'refused' ? 'refused' : 'broke', ending.message);
    else if (this.fell) this.rung = this.top;
    this.fell = false;
    this.tryBetter();
    // With a poll beside it nothing is lost but a try. One that worked is given up only for another: no poll without it.
    if (this.proven && !this.besideWorks) this.leaveBeside();
    if (!this.besideWorks) this.enter('waiting');
    const wait = Math.max(this.backoff.next(), ending.retryAfter ?? 0);
    this.arm(wait, () => this.open(this.resumeFrom()));
  }

  private values(values: unknown[]): void {
    const accepted: Frame[] = [];
    let hole = false;
    for (const value of values) {
      const frame = toFrame(value);
      if (frame === null) {
        this.beats = true;
        continue;
      }
      if (frame.kind === 'line' && frame.id !== null) {
        if (this.seen(frame.id)) continue;
        if (this.leavesHole(frame)) {
          hole = true;
          break;
        }
        this.advance(frame.id);
      } else if (frame.kind === 'end') {
        this.farewell = frame.message;
        continue;
      } else if (frame.kind !== 'line' && 'id' in frame) {
        if (frame.kind === 'ready') this.deliver(accepted.splice(0));
        this.mark(frame.kind, frame.id);
      }
      if (frame.kind !== 'ready') this.heardNews = true;
      accepted.push(frame);
      if (this.phase === 'stopped') return;
    }
    this.deliver(accepted);
    if (!this.besideWorks) this.alive();
    if (hole) this.open(this.cursor);
  }

  private deliver(frames: Frame[]): void {
    if (frames.length > 0 && this.phase !== 'stopped') this.listener.frames(frames);
  }

  private mark(kind: 'snapshot' | 'ready' | 'reset', id: string | null): void {
    if (kind === 'reset') this.seed(null);
    if (kind === 'snapshot') this.exact = false;
    if (kind !== 'ready') {
      this.missed = 0;
      if (id !== null) this.seed(id);
      return;
    }
    // All events up to there have been sent: what lies between is not for us.
    if (id !== null && (this.cursor === null || !this.exact || this.isNewer(id))) {
      this.cursor = id;
      this.exact = true;
    }
    this.backoff.reset();
    const returned = this.everLive && this.phase !== 'live';
    this.everLive = true;
    this.attached = true;
    this.reason = '';
    if (this.phase !== 'live') this.enter('live');
    if (returned) this.listener.caughtUp(this.missed);
  }

  private isNewer(id: string): boolean {
    return this.cursor !== null && sameEpoch(id, this.cursor) && compareIds(id, this.cursor) > 0;
  }

  private seen(id: string): boolean {
    return this.exact && this.cursor !== null && sameEpoch(id, this.cursor) && compareIds(id, this.cursor) <= 0;
  }

  private advance(id: string): void {
    this.cursor = id;
    this.exact = true;
    this.holeAt = null;
    this.missed += 1;
  }

  /** RFC-less but simple: each event names the one before it. One refetch is tried; the second time we go on and say so. */
  private leavesHole(frame: LineFrame): boolean {
    if (!this.exact || frame.prev === null || frame.prev === this.cursor) return false;
    if (this.holeAt === this.cursor) {
      this.listener.gap();
      return false;
    }
    this.holeAt = this.cursor;
    return true;
  }
}
