// The plain requests: one call, one answer. Errors are values a person can read.

import type { Env } from './env';
import { networkState, toSaid, type NetworkState, type SaidFrame } from './frames';
import { said, t, w, type Word } from '../words/words';

export interface BufferInfo {
  name: string;
  joined: boolean;
}

export interface NetworkInfo {
  name: string;
  nick: string;
  state: NetworkState;
  trouble: string;
  buffers: BufferInfo[];
}

export interface Me {
  user: string;
  networks: NetworkInfo[];
  head: string | null;
}

/** Which page of a history: next to an event, or the newest. */
export interface HistoryPlace {
  by: 'before' | 'after' | 'around';
  id: string;
}

export interface HistoryPage {
  lines: StoredLine[];
  /** Whether the limit ended the page, so that there is more in that direction; null where the server does not say. */
  more: boolean | null;
}

export interface StoredLine {
  id: string;
  network: string;
  line: string;
  /** Halley says that it calls its user. */
  called: boolean;
}

/** A line that a search found, and the buffer it stands in. */
export interface FoundLine extends StoredLine {
  target: string;
}

export interface FoundPage {
  lines: FoundLine[];
  /** Where to ask on; null: that was all. */
  next: string | null;
}

/** What a command about the account came to; status 0: done. */
export interface ServiceAnswer {
  status: number;
  text: string;
  json: unknown;
}

/** status 0: no answer came at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Record<string, unknown> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

const NO_ANSWER = w('Halley does not answer. Check your connection; this page keeps trying.');

/** What the page says better, in its reader's language. */
const OWN_WORDS: Record<string, Word> = {
  wrong_login: w('User name or password is wrong. Check both and try again.'),
  other_user: w('Somebody else has logged in here since: nothing was done.'),
  bad_code: w('This link is of no use any more: it has been used or replaced, or its time is over. Ask who runs this Halley for another.'),
  disabled: w('This account is disabled. Ask who runs this Halley.'),
};

export async function toError(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: a proxy in between answered. The status must do.
  }
  const code = typeof body['error'] === 'string' ? body['error'] : '';
  const told = typeof body['message'] === 'string' ? body['message'] : '';
  const wait = Number(response.headers.get('retry-after'));
  const own = OWN_WORDS[code];
  const message = (own === undefined ? said(told) : t(own)) || t('The server answered with status {0}.', response.status);
  return new ApiError(response.status, code, message, body, wait > 0 ? wait * 1000 : null);
}

/** One request, given up after `patience` milliseconds. */
export async function request(env: Env, url: string, init: RequestInit = {}, patience = 20_000): Promise<Response> {
  const abort = new AbortController();
  const timer = env.setTimer(() => abort.abort(), patience);
  try {
    return await env.fetch(url, { credentials: 'same-origin', cache: 'no-store', ...init, signal: abort.signal });
  } catch {
    throw new ApiError(0, 'no_answer', t(NO_ANSWER));
  } finally {
    env.clearTimer(timer);
  }
}

/** What Halley answers to a request that names another user than the login of this browser is. */
export const OTHER_USER = 'other_user';

/** `user`: whose request it is; Halley refuses it under another's login. Empty: it is anybody's. */
export function postJson(env: Env, url: string, body: unknown, user = ''): Promise<Response> {
  return request(env, url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...ofUser(user) },
    body: JSON.stringify(body),
  });
}

export function ofUser(user: string): Record<string, string> {
  return user === '' ? {} : { 'halley-user': user };
}

