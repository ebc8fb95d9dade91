// What was last seen of the user's networks, as it is kept in the browser: a page that opens where Halley is out of reach
// shows it, and says so. Not members, not what was taken back or removed, and not what may hold a password. What becomes of lines
// while no page is open nobody hears: a visit keeps what is read in it. Bounded. Pure; copy_store.ts keeps it.

import type { BufferInfo } from '../transport/api';
import { UNSET, type BufferSet } from '../state/buffer_set';
import type { Entry } from '../state/entry';
import type { Isupport } from '../state/isupport';
import type { Log } from '../state/log';
import { isOwnService, isSecretTo } from '../state/secret';
import type { LastSeen } from './parts';
import { Changes, ensureBuffer, ensureNetwork, orderedBuffers, type Buffer, type World } from '../state/world';

/** Of each talk so many lines, and so many talks of a network. */
export const MOST_LINES = 200;
export const MOST_TALKS = 300;

export interface CopiedBuffer extends BufferInfo {
  topic: string;
}

export interface CopiedNetwork {
  name: string;
  nick: string;
  isupport: Isupport;
  buffers: CopiedBuffer[];
  /** What is set for them, as in Network. */
  settings: Map<string, BufferSet>;
}

export interface Copy {
  user: string;
  /** Where the log stood; it names the database, too. */
  head: string;
  /** When it was made. */
  time: number;
  networks: CopiedNetwork[];
  /** By buffer, what was read of it, oldest first. */
  lines: Map<string, Entry[]>;
}

/** Lines of a buffer that stand without a hole up to the newest; null: there is nothing of the kind now. */
export function linesOf(buffer: Buffer): Entry[] | null {
  if (buffer.loading !== 'yes' || !buffer.log.atEnd || isOwnService(buffer.name)) return null;
  const { redacted } = buffer.extras;
  const may = (entry: Entry): boolean => entry.id !== null && !redacted.has(entry.msgid) && !(entry.own && isSecretTo(buffer.name, entry.text));
  return [...buffer.log.all()].filter(may).slice(-MOST_LINES);
}

export function networksOf(world: World): CopiedNetwork[] {
  return [...world.networks.values()].map((network) => ({
    name: network.name,
    nick: network.nick,
    isupport: network.isupport,
    buffers: orderedBuffers(network).slice(1, 1 + MOST_TALKS).map(({ name, joined, topic }) => ({ name, joined, topic })),
    settings: network.settings,
  }));
}

/** How a buffer stood when the copy was brought up to it. */
interface Standing {
  clears: number;
  version: number;
  redactions: number;
}

export type Standings = WeakMap<Log, Standing>;

/** What makes the copy that of this world, once that is written `done` holds for it. */
export interface CopyStep {
  put: Map<string, Entry[]>;
  drop: string[];
  done: [Log, Standing][];
}

/** `kept`: of which buffers the copy has lines, perhaps by other tabs or an earlier visit. */
export function nextStep(world: World, kept: Set<string>, before: Standings): CopyStep {
  const step: CopyStep = { put: new Map(), drop: [], done: [] };
  const buffers = [...world.networks.values()].flatMap(orderedBuffers);
  const known = new Set(buffers.map(({ key }) => key));
  for (const key of kept) if (!known.has(key)) step.drop.push(key);
  for (const buffer of buffers) {
    const { key, log, extras } = buffer;
    const { clears, version } = log;
    const { redactions } = extras;
    const last = before.get(log);
    const lines = linesOf(buffer);
    // What is not read here holds as long as nothing of it was taken back or removed; whether it was before is not known.
    const holds = last?.clears === clears && last.redactions === redactions;
    if (lines === null ? !holds : !holds || last.version !== version || !kept.has(key)) {
      if (lines === null) step.drop.push(key);
      else step.put.set(key, lines);
    }
    step.done.push([log, { clears, version, redactions }]);
  }
  return step;
}

/** As a visit begins with it: what the server would have told then, and what was read. */
export function seenIn(copy: Copy): LastSeen {
  const { user, head, networks, time } = copy;
  const me = { user, head, networks: networks.map(({ name, nick, buffers }) => ({ name, nick, buffers, state: 'connected' as const, trouble: '' })) };
  return { me, time, fill: (world) => fillFrom(copy, world) };
}

function fillFrom(copy: Copy, world: World): void {
  const changes = new Changes();
  for (const { name, nick, isupport, buffers, settings } of copy.networks) {
    const network = ensureNetwork(world, name, changes);
    network.nick = nick;
    network.isupport = isupport;
    network.settings = settings;
    network.server.set = settings.get('') ?? UNSET;
    for (const { name: named, topic } of buffers) ensureBuffer(network, named, changes).topic = topic;
    for (const buffer of orderedBuffers(network)) {
      buffer.log.merge(copy.lines.get(buffer.key) ?? []);
      buffer.loading = 'failed'; // there is more, and it cannot be had now
    }
  }
}
