// A tab that stays open while Halley is upgraded is told so: its service worker is looked after whenever the line comes
// back, as it went with the old Halley, and a new worker that takes over brings a new page, unless this is that one. Browser only.

import { effect } from '@preact/signals';
import type { Session } from './session';

/** Whether the server's page is this one. Not, where it does not say: a worker that takes over is seldom that of an older page. */
async function isNewest(): Promise<boolean> {
  const script = document.querySelector('script[type=module]')?.getAttribute('src') ?? '';
  const page = await fetch('./').then((response) => response.text()).catch(() => '');
  return page.includes(`"${script}"`);
}

export function followUpgrades({ store }: Session): void {
  if (!('serviceWorker' in navigator)) return;
  const workers = navigator.serviceWorker;
  let controlled = workers.controller !== null;
  workers.addEventListener('controllerchange', () => {
    if (controlled) void isNewest().then((newest) => { store.outdated.value = !newest; });
    controlled = true;
  });
  let live = store.connection.peek().phase === 'live';
  effect(() => {
    const now = store.connection.value.phase === 'live';
    // Without a network there is nothing new; the browser itself looks once a day.
    if (now && !live) void workers.getRegistration().then((found) => found?.update()).catch(() => undefined);
    live = now;
  });
}
