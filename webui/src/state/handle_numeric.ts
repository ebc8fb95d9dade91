// Numerics: what the network tells about itself, its channels, and what went wrong (modern.ircdocs.horse).

import type { Context, Handler } from './handler';
import { applyToken, orderSigns } from './isupport';
import { refit } from './refit';
import { makeEntry, type EntryKind } from './entry';
import { addEntry, addInfo, findBuffer, foldName, type Buffer, type Member } from './world';

function rest(context: Context, from: number): string {
  return context.line.params.slice(from).join(' ');
}

/** Where an answer belongs: the page it is about, else the one being looked at, else the network's own. */
function placeOf(context: Context, about: string): Buffer {
  const { world, network } = context;
  const named = about === '' ? null : findBuffer(network, about);
  if (named !== null) return named;
  return world.active?.network === network.name ? world.active : network.server;
}

function say(context: Context, buffer: Buffer, kind: EntryKind, text: string): void {
  addEntry(context.world, buffer, makeEntry(kind, text, context.time), context.changes);
}

const welcome: Handler = (context) => {
  context.network.nick = context.line.params[0] ?? context.network.nick;
  context.changes.list = true;
  say(context, context.network.server, 'info', rest(context, 1));
};

const isupport: Handler = ({ network, line, changes }) => {
  const before = JSON.stringify(network.isupport);
  for (const token of line.params.slice(1, -1)) applyToken(network.isupport, token);
  network.told = true;
  if (JSON.stringify(network.isupport) !== before) refit(network, changes);
};

const topicIs: Handler = (context) => {
  const buffer = findBuffer(context.network, context.line.params[1] ?? '');
  if (buffer === null) return;
  buffer.topic = context.line.command === '331' ? '' : (context.line.params[2] ?? '');
  context.changes.logs.add(buffer);
};

const topicWho: Handler = ({ network, line, changes }) => {
  const buffer = findBuffer(network, line.params[1] ?? '');
  if (buffer === null) return;
  buffer.topicBy = (line.params[2] ?? '').replace(/!.*$/, '');
  changes.logs.add(buffer);
};

/** 353: signs may be several (multi-prefix), and the name may carry user and host (userhost-in-names). */
const names: Handler = ({ network, line }) => {
  const buffer = findBuffer(network, line.params[2] ?? '');
  if (buffer === null) return;
  buffer.names ??= new Map<string, Member>();
  for (const item of (line.params[3] ?? '').split(' ')) {
    let at = 0;
    while (at < item.length && network.isupport.prefixSigns.includes(item.charAt(at))) at += 1;
    const nick = item.slice(at).replace(/!.*$/, '');
    if (nick === '') continue;
    const folded = foldName(network, nick);
    const away = buffer.members.get(folded)?.away ?? false;
    buffer.names.set(folded, { nick, signs: orderSigns(item.slice(0, at), network.isupport), away });
  }
};

const endOfNames: Handler = (context) => {
  const buffer = findBuffer(context.network, context.line.params[1] ?? '');
  if (buffer === null || buffer.names === null) return;
  buffer.members = buffer.names;
  buffer.names = null;
  buffer.membersVersion += 1;
  context.changes.members.add(buffer);
  if (!buffer.namesAsked) return;
  buffer.namesAsked = false;
  const all = [...buffer.members.values()].map((member) => member.signs.slice(0, 1) + member.nick);
  addInfo(context.world, buffer, `${all.length} here: ${all.join(', ')}`, context.time, context.changes);
};

type Wording = (params: string[]) => string;

/** WHOIS and its kin, in words. params[1] is the nick asked about. */
const WHOIS: Record<string, Wording> = {
  '311': (p) => `${p[1]} is ${p[2]}@${p[3]} (${p[5] ?? ''})`,
  '312': (p) => `${p[1]} is on ${p[2]} (${p[3] ?? ''})`,
  '313': (p) => `${p[1]} ${p[2] ?? 'is an operator'}`,
  '317': (p) => `${p[1]} has been idle for ${idle(Number(p[2]))}`,
  '319': (p) => `${p[1]} is in ${p[2] ?? ''}`,
  '330': (p) => `${p[1]} is logged in as ${p[2]}`,
  '335': (p) => `${p[1]} is a bot`,
  '301': (p) => `${p[1]} is away: ${p[2] ?? ''}`,
  '314': (p) => `${p[1]} was ${p[2]}@${p[3]} (${p[5] ?? ''})`,
  '341': (p) => `Invited ${p[1]} to ${p[2]}`,
  '324': (p) => `Modes of ${p[1]}: ${p.slice(2).join(' ')}`,
  '367': (p) => `Ban in ${p[1]}: ${p[2]}`,
};

function idle(seconds: number): string {
  if (!(seconds >= 60)) return `${seconds || 0} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const inWords: Handler = (context) => {
  const { line } = context;
  const about = line.command === '324' || line.command === '367' ? (line.params[1] ?? '') : '';
  const text = WHOIS[line.command]?.(line.params) ?? rest(context, 1);
  say(context, placeOf(context, about), 'info', text);
};

const ownAway: Handler = (context) => {
  context.network.away = context.line.command === '306';
  context.changes.list = true;
  say(context, placeOf(context, ''), 'info', rest(context, 1));
};

const nothing: Handler = () => undefined;

/** Rejections of a line we sent: the grey copy must not wait for an echo that never comes. */
const cannotSend: Handler = (context) => {
  const buffer = placeOf(context, context.line.params[1] ?? '');
  const text = rest(context, 2) || rest(context, 1);
  const waiting = buffer.pending.find((item) => item.state === 'sent' || item.state === 'sending');
  if (waiting !== undefined) {
    waiting.state = 'failed';
    waiting.error = text;
    context.changes.logs.add(buffer);
  } else {
    say(context, buffer, 'error', text);
  }
};

/** Everything without a row of its own: errors where they belong, the rest on the network's page. */
export const otherNumeric: Handler = (context) => {
  const { line, network } = context;
  const code = Number(line.command);
  if (code < 400 || code >= 600) {
    say(context, network.server, 'info', rest(context, 1));
    return;
  }
  const about = line.params.length > 2 ? (line.params[1] ?? '') : '';
  say(context, placeOf(context, about), 'error', rest(context, 1));
};

const whois = Object.fromEntries(Object.keys(WHOIS).map((code) => [code, inWords]));
const silent = ['315', '318', '329', '352', '354', '366', '368', '369', '375', '376', '378'];

export const NUMERIC_HANDLERS: Record<string, Handler> = {
  ...whois,
  ...Object.fromEntries(silent.map((code) => [code, nothing])),
  '001': welcome,
  '005': isupport,
  '305': ownAway,
  '306': ownAway,
  '331': topicIs,
  '332': topicIs,
  '333': topicWho,
  '353': names,
  '366': endOfNames,
  '401': cannotSend,
  '404': cannotSend,
};
