// A fake world for the transport: a clock that moves when told, requests that wait to be answered, dice that are loaded.

import type { Env, EventSourceLike, SocketLike } from '../../src/transport/env';

interface Timer {
  id: number;
  at: number;
  run(): void;
}

export class FakeRequest {
  aborted = false;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;

  constructor(
    readonly url: string,
    readonly init: RequestInit,
    private readonly resolve: (response: Response) => void,
    private readonly reject: (error: Error) => void,
  ) {
    init.signal?.addEventListener('abort', () => {
      this.aborted = true;
      reject(new Error('aborted'));
      try {
        this.controller?.error(new Error('aborted'));
      } catch {
        // Closed already.
      }
    });
  }

  get query(): URLSearchParams {
    return new URL(this.url, 'http://halley.example/').searchParams;
  }

  get body(): Record<string, unknown> {
    return JSON.parse(String(this.init.body)) as Record<string, unknown>;
  }

  answer(status: number, value?: unknown, headers: Record<string, string> = {}): void {
    const body = value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
    this.resolve(new Response(body, { status, headers }));
  }

  /** Answers with a stream that stays open; text goes in with write(). */
  open(): void {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controller = controller;
      },
    });
    this.resolve(new Response(stream, { status: 200 }));
  }

  write(text: string): void {
    this.controller?.enqueue(new TextEncoder().encode(text));
  }

  frames(...values: unknown[]): void {
    this.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  end(): void {
    this.controller?.close();
  }

  fail(): void {
    this.reject(new Error('network down'));
  }
}

export class FakeSource implements EventSourceLike {
  onmessage: ((event: { data: string }) => void) | null = null;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;

  constructor(readonly url: string) {}

  close(): void {
    this.closed = true;
  }
}

export class FakeSocket implements SocketLike {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  constructor(readonly url: string) {}

  get query(): URLSearchParams {
    return new URL(this.url, 'http://halley.example/').searchParams;
  }

  frames(...values: unknown[]): void {
    for (const value of values) this.onmessage?.({ data: JSON.stringify(value) });
  }

  /** It opened, and speaks at once. */
  open(...values: unknown[]): void {
    this.onopen?.();
    this.frames(...values);
  }

  /** By the other end, or by something on the way. */
  end(): void {
    this.onerror?.();
    this.onclose?.();
  }

  close(): void {
    this.closed = true;
  }
}

export class FakeEnv implements Env {
  time = 0;
  dice = 0;
  /** The time of day when its clock stood at 0. */
  began = Date.UTC(2026, 10, 27, 9, 30);
  readonly requests: FakeRequest[] = [];
  readonly sources: FakeSource[] = [];
  readonly sockets: FakeSocket[] = [];
  eventSource: Env['eventSource'];
  webSocket: Env['webSocket'];
  private timers: Timer[] = [];
  private nextTimer = 1;

  constructor(withEventSource = true, withWebSocket = false) {
    this.webSocket = withWebSocket
      ? (url) => {
          const socket = new FakeSocket(url);
          this.sockets.push(socket);
          return socket;
        }
      : null;
    this.eventSource = withEventSource
      ? (url) => {
          const source = new FakeSource(url);
          this.sources.push(source);
          return source;
        }
      : null;
  }

  fetch(url: string, init: RequestInit = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.requests.push(new FakeRequest(url, init, resolve, reject));
    });
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  now(): number {
    return this.time;
  }

  date(): number {
    return this.began + this.time;
  }

  random(): number {
    return this.dice;
  }

  setTimer(run: () => void, ms: number): number {
    const id = this.nextTimer++;
    this.timers.push({ id, at: this.time + ms, run });
    return id;
  }

  clearTimer(id: number): void {
    this.timers = this.timers.filter((timer) => timer.id !== id);
  }

  get last(): FakeRequest {
    const request = this.requests[this.requests.length - 1];
    if (request === undefined) throw new Error('no request yet');
    return request;
  }

  /** Lets time pass, timer by timer. */
  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.time = Math.max(this.time, due.at);
      this.clearTimer(due.id);
      due.run();
      await settle();
    }
    this.time = until;
  }
}

/** Lets every promise that can go on do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** What a browser's localStorage or sessionStorage does, without a browser. */
export class FakeStorage implements Storage {
  private readonly items = new Map<string, string>();

  get length(): number {
    return this.items.size;
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }

  clear(): void {
    this.items.clear();
  }
}
