// Lines that change who is where.

import type { Context, Handler } from './handler';
import { orderSigns, parseModes } from './isupport';
import { addEntry, ensureBuffer, findBuffer, foldName, isChannel, isOwn, merge, rename, renameSelf, type Buffer, type Member } from './world';

function show(context: Context, buffer: Buffer): void {
  // Without an id it is no event but state, told to a client that asked.
  if (context.id === null) return;
  const entry = context.entry();
  if (entry !== null) addEntry(context.world, buffer, entry, context.changes);
}

function touchMembers(context: Context, buffer: Buffer): void {
  buffer.membersVersion += 1;
  context.changes.members.add(buffer);
}

function removeMember(context: Context, buffer: Buffer, nick: string): boolean {
  const folded = foldName(context.network, nick);
  buffer.names?.delete(folded);
  if (!buffer.members.delete(folded)) return false;
  touchMembers(context, buffer);
  return true;
}

function leftChannel(context: Context, buffer: Buffer): void {
  buffer.joined = false;
  buffer.members.clear();
  buffer.names = null;
  context.changes.list = true;
  touchMembers(context, buffer);
}

const join: Handler = (context) => {
  const { network, line, changes } = context;
  for (const name of (line.params[0] ?? '').split(',')) {
    if (name === '') continue;
    const buffer = ensureBuffer(network, name, changes);
    const own = isOwn(network, line.nick);
    if (own) {
      if (!buffer.joined) changes.list = true;
      buffer.joined = true;
      buffer.name = name;
      if (!context.world.inSnapshot) changes.joined.add(buffer);
    }
    const folded = foldName(network, line.nick);
    if (!buffer.members.has(folded)) {
      buffer.members.set(folded, { nick: line.nick, signs: '', away: false });
      touchMembers(context, buffer);
    }
    show(context, buffer);
  }
};

const part: Handler = (context) => {
  const { network, line } = context;
  for (const name of (line.params[0] ?? '').split(',')) {
    const buffer = findBuffer(network, name);
    if (buffer === null) continue;
    if (isOwn(network, line.nick)) leftChannel(context, buffer);
    else removeMember(context, buffer, line.nick);
    show(context, buffer);
  }
};

const kick: Handler = (context) => {
  const { network, line } = context;
  const buffer = findBuffer(network, line.params[0] ?? '');
  const nick = line.params[1] ?? '';
  if (buffer === null) return;
  if (isOwn(network, nick)) leftChannel(context, buffer);
  else removeMember(context, buffer, nick);
  show(context, buffer);
};

const quit: Handler = (context) => {
  const { network, line } = context;
  for (const buffer of network.buffers.values()) {
    const was = removeMember(context, buffer, line.nick);
    const talking = buffer.kind === 'query' && foldName(network, buffer.name) === foldName(network, line.nick);
    if (was || talking) show(context, buffer);
  }
};

/** Whoever we talk with is called otherwise now: what we say next goes to that name. */
function followPartner(context: Context, buffer: Buffer, next: string): void {
  const { world, network, changes } = context;
  if (context.id === null || rename(network, buffer, next, changes)) return;
  const there = findBuffer(network, next);
  if (there !== null && there !== buffer) merge(world, network, buffer, there, changes);
}

const nick: Handler = (context) => {
  const { network, line, changes } = context;
  const next = line.params[0] ?? '';
  if (next === '') return;
  const from = foldName(network, line.nick);
  const own = isOwn(network, line.nick);
  for (const buffer of [...network.buffers.values()]) {
    const member = buffer.members.get(from);
    if (member !== undefined) {
      buffer.members.delete(from);
      buffer.members.set(foldName(network, next), { ...member, nick: next });
      touchMembers(context, buffer);
    }
    if (member !== undefined || buffer.key === `${network.name}/${from}`) show(context, buffer);
    if (buffer.kind === 'query' && buffer.key === `${network.name}/${from}` && !own) followPartner(context, buffer, next);
  }
  if (own) {
    show(context, network.server);
    renameSelf(network, next);
    changes.list = true;
  }
};

function setSign(context: Context, buffer: Buffer, nickname: string, sign: string, add: boolean): void {
  const { network } = context;
  for (const map of [buffer.members, buffer.names]) {
    const member = map?.get(foldName(network, nickname));
    if (map === null || member === undefined) continue;
    const signs = new Set(member.signs);
    if (add) signs.add(sign);
    else signs.delete(sign);
    map.set(foldName(network, nickname), { ...member, signs: orderSigns(signs, network.isupport) });
  }
  touchMembers(context, buffer);
}

const mode: Handler = (context) => {
  const { network, line } = context;
  const target = line.params[0] ?? '';
  if (!isChannel(network, target)) {
    if (context.id !== null) show(context, network.server);
    return;
  }
  const buffer = findBuffer(network, target);
  if (buffer === null) return;
  for (const change of parseModes(line.params.slice(1), network.isupport)) {
    const at = network.isupport.prefixModes.indexOf(change.mode);
    const sign = at < 0 ? undefined : network.isupport.prefixSigns[at];
    if (sign !== undefined && change.param !== null) setSign(context, buffer, change.param, sign, change.add);
  }
  show(context, buffer);
};

const topic: Handler = (context) => {
  const { network, line, changes } = context;
  const buffer = findBuffer(network, line.params[0] ?? '');
  if (buffer === null) return;
  buffer.topic = line.params[1] ?? '';
  buffer.topicBy = line.nick;
  changes.logs.add(buffer);
  show(context, buffer);
};

const away: Handler = (context) => {
  const { network, line } = context;
  const isAway = (line.params[0] ?? '') !== '';
  if (isOwn(network, line.nick)) {
    network.away = isAway;
    context.changes.list = true;
  }
  const folded = foldName(network, line.nick);
  for (const buffer of network.buffers.values()) {
    const member: Member | undefined = buffer.members.get(folded);
    if (member === undefined || member.away === isAway) continue;
    buffer.members.set(folded, { ...member, away: isAway });
    touchMembers(context, buffer);
  }
};

export const CHANNEL_HANDLERS: Record<string, Handler> = {
  JOIN: join,
  PART: part,
  KICK: kick,
  QUIT: quit,
  NICK: nick,
  MODE: mode,
  TOPIC: topic,
  AWAY: away,
};
