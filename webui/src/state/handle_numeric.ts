// Numerics: what the network tells about itself, its channels, and what went wrong (modern.ircdocs.horse).

import type { Context, Handler } from './handler';
import { applyToken, orderSigns } from './isupport';
import { audienceOf, statusSigns } from './audience';
import { answered } from './questions';
import { refit } from './refit';
import { makeEntry, type EntryKind } from './entry';
import { addEntry, addInfo, findBuffer, foldName, refuseLast, type Buffer, type Member } from './world';
import { n, t } from '../words/words';

function rest(context: Context, from: number): string {
  return context.line.params.slice(from).join(' ');
}

/** Where an answer belongs: the page where it was asked for, else the one it is about, else the network's own. */
function placeOf(context: Context, about: string): Buffer {
  const { network, line, time } = context;
  return answered(network, line, time)?.buffer ?? findBuffer(network, about) ?? network.server;
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
  const name = context.line.params[1] ?? '';
  const topic = context.line.command === '331' ? '' : (context.line.params[2] ?? '');
  const buffer = findBuffer(context.network, name);
  const question = answered(context.network, context.line, context.time);
  if (question !== null) say(context, question.buffer, 'info', topic === '' ? t('{0} has no topic.', name) : t('The topic of {0}: {1}', name, topic));
  if (buffer === null) return;
  buffer.topic = topic;
  context.changes.logs.add(buffer);
};

const topicWho: Handler = ({ network, line, changes }) => {
  const buffer = findBuffer(network, line.params[1] ?? '');
  if (buffer === null) return;
  buffer.topicBy = (line.params[2] ?? '').replace(/!.*$/, '');
  changes.logs.add(buffer);
};

/** 353: signs may be several (multi-prefix), and the name may carry user and host (userhost-in-names). */
const names: Handler = (context) => {
  const { network, line } = context;
  const buffer = findBuffer(network, line.params[2] ?? '');
  if (buffer === null) {
    say(context, placeOf(context, ''), 'info', t('In {0}: {1}', line.params[2] ?? '', line.params[3] ?? ''));
    return;
  }
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
  const question = answered(context.network, context.line, context.time);
  if (buffer === null || buffer.names === null) return;
  buffer.members = buffer.names;
  buffer.names = null;
  buffer.membersVersion += 1;
  context.changes.members.add(buffer);
  if (!buffer.namesAsked) return;
  buffer.namesAsked = false;
  const all = [...buffer.members.values()].map((member) => member.signs.slice(0, 1) + member.nick);
  addInfo(context.world, question?.buffer ?? buffer, t('{0} here: {1}', all.length, all.join(', ')), context.time, context.changes);
};

const LIST_ROWS = 100;

type Wording = (params: string[]) => string;

/** WHOIS and its kin, in words. params[1] is the nick asked about. */
const WHOIS: Record<string, Wording> = {
  '311': (p) => t('{0} is {1}@{2} ({3})', p[1], p[2], p[3], p[5] ?? ''),
  '312': (p) => t('{0} is on {1} ({2})', p[1], p[2], p[3] ?? ''),
  '313': (p) => `${p[1]} ${p[2] ?? t('is an operator')}`,
  '317': (p) => t('{0} has been idle for {1}', p[1], idle(Number(p[2]))),
  '319': (p) => t('{0} is in {1}', p[1], p[2] ?? ''),
  '330': (p) => t('{0} is logged in as {1}', p[1], p[2]),
  '335': (p) => t('{0} is a bot', p[1]),
  '301': (p) => t('{0} is away: {1}', p[1], p[2] ?? ''),
  '314': (p) => t('{0} was {1}@{2} ({3})', p[1], p[2], p[3], p[5] ?? ''),
  '341': (p) => t('Invited {0} to {1}', p[1], p[2]),
  '324': (p) => t('Modes of {0}: {1}', p[1], p.slice(2).join(' ')),
  '329': (p) => t('{0} was made on {1}', p[1], dateOf(p[2])),
  '352': (p) => t('{0} is {1}@{2} in {3} ({4})', p[5], p[2], p[3], p[1], (p[7] ?? '').replace(/^\d+ /, '')),
  '322': (p) => `${p[1]} (${p[2]}): ${p[3] ?? ''}`,
  '391': (p) => t('It is {0} at {1}', p[p.length - 1], p[1]),
  '367': (p) => t('Ban in {0}: {1}', p[1], p[2]),
};

