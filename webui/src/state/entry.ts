// What one line becomes in a buffer: the same for a live line and for a line of history.

import { stripFormat } from '../text/format';
import { tag } from './extras';
import { parseCtcp, type Line } from './line';
import { fromOneLine, MULTILINE } from './multiline';
import { t } from '../words/words';

export type EntryKind =
  | 'message'
  | 'action'
  | 'notice'
  | 'join'
  | 'part'
  | 'quit'
  | 'kick'
  | 'nick'
  | 'mode'
  | 'topic'
  | 'info'
  | 'error';

export interface Entry {
  /** Unique on this page; stable while the page lives. */
  key: string;
  /** The server's id; null for what has no row in the log. */
  id: string | null;
  time: number;
  kind: EntryKind;
  nick: string;
  /** Kicked member, new nick, or the target of a CTCP. */
  target: string;
  text: string;
  /** Signs of those it is for ("@": operators alone); empty: everybody. */
  audience: string;
  own: boolean;
  highlight: boolean;
  /** Why the network did not pass it on, in its words; empty: it did. */
  refused: string;
  /** The network's own name for it; and for the line it answers. Empty: none. */
  msgid: string;
  reply: string;
}

export interface EntryContext {
  id: string | null;
  time: number;
  /** Our nick on that network, and how the network compares names. */
  ownNick: string;
  audience(target: string): string;
  /** Nicks we had before: who called us by one then still did. */
  formerNicks?: readonly string[];
  fold(name: string): string;
  /** It calls its user, whatever it says. */
  called?: boolean;
}

let localKeys = 0;

export function localKey(): string {
  localKeys += 1;
  return `local-${localKeys}`;
}

export function isTalk(kind: EntryKind): boolean {
  return kind === 'message' || kind === 'action' || kind === 'notice';
}

/** Joins, parts and their like: worth a quiet line, never a badge. */
export function isQuiet(kind: EntryKind): boolean {
  return kind === 'join' || kind === 'part' || kind === 'quit' || kind === 'nick' || kind === 'mode';
}

const WORD = /[\p{L}\p{N}_[\]\\`^{}|-]/u;

/** Whether `nick` stands in `text` as a word of its own. */
export function mentions(text: string, nick: string, fold: (name: string) => string): boolean {
  if (nick === '') return false;
  const where = fold(text);
  const what = fold(nick);
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + 1)) {
    const left = where[at - 1] ?? ' ';
    const right = where[at + what.length] ?? ' ';
    if (!WORD.test(left) && !WORD.test(right)) return true;
  }
  return false;
}

export function makeEntry(kind: EntryKind, text: string, time: number, more: Partial<Entry> = {}): Entry {
  return { key: localKey(), id: null, time, kind, nick: '', target: '', text, audience: '', own: false, highlight: false, refused: '', msgid: '', reply: '', ...more };
}

function calls(text: string, { ownNick, formerNicks = [], fold }: EntryContext): boolean {
  return [ownNick, ...formerNicks].some((nick) => mentions(text, nick, fold));
}

type Shape = Partial<Entry> & { kind: EntryKind };

/** What was said, several lines of it with line ends. */
function bodyOf({ tags, params }: Line): string {
  const body = params[1] ?? '';
  return tags.has(MULTILINE) ? fromOneLine(body) : body;
}

function talk(line: Line): Shape {
  const body = bodyOf(line);
  const ctcp = parseCtcp(body);
  if (ctcp === null) return { kind: line.command === 'NOTICE' ? 'notice' : 'message', text: body };
  if (ctcp.command === 'ACTION') return { kind: 'action', text: ctcp.text };
  const what = line.command === 'NOTICE' ? 'reply' : 'request';
  return { kind: 'info', text: `CTCP ${ctcp.command} ${what} ${ctcp.text}`.trim() };
}

const SHAPES: Record<string, (line: Line) => Shape> = {
  PRIVMSG: talk,
  NOTICE: talk,
  JOIN: () => ({ kind: 'join', text: '' }),
  PART: (line) => ({ kind: 'part', text: line.params[1] ?? '' }),
  QUIT: (line) => ({ kind: 'quit', text: line.params[0] ?? '' }),
  KICK: (line) => ({ kind: 'kick', target: line.params[1] ?? '', text: line.params[2] ?? '' }),
  NICK: (line) => ({ kind: 'nick', target: line.params[0] ?? '', text: '' }),
  MODE: (line) => ({ kind: 'mode', text: line.params.slice(1).join(' ') }),
  TOPIC: (line) => ({ kind: 'topic', text: line.params[1] ?? '' }),
  WALLOPS: (line) => ({ kind: 'notice', text: `WALLOPS: ${line.params[line.params.length - 1] ?? ''}` }),
  INVITE: (line) => ({ kind: 'info', text: t('invited {0} to {1}', line.params[0] ?? '', line.params[1] ?? '') }),
};

/** Null for lines that say nothing to a reader of the buffer. */
export function toEntry(line: Line, context: EntryContext): Entry | null {
  const shape = SHAPES[line.command]?.(line);
  if (shape === undefined) return null;
  const own = line.nick !== '' && context.fold(line.nick) === context.fold(context.ownNick);
  const text = shape.text ?? '';
  const highlight = !own && isTalk(shape.kind) && (context.called === true || calls(stripFormat(text), context));
  return {
    key: context.id ?? localKey(),
    id: context.id,
    time: context.time,
    kind: shape.kind,
    nick: line.nick,
    target: shape.target ?? '',
    text,
    audience: isTalk(shape.kind) ? context.audience(line.params[0] ?? '') : '',
    own,
    highlight,
    refused: '',
    msgid: line.tags.get('msgid') ?? '',
    reply: isTalk(shape.kind) ? tag(line, 'reply') : '',
  };
}
