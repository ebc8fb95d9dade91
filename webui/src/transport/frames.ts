// Frames of the event stream, as every transport carries them (halley-web(7)).

export interface LineFrame {
  kind: 'line';
  id: string | null;
  prev: string | null;
  network: string;
  line: string;
  /** Halley says that it calls its user. */
  called?: boolean;
}

export interface NetworkFrame {
  kind: 'network';
  network: string;
  state: NetworkState;
  nick: string | null;
  /** Why the network is not connected, in words; may be empty. */
  trouble: string;
  removed: boolean;
}

export interface MarkFrame {
  kind: 'snapshot' | 'ready' | 'reset';
  id: string | null;
}

/** What becomes of a line that its user has said, in whatever client. */
export interface SaidFrame {
  kind: 'said';
  network: string;
  /** Its number in Halley's outbox. */
  outbox: number;
  state: string;
  /** The command that said it; seq 0: it was none of a browser's. */
  client: string;
  seq: number;
  notice: boolean;
  target: string;
  text: string;
  time: number;
  /** Why it was refused. */
  message: string;
}

/** What is set for buffers (state/buffer_set.ts), in whatever client. */
export interface BuffersFrame {
  kind: 'buffers';
  network: string;
  /** What was told of that network before holds no more. */
  whole: boolean;
  buffers: Record<string, unknown>[];
}

/** All rules of its user (state/rules.ts). */
export interface RulesFrame {
  kind: 'rules';
  rules: unknown;
}

/** The server closes the stream, and says why. */
export interface EndFrame {
  kind: 'end';
  message: string;
}

export type Frame = LineFrame | NetworkFrame | MarkFrame | SaidFrame | BuffersFrame | RulesFrame | EndFrame;
/** waiting: not connected, and tried again by itself. disconnected: switched off. */
export type NetworkState = 'connected' | 'connecting' | 'waiting' | 'disconnected';

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function networkState(value: unknown): NetworkState {
  if (value === 'registering') return 'connecting';
  return value === 'connected' || value === 'connecting' || value === 'waiting' ? value : 'disconnected';
}

/** The words of GET /api/outbox for what frames call otherwise. */
const STATES: Record<string, string> = { waiting: 'queued', sending: 'sent' };

/** A line of the outbox, as frames tell it, or its list. */
export function toSaid(raw: Record<string, unknown>, outbox: unknown): SaidFrame | null {
  if (typeof outbox !== 'number') return null;
  const word = (name: string): string => text(raw[name]) ?? '';
  const state = word('state');
  return {
    kind: 'said',
    network: word('network'),
    outbox,
    state: STATES[state] ?? state,
    client: word('client'),
    seq: Number(raw['seq'] ?? 0),
    notice: raw['command'] === 'NOTICE',
    target: word('target'),
    text: word('text'),
    time: Date.parse(word('time')) || 0,
    message: word('message'),
  };
}

/** A frame out of parsed JSON; null for heartbeats and for what a newer server may add. */
export function toFrame(value: unknown): Frame | null {
  if (typeof value !== 'object' || value === null) return null;
  const raw = value as Record<string, unknown>;
  const network = text(raw['network']) ?? '';
  if (typeof raw['line'] === 'string') {
    return { kind: 'line', id: text(raw['id']), prev: text(raw['prev']), network, line: raw['line'], called: raw['highlight'] === true };
  }
  switch (raw['event']) {
    case 'snapshot':
    case 'ready':
    case 'reset':
      return { kind: raw['event'], id: text(raw['id']) };
    case 'network':
      return {
        kind: 'network',
        network,
        state: networkState(raw['state']),
        nick: text(raw['nick']),
        trouble: text(raw['trouble']) ?? '',
        removed: raw['removed'] === true,
      };
    case 'said':
      return toSaid(raw, raw['outbox']);
    case 'buffers':
      return { kind: 'buffers', network, whole: raw['whole'] === true, buffers: Array.isArray(raw['buffers']) ? (raw['buffers'] as Record<string, unknown>[]) : [] };
    case 'rules':
      return { kind: 'rules', rules: raw['rules'] };
    case 'end':
      return { kind: 'end', message: text(raw['message']) ?? '' };
    default:
      return null;
  }
}

function split(id: string): [string, string] {
  const at = id.lastIndexOf(':');
  return at < 0 ? ['', id] : [id.slice(0, at), id.slice(at + 1)];
}

export function epochOf(id: string): string {
  return split(id)[0];
}

export function sameEpoch(a: string, b: string): boolean {
  return split(a)[0] === split(b)[0];
}

/** When that happened, milliseconds: ids are microseconds since 1970 (halley-web(7)), or more. */
export function timeOf(id: string): number {
  return Number(split(id)[1]) / 1000 || 0;
}

/** Order of two ids of one epoch. They are plain decimal numbers that may outgrow a double: compared as text. */
export function compareIds(a: string, b: string): number {
  const x = split(a)[1].replace(/^0+(?=\d)/, '');
  const y = split(b)[1].replace(/^0+(?=\d)/, '');
  if (x.length !== y.length) return x.length - y.length;
  return x < y ? -1 : x > y ? 1 : 0;
}
