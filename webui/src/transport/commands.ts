// What the person says, on its way to the server: one command at a time, in order, each with a number. A command
// whose answer was lost is sent again under the same number, and the server, which knows the number, does it once.

import { ApiError, postJson, toError } from './api';
import { Backoff } from './backoff';
import type { Env, TimerId } from './env';

export type Outcome =
  | { kind: 'done' }
  /** The server said no: nothing was sent to the network. */
  | { kind: 'refused'; message: string }
  /** The server lost its memory between our tries: it may or may not have been sent. */
  | { kind: 'uncertain'; message: string };

interface Command {
  network: string;
  line: string;
  tried: boolean;
  outcome(outcome: Outcome): void;
}

export interface QueueListener {
  unauthorized(): void;
  /** How many commands wait, and whether the first of them has failed to get through at least once. */
  waiting(count: number, stuck: boolean): void;
}

export const LONGEST_QUEUE = 100;
const UNCERTAIN = 'Halley was restarted just then: this may or may not have been sent. Look before you repeat it.';

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
  private readonly backoff: Backoff;

  constructor(
    private readonly env: Env,
    private readonly client: string,
    private readonly listener: QueueListener,
    private readonly url = 'api/commands',
  ) {
    this.backoff = new Backoff(() => env.random(), 500, 15_000);
  }

  /** False when the queue is full: nothing was taken. */
  send(network: string, line: string, outcome: (outcome: Outcome) => void): boolean {
    if (this.stopped || this.queue.length >= LONGEST_QUEUE) return false;
    this.queue.push({ network, line, tried: false, outcome });
    this.tell();
    void this.work();
    return true;
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

  private async attempt(command: Command): Promise<void> {
    const body = { client: this.client, seq: this.seq, network: command.network, line: command.line };
    const again = command.tried;
    command.tried = true;
    let failure: ApiError;
    try {
      const response = await postJson(this.env, this.url, body);
      if (response.ok) {
        const { result } = (await response.json()) as { result?: unknown };
        this.confirmed = this.seq;
        // An empty result is success; words say what was refused, and why.
        const refused = typeof result === 'string' && result !== '';
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
    } else if (failure.status === 409 && typeof failure.body['expected'] === 'number') {
      this.renumber(command, failure.body['expected'], again);
    } else if (isRefusal(failure)) {
      // It may or may not have used up its number. Going on to the next costs at most a 409; using it twice
      // could fetch the old refusal for a new line.
      this.settle(command, { kind: 'refused', message: failure.message }, this.seq + 1);
    } else {
      this.later(failure.retryAfter);
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
    this.seq = nextSeq;
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
