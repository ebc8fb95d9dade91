// The address of a page within the page: #/libera/%23halley. Networks, channels and talks have one each, so that Back
// leads to what was open before, and a link or bookmark leads there.

import { batch, effect } from '@preact/signals';
import type { Buffer } from '../state/world';
import type { Place } from './parts';
import type { Session } from './session';
import type { Pane } from './store';
import type { OpenWord } from '../worker/push';

export function addressOf(buffer: Buffer): string {
  const network = encodeURIComponent(buffer.network);
  return buffer.kind === 'server' ? `#/${network}` : `#/${network}/${encodeURIComponent(buffer.name)}`;
}

/** The address of one line of it. */
export function addressOfLine(buffer: Buffer, id: string): string {
  return `${addressOf(buffer)}${buffer.kind === 'server' ? '/' : ''}/${encodeURIComponent(id)}`;
}

function addressOfPane(pane: Pane): string {
  if (pane.kind === 'search') return `#search/${encodeURIComponent(pane.text)}`;
  return pane.kind === 'channels' ? `#channels/${encodeURIComponent(pane.network)}` : `#${pane.kind}`;
}

export function parsePane(hash: string): Pane | null {
  const match = /^#(search|mentions|unread|outbox|admin|channels)(?:\/(.*))?$/.exec(hash);
  if (match === null) return null;
  let rest: string;
  try {
    rest = decodeURIComponent(match[2] ?? '');
  } catch {
    return null;
  }
  if (match[1] === 'search') return { kind: 'search', text: rest };
  if (match[1] === 'channels') return { kind: 'channels', network: rest };
  return { kind: match[1] as 'mentions' | 'unread' | 'outbox' | 'admin' };
}

export function parseAddress(hash: string): Place | null {
  const match = /^#\/([^/]+)(?:\/([^/]*))?(?:\/([^/]+))?$/.exec(hash);
  if (match === null) return null;
  try {
    const [network = '', name = '', id] = match.slice(1).map((part: string | undefined) => (part === undefined ? undefined : decodeURIComponent(part)));
    return { network, name, id: id ?? null };
  } catch {
    return null; // a per cent sign that stands for nothing
  }
}

/** The address bar follows what is open, and what is open follows Back and Forward. */
export function bindAddress(session: Session): void {
  const { store } = session;
  let shown: Buffer | null = null;
  let address = '';
  const goTo = (next: string, moved: boolean): void => {
    address = next;
    if (next === window.location.hash) return;
    if (moved) window.history.pushState(null, '', next);
    else window.history.replaceState(null, '', next);
  };
  effect(() => {
    const buffer = store.active.value;
    const pane = store.wide.value ? null : store.pane.value; // beside a talk it has no address
    const jump = store.jump.value;
    void store.list.value; // a talk may follow its partner to another name
    if (buffer === null) {
      // Nobody who logs in next need know what was open here.
      if (shown !== null && store.screen.value === 'login') window.history.replaceState(null, '', window.location.pathname);
      shown = null;
      return;
    }
    const asked = shown === null ? parsePane(window.location.hash) : null;
    if (asked !== null && pane === null) {
      shown = buffer;
      address = window.location.hash;
      store.pane.value = asked;
      return;
    }
    const moved = shown !== null && (shown !== buffer || pane !== null || /^#[a-z]/.test(address));
    shown = buffer;
    // A line keeps its address until another place is opened.
    const line = jump !== null && jump.buffer === buffer && jump.id !== null ? addressOfLine(buffer, jump.id) : null;
    if (pane !== null) goTo(addressOfPane(pane), addressOfPane(pane) !== address);
    else if (line !== null) goTo(line, true);
    else if (!moved && address.startsWith(`${addressOf(buffer)}/`)) goTo(address, false);
    else goTo(addressOf(buffer), moved);
  });
  // A notice was chosen.
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<OpenWord>) => {
    if (data.kind === 'open' && data.hash !== '') window.location.hash = data.hash;
  });
  window.addEventListener('popstate', () => {
    const { hash } = window.location;
    const pane = parsePane(hash);
    const place = parseAddress(hash);
    // Already shown: the effect above must not take the way back for a new step.
    address = hash;
    if (pane !== null && store.active.value !== null) {
      store.pane.value = pane;
      return;
    }
    const buffer = place === null ? null : session.find(place);
    if (place === null || buffer === null) return;
    batch(() => {
      if (place.id != null) store.jump.value = { buffer, id: place.id, time: 0 };
      if (buffer === store.active.value && store.pane.value === null) return;
      shown = buffer;
      session.open(buffer);
    });
  });
}
