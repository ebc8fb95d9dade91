// What to offer while somebody types: commands with their help, nicks behind @, channels behind #, emoji behind a
// colon. Pure.

import { COMMANDS, findCommand, usage } from './commands';
import type { findEmoji } from './emoji';
import { t } from '../words/words';

export interface Suggestion {
  /** What it is called, and what is put in its place. */
  label: string;
  insert: string;
  hint: string;
}

export interface Suggestions {
  /** What of the text it replaces. */
  from: number;
  to: number;
  items: Suggestion[];
  /** How the command is written; empty: there is none. */
  usage: string;
}

const MOST = 8;
const NONE: Suggestions = { from: 0, to: 0, items: [], usage: '' };

function ofCommand(word: string, caret: number): Suggestions {
  const typed = word.slice(1).toLowerCase();
  const items = COMMANDS.filter(({ name, aliases }) => [name, ...aliases].some((each) => each.startsWith(typed)))
    .sort((a, b) => Number(b.name.startsWith(typed)) - Number(a.name.startsWith(typed)))
    .slice(0, MOST)
    .map((command) => ({ label: usage(command), insert: `/${command.name} `, hint: t(command.help) }));
  return { from: 0, to: caret, items, usage: '' };
}

/** What an emoji's name looks like as it is typed. */
export const EMOJI = /^:[a-z0-9_+-]{2,}$/i;

interface Names {
  nicks: string[];
  channels: string[];
  /** Their table comes when it is first of use. */
  emoji?: typeof findEmoji | undefined;
}

export function suggest(text: string, caret: number, names: Names): Suggestions {
  const head = text.slice(0, caret);
  const start = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n')) + 1;
  const word = head.slice(start);
  if (start === 0 && /^\/[a-z]*$/i.test(word)) return ofCommand(word, caret);
  const command = /^\/([a-z]+)\s/i.exec(text);
  const known = command === null ? undefined : findCommand(command[1]!);
  const hint = known === undefined ? '' : `${usage(known)} – ${t(known.help)}`;
  const low = word.slice(1).toLowerCase();
  const offer = (items: Suggestion[]): Suggestions => ({ from: start, to: caret, items: items.slice(0, MOST), usage: hint });
  if (/^@./.test(word)) {
    const nicks = names.nicks.filter((nick) => nick.toLowerCase().startsWith(low));
    return offer(nicks.map((nick) => ({ label: nick, insert: start === 0 ? `${nick}: ` : `${nick} `, hint: '' })));
  }
  if (/^#./.test(word)) {
    const channels = names.channels.filter((name) => name.toLowerCase().startsWith(word.toLowerCase()) && name !== word);
    return offer(channels.map((name) => ({ label: name, insert: `${name} `, hint: '' })));
  }
  if (names.emoji !== undefined && EMOJI.test(word)) {
    return offer(names.emoji(low, MOST).map(({ name, emoji }) => ({ label: `${emoji} :${name}:`, insert: `${emoji} `, hint: '' })));
  }
  return hint === '' ? NONE : offer([]);
}
