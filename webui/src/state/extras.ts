// What belongs to lines besides their words: answers to them, reactions, that they were taken back; and who is typing.
// IRCv3: +draft/reply, +draft/react, +typing (client tags), draft/message-redaction. Pure.

import type { Line } from './line';

/** So many lines of a buffer have reactions here, so many kinds each, so many names each, and so many were taken back. */
export const MOST_LINES = 500;
export const MOST_KINDS = 20;
export const MOST_NAMES = 100;
const LONGEST_REACTION = 32; // letters; emoji chains are long
const TYPING_MS = 6000;
const PAUSED_MS = 30_000;
const MOST_TYPING = 20;

function keepNewest(map: Map<string, unknown>): void {
  for (const [oldest] of map) {
    if (map.size <= MOST_LINES) return;
    map.delete(oldest);
  }
}

export class Extras {
  /** By msgid: who reacted, by what. */
  readonly reactions = new Map<string, Map<string, Set<string>>>();
  /** By msgid: who took the line back, and why. */
  readonly redacted = new Map<string, { by: string; why: string }>();
  /** How often one was. */
  redactions = 0;
  /** Until when they count as typing. */
  readonly typing = new Map<string, number>();

  react(msgid: string, nick: string, what: string): boolean {
    if (msgid === '' || what === '' || what.length > LONGEST_REACTION) return false;
    const kinds = this.reactions.get(msgid) ?? new Map<string, Set<string>>();
    const nicks = kinds.get(what) ?? new Set<string>();
    if (nicks.size >= MOST_NAMES || (nicks.size === 0 && kinds.size >= MOST_KINDS)) return false;
    this.reactions.set(msgid, kinds.set(what, nicks.add(nick)));
    keepNewest(this.reactions);
    return true;
  }

  unreact(msgid: string, nick: string, what: string): boolean {
    const kinds = this.reactions.get(msgid);
    const nicks = kinds?.get(what);
    if (nicks?.delete(nick) !== true) return false;
    if (nicks.size === 0) kinds?.delete(what);
    return true;
  }

  redact(msgid: string, by: string, why: string): boolean {
    if (msgid === '') return false;
    this.redacted.set(msgid, { by, why });
    this.redactions += 1;
    keepNewest(this.redacted);
    return true;
  }

  types(nick: string, state: string, now: number): void {
    this.typing.delete(nick);
    if (state !== 'active' && state !== 'paused') return;
    this.typing.set(nick, now + (state === 'active' ? TYPING_MS : PAUSED_MS));
    for (const [oldest] of this.typing) if (this.typing.size > MOST_TYPING) this.typing.delete(oldest);
  }

  typingAt(now: number): string[] {
    return [...this.typing].filter(([, until]) => until > now).map(([nick]) => nick);
  }
}

export function tag(line: Line, name: string): string {
  return line.tags.get(`+${name}`) ?? line.tags.get(`+draft/${name}`) ?? '';
}

/** Takes what a line says about another one. The msgid of that one; empty: nothing. */
export function noteExtra(extras: Extras, line: Line): string {
  if (line.command === 'REDACT') {
    const msgid = line.params[1] ?? '';
    return extras.redact(msgid, line.nick, line.params[2] ?? '') ? msgid : '';
  }
  if (line.command !== 'TAGMSG') return '';
  const msgid = tag(line, 'reply');
  const changed = extras.react(msgid, line.nick, tag(line, 'react')) || extras.unreact(msgid, line.nick, tag(line, 'unreact'));
  return changed ? msgid : '';
}

/** A tag's value as it stands in a line. */
export function escapeTag(value: string): string {
  return value.replace(/[\\; \r\n]/g, (sign) => ({ '\\': '\\\\', ';': '\\:', ' ': '\\s', '\r': '\\r', '\n': '\\n' })[sign]!);
}