async function json(response: Response): Promise<unknown> {
  if (!response.ok) throw await toError(response);
  if (response.status === 204) return null;
  try {
    return (await response.json()) as unknown;
  } catch {
    throw new ApiError(0, 'no_answer', t(NO_ANSWER));
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function toBuffer(value: unknown): BufferInfo {
  if (typeof value === 'string') return { name: value, joined: false };
  const raw = record(value);
  return { name: String(raw['name'] ?? ''), joined: raw['joined'] === true };
}

function toNetwork(value: unknown): NetworkInfo {
  const raw = record(value);
  return {
    name: String(raw['name'] ?? ''),
    nick: String(raw['nick'] ?? ''),
    state: networkState(raw['state']),
    trouble: typeof raw['trouble'] === 'string' ? raw['trouble'] : '',
    buffers: list(raw['buffers']).map(toBuffer).filter((buffer) => buffer.name !== ''),
  };
}

/** Whose page it is. */
export interface Whose {
  user(): string;
  /** Halley says that somebody else is logged in here. */
  another(): void;
}

const NOBODYS: Whose = { user: () => '', another: () => undefined };

export class Api {
  constructor(
    private readonly env: Env,
    private readonly whose: Whose = NOBODYS,
    private readonly base = 'api/',
  ) {}

  login(username: string, password: string): Promise<void> {
    return this.enter('login', { username, password });
  }

  /** What is answered with the cookie of a login, of whoever asks. */
  async enter(path: 'login' | 'login/passkey' | 'reset' | 'register', body: object): Promise<void> {
    const response = await postJson(this.env, this.base + path, body);
    if (!response.ok) throw await toError(response);
  }

  async logout(): Promise<void> {
    try {
      await this.post('logout', {});
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
  }

  /** Whoever's login this browser has. */
  async me(): Promise<Me> {
    const raw = record(await json(await request(this.env, `${this.base}me`)));
    return {
      user: String(raw['user'] ?? ''),
      networks: list(raw['networks']).map(toNetwork).filter((network) => network.name !== ''),
      head: typeof raw['head'] === 'string' ? raw['head'] : null,
    };
  }

  /** What Halley has of its user's lines and has not sent, or not heard of again. */
  async outbox(): Promise<SaidFrame[]> {
    const raw = record(await this.ask('outbox'));
    return list(raw['lines']).map(record).map((line) => toSaid(line, line['id'])).filter((line) => line !== null);
  }

  /** Takes a line out of it, or says one of unknown fate again. */
  async changeOutbox(id: number, what: 'cancel' | 'send'): Promise<void> {
    await this.post('outbox', { id, do: what });
  }

  /** A resource of halley-web(7); what it answers with. */
  async resource(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    return body === undefined ? this.ask(path, { method }) : this.ask(path, { method, body: JSON.stringify(body) }, { 'content-type': 'application/json' });
  }

  /** A command about the account, as `/msg *halley` takes it. */
  async account(line: string): Promise<ServiceAnswer> {
    const raw = record(await this.post('account', { line }));
    return { status: Number(raw['status'] ?? 1), text: String(raw['text'] ?? ''), json: raw['json'] };
  }

  async setPassword(current: string, password: string): Promise<void> {
    await this.post('account/password', { current, password });
  }

  /** Lines with the words `q`, newest first, within the bounds that are not empty (halley-web(7)). */
  async search(bounds: Record<'q' | 'network' | 'target' | 'from' | 'before' | 'after' | 'limit', string>): Promise<FoundPage> {
    const query = new URLSearchParams(Object.entries(bounds).filter(([, value]) => value !== ''));
    const raw = record(await this.ask(`search?${query.toString()}`));
    const lines = list(raw['lines']).map(record).map((line) => ({
      id: String(line['id'] ?? ''),
      network: String(line['network'] ?? ''),
      target: String(line['target'] ?? ''),
      line: String(line['line'] ?? ''),
      called: line['highlight'] === true,
    }));
    const next = raw['more'] === true && typeof raw['before'] === 'string' ? raw['before'] : null;
    return { lines: lines.filter((line) => line.id !== '' && line.line !== ''), next };
  }

  /** The newest `limit` lines of a buffer, or those at `place`; oldest first. */
  async history(network: string, target: string, place: HistoryPlace | null, limit: number): Promise<HistoryPage> {
    const query = new URLSearchParams({ network, target, limit: String(limit) });
    if (place !== null) query.set(place.by, place.id);
    const raw = record(await this.ask(`history?${query.toString()}`));
    const lines = list(raw['lines'])
      .map(record)
      .map((line) => ({ id: String(line['id'] ?? ''), network, line: String(line['line'] ?? ''), called: line['highlight'] === true }))
      .filter((line) => line.id !== '' && line.line !== '');
    return { lines, more: typeof raw['more'] === 'boolean' ? raw['more'] : null };
  }

  private post(path: string, body: object): Promise<unknown> {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) }, { 'content-type': 'application/json' });
  }

  /** Under the name of whose page this is. */
  private async ask(path: string, init: RequestInit = {}, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await request(this.env, this.base + path, { ...init, headers: { ...headers, ...ofUser(this.whose.user()) } });
    if (response.ok) return json(response);
    const error = await toError(response);
    if (error.code === OTHER_USER) this.whose.another();
    throw error;
  }
}
