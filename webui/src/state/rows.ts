// Entries of one chunk as the rows a reader sees: days, "new" marks, talk grouped by speaker, and comings and
// goings gathered into one quiet row. Pure; a chunk is laid out knowing only the entry before it.

import { isolated } from '../text/display';
import { isQuiet, type Entry } from './entry';
import { t } from '../words/words';

export type Row =
  | { type: 'day'; key: string; time: number }
  | { type: 'new'; key: string }
  | { type: 'talk'; key: string; entry: Entry; follows: boolean }
  | { type: 'quiet'; key: string; entries: Entry[] }
  | { type: 'note'; key: string; entry: Entry };

const GROUP_MS = 5 * 60_000;

export function dayOf(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** A line by the same person soon after: shown without repeating the name. */
export function followsOn(previous: Entry | null, entry: Entry): boolean {
  return (
    previous !== null &&
    previous.kind === 'message' &&
    entry.kind === 'message' &&
    previous.nick === entry.nick &&
    entry.time - previous.time < GROUP_MS &&
    entry.time >= previous.time
  );
}

/** A join, quit or the like right after another one: both stand in one row. */
export function runsOn(previous: Entry, entry: Entry, divider: string | null): boolean {
  if (!isQuiet(previous.kind) || !isQuiet(entry.kind) || entry.key === divider) return false;
  return entry.time <= 0 || dayOf(previous.time) === dayOf(entry.time);
}

export function layRows(entries: Entry[], previous: Entry | null, divider: string | null): Row[] {
  const rows: Row[] = [];
  let before = previous;
  for (const entry of entries) {
    let fresh = false;
    if (entry.time > 0 && (before === null || dayOf(before.time) !== dayOf(entry.time))) {
      rows.push({ type: 'day', key: `day-${entry.key}`, time: entry.time });
      fresh = true;
    }
    if (entry.key === divider) {
      rows.push({ type: 'new', key: 'new' });
      fresh = true;
    }
    const last = rows[rows.length - 1];
    if (isQuiet(entry.kind)) {
      if (last?.type === 'quiet' && !fresh) last.entries.push(entry);
      else rows.push({ type: 'quiet', key: entry.key, entries: [entry] });
    } else if (entry.kind === 'message' || entry.kind === 'action' || entry.kind === 'notice') {
      rows.push({ type: 'talk', key: entry.key, entry, follows: !fresh && followsOn(before, entry) });
    } else {
      rows.push({ type: 'note', key: entry.key, entry });
    }
    before = entry;
  }
  return rows;
}

function namesOf(nicks: string[]): string {
  const unique = nicks.slice(0, 3).map(isolated);
  if (nicks.length === 1) return unique[0]!;
  if (nicks.length <= 3) return t('{0} and {1}', unique.slice(0, -1).join(', '), unique[unique.length - 1]);
  return t('{0} and {1} others', unique.slice(0, 2).join(', '), nicks.length - 2);
}

/** Joins and the like in one sentence. Who came and went, or went and came
 * back, is not worth two mentions. */
export function summarise(entries: Entry[]): string {
  const joined = new Set<string>();
  const left = new Set<string>();
  const passed = new Set<string>();
  const back = new Set<string>();
  const rest: Entry[] = [];
  for (const entry of entries) {
    if (entry.kind === 'join') {
      (left.delete(entry.nick) ? back : joined).add(entry.nick);
    } else if (entry.kind === 'part' || entry.kind === 'quit') {
      back.delete(entry.nick);
      (joined.delete(entry.nick) ? passed : left).add(entry.nick);
    } else {
      rest.push(entry);
    }
  }
  const parts: string[] = [];
  if (joined.size > 0) parts.push(t('{0} joined', namesOf([...joined])));
  if (left.size > 0) parts.push(t('{0} left{1}', namesOf([...left])));
  if (passed.size > 0) parts.push(t('{0} came and went', namesOf([...passed])));
  if (back.size > 0) parts.push(t('{0} left and came back', namesOf([...back])));
  return [...parts, ...rest.slice(0, 3).map(describe), ...(rest.length > 3 ? [t('{0} more changes', rest.length - 3)] : [])].join(' · ');
}

function because(text: string): string {
  return text === '' ? '' : ` (${isolated(text)})`;
}

/** One event in one sentence. */
export function describe(entry: Entry): string {
  const nick = isolated(entry.nick);
  const target = isolated(entry.target);
  switch (entry.kind) {
    case 'join':
      return t('{0} joined', nick);
    case 'part':
      return t('{0} left{1}', nick, because(entry.text));
    case 'quit':
      return t('{0} left the network{1}', nick, because(entry.text));
    case 'kick':
      return t('{0} removed {1}{2}', nick, target, because(entry.text));
    case 'nick':
      return t('{0} is now {1}', nick, target);
    case 'mode':
      return t('{0} set mode {1}', nick || t('The server'), entry.text);
    case 'topic':
      return entry.text === '' ? t('{0} cleared the topic', nick) : t('{0} changed the topic: {1}', nick, entry.text);
    default:
      return entry.nick === '' ? entry.text : `${nick} ${entry.text}`;
  }
}