function idle(seconds: number): string {
  if (!(seconds >= 60)) return t('{0} s', seconds || 0);
  if (seconds < 3600) return t('{0} min', Math.floor(seconds / 60));
  return t('{0} h {1} min', Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60));
}

function dateOf(seconds: string | undefined): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? (seconds ?? '') : date.toISOString().slice(0, 10);
}

const inWords: Handler = (context) => {
  const { line } = context;
  const text = WHOIS[line.command]?.(line.params) ?? rest(context, 1);
  say(context, placeOf(context, line.params[1] ?? ''), 'info', text);
};

const ownAway: Handler = (context) => {
  context.network.away = context.line.command === '306';
  context.changes.list = true;
  say(context, placeOf(context, ''), 'info', rest(context, 1));
};

const nothing: Handler = () => undefined;

/** Told at each join, to keep up state: worth a row only where somebody asked. */
const whenAsked: Handler = (context) => {
  const question = answered(context.network, context.line, context.time);
  if (question !== null) say(context, question.buffer, 'info', WHOIS[context.line.command]?.(context.line.params) ?? rest(context, 1));
};

/** The end of an answer: it closes the question, and says nothing of its own. */
const ending: Handler = (context) => {
  answered(context.network, context.line, context.time);
};

/** A channel list can be twenty thousand rows long: the first are shown, the others counted. */
const listRow: Handler = (context) => {
  const question = answered(context.network, context.line, context.time);
  if (question !== null && question.rows > LIST_ROWS) return;
  say(context, question?.buffer ?? context.network.server, 'info', WHOIS['322']!(context.line.params));
};

const listEnd: Handler = (context) => {
  const question = answered(context.network, context.line, context.time);
  if (question === null) return;
  const rows = question.rows - 1;
  const more = rows > LIST_ROWS ? ` ${t('{0} are not shown: ask for fewer, such as LIST *word*.', rows - LIST_ROWS)}` : '';
  say(context, question.buffer, 'info', `${n(rows, '1 channel listed.', '{0} channels listed.')}${more}`);
};

/** Rejections of a line we sent: it must not look said. */
const cannotSend: Handler = (context) => {
  const about = context.line.params[1] ?? '';
  const text = rest(context, 2) || rest(context, 1);
  const question = answered(context.network, context.line, context.time);
  const buffer = findBuffer(context.network, audienceOf(about, context.network.isupport.chantypes, statusSigns(context.network.isupport)).name);
  if (question === null && buffer !== null && refuseLast(buffer, text, context.changes)) return;
  const place = question?.buffer ?? buffer ?? context.network.server;
  say(context, place, 'error', place === buffer ? text : rest(context, 1));
};

/** Everything without a row of its own: where it was asked for, else where it belongs. */
export const otherNumeric: Handler = (context) => {
  const { line } = context;
  const code = Number(line.command);
  const failed = code >= 400 && code < 600;
  const about = failed && line.params.length > 2 ? (line.params[1] ?? '') : '';
  say(context, placeOf(context, about), failed ? 'error' : 'info', rest(context, 1));
};

const whois = Object.fromEntries(Object.keys(WHOIS).map((code) => [code, inWords]));
const endings = ['315', '318', '366', '368', '369', '374', '376'];
/** What a network answers to PRIVMSG and NOTICE that it does not pass on. */
const refusals = ['401', '403', '404', '407', '408', '411', '412', '413', '415', '439', '477', '486', '492', '494', '531', '716'];

export const NUMERIC_HANDLERS: Record<string, Handler> = {
  ...whois,
  ...Object.fromEntries(endings.map((code) => [code, ending])),
  ...Object.fromEntries(refusals.map((code) => [code, cannotSend])),
  '001': welcome,
  '005': isupport,
  '305': ownAway,
  '306': ownAway,
  '321': nothing, // the head of a table
  '322': listRow,
  '323': listEnd,
  '324': whenAsked,
  '329': whenAsked,
  '331': topicIs,
  '332': topicIs,
  '333': topicWho,
  '353': names,
  '366': endOfNames,
};
