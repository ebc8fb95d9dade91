// What the person says, on its way to the server: one command at a time, in order, each with a number. A command
// whose answer was lost is sent again under the same number, and the server, which knows the number, does it once.

import { ApiError, OTHER_USER, postJson, toError } from './api';
import { Backoff } from './backoff';
import { LONGEST_QUEUE } from './bounds';
import type { Env, TimerId } from './env';
import { w } from '../words/words';

export type Outcome =
  | { kind: 'done' }
  /** The server said no: nothing was sent to the network. */
  | { kind: 'refused'; message: string }
  /** The server lost its memory between our tries: it may or may not have been sent. */
  | { kind: 'uncertain'; message: string };

/** The number under which a command was tried: with it the server knows the command again. */
export interface Stamp {
  client: string;
  seq: number;
}

export interface Order {
  network: string;
  line: string;
  /** Tried before, by a page or worker that is gone: asked for again under the same number. */
  stamp?: Stamp | undefined;
  /** Called with the number before the first try, which waits until it is noted. */
  trying?(stamp: Stamp): Promise<void> | undefined;
  outcome(outcome: Outcome): void;
}

interface Command extends Order {
  /** What send() was given. */
  given: Order;
  tried: boolean;
  revived: boolean;
}

export interface QueueListener {
  unauthorized(): void;
  /** Somebody else is logged in here: nothing more is sent. */
  another(): void;
  /** How many commands wait, and whether the first of them has failed to get through at least once. */
  waiting(count: number, stuck: boolean): void;
}

const NAMES_KEPT = 8; // a stream and the poll beside it take turns; older names never come back
const UNCERTAIN = w('Halley was restarted just then: this may or may not have been sent. Look before you repeat it.');

