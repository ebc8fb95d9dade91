// What can be done about one line: answer it, react, copy it, lead others to it, take it back.

import { addressOfLine } from '../app/address';
import type { Session } from '../app/session';
import { isTalk, type Entry } from '../state/entry';
import type { Buffer } from '../state/world';
import { stripFormat } from '../text/format';
import { ask } from './ask';
import { copyAddress, copyText } from './buffer_menu';
import type { MenuItem, Open } from './open_menu';
import { t } from '../words/words';

const REACTIONS = ['👍', '❤️', '😂', '🎉', '👀', '🤔', '😢', '👎'];

async function takeBack(session: Session, buffer: Buffer, entry: Entry): Promise<void> {
  const text = t('Others see that something was taken back. Who has read it has read it, and networks without this keep it.');
  if (await ask({ title: t('Take this line back?'), text, yes: t('Take back'), no: t('Keep') })) session.command(buffer.network, `REDACT ${buffer.name} ${entry.msgid}`);
}

export function lineMenu(session: Session, buffer: Buffer, entry: Entry, open: Open): MenuItem[] {
  const { id } = entry;
  const items: MenuItem[] = [];
  const named = isTalk(entry.kind) && entry.msgid !== '' && buffer.kind !== 'server';
  if (named) {
    items.push({ label: t('Answer'), run: () => { session.store.replyTo.value = { buffer, entry }; } });
    items.push({ label: t('React…'), run: () => open(t('Reactions'), () => REACTIONS.map((what) => ({ label: what, run: () => session.outbox?.react(buffer, entry, what) }))) });
  }
  if (window.isSecureContext) {
    if (entry.text !== '') items.push({ label: t('Copy text'), run: () => copyText(session, stripFormat(entry.text)) });
    if (id !== null) items.push({ label: t('Copy address'), run: () => copyAddress(session, addressOfLine(buffer, id)) });
  }
  if (named && entry.own) items.push({ label: t('Take back…'), run: () => void takeBack(session, buffer, entry) });
  return items;
}
