// Lines that people and services say.

import { audienceOf, statusSigns } from './audience';
import type { Context, Handler } from './handler';
import { makeEntry } from './entry';
import { addEntry, ensureBuffer, findBuffer, isChannel, isOwn, markRead, type Buffer } from './world';

function bufferFor(context: Context): Buffer {
  const { network, line, changes } = context;
  const target = line.params[0] ?? '';
  const { name } = audienceOf(target, network.isupport.chantypes, statusSigns(network.isupport));
  if (isChannel(network, name)) return ensureBuffer(network, name, changes);
  const fromServer = line.nick === '' || (line.user === '' && line.nick.includes('.'));
  if (fromServer) return network.server;
  const peer = isOwn(network, line.nick) ? target : line.nick;
  if (peer === '' || peer === '*') return network.server;
  // A service's notice does not open a page of its own; it joins one that is open.
  if (line.command === 'NOTICE') return findBuffer(network, peer) ?? network.server;
  return ensureBuffer(network, peer, changes);
}

const talk: Handler = (context) => {
  const entry = context.entry();
  if (entry === null) return;
  addEntry(context.world, bufferFor(context), entry, context.changes);
};

/** draft/read-marker: another of the user's clients has read up to there. */
const markread: Handler = ({ network, line, changes }) => {
  const buffer = findBuffer(network, line.params[0] ?? '');
  const stamp = Date.parse((line.params[1] ?? '').replace(/^timestamp=/, ''));
  if (buffer === null || Number.isNaN(stamp) || buffer.unread === 0) return;
  const last = buffer.log.last;
  if (last === null || last.time > stamp) return;
  markRead(buffer);
  changes.list = true;
};

const standardReply: Handler = ({ world, network, line, time, changes }) => {
  const where = world.active?.network === network.name ? world.active : network.server;
  const text = line.params[line.params.length - 1] ?? '';
  const about = line.params[0] === '*' ? '' : `${line.params[0] ?? ''}: `;
  addEntry(world, where, makeEntry(line.command === 'FAIL' ? 'error' : 'info', about + text, time), changes);
};

const invite: Handler = (context) => {
  const entry = context.entry();
  if (entry !== null) addEntry(context.world, context.network.server, entry, context.changes);
};

const serverError: Handler = ({ world, network, line, time, changes }) => {
  addEntry(world, network.server, makeEntry('error', line.params.join(' '), time), changes);
};

export const TALK_HANDLERS: Record<string, Handler> = {
  PRIVMSG: talk,
  NOTICE: talk,
  MARKREAD: markread,
  FAIL: standardReply,
  WARN: standardReply,
  NOTE: standardReply,
  INVITE: invite,
  ERROR: serverError,
};
