// What a pushed line (halley-web(7), "What is pushed") comes to: a notice of its channel or talk, in place of the one before,
// or the end of one that was read elsewhere. Pure.

import { lineTime, parseCtcp, parseLine, type Line } from '../state/line';
import { stripFormat } from '../text/format';

/** So many lines stand in one notice, the newest. */
export const MOST_LINES = 4;
const LONGEST_LINE = 300;

/** What a notice remembers. */
export interface NoticeData {
  /** What the page opens (app/address.ts). */
  hash: string;
  /** Of its newest line. */
  time: number;
  lines: string[];
  count: number;
}

export interface Notice {
  kind: 'show';
  tag: string;
  title: string;
  body: string;
  data: NoticeData;
}

/** Notices with that tag go, if their newest line is not newer. */
export interface Closing {
  kind: 'close';
  tag: string;
  time: number;
}

const INVITED: Record<string, string> = { de: 'lädt dich ein in', en: 'invites you to' };

/** Names differ in letters only where networks see no difference; a notice too many is replaced, a wrong one is not. */
export function tagOf(network: string, target: string): string {
  return `${network}/${target.toLowerCase()}`;
}

function isChannel(target: string): boolean {
  return /^[~&@%+]*[#&!]/.test(target);
}

function words({ command, nick, params }: Line, language: string): string {
  if (command === 'INVITE') return `${nick} ${INVITED[language.slice(0, 2)] ?? INVITED['en']!} ${params[1] ?? ''}`;
  const ctcp = parseCtcp(params[1] ?? '');
  const text = stripFormat(ctcp === null ? (params[1] ?? '') : ctcp.text).slice(0, LONGEST_LINE);
  return ctcp?.command === 'ACTION' ? `${nick} ${text}` : `${nick}: ${text}`;
}

function place(line: Line): string {
  const target = line.params[line.command === 'INVITE' ? 1 : 0] ?? '';
  if (line.command === 'INVITE' || line.command === 'MARKREAD') return target;
  return isChannel(target) ? target.replace(/^[~&@%+]+(?=[#!])/, '') : line.nick;
}

/** `before`: what a notice of that tag says already. Null: nothing that is for a person. */
export function noticeOf(text: string, now: number, language: string, before: (tag: string) => NoticeData | null): Notice | Closing | null {
  const line = parseLine(text);
  if (line === null) return null;
  const network = line.tags.get('halley/network') ?? '';
  const target = place(line);
  const tag = tagOf(network, target);
  if (line.command === 'MARKREAD') {
    const time = Date.parse((line.params[1] ?? '').replace(/^timestamp=/, ''));
    return Number.isNaN(time) ? null : { kind: 'close', tag, time };
  }
  if (!['PRIVMSG', 'NOTICE', 'INVITE'].includes(line.command)) return null;
  const old = before(tag);
  const lines = [...(old?.lines ?? []), words(line, language)].slice(-MOST_LINES);
  const count = (old?.count ?? 0) + 1;
  const data = { hash: `#/${encodeURIComponent(network)}/${encodeURIComponent(target)}`, time: lineTime(line, now), lines, count };
  const title = `${target}${network === '' ? '' : ` · ${network}`}${count > 1 ? ` (${count})` : ''}`;
  return { kind: 'show', tag, title, body: lines.join('\n'), data };
}
