// What to do about something that was typed, and the words with which commands (commands.ts) say it. Pure.

import { splitText } from '../text/split';
import { audienceOf } from './audience';
import type { BufferKind } from './world';
import { t } from '../words/words';

export interface InputContext {
  kind: BufferKind;
  target: string;
  joined: boolean;
  nick: string;
  chantypes: string;
  /** Signs that may stand before a channel as a target. */
  statusSigns: string;
  /** Changes in one MODE, and bytes of a topic, a reason, a word about being away, a nick, as the network has it; 0: it does not say. */
  limits: Limits;
  /** The network was seen to take several lines as one message (draft/multiline). */
  multiline: boolean;
}

export interface Limits {
  modes: number;
  topic: number;
  kick: number;
  away: number;
  nick: number;
}

export interface Echo {
  /** The channel or nick whose page it appears on; `audience` are the signs that stood before it. */
  target: string;
  audience: string;
  kind: 'message' | 'action' | 'notice';
  text: string;
  /** As many messages it becomes where the network does not take several lines as one; absent: it is one. */
  lines?: number;
}

export type Action =
  /** A line for the network; with `echo`, one that comes back and is shown grey until it does. */
  | { type: 'send'; line: string; echo?: Echo }
  | { type: 'open'; target: string }
  | { type: 'names'; target: string }
  | { type: 'close' }
  | { type: 'clear' }
  | { type: 'channels' }
  | { type: 'search'; text: string }
  /** Hides what somebody says; `on` false: shows it again; no mask: tells who is hidden. */
  | { type: 'ignore'; mask: string; on: boolean }
  | { type: 'info'; text: string };

export type Parsed = { ok: true; actions: Action[] } | { ok: false; error: string };

export const refuse = (error: string): Parsed => ({ ok: false, error });
export const act = (...actions: Action[]): Parsed => ({ ok: true, actions });
export const send = (...lines: string[]): Parsed => act(...lines.map((line): Action => ({ type: 'send', line })));

export function speak(context: InputContext, target: string, kind: 'message' | 'action' | 'notice', text: string): Action[] {
  const { signs, name } = audienceOf(target, context.chantypes, context.statusSigns);
  const command = kind === 'notice' ? 'NOTICE' : 'PRIVMSG';
  return splitText(text, target, context.nick, kind === 'action').map((part) => ({
    type: 'send',
    line: kind === 'action' ? `PRIVMSG ${target} :\x01ACTION ${part}\x01` : `${command} ${target} :${part}`,
    echo: { target: name, audience: signs, kind, text: part },
  }));
}

export function say(context: InputContext, kind: 'message' | 'action', text: string): Parsed {
  if (context.kind === 'server') {
    return refuse(t('Nothing can be said on the network’s own page. Try /join #channel, or /msg NICK text.'));
  }
  if (context.kind === 'channel' && !context.joined) {
    return refuse(t('You are not in {0}. Join it again with /join {1}.', context.target, context.target));
  }
  return act(...speak(context, context.target, kind, text));
}

/** The first word, and what follows it. */
export function cut(text: string): [string, string] {
  const match = /^(\S*)\s*([\s\S]*)$/.exec(text);
  return [match?.[1] ?? '', match?.[2] ?? ''];
}

export function namesChannel(context: InputContext, name: string): boolean {
  return name !== '' && context.chantypes.includes(name.charAt(0));
}

/** The channel a command is about: named first, or the one on the page. */
export function channelAndRest(context: InputContext, args: string): [string, string] {
  const [first, rest] = cut(args);
  if (namesChannel(context, first)) return [first, rest];
  return [context.kind === 'channel' ? context.target : '', args];
}

/** The last parameter of a line, when there is one. */
export function trailing(text: string): string {
  return text === '' ? '' : ` :${text}`;
}
