// The page's picture of the user's networks. Plain data, changed by fold.ts alone (and by the few functions here);
// who draws it learns from Changes what to draw again. No DOM, no signals, no clock.

import type { Stamp } from '../transport/commands';
import type { NetworkState } from '../transport/frames';
import { UNSET, type BufferSet } from './buffer_set';
import { makeEntry, isTalk, type Entry } from './entry';
import { Extras } from './extras';
import { defaultIsupport, fold, type Isupport } from './isupport';
import { Log, RESTING, WINDOW } from './log';
import type { Mask } from './masks';
import type { Rule } from './rules';
import { stripFormat } from '../text/format';

export type BufferKind = 'server' | 'channel' | 'query';
export type Loading = 'no' | 'loading' | 'yes' | 'failed';

export interface Member {
  nick: string;
  /** Signs in the network's order: "@+". */
  signs: string;
  away: boolean;
}

export interface Pending {
  token: number;
  kind: 'message' | 'action' | 'notice';
  text: string;
  /** Signs of those it is for, as in Entry. */
  audience: string;
  /** What was, or is to be, sent. */
  line: string;
  time: number;
  /** queued: waits for its network, here, or at Halley where it has a number there. sent: the server has it, its echo has not come yet. */
  state: 'queued' | 'sending' | 'sent' | 'failed' | 'uncertain';
  error: string;
  /** The number it was tried under. */
  stamp?: Stamp | undefined;
  /** ... and taken by the server, which tells under it what becomes of it. */
  number?: Stamp | undefined;
  /** Its number in Halley's outbox, which has it. */
  outbox?: number | undefined;
  /** Said elsewhere, by another tab or device: kept by Halley alone. */
  elsewhere?: boolean;
  /** Left behind by another tab or visit: its echo may be part of the history. */
  kept?: boolean;
}

export interface Buffer {
  key: string;
  network: string;
  name: string;
  kind: BufferKind;
  joined: boolean;
  /** By its user. */
  set: BufferSet;
  /** What of it Halley has not answered yet, in order. */
  unanswered: Partial<BufferSet>[];
  topic: string;
  topicBy: string;
  members: Map<string, Member>;
  membersVersion: number;
  /** The list a 353 burst is building; null between bursts. */
  names: Map<string, Member> | null;
  /** The person asked for the names and wants to read them. */
  namesAsked: boolean;
  log: Log;
  extras: Extras;
  loading: Loading;
  /** Whether the server may have older lines than ours. */
  more: boolean;
  /** The page was emptied: older lines come only when asked for. */
  emptied: boolean;
  unread: number;
  highlights: number;
  /** Key of the first entry that was not read when it came. */
  divider: string | null;
  /** How far it was read, where what is loaded does not reach back to it. */
  readUpTo: { id: string | null; time: number } | null;
  pending: Pending[];
}

/** Answers that are not for a buffer but for who asked: a card, a list. Rows are numerics with their parameters. */
export interface Gathered {
  rows: { code: string; params: string[] }[];
  done: boolean;
}

/** Something that was asked of a network and is not answered in full (questions.ts). */
export interface Question {
  command: string;
  /** The parameters, folded: an answer that names one of them is meant for it. */
  about: string[];
  buffer: Buffer;
  /** Where its answers go, in place of the buffer. */
  into: Gathered | null;
  time: number;
  /** How many rows it has brought. */
  rows: number;
}

export interface Network {
  name: string;
  nick: string;
  /** Nicks of ours before this one, newest last. */
  formerNicks: string[];
  away: boolean;
  state: NetworkState;
  /** Why it is not connected, in the server's words; may be empty. */
  trouble: string;
  isupport: Isupport;
  /** Only what is open or new is shown of it in the list. */
  folded: boolean;
  /** What is set for buffers, by folded name; the network's own is empty. */
  settings: Map<string, BufferSet>;
  /** Whose words are not shown. */
  ignores: Mask[];
  /** It takes several lines as one message: such a one was seen there. */
  multiline: boolean;
  /** It said what it is (005) since it connected. */
  told: boolean;
  /** What was asked here and is not answered in full, oldest first. */
  questions: Question[];
  server: Buffer;
  /** Channels and queries, by folded name. */
  buffers: Map<string, Buffer>;
}

