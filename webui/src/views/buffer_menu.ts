// What can be done about a channel or talk, from its menu.

import { addressOf } from '../app/address';
import type { Session } from '../app/session';
import { news, type Buffer } from '../state/world';
import { showNick } from '../text/display';
import { quote } from '../text/quote';
import { ask } from './ask';
import { openDialog } from './open_dialog';
import type { MenuItem } from './open_menu';
import { said, t } from '../words/words';

export async function leaveChannel(session: Session, buffer: Buffer): Promise<void> {
  const text = t('Halley leaves it on all your devices, and keeps what was said. You can join again at any time, if the channel lets you.');
  if (await ask({ title: t('Leave {0}?', showNick(buffer.name)), text, yes: t('Leave'), no: t('Stay') })) session.command(buffer.network, `PART ${buffer.name}`);
}

/** A command about the account, of which only a refusal is worth a word. */
function runAccount(session: Session, line: string): void {
  session.api.account(line).then(
    ({ status, text }) => { if (status !== 0) session.toast(said(text)); },
    (failed: unknown) => session.toast(failed instanceof Error ? failed.message : ''),
  );
}

async function removeNetwork(session: Session, name: string): Promise<void> {
  const text = t('Halley leaves {0}, and all that was said there is removed for good.', name);
  if (!(await ask({ title: t('Remove {0}?', name), text, yes: t('Remove for good'), no: t('Keep') }))) return;
  runAccount(session, `network remove ${quote(name)} --yes`);
}

export function copyText(session: Session, text: string): void {
  navigator.clipboard.writeText(text).then(
    () => session.toast(t('Copied.'), 'calm'),
    () => session.toast(t('Your browser did not let the page copy it.')),
  );
}

export function copyAddress(session: Session, hash: string): void {
  copyText(session, new URL(hash, window.location.href).href);
}

export function bufferMenu(session: Session, buffer: Buffer): MenuItem[] {
  const { store, arrangement } = session;
  const network = store.world.networks.get(buffer.network);
  if (network === undefined) return [];
  const items: MenuItem[] = [];
  const offer = (when: boolean, label: string, run: () => void): void => { if (when) items.push({ label, run }); };
  const named = buffer.kind !== 'server';
  offer(buffer.kind === 'channel' && buffer.joined, t('Topic, modes and bans…'), () => openDialog({ kind: 'channel', buffer }));
  const run = (line: string): void => runAccount(session, line);
  const name = quote(network.name);
  offer(!named, t('Settings of the network…'), () => openDialog({ kind: 'network', name: network.name }));
  offer(!named && network.state === 'disconnected', t('Connect'), () => run(`network connect ${name}`));
  offer(!named && network.state !== 'disconnected', t('Disconnect'), () => run(`network disconnect ${name}`));
  offer(!named, t('Channels to join…'), () => { store.pane.value = { kind: 'channels', network: network.name }; });
  offer(true, t('Jump to a day…'), () => openDialog({ kind: 'day', buffer }));
  offer(true, t('Save as a file…'), () => openDialog({ kind: 'export', buffer }));
  offer(named && news(buffer) > 0, t('Mark read'), () => session.markRead([buffer]));
  const { pinned, muted } = buffer.set;
  offer(named, pinned ? t('Unpin') : t('Pin to the top'), () => arrangement.change(buffer, { pinned: !pinned }));
  offer(named, muted ? t('Unmute') : t('Mute'), () => arrangement.change(buffer, { muted: !muted }));
  offer(named, t('Move up'), () => arrangement.move(network, buffer, -1));
  offer(named, t('Move down'), () => arrangement.move(network, buffer, 1));
  offer(named, t('More settings…'), () => openDialog({ kind: 'buffer', buffer }));
  offer(window.isSecureContext, t('Copy address'), () => copyAddress(session, addressOf(buffer)));
  offer(buffer.kind === 'channel' && buffer.joined, t('Leave…'), () => void leaveChannel(session, buffer));
  offer(!named, t('Remove network…'), () => void removeNetwork(session, network.name));
  offer(named && !buffer.joined, t('Close'), () => session.close(buffer));
  return items;
}
