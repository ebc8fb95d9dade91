// What somebody types to find a line: words, and filters among them (from:vera in:#halley before:2024-05-01 has:link).
// Pure; days are the reader's.

import { t } from '../words/words';

export interface SearchQuery {
  /** The words, as the server takes them: "a phrase" in quotes, word* for beginnings. */
  words: string;
  /** A nick; empty: anybody. */
  from: string;
  /** A channel or nick, and a network; empty: all. */
  place: string;
  network: string;
  /** Milliseconds: only what was said before, or from then on. */
  before: number | null;
  after: number | null;
  link: boolean;
}

export type ParsedSearch = { ok: true; query: SearchQuery } | { ok: false; error: string };

const DAY_MS = 86_400_000;

/** Where a day begins: 2024-05-01, today, yesterday. */
function dayStart(text: string, now: number): number | null {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  if (text === 'today') return day.getTime();
  if (text === 'yesterday') return new Date(day.getTime() - DAY_MS / 2).setHours(0, 0, 0, 0);
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (match === null) return null;
  const [year, month, date] = [Number(match[1]), Number(match[2]) - 1, Number(match[3])];
  const start = new Date(year, month, date);
  return start.getMonth() === month && start.getDate() === date ? start.getTime() : null;
}

type Filter = (query: SearchQuery, value: string, now: number) => string | null;

const NO_DAY = (name: string, value: string): string => t('{0}:{1} is no day. Write it like {2}:2024-05-01, or {3}:yesterday.', name, value, name, name);

const FILTERS: Record<string, Filter> = {
  from: (query, value) => {
    query.from = value.replace(/^@/, '');
    return null;
  },
  in: (query, value) => {
    query.place = value;
    return null;
  },
  on: (query, value) => {
    query.network = value;
    return null;
  },
  before: (query, value, now) => {
    query.before = dayStart(value, now);
    return query.before === null ? NO_DAY('before', value) : null;
  },
  after: (query, value, now) => {
    query.after = dayStart(value, now);
    return query.after === null ? NO_DAY('after', value) : null;
  },
  has: (query, value) => {
    query.link = true;
    return /^links?$/.test(value) ? null : t('has:{0} is not known. There is has:link.', value);
  },
};

export const FILTER_NAMES = Object.keys(FILTERS);

export function parseSearch(text: string, now: number): ParsedSearch {
  const query: SearchQuery = { words: '', from: '', place: '', network: '', before: null, after: null, link: false };
  const words: string[] = [];
  for (const part of text.match(/"[^"]*"?|[^\s"]+/g) ?? []) {
    const match = /^([a-z]+):(.+)$/i.exec(part);
    const filter = match === null ? undefined : FILTERS[match[1]!.toLowerCase()];
    if (filter === undefined) words.push(part);
    else {
      const error = filter(query, match![2]!, now);
      if (error !== null) return { ok: false, error };
    }
  }
  query.words = words.join(' ');
  return { ok: true, query };
}

/** The words of a search as they may stand in a line, for marking them: small letters, without quotes and stars. */
export function markedWords(query: SearchQuery): string[] {
  return query.words.toLowerCase().split(/[\s"*]+/).filter((word) => word !== '');
}

/** A text cut where words of the search stand in it: every second part is one of them. */
export function markParts(text: string, words: string[]): string[] {
  if (words.length === 0) return [text];
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text.split(new RegExp(`(${escaped.join('|')})`, 'gi'));
}
