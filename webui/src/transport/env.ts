// What the transport needs of the world: passed in, so that tests have a fake network, clock and dice.
// Times are milliseconds; now() only grows and is not the time of day.

export type TimerId = number;

export interface EventSourceLike {
  onmessage: ((event: { data: string }) => void) | null;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface Env {
  fetch(url: string, init?: RequestInit): Promise<Response>;
  now(): number;
  random(): number;
  setTimer(run: () => void, ms: number): TimerId;
  clearTimer(id: TimerId): void;
  eventSource: ((url: string) => EventSourceLike) | null;
}

export function browserEnv(): Env {
  return {
    fetch: (url, init) => fetch(url, init),
    now: () => performance.now(),
    random: () => Math.random(),
    setTimer: (run, ms) => globalThis.setTimeout(run, ms) as unknown as TimerId,
    clearTimer: (id) => globalThis.clearTimeout(id),
    eventSource: typeof EventSource === 'undefined' ? null : (url) => new EventSource(url) as unknown as EventSourceLike,
  };
}

/** Does something now and then, while there is reason to. */
export function repeat(env: Env, ms: number, wanted: () => boolean, run: () => void): void {
  env.setTimer(() => {
    if (!wanted()) return;
    run();
    repeat(env, ms, wanted, run);
  }, ms);
}
