// The ways the page can hear events, the best first. A carrier opens one request, passes what it hears, and ends once;
// when to open the next, and from which cursor, is the EventStream's business.

import { toError } from './api';
import type { Env, SocketLike } from './env';

export const CARRIERS = ['websocket', 'ndjson', 'sse', 'poll'] as const;
export type CarrierName = (typeof CARRIERS)[number];

/**
 * What came of asking for a carrier. 'absent': the browser has none. 'asked': nothing yet. 'silent': it opened and said nothing.
 * 'late': something on the way gathers what follows the first words. 'barred', 'broke', 'refused': see Ending.
 */
export type Fate = 'absent' | 'asked' | 'barred' | 'silent' | 'late' | 'broke' | 'refused';

export interface Trial {
  carrier: CarrierName;
  fate: Fate;
  /** When, in milliseconds since 1970; 0: never. */
  at: number;
  /** What the server said to it; may be empty. */
  said: string;
}

/** What gets through here, and what became of each better one. */
export interface Found {
  carrier: CarrierName;
  tried: Trial[];
}

export interface Ending {
  /**
   * 'done': an answer that ends by itself (poll). 'lost': the line broke. 'refused': the server said no. 'barred': none came
   * about, and whether the server said no, or something on the way, or nobody, the browser does not tell.
   */
  kind: 'done' | 'lost' | 'refused' | 'barred';
  status: number;
  message: string;
  retryAfter: number | null;
}

export interface Sink {
  /** Something was heard, if only a heartbeat. */
  alive(): void;
  values(values: unknown[]): void;
  ended(ending: Ending): void;
}

export interface Carrier {
  close(): void;
}

export type OpenCarrier = (env: Env, url: string, sink: Sink) => Carrier;

/** A frame is a line of IRC in JSON: far below this. More without a line end is not our server. */
const LONGEST_LINE = 1 << 20;

export const LOST: Ending = { kind: 'lost', status: 0, message: '', retryAfter: null };
const BARRED: Ending = { ...LOST, kind: 'barred' };
const DONE: Ending = { kind: 'done', status: 200, message: '', retryAfter: null };

async function refusal(response: Response): Promise<Ending> {
  const error = await toError(response);
  return { kind: 'refused', status: error.status, message: error.message, retryAfter: error.retryAfter };
}

function parseLines(text: string): unknown[] {
  const values: unknown[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue; // heartbeat
    values.push(JSON.parse(line));
  }
  return values;
}

async function pump(body: ReadableStream<Uint8Array>, sink: Sink): Promise<Ending> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return LOST;
    sink.alive();
    rest += decoder.decode(value, { stream: true });
    const end = rest.lastIndexOf('\n');
    if (end >= 0) {
      const whole = rest.slice(0, end);
      rest = rest.slice(end + 1);
      const values = parseLines(whole);
      if (values.length > 0) sink.values(values);
    }
    if (rest.length > LONGEST_LINE) return LOST;
  }
}

/** Runs one fetch and reports its end once, unless it was closed from outside. */
function fetchCarrier(env: Env, url: string, sink: Sink, read: (response: Response) => Promise<Ending>): Carrier {
  const abort = new AbortController();
  let open = true;
  const run = async (): Promise<Ending> => {
    const response = await env.fetch(url, {
      credentials: 'same-origin',
      cache: 'no-store',
      signal: abort.signal,
    });
    if (!response.ok) return refusal(response);
    return read(response);
  };
  run()
    .catch(() => LOST)
    .then((ending) => {
      if (!open) return;
      open = false;
      sink.ended(ending);
    });
  return {
    close() {
      open = false;
      abort.abort();
    },
  };
}

function whileOpen(sink: Sink): { sink: Sink; shut(): void } {
  let open = true;
  return {
    sink: {
      alive: () => open && sink.alive(),
      values: (values) => open && sink.values(values),
      ended: (ending) => open && sink.ended(ending),
    },
    shut: () => {
      open = false;
    },
  };
}

export const openNdjson: OpenCarrier = (env, url, outer) => {
  const guard = whileOpen(outer);
  const carrier = fetchCarrier(env, url, guard.sink, async (response) => {
    if (response.body === null) return LOST;
    return pump(response.body, guard.sink);
  });
  return {
    close() {
      guard.shut();
      carrier.close();
    },
  };
};

export const openPoll: OpenCarrier = (env, url, outer) => {
  const guard = whileOpen(outer);
  const carrier = fetchCarrier(env, url, guard.sink, async (response) => {
    const values: unknown = await response.json();
    guard.sink.alive();
    if (Array.isArray(values)) guard.sink.values(values);
    return DONE;
  });
  return {
    close() {
      guard.shut();
      carrier.close();
    },
  };
};

export const openSse: OpenCarrier = (env, url, outer) => {
  const guard = whileOpen(outer);
  if (env.eventSource === null) throw new Error('no EventSource here');
  const source = env.eventSource(url);
  const close = (): void => {
    guard.shut();
    source.close();
  };
  source.onopen = () => guard.sink.alive();
  source.onmessage = (event) => {
    guard.sink.alive();
    try {
      guard.sink.values([JSON.parse(event.data) as unknown]);
    } catch {
      source.close();
      guard.sink.ended(LOST);
    }
  };
  // EventSource would come back by itself with a cursor of its own; ours is the one that counts.
  source.onerror = () => {
    source.close();
    guard.sink.ended(LOST);
  };
  return { close };
};

function openSocket(env: Env, url: string): SocketLike | null {
  try {
    return env.webSocket?.(url) ?? null;
  } catch {
    return null; // the page's policy does not let this browser: older ones do not take 'self' for ws:
  }
}

export const openWebSocket: OpenCarrier = (env, url, outer) => {
  const guard = whileOpen(outer);
  const socket = openSocket(env, url);
  let opened = false;
  let values: unknown[] = [];
  const pass = (): void => {
    const passed = values;
    values = [];
    if (passed.length > 0) guard.sink.values(passed);
  };
  const close = (): void => {
    guard.shut();
    socket?.close();
  };
  if (socket === null) {
    env.soon(() => guard.sink.ended(BARRED));
    return { close };
  }
  socket.onopen = () => {
    opened = true;
  };
  socket.onmessage = ({ data }) => {
    try {
      values.push(JSON.parse(String(data)) as unknown);
    } catch {
      guard.sink.ended(LOST);
      close();
      return;
    }
    // A message is a frame: those that have come together go on together, as from a stream.
    if (values.length === 1) env.soon(pass);
  };
  socket.onerror = socket.onclose = () => {
    pass();
    guard.sink.ended(opened ? LOST : BARRED);
    guard.shut();
  };
  return { close };
};