/** A no from the gateway itself (it names the error), or a client error from whatever stands before it. */
function isRefusal(failure: ApiError): boolean {
  if (failure.status === 429 || failure.status === 408 || failure.status < 400) return false;
  // "Not now, but after so many seconds": nothing was done, and the same command will be taken then.
  if (failure.status === 503 && failure.retryAfter !== null) return false;
  return failure.code !== '' || failure.status < 500;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

export class CommandQueue {
  private readonly queue: Command[] = [];
  private seq = 1;
  /** The highest number that the server confirmed. */
  private confirmed = 0;
  private busy = false;
  private stopped = false;
  private retry: TimerId | null = null;
  private wanted: string;
  /** How far the numbers of names used before have got: one may come back. */
  private readonly numbers = new Map<string, { seq: number; confirmed: number }>();
  private readonly backoff: Backoff;

  constructor(
    private readonly env: Env,
    private client: string,
    private readonly listener: QueueListener,
    /** Whose commands they are. */
    private readonly user = '',
    private readonly url = 'api/commands',
  ) {
    this.wanted = client;
    this.backoff = new Backoff(() => env.random(), 500, 15_000);
  }

  get length(): number {
    return this.queue.length;
  }

  /** False when the queue is full: nothing was taken. */
  send(order: Order): boolean {
    if (this.stopped || this.queue.length >= LONGEST_QUEUE) return false;
    this.queue.push({ ...order, given: order, tried: false, revived: order.stamp !== undefined });
    this.tell();
    void this.work();
    return true;
  }

  /** Takes back what was not tried yet: whoever gave it asks another to send it. False when it was tried. */
  withdraw(order: Order): boolean {
    const at = this.queue.findIndex((command) => command.given === order);
    if (this.queue[at]?.tried === true) return false;
    if (at >= 0) this.queue.splice(at, 1);
    this.tell();
    return true;
  }

  /** Commands not yet tried go under this name, the one whose stream hears their answers. Numbers count by name. */
  rename(client: string): void {
    this.wanted = client;
  }

  /** The line is back: tries at once instead of waiting for the timer. */
  kick(): void {
    if (this.retry === null) return;
    this.env.clearTimer(this.retry);
    this.retry = null;
    void this.work();
  }

  stop(): void {
    this.stopped = true;
    if (this.retry !== null) this.env.clearTimer(this.retry);
    this.retry = null;
    this.queue.length = 0;
  }

  private tell(): void {
    this.listener.waiting(this.queue.length, this.backoff.attempts > 0);
  }

  private async work(): Promise<void> {
    if (this.busy || this.retry !== null) return;
    this.busy = true;
    while (!this.stopped && this.retry === null) {
      const command = this.queue[0];
      if (command === undefined) break;
      await this.attempt(command);
    }
    this.busy = false;
  }

  private stampOf(command: Command): Stamp {
    if (command.revived && command.stamp !== undefined) return command.stamp;
    if (!command.tried && this.wanted !== this.client) {
      this.takeName(this.wanted);
    }
    return { client: this.client, seq: this.seq };
  }

  private takeName(client: string): void {
    this.numbers.set(this.client, { seq: this.seq, confirmed: this.confirmed });
    const before = this.numbers.get(client);
    this.numbers.delete(client);
    this.client = client;
    this.seq = before?.seq ?? 1;
    this.confirmed = before?.confirmed ?? 0;
    if (this.numbers.size > NAMES_KEPT) this.numbers.delete([...this.numbers.keys()][0]!);
  }

  private async attempt(command: Command): Promise<void> {
    const stamp = this.stampOf(command);
    const again = command.tried;
    if (!again && !command.revived) {
      await command.trying?.(stamp);
      if (this.stopped || this.queue[0] !== command) return; // taken back meanwhile
    }
    command.tried = true;
    let failure: ApiError;
    try {
      const response = await postJson(this.env, this.url, { ...stamp, network: command.network, line: command.line }, this.user);
      if (response.ok) {
        const { result } = (await response.json()) as { result?: unknown };
        // An empty result is success; words say what was refused, and why.
        const refused = typeof result === 'string' && result !== '';
        if (!command.revived) this.confirmed = stamp.seq;
        this.settle(command, refused ? { kind: 'refused', message: sentence(result) } : { kind: 'done' }, this.seq + 1);
        return;
      }
      failure = await toError(response);
    } catch (error) {
      failure = error instanceof ApiError ? error : new ApiError(0, 'no_answer', '');
    }
    if (!this.stopped) this.failed(command, failure, again);
  }

  private failed(command: Command, failure: ApiError, again: boolean): void {
    if (failure.status === 401) {
      this.stop();
      this.listener.unauthorized();
    } else if (failure.code === OTHER_USER) {
      this.stop();
      this.listener.another();
    } else if (failure.status === 409 && typeof failure.body['expected'] === 'number') {
      if (command.revived) this.unrevived(command, failure.body['expected']);
      else this.renumber(command, failure.body['expected'], again);
    } else if (isRefusal(failure)) {
      // It may or may not have used up its number. Going on to the next costs at most a 409; using it twice
      // could fetch the old refusal for a new line.
      this.settle(command, { kind: 'refused', message: failure.message }, this.seq + 1);
    } else {
      this.later(failure.retryAfter);
    }
  }

  /** The server will not take a command of an earlier page under its old number. */
  private unrevived(command: Command, expected: number): void {
    const { seq } = command.stamp!;
    if (expected > seq) {
      this.settle(command, { kind: 'done' }, this.seq); // done long ago, its answer forgotten
    } else if (expected > 1) {
      // It remembers that page, and never had this one: it goes as a new one.
      command.revived = false;
      command.stamp = undefined;
      command.tried = false;
    } else {
      this.settle(command, { kind: 'uncertain', message: UNCERTAIN }, this.seq);
    }
  }

  private renumber(command: Command, expected: number, again: boolean): void {
    const ours = this.seq;
    // A server that expects more than it ever confirmed to us has forgotten nothing, and has not done this one.
    const untouched = !again || (expected < ours && expected > this.confirmed);
    if (untouched) {
      this.seq = expected;
      command.tried = false;
      if (expected === ours) this.later(null);
    } else if (expected > ours) {
      this.settle(command, { kind: 'done' }, expected); // done long ago, its answer forgotten
    } else {
      this.confirmed = 0;
      this.settle(command, { kind: 'uncertain', message: UNCERTAIN }, expected);
    }
  }

  private settle(command: Command, outcome: Outcome, nextSeq: number): void {
    this.queue.shift();
    if (!command.revived) this.seq = nextSeq;
    this.backoff.reset();
    command.outcome(outcome);
    this.tell();
  }

  private later(retryAfter: number | null): void {
    const wait = Math.max(this.backoff.next(), retryAfter ?? 0);
    this.retry = this.env.setTimer(() => {
      this.retry = null;
      void this.work();
    }, wait);
    this.tell();
  }
}