export interface Call {
  buffer: Buffer;
  entry: Entry;
}

/** What a batch of frames touched. */
export class Changes {
  list = false;
  /** Gathered answers. */
  answers = false;
  typing = false;
  readonly logs = new Set<Buffer>();
  readonly members = new Set<Buffer>();
  /** Channels that we ourselves joined just now. */
  readonly joined = new Set<Buffer>();
  /** Lines to be announced to their user. */
  readonly calls: Call[] = [];
  /** Own lines that the network refused after they were said. */
  readonly refused: { id: string; why: string }[] = [];
  /** Read by another of the user's clients, up to this time. */
  readonly marks: { buffer: Buffer; time: number }[] = [];
  /** Lines that waited for their echo, or were believed said, have another state now: what is kept of them is old. */
  waiting = false;
  /** Buffers that have another key now. */
  readonly renamed: { buffer: Buffer; from: string; gone?: Buffer }[] = [];
}

export class World {
  readonly networks = new Map<string, Network>();
  rules: Rule[] = [];
  /** Of them, whose words are not shown. */
  ignores: Mask[] = [];
  active: Buffer | null = null;
  /** Whether somebody looks at the page: else even the open buffer collects unread lines. */
  watching = true;
  /** Whether they look at its end, or read further up. */
  following = true;
  /** Between "snapshot" and "ready": lines tell state and are no news. */
  inSnapshot = false;
  /** The server keeps read markers (draft/read-marker): it has sent one. */
  keepsMarkers = false;
  /** Since "ready" every event comes over the stream: history read from now on joins what is live without a gap. */
  attached = false;
  /** The time up to which everything that happened is here, milliseconds: what its newest line says of when it was. */
  heard = 0;
}

/** Behind all that have a place. */
const LAST = 1e6;
export const PENDING_BOUND = 100;
const CLOCK_SKEW_MS = 60_000; // between this machine and the server
export const FORMER_NICKS = 8;

/** We are called otherwise now. Names that a crowded network gave for a moment ("ada_" for "ada") are kept too. */
export function renameSelf(network: Network, nick: string): void {
  const others = [...network.formerNicks, network.nick].filter((each) => each !== '' && each !== nick);
  network.formerNicks = [...new Set(others)].slice(-FORMER_NICKS);
  network.nick = nick;
}

function makeBuffer(network: string, name: string, kind: BufferKind, key: string): Buffer {
  return {
    key,
    network,
    name,
    kind,
    joined: false,
    set: UNSET,
    unanswered: [],
    topic: '',
    topicBy: '',
    members: new Map(),
    membersVersion: 0,
    names: null,
    namesAsked: false,
    log: new Log(),
    extras: new Extras(),
    loading: 'no',
    more: true,
    emptied: false,
    unread: 0,
    highlights: 0,
    divider: null,
    readUpTo: null,
    pending: [],
  };
}

export function ensureNetwork(world: World, name: string, changes: Changes): Network {
  const known = world.networks.get(name);
  if (known !== undefined) return known;
  const made: Network = {
    name,
    nick: '',
    formerNicks: [],
    away: false,
    state: 'connecting',
    trouble: '',
    isupport: defaultIsupport(),
    folded: false,
    settings: new Map(),
    ignores: world.ignores,
    multiline: false,
    told: false,
    questions: [],
    server: makeBuffer(name, name, 'server', `${name}/`),
    buffers: new Map(),
  };
  world.networks.set(name, made);
  changes.list = true;
  return made;
}

export function foldName(network: Network, name: string): string {
  return fold(name, network.isupport.casemapping);
}

export function isChannel(network: Network, name: string): boolean {
  return name !== '' && network.isupport.chantypes.includes(name.charAt(0));
}

export function isOwn(network: Network, nick: string): boolean {
  return nick !== '' && foldName(network, nick) === foldName(network, network.nick);
}

export function findBuffer(network: Network, name: string): Buffer | null {
  return network.buffers.get(foldName(network, name)) ?? null;
}

export function ensureBuffer(network: Network, name: string, changes: Changes): Buffer {
  const folded = foldName(network, name);
  const known = network.buffers.get(folded);
  if (known !== undefined) return known;
  const kind = isChannel(network, name) ? 'channel' : 'query';
  const made = makeBuffer(network.name, name, kind, `${network.name}/${folded}`);
  made.set = network.settings.get(folded) ?? UNSET;
  network.buffers.set(folded, made);
  changes.list = true;
  return made;
}

