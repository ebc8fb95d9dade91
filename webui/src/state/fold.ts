// Folds frames into the World: one table row and one short function per command.

import { timeOf, type Frame, type LineFrame, type NetworkFrame, type NetworkState } from '../transport/frames';
import { audienceOf, statusSigns } from './audience';
import { CHANNEL_HANDLERS } from './handle_channel';
import { applyRules, applySettings } from './handle_settings';
import type { Context, Handler } from './handler';
import { NUMERIC_HANDLERS, otherNumeric } from './handle_numeric';
import { TALK_HANDLERS } from './handle_talk';
import { lineTime, parseLine, type Line } from './line';
import { makeEntry, toEntry, type Entry } from './entry';
import { noteExtra } from './extras';
import { matchesMask } from './masks';
import { MULTILINE } from './multiline';
import { askedBy, gather } from './questions';
import { settleSaid } from './said';
import { addEntry, addInfo, Changes, ensureNetwork, foldName, isChannel, isOwn, orderedBuffers, World, type Buffer, type Network } from './world';
import { t, w, type Word } from '../words/words';

const HANDLERS: Record<string, Handler> = { ...TALK_HANDLERS, ...CHANNEL_HANDLERS, ...NUMERIC_HANDLERS };

/** What is not shown of somebody who is ignored; who comes and goes still is. */
const HUSHED = new Set(['PRIVMSG', 'NOTICE', 'INVITE', 'TAGMSG']);

/** `called`: Halley says that it calls its user; what is said to them alone does so anyway. */
function entryOf(network: Network, line: Line, id: string | null, time: number, called: boolean): Entry | null {
  const { chantypes } = network.isupport;
  if (HUSHED.has(line.command) && matchesMask(network.ignores, line) && !isOwn(network, line.nick)) return null;
  if (line.tags.has(MULTILINE)) network.multiline = true;
  return toEntry(line, {
    id,
    time,
    called: called && isChannel(network, audienceOf(line.params[0] ?? '', chantypes, statusSigns(network.isupport)).name),
    ownNick: network.nick,
    formerNicks: network.formerNicks,
    audience: (target) => audienceOf(target, chantypes, statusSigns(network.isupport)).signs,
    fold: (name) => foldName(network, name),
  });
}

/** Lines between programs, and about people without being said: they change what is known, or nothing here yet. */
const UNSEEN = new Set(['PING', 'PONG', 'CAP', 'BATCH', 'ACK', 'AUTHENTICATE', 'ACCOUNT', 'CHGHOST', 'SETNAME', 'BOUNCER', 'METADATA']);

/** What no handler knows is shown as it is: nothing that a network says is dropped without a trace. */
function sayUnknown({ world, network, line, time, changes }: Context): void {
  const from = line.nick === '' ? '' : `${line.nick}: `;
  const entry = makeEntry('info', `${from}${line.command} ${line.params.join(' ')}`.trim(), time);
  addEntry(world, askedBy(network, line.command) ?? network.server, entry, changes);
}

function applyLine(world: World, frame: LineFrame, now: number, changes: Changes): void {
  const line = parseLine(frame.line);
  const name = frame.network !== '' ? frame.network : ([...world.networks.keys()][0] ?? '');
  if (line === null || name === '') return;
  const network = ensureNetwork(world, name, changes);
  const time = lineTime(line, now);
  if (frame.id !== null) world.heard = Math.max(world.heard, timeOf(frame.id), time);
  const entry = (): Entry | null => entryOf(network, line, frame.id, time, frame.called === true);
  const context = { world, network, line, id: frame.id, time, now, changes, entry };
  const handler = HANDLERS[line.command];
  const numeric = /^\d{3}$/.test(line.command);
  if (numeric && gather(network, line, time)) changes.answers = true;
  else if (handler !== undefined) handler(context);
  else if (numeric) otherNumeric(context);
  else if (!UNSEEN.has(line.command)) sayUnknown(context);
}

const STATE_WORDS: Record<NetworkState, Word> = {
  connected: w('Connected.'),
  connecting: w('Connecting…'),
  waiting: w('Not connected; trying again soon.'),
  disconnected: w('Disconnected.'),
};

function forgetMembers(buffer: Buffer, changes: Changes): void {
  if (buffer.kind !== 'channel' || buffer.members.size === 0) return;
  buffer.members.clear();
  buffer.membersVersion += 1;
  changes.members.add(buffer);
}

