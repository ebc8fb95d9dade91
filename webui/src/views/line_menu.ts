// What can be done about one line: answer it, react, copy it, lead others to it, take it back.

import { addressOfLine } from '../app/address';
import type { Session } from '../app/session';
import { isTalk, type Entry } from '../state/entry';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { stripFormat } from '../text/format';
import { ask } from './Ask';
import { copyAddress, copyText } from './buffer_menu';
import { openMenu, openMenuAt, type MenuItem } from './Menu';
import { t } from '../words/words';

const REACTIONS = ['👍', '❤️', '😂', '🎉', '👀', '🤔', '😢', '👎'];

/** The line whose row holds that element. */
export function entryOf(buffer: Buffer, element: Element): Entry | null {
  return buffer.log.entry(element.closest('.row')?.getAttribute('data-key') ?? null);
}

async function takeBack(session: Session, buffer: Buffer, entry: Entry): Promise<void> {
  const text = t('Others see that something was taken back. Who has read it has read it, and networks without this keep it.');
  if (await ask({ title: t('Take this line back?'), text, yes: t('Take back'), no: t('Keep') })) session.command(buffer.network, `REDACT ${buffer.name} ${entry.msgid}`);
}

/** Opens a menu where the line was pointed at. */
type Open = (label: string, items: MenuItem[]) => void;

function openFor(session: Session, buffer: Buffer, entry: Entry, open: Open): boolean {
  const { id } = entry;
  const items: MenuItem[] = [];
  const named = isTalk(entry.kind) && entry.msgid !== '' && buffer.kind !== 'server';
  if (named) {
    items.push({ label: t('Answer'), run: () => { session.store.replyTo.value = { buffer, entry }; } });
    items.push({ label: t('React…'), run: () => open(t('Reactions'), REACTIONS.map((what) => ({ label: what, run: () => session.outbox?.react(buffer, entry, what) }))) });
  }
  if (window.isSecureContext) {
    if (entry.text !== '') items.push({ label: t('Copy text'), run: () => copyText(session, stripFormat(entry.text)) });
    if (id !== null) items.push({ label: t('Copy address'), run: () => copyAddress(session, addressOfLine(buffer, id)) });
  }
  if (named && entry.own) items.push({ label: t('Take back…'), run: () => void takeBack(session, buffer, entry) });
  if (items.length > 0) open(t('Line of {0}', showNick(entry.nick)), items);
  return items.length > 0;
}

export function openLineMenu(session: Session, buffer: Buffer, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const entry = target === null ? null : entryOf(buffer, target);
  // Links, images and what is selected have the browser's own menu.
  if (target === null || entry === null || target.closest('a, img') !== null || document.getSelection()?.isCollapsed === false) return;
  openFor(session, buffer, entry, (label, items) => openMenu(event, label, items));
}

/** By keys alone: the arrows go from line to line, Enter opens the menu of one, Escape leads back to where one writes. */
export function onLineKey(session: Session, buffer: Buffer, list: HTMLElement, event: KeyboardEvent): void {
  const at = event.target instanceof HTMLElement ? event.target : list;
  const on = at.classList.contains('row');
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(on || at === list)) return;
  if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    const next = lineBeside(list, on ? at : null, event.key === 'ArrowUp' ? -1 : 1);
    if (next === null) return; // the browser scrolls, and more lines come
    next.tabIndex = -1;
    next.focus();
  } else if (on && event.key === 'Enter') {
    const entry = entryOf(buffer, at);
    if (entry === null || !openFor(session, buffer, entry, (label, items) => openMenuAt(at, label, items))) return;
  } else if (on && event.key === 'Escape') {
    document.querySelector<HTMLElement>('.composer textarea')?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

/** The line before or behind one; without one, the last or first in sight. */
function lineBeside(list: HTMLElement, from: HTMLElement | null, by: 1 | -1): HTMLElement | null {
  const rows = [...list.querySelectorAll<HTMLElement>('.row.talk:not(.pending), .row.note')];
  if (from !== null) return rows[rows.indexOf(from) + by] ?? null;
  const frame = list.getBoundingClientRect();
  const seen = rows.filter((row) => {
    const box = row.getBoundingClientRect();
    return box.bottom > frame.top && box.top < frame.bottom;
  });
  return (by < 0 ? seen[seen.length - 1] : seen[0]) ?? null;
}
