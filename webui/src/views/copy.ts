// Talk that is copied: each line with its time and who said it, as one would quote it. Part of a single line stays what
// was selected.

import type { Entry } from '../state/entry';
import type { Log } from '../state/log';
import { showNick } from '../text/display';
import { clockTime } from '../text/time';

/** What of `element` is selected. */
function selectedText(element: Element, selection: Range): string {
  const part = document.createRange();
  part.selectNodeContents(element);
  if (part.comparePoint(selection.startContainer, selection.startOffset) === 0) part.setStart(selection.startContainer, selection.startOffset);
  if (part.comparePoint(selection.endContainer, selection.endOffset) === 0) part.setEnd(selection.endContainer, selection.endOffset);
  return part.toString();
}

function quote(entry: Entry, said: string): string {
  const nick = showNick(entry.nick);
  if (entry.kind === 'action') return `* ${nick} ${said}`;
  return entry.kind === 'notice' ? `-${nick}- ${said}` : `<${nick}> ${said}`;
}

function lineOf(row: Element, entry: Entry | undefined, selection: Range): string | null {
  if (row.classList.contains('day')) return `--- ${row.textContent} ---`;
  const said = row.querySelector('.said');
  const time = clockTime(Number(row.querySelector('time')?.getAttribute('data-time') ?? 0));
  const stamp = time === '' ? '' : `[${time}] `;
  if (said !== null && entry !== undefined) return stamp + quote(entry, selectedText(said, selection));
  const words = row.querySelector('summary, .body')?.textContent ?? '';
  return words === '' ? null : stamp + words;
}

export function copyTalk(event: ClipboardEvent, list: Element, log: Log): void {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0 || event.clipboardData === null) return;
  const rows = [...list.querySelectorAll('.row')].filter((row) => selection.containsNode(row, true));
  if (rows.length < 2) return;
  const entries = new Map<string, Entry>();
  for (const entry of log.all()) entries.set(entry.key, entry);
  const range = selection.getRangeAt(0);
  const lines = rows.map((row) => lineOf(row, entries.get(row.getAttribute('data-key') ?? ''), range));
  event.clipboardData.setData('text/plain', lines.filter((line) => line !== null).join('\n'));
  event.preventDefault();
}