/** A buffer under another name, with all it holds. False when that name has a buffer of its own. */
export function rename(network: Network, buffer: Buffer, name: string, changes: Changes): boolean {
  const folded = foldName(network, name);
  const there = network.buffers.get(folded);
  if (there !== undefined && there !== buffer) return false;
  for (const [key, each] of network.buffers) if (each === buffer) network.buffers.delete(key);
  network.buffers.set(folded, buffer);
  buffer.name = name;
  if (buffer.key !== `${network.name}/${folded}`) {
    changes.renamed.push({ buffer, from: buffer.key });
    buffer.key = `${network.name}/${folded}`;
  }
  changes.list = true;
  changes.logs.add(buffer);
  return true;
}

/** Two buffers were one and the same talk all along: the second takes what the first holds, and stays. */
export function merge(world: World, network: Network, from: Buffer, into: Buffer, changes: Changes): void {
  for (const [key, each] of network.buffers) if (each === from) network.buffers.delete(key);
  into.log.merge([...from.log.all()]);
  into.pending.push(...from.pending);
  into.unread += from.unread;
  into.highlights += from.highlights;
  into.divider ??= from.divider;
  if (world.active === from) world.active = into;
  changes.renamed.push({ buffer: into, from: from.key, gone: from });
  changes.list = true;
  changes.logs.add(into);
}

export function bufferByKey(world: World, key: string): Buffer | null {
  for (const network of world.networks.values()) {
    if (network.server.key === key) return network.server;
    for (const buffer of network.buffers.values()) if (buffer.key === key) return buffer;
  }
  return null;
}

/** What of it should be told: of a muted one, only what calls. */
export function news(buffer: Buffer): number {
  return buffer.set.muted ? buffer.highlights : buffer.unread;
}

