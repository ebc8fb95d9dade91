// Messages of several lines (draft/multiline), which Halley has as one, with characters for the breaks (halley-web(7), "An
// event"), and passes on as one, or line by line, as the network takes them (halley-irc(7), "BATCH"). Pure.

import { byteLength } from '../text/split';
import { isSecretTo } from './secret';

/** The tag that such a message has. */
export const MULTILINE = 'halley/multiline';
const BREAK = '\u2028';
const JOIN = '\u2064'; // where a line was only cut for the wire
const MOST_LINES = 32;
const MOST_BYTES = 4096; // each break counts for one

export function isOneOfMany(text: string): boolean {
  return text.includes(BREAK) || text.includes(JOIN);
}

/** Colours end with each line. */
export function fromOneLine(text: string): string {
  return text.replaceAll(BREAK, '\x0f\n').replaceAll(JOIN, '');
}

/** Null: it is none, too much, or nothing that belongs into one message. */
export function toOneLine(text: string, target: string): string | null {
  const lines = text.replace(/^(\s*\n)+|\s+$/g, '').split(/\r\n|\r|\n/).map((line) => line.trimEnd().replace(/[\u2028\u2064]/g, ' '));
  const one = lines.join(BREAK);
  const bytes = byteLength(one) - 2 * (lines.length - 1);
  if (lines.length < 2 || lines.length > MOST_LINES || bytes > MOST_BYTES || lines.some((line) => isSecretTo(target, line))) return null;
  return one;
}
