// What the transport needs of the world: passed in, so that tests have a fake network, clock and dice.
// Times are milliseconds; now() only grows and is not the time of day.

export type TimerId = number;

export interface EventSourceLike {
  onmessage: ((event: { data: string }) => void) | null;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface SocketLike {
  onmessage: ((event: { data: unknown }) => void) | null;
  onopen: (() => void) | null;
  /** It ended, or never opened; a browser does not say why. Where its policy forbids it Chromium tells the error alone. */
  onerror: (() => void) | null;
  onclose: (() => void) | null;
  close(): void;
}

export interface Env {
  fetch(url: string, init?: RequestInit): Promise<Response>;
  now(): number;
  /** The time of day, in milliseconds since 1970: for what people are told. */
  date(): number;
  random(): number;
  setTimer(run: () => void, ms: number): TimerId;
  clearTimer(id: TimerId): void;
  /** Runs it behind what the browser has to do already, in hidden pages too, whose timers may be a minute late. */
  soon(run: () => void): void;
  eventSource: ((url: string) => EventSourceLike) | null;
  webSocket: ((url: string) => SocketLike) | null;
}

function behindTasks(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (run) => {
    waiting.push(run);
    port2.postMessage(0);
  };
}

export function browserEnv(): Env {
  return {
    fetch: (url, init) => fetch(url, init),
    now: () => performance.now(),
    date: () => Date.now(),
    random: () => Math.random(),
    setTimer: (run, ms) => globalThis.setTimeout(run, ms) as unknown as TimerId,
    clearTimer: (id) => globalThis.clearTimeout(id),
    soon: behindTasks(),
    eventSource: typeof EventSource === 'undefined' ? null : (url) => new EventSource(url) as unknown as EventSourceLike,
    // Older browsers take no relative address there.
    webSocket: typeof WebSocket === 'undefined' ? null : (url) => new WebSocket(new Request(url).url.replace(/^http/, 'ws')) as unknown as SocketLike,
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
