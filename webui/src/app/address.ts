// The address of a page within the page: #/libera/%23halley. Networks, channels and talks have one each, so that Back
// leads to what was open before, and a link or bookmark leads there.

import { effect } from '@preact/signals';
import type { Buffer } from '../state/world';
import type { Place, Session } from './session';

export function addressOf(buffer: Buffer): string {
  const network = encodeURIComponent(buffer.network);
  return buffer.kind === 'server' ? `#/${network}` : `#/${network}/${encodeURIComponent(buffer.name)}`;
}

export function parseAddress(hash: string): Place | null {
  const match = /^#\/([^/]+)(?:\/([^/]+))?$/.exec(hash);
  if (match === null) return null;
  try {
    return { network: decodeURIComponent(match[1] ?? ''), name: decodeURIComponent(match[2] ?? '') };
  } catch {
    return null; // a per cent sign that stands for nothing
  }
}

/** The address bar follows what is open, and what is open follows Back and Forward. */
export function bindAddress(session: Session): void {
  const { store } = session;
  let shown: Buffer | null = null;
  effect(() => {
    const buffer = store.active.value;
    void store.list.value; // a talk may follow its partner to another name
    if (buffer === null) {
      // Nobody who logs in next need know what was open here.
      if (shown !== null && store.screen.value === 'login') window.history.replaceState(null, '', window.location.pathname);
      shown = null;
      return;
    }
    const address = addressOf(buffer);
    const moved = shown !== null && shown !== buffer;
    shown = buffer;
    if (address === window.location.hash) return;
    if (moved) window.history.pushState(null, '', address);
    else window.history.replaceState(null, '', address);
  });
  window.addEventListener('popstate', () => {
    const address = parseAddress(window.location.hash);
    if (address === null) return;
    const buffer = session.find(address);
    // Already shown: the effect above must not take the way back for a new step.
    if (buffer !== null && buffer !== store.active.value) {
      shown = buffer;
      session.open(buffer);
    }
  });
}
