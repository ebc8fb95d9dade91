// The words of the page. What stands in the code is English, and the key under which the table of another language
// (de.ts, de_more.ts) has it: a key that the table lacks is an error of types. Pure; load.ts brings the tables.

import type { de } from './de';
import type { de_more } from './de_more';

export type Word = keyof typeof de | keyof typeof de_more;
export type Table = Partial<Record<Word, string>>;

let table: Partial<Record<string, string>> | null = null;
const known = new Map<string, string>();
const MOST_KNOWN = 2000; // words of servers are looked up too

/** From now on all words are of that language; null: English. What is shown already must be drawn anew. */
export function speak(words: Table | null): void {
  table = words;
  known.clear();
}

/** The name of a key in the built table: its text would be half of what is sent (build.mjs has the same). */
export function nameOfKey(key: string): string {
  let value = 2166136261;
  for (let i = 0; i < key.length; i += 1) value = Math.imul(value ^ key.charCodeAt(i), 16777619);
  return (value >>> 8).toString(36);
}

function inLanguage(key: string): string {
  if (table === null) return key;
  let text = known.get(key);
  if (text === undefined) {
    text = table[key] ?? table[nameOfKey(key)] ?? key;
    if (known.size < MOST_KNOWN) known.set(key, text);
  }
  return text;
}

/** What fills a place; undefined: nothing. */
type Part = string | number | undefined;

function fill(text: string, args: Part[]): string {
  return args.length === 0 ? text : text.replace(/\{(\d)\}/g, (_, at: string) => String(args[Number(at)] ?? ''));
}

/** The word in the reader's language, with {0}, {1} and so on filled in. */
export function t(word: Word, ...args: Part[]): string {
  return fill(inLanguage(word), args);
}

/** One of two, by a count, which also stands for {0}. */
export function n(count: number, one: Word, many: Word): string {
  return t(count === 1 ? one : many, count);
}

/** Marks a key that is translated where it is shown. */
export function w(word: Word): Word {
  return word;
}

/** What a server or worker said: in the reader's language where the table has it, else as it was said. */
export function said(text: string): string {
  return inLanguage(text);
}