export function removeNetwork(world: World, name: string): void {
  world.networks.delete(name);
  if (world.active?.network === name) world.active = null;
}

function applyNetwork(world: World, frame: NetworkFrame, now: number, changes: Changes): void {
  if (frame.network === '') return;
  changes.list = true;
  if (frame.removed) {
    removeNetwork(world, frame.network);
    return;
  }
  const network = ensureNetwork(world, frame.network, changes);
  if (frame.nick !== null) network.nick = frame.nick;
  network.trouble = frame.trouble;
  if (network.state === frame.state) return;
  network.state = frame.state;
  const why = frame.trouble === '' ? '' : ` (${frame.trouble})`;
  const words = t(STATE_WORDS[frame.state]) + why;
  // One row for a connect that fails, however often: the list at the left says "connecting…".
  if (frame.state !== 'connecting' && words !== network.server.log.last?.text) addInfo(world, network.server, words, now, changes);
  if (frame.state === 'connected') return;
  network.told = false;
  for (const buffer of network.buffers.values()) forgetMembers(buffer, changes);
}

/** A snapshot tells all there is: what we believed is void, and what was said meanwhile only the history knows. */
function beginSnapshot(world: World, changes: Changes): void {
  world.inSnapshot = true;
  world.attached = false;
  forgetHistories(world, changes);
  changes.list = true;
  for (const network of world.networks.values()) {
    for (const buffer of network.buffers.values()) {
      buffer.joined = false;
      forgetMembers(buffer, changes);
    }
  }
}

/** Networks that connected and did not say what they are: their names of channels and members cannot be read rightly. */
export function untold(world: World): Network[] {
  return [...world.networks.values()].filter((network) => network.state === 'connected' && !network.told);
}

/** Of a state read beside the stream only what no stream brings too: what those networks are. */
export function applyMissing(world: World, frames: Frame[], now: number, changes: Changes): void {
  const missing = new Set(untold(world).map((network) => network.name));
  for (const frame of frames) {
    if (frame.kind === 'line' && missing.has(frame.network) && parseLine(frame.line)?.command === '005') applyLine(world, frame, now, changes);
  }
}

/** Histories may miss lines, or belong to another database: they are asked for again when shown. */
export function forgetHistories(world: World, changes: Changes): void {
  for (const network of world.networks.values()) {
    for (const buffer of orderedBuffers(network)) {
      buffer.log.clear();
      buffer.loading = 'no';
      buffer.more = true;
      buffer.emptied = false;
      buffer.divider = null;
      buffer.unread = 0;
      buffer.highlights = 0;
      changes.logs.add(buffer);
    }
  }
  changes.list = true;
}

export function applyFrame(world: World, frame: Frame, now: number, changes: Changes): void {
  switch (frame.kind) {
    case 'line':
      applyLine(world, frame, now, changes);
      break;
    case 'network':
      applyNetwork(world, frame, now, changes);
      break;
    case 'said': {
      const network = world.networks.get(frame.network);
      if (network !== undefined) settleSaid(network, frame, changes);
      break;
    }
    case 'buffers':
      applySettings(world, frame, changes);
      break;
    case 'rules':
      applyRules(world, frame, changes);
      break;
    case 'snapshot':
      beginSnapshot(world, changes);
      break;
    case 'ready':
      world.inSnapshot = false;
      world.attached = true;
      if (frame.id !== null) world.heard = Math.max(world.heard, timeOf(frame.id));
      changes.list = true;
      break;
    case 'reset':
      forgetHistories(world, changes);
      break;
  }
}

/** What lines of GET /api/history say about others of that buffer. */
export function noteExtras(buffer: Buffer, lines: { line: string }[]): void {
  for (const stored of lines) {
    const line = /\b(?:TAGMSG|REDACT)\b/.test(stored.line) ? parseLine(stored.line) : null;
    if (line !== null) noteExtra(buffer.extras, line);
  }
}

/** Lines of GET /api/history as entries: the same eyes as for live lines. */
export function historyEntries(network: Network, lines: { id: string; line: string; called?: boolean }[]): Entry[] {
  const entries: Entry[] = [];
  for (const stored of lines) {
    const line = parseLine(stored.line);
    const entry = line === null ? null : entryOf(network, line, stored.id, lineTime(line, 0), stored.called === true);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}