/** Buffers in the order of the list at the left: per network its own page, what is pinned, channels, then people. */
export function orderedBuffers(network: Network): Buffer[] {
  const named = [...network.buffers.values()].sort((a, b) => {
    if (a.set.pinned !== b.set.pinned) return a.set.pinned ? -1 : 1;
    if (a.kind !== b.kind) return a.kind === 'channel' ? -1 : 1;
    const places = (a.set.order ?? LAST) - (b.set.order ?? LAST);
    if (places !== 0) return places;
    const x = foldName(network, a.name).replace(/^[#&+!]+/, '');
    const y = foldName(network, b.name).replace(/^[#&+!]+/, '');
    return x < y ? -1 : x > y ? 1 : 0;
  });
  return [network.server, ...named];
}

/** The buffer next to `from` in the list, around its end; with `unread`, the next that holds something new. */
export function neighbour(world: World, from: Buffer | null, by: 1 | -1, unread: boolean): Buffer | null {
  const all = [...world.networks.values()].flatMap(orderedBuffers);
  const at = all.findIndex((buffer) => buffer === from);
  for (let i = 1; i <= all.length; i += 1) {
    const buffer = all[(((at + by * i) % all.length) + all.length) % all.length];
    if (buffer !== undefined && (!unread || news(buffer) > 0)) return buffer;
  }
  return null;
}

export function activate(world: World, buffer: Buffer): void {
  if (world.active === buffer) return;
  if (world.active !== null) {
    world.active.divider = null;
    if (!world.active.log.pinned) forgetOld(world.active, RESTING);
  }
  world.active = buffer;
  world.following = true;
  if (world.watching) markRead(buffer);
}

export function markRead(buffer: Buffer): void {
  buffer.unread = 0;
  buffer.highlights = 0;
}

/** Somebody looks at the page again, or looks away. */
export function setWatching(world: World, watching: boolean): void {
  if (world.watching === watching) return;
  world.watching = watching;
  if (world.active === null) return;
  if (!watching) world.active.divider = null;
  else if (world.following) markRead(world.active);
}

export function setFollowing(world: World, following: boolean): void {
  world.following = following;
  if (following && world.watching && world.active !== null) markRead(world.active);
}

export function totals(world: World): { unread: number; highlights: number } {
  let unread = 0;
  let highlights = 0;
  for (const network of world.networks.values()) {
    for (const buffer of [network.server, ...network.buffers.values()]) {
      unread += news(buffer);
      highlights += buffer.highlights;
    }
  }
  return { unread, highlights };
}

/** The oldest lines beyond a bound go; the history has them. */
function forgetOld(buffer: Buffer, bound: number): void {
  if (buffer.log.cutOlder(bound) > 0) buffer.more = true;
}

/** By what is set for it; without that, what is for its user. */
function announces({ kind, set: { muted, notify } }: Buffer, { highlight }: Entry): boolean {
  if (muted || notify === 'none') return false;
  return notify === 'all' || highlight || kind === 'query';
}

/** Adds a line that just happened, with all it means for badges and for what waits for its echo. */
export function addEntry(world: World, buffer: Buffer, entry: Entry, changes: Changes): void {
  if (world.inSnapshot || !buffer.log.append(entry)) return;
  if (!buffer.log.pinned) forgetOld(buffer, world.active === buffer ? WINDOW : RESTING);
  changes.logs.add(buffer);
  if (!isTalk(entry.kind)) return;
  if (entry.own) {
    settleEcho(buffer, entry, changes);
    return;
  }
  if (world.active === buffer && world.watching && world.following) return;
  buffer.unread += 1;
  buffer.divider ??= entry.key;
  if (entry.highlight || buffer.kind === 'query') buffer.highlights += 1;
  if (announces(buffer, entry)) changes.calls.push({ buffer, entry });
  changes.list = true;
}

export function addInfo(world: World, buffer: Buffer, text: string, time: number, changes: Changes): void {
  addEntry(world, buffer, makeEntry('info', text, time), changes);
}

/** Colours and formatting may be stripped by a channel's mode. */
function bare(text: string): string {
  return stripFormat(text).trim();
}

/** The network refused what we said there: the newest of it that was not refused yet. False when there is none. */
export function refuseLast(buffer: Buffer, why: string, changes: Changes): boolean {
  changes.logs.add(buffer);
  const waiting = buffer.pending.find((item) => item.state === 'sent' || item.state === 'sending');
  if (waiting !== undefined) {
    waiting.state = 'failed';
    waiting.error = why;
    changes.waiting = true;
    return true;
  }
  const entry = buffer.log.newest((each) => each.own && isTalk(each.kind) && each.refused === '');
  if (entry === null) return false;
  refuse(buffer, entry, why, changes);
  return true;
}

function refuse(buffer: Buffer, entry: Entry, why: string, changes: Changes): void {
  buffer.log.replace(entry, { ...entry, refused: why });
  if (entry.id !== null) changes.refused.push({ id: entry.id, why });
}

/** Lines of an earlier visit that turn out to be said: they stand in the log. */
export function settleKept(buffer: Buffer): void {
  buffer.pending = buffer.pending.filter((item) => {
    if (item.kept !== true || item.state !== 'sent') return true;
    return buffer.log.newest((entry) => entry.own && entry.time >= item.time - CLOCK_SKEW_MS && sameWords(item, entry)) === null;
  });
}

function sameWords(item: Pending, entry: Entry): boolean {
  return item.kind === entry.kind && item.audience === entry.audience && bare(item.text) === bare(entry.text);
}

/** The network has cut it: what is left is how it began. */
function beginsLike(item: Pending, entry: Entry): boolean {
  const left = bare(entry.text);
  return left !== '' && item.kind === entry.kind && item.audience === entry.audience && bare(item.text).startsWith(left);
}

/** Our own line came back: the grey copy goes. */
function settleEcho(buffer: Buffer, entry: Entry, changes: Changes): void {
  let same = buffer.pending.findIndex((item) => item.state !== 'queued' && sameWords(item, entry));
  // Of several lines, which the network may take one by one, the first is enough, and may be here before Halley's answer.
  if (same < 0) same = buffer.pending.findIndex((item) => (item.state === 'sent' || (item.state === 'sending' && item.text.includes('\n'))) && beginsLike(item, entry));
  const [item] = same < 0 ? [] : buffer.pending.splice(same, 1);
  if (item !== undefined) changes.waiting = true;
  if (item?.state === 'failed') refuse(buffer, entry, item.error, changes);
}
