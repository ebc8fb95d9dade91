// The way to the menu of a line: by the other button, or from line to line by keys alone.

import type { Session } from '../app/session';
import type { Entry } from '../state/entry';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { openMenu, openMenuAt, type Open } from './open_menu';
import { t } from '../words/words';

/** The line whose row holds that element. */
export function entryOf(buffer: Buffer, element: Element): Entry | null {
  return buffer.log.entry(element.closest('.row')?.getAttribute('data-key') ?? null);
}

function openFor(session: Session, buffer: Buffer, entry: Entry, open: Open): void {
  open(t('Line of {0}', showNick(entry.nick)), ({ lineMenu }) => lineMenu(session, buffer, entry, open));
}

export function openLineMenu(session: Session, buffer: Buffer, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const entry = target === null ? null : entryOf(buffer, target);
  // Links, images and what is selected have the browser's own menu.
  if (target === null || entry === null || target.closest('a, img') !== null || document.getSelection()?.isCollapsed === false) return;
  openFor(session, buffer, entry, (label, offers) => openMenu(event, label, offers));
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
    if (entry === null) return;
    openFor(session, buffer, entry, (label, offers) => openMenuAt(at, label, offers));
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
