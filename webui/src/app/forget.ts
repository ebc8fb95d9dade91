// What a browser keeps of whoever is in beside the page's memories (memory.ts), and that it goes with the login: the copy of talks,
// notices, and where Halley sends those. By the page's path: another Halley at the same host has its own. Browser only; comet.js
// does the same, but takes no turns.

import { inTurn } from '../worker/turn';

/** The database of copy_store.ts. */
export function databaseName(): string {
  return `halley ${new URL('./', window.location.href).pathname}`;
}

async function forgetNotices(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager?.getSubscription())?.unsubscribe(); // first: then no further one comes
  await inTurn(async () => {
    for (const notice of (await registration?.getNotifications?.()) ?? []) notice.close();
  });
}

/** Whoever stands at the door sees nothing of who was in. */
export function forgetUser(): void {
  try {
    indexedDB.deleteDatabase(databaseName());
  } catch {
    // Where there is none, nothing is kept.
  }
  void forgetNotices().catch(() => undefined); // what cannot be closed is closed by its reader
}
