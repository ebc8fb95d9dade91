// What can be done about one line: answer it, react, copy it, lead others to it, take it back.

import { addressOfLine } from '../app/address';
import type { Session } from '../app/session';
import { isTalk, type Entry } from '../state/entry';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { stripFormat } from '../text/format';
import { ask } from './Ask';
import { copyAddress, copyText } from './buffer_menu';
import { openMenu, type MenuItem } from './Menu';

const REACTIONS = ['👍', '❤️', '😂', '🎉', '👀', '🤔', '😢', '👎'];

/** The line whose row holds that element. */
export function entryOf(buffer: Buffer, element: Element): Entry | null {
  return buffer.log.entry(element.closest('.row')?.getAttribute('data-key') ?? null);
}

async function takeBack(session: Session, buffer: Buffer, entry: Entry): Promise<void> {
  const text = 'Others see that something was taken back. Who has read it has read it, and networks without this keep it.';
  if (await ask({ title: 'Take this line back?', text, yes: 'Take back', no: 'Keep' })) session.command(buffer.network, `REDACT ${buffer.name} ${entry.msgid}`);
}

export function openLineMenu(session: Session, buffer: Buffer, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const entry = target === null ? null : entryOf(buffer, target);
  // Links and what is selected have the browser's own menu.
  if (target === null || entry === null || target.closest('a') !== null || document.getSelection()?.isCollapsed === false) return;
  const { id } = entry;
  const items: MenuItem[] = [];
  const label = `Line of ${showNick(entry.nick)}`;
  const named = isTalk(entry.kind) && entry.msgid !== '' && buffer.kind !== 'server';
  if (named) {
    items.push({ label: 'Answer', run: () => { session.store.replyTo.value = { buffer, entry }; } });
    items.push({ label: 'React…', run: () => openMenu(event, 'Reactions', REACTIONS.map((what) => ({ label: what, run: () => session.outbox?.react(buffer, entry, what) }))) });
  }
  if (window.isSecureContext) {
    if (entry.text !== '') items.push({ label: 'Copy text', run: () => copyText(session, stripFormat(entry.text)) });
    if (id !== null) items.push({ label: 'Copy address', run: () => copyAddress(session, addressOfLine(buffer, id)) });
  }
  if (named && entry.own) items.push({ label: 'Take back…', run: () => void takeBack(session, buffer, entry) });
  if (items.length > 0) openMenu(event, label, items);
}
