// Lines that people and services say.

import { audienceOf, statusSigns } from './audience';
import type { Context, Handler } from './handler';
import { makeEntry } from './entry';
import { noteExtra, tag } from './extras';
import { parseCtcp } from './line';
import { matchesMask } from './masks';
import { askedBy } from './questions';
import { addEntry, ensureBuffer, findBuffer, isChannel, isOwn, refuseLast, type Buffer, type Changes } from './world';

function bufferFor(context: Context): Buffer {
  const { network, line, changes } = context;
  const target = line.params[0] ?? '';
  const { name } = audienceOf(target, network.isupport.chantypes, statusSigns(network.isupport));
  if (isChannel(network, name)) return ensureBuffer(network, name, changes);
  const fromServer = line.nick === '' || (line.user === '' && line.nick.includes('.'));
  if (fromServer) return network.server;
  const peer = isOwn(network, line.nick) ? target : line.nick;
  if (peer === '' || peer === '*') return network.server;
  // CTCP questions and answers are between programs: no talk begins with them.
  if (parseCtcp(line.params[1] ?? '') !== null && context.entry()?.kind === 'info') return findBuffer(network, peer) ?? network.server;
  // A service's notice does not open a page of its own; it joins one that is open.
  if (line.command === 'NOTICE') return findBuffer(network, peer) ?? network.server;
  return ensureBuffer(network, peer, changes);
}

const talk: Handler = (context) => {
  const entry = context.entry();
  if (entry === null) return;
  const buffer = bufferFor(context);
  if (buffer.extras.typing.delete(entry.nick)) context.changes.typing = true;
  addEntry(context.world, buffer, entry, context.changes);
};

/** A line about another: its row is drawn again. */
function touchNamed(buffer: Buffer, msgid: string, changes: Changes): void {
  const entry = buffer.log.named(msgid);
  if (entry !== null) buffer.log.replace(entry, { ...entry });
  changes.logs.add(buffer);
}

/** Reactions, and who is typing. No page opens for them. */
const tagmsg: Handler = ({ network, line, now, changes }) => {
  const target = audienceOf(line.params[0] ?? '', network.isupport.chantypes, statusSigns(network.isupport)).name;
  const own = isOwn(network, line.nick);
  const buffer = findBuffer(network, isChannel(network, target) || own ? target : line.nick);
  if (buffer === null || matchesMask(network.ignores, line)) return;
  const typing = tag(line, 'typing');
  if (typing !== '' && !own) {
    buffer.extras.types(line.nick, typing, now);
    changes.typing = true;
  }
  const msgid = noteExtra(buffer.extras, line);
  if (msgid !== '') touchNamed(buffer, msgid, changes);
};

const redact: Handler = ({ network, line, changes }) => {
  const target = line.params[0] ?? '';
  const buffer = findBuffer(network, isChannel(network, target) || isOwn(network, line.nick) ? target : line.nick);
  const msgid = buffer === null ? '' : noteExtra(buffer.extras, line);
  if (buffer !== null && msgid !== '') touchNamed(buffer, msgid, changes);
};

/** draft/read-marker: how far any of the user's clients has read; "*": nothing yet. */
const markread: Handler = ({ world, network, line, changes }) => {
  world.keepsMarkers = true;
  const buffer = findBuffer(network, line.params[0] ?? '');
  const time = Date.parse((line.params[1] ?? '').replace(/^timestamp=/, ''));
  if (buffer !== null && !Number.isNaN(time)) changes.marks.push({ buffer, time });
};

const standardReply: Handler = ({ world, network, line, time, changes }) => {
  const command = line.params[0] ?? '';
  const text = line.params[line.params.length - 1] ?? '';
  if (line.command === 'FAIL' && /^(PRIVMSG|NOTICE)$/i.test(command)) {
    const named = line.params.slice(2, -1).map((name) => findBuffer(network, name)).find((buffer) => buffer !== null);
    if (named != null && refuseLast(named, text, changes)) return;
  }
  const where = askedBy(network, command) ?? network.server;
  const about = command === '*' ? '' : `${command}: `;
  addEntry(world, where, makeEntry(line.command === 'FAIL' ? 'error' : 'info', about + text, time), changes);
};

const invite: Handler = (context) => {
  const entry = context.entry();
  if (entry !== null) addEntry(context.world, context.network.server, entry, context.changes);
};

/** To all operators, or to all who asked for it (+w). */
const wallops: Handler = (context) => {
  const entry = context.entry();
  if (entry !== null) addEntry(context.world, context.network.server, entry, context.changes);
};

const serverError: Handler = ({ world, network, line, time, changes }) => {
  addEntry(world, network.server, makeEntry('error', line.params.join(' '), time), changes);
};

export const TALK_HANDLERS: Record<string, Handler> = {
  PRIVMSG: talk,
  TAGMSG: tagmsg,
  REDACT: redact,
  NOTICE: talk,
  WALLOPS: wallops,
  MARKREAD: markread,
  FAIL: standardReply,
  WARN: standardReply,
  NOTE: standardReply,
  INVITE: invite,
  ERROR: serverError,
};
