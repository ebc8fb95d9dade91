// All that was said in one talk, as a file: read page by page from Halley, backwards.

import type { Api } from '../transport/api';
import type { Entry } from '../state/entry';
import { historyEntries } from '../state/fold';
import { describe } from '../state/rows';
import type { Buffer, Network } from '../state/world';
import { showNick } from '../text/display';
import { stripFormat } from '../text/format';

/** As text for people, or the lines of IRC for programs. */
export type ExportForm = 'text' | 'irc';

const PAGE = 500;
/** What a browser can hold at once without harm. */
export const MOST_EXPORTED = 200_000;

function stampOf(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Marks of direction, which a file of text needs none of. */
const ISOLATES = /[\u2068\u2069]/g;

/** One entry as a line of text, its time in the reader's zone. */
export function textOf(entry: Entry): string {
  const nick = showNick(entry.nick);
  const said = stripFormat(entry.text);
  const talk: Record<string, string> = { message: `<${nick}> ${said}`, action: `* ${nick} ${said}`, notice: `-${nick}- ${said}` };
  const words = talk[entry.kind] ?? describe({ ...entry, text: said }).replace(ISOLATES, '');
  return `${entry.time > 0 ? stampOf(entry.time) : '-'.repeat(19)} ${words}`;
}

export interface Export {
  /** Each a page, oldest first, with a line end behind each line. */
  parts: string[];
  lines: number;
  /** There is more than MOST_EXPORTED. */
  cut: boolean;
}

/** `wanted` is asked between pages, and told how many lines are here: false gives up (null). Throws words for a person. */
export async function exportTalk(api: Api, network: Network, buffer: Buffer, form: ExportForm, wanted: (lines: number) => boolean): Promise<Export | null> {
  const target = buffer.kind === 'server' ? '' : buffer.name;
  const found: Export = { parts: [], lines: 0, cut: false };
  let before: string | null = null;
  for (;;) {
    const page = await api.history(network.name, target, before === null ? null : { by: 'before', id: before }, PAGE);
    const texts = form === 'irc' ? page.lines.map(({ line }) => line) : historyEntries(network, page.lines).map(textOf);
    found.lines += texts.length;
    if (texts.length > 0) found.parts.unshift(`${texts.join('\n')}\n`);
    if (!wanted(found.lines)) return null;
    const [oldest] = page.lines;
    if (oldest === undefined || !(page.more ?? page.lines.length >= PAGE)) return found;
    before = oldest.id;
    found.cut = found.lines >= MOST_EXPORTED;
    if (found.cut) return found;
  }
}

export function fileNameOf(buffer: Buffer): string {
  const plain = (name: string): string => name.replace(/[^\p{L}\p{N}#&._+-]+/gu, '_');
  return `${plain(buffer.network)}${buffer.kind === 'server' ? '' : `-${plain(buffer.name)}`}.txt`;
}
