// The composition root of the page: makes the parts and binds them to the browser.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { bindAddress, parseAddress } from './app/address';
import { showBadge } from './app/badge';
import { bindFiles } from './app/files';
import { forgetUser } from './app/forget';
import { openMemory } from './app/memory';
import { bindBrowser } from './app/browser';
import { Session } from './app/session';
import { Store } from './app/store';
import { takeTicket } from './app/ticket';
import { earlyAnswers } from './transport/early';
import { browserEnv, type Env } from './transport/env';
import { keepPage, leaderLink, ownLink, workerLink } from './transport/links';
import { randomName } from './transport/names';
import { App } from './views/App';
import { setLocale } from './text/time';
import { fetchMore } from './views/later';
import { fitScreen } from './views/shown';
import { bindLocale } from './words/load';

/** The worker's script, named by its content (build.mjs). */
declare const HUB_SCRIPT: string;

const own = browserEnv();
const early = earlyAnswers();
const env: Env = { ...own, fetch: (url, init) => early(url, init?.signal) ?? own.fetch(url, init) };
const tab = randomName();
const store = new Store();
const lasting = openMemory('localStorage');
const session = new Session({
  env,
  links: [workerLink(HUB_SCRIPT), leaderLink(env, tab, HUB_SCRIPT), ownLink(env, HUB_SCRIPT)],
  store,
  lasting,
  tab: openMemory('sessionStorage'),
  clock: () => Date.now(),
  randomId: () => tab,
  address: () => parseAddress(window.location.hash),
  lastSeen: async () => (await import('./app/afterwards')).lastSeen(),
});

fitScreen(window.screen.height);
bindLocale(setLocale);
const worded = bindBrowser(session, lasting);
bindAddress(session);
bindFiles(store);

effect(() => {
  const buffer = store.active.value;
  const count = store.unread.value;
  const name = store.screen.value === 'main' && buffer !== null ? `${buffer.name} · Halley` : 'Halley';
  showBadge(count, store.calls.value);
  document.title = count > 0 ? `(${count}) ${name}` : name;
});

function Page() {
  return <App key={store.spoken.value} session={session} />;
}

const SOMEBODY = ' '; // no user is called that
let last = '';
effect(() => {
  const user = store.user.value;
  // Whoever comes by a link need not be who was in.
  if (store.screen.value === 'ticket') last = SOMEBODY;
  // A proxy that logs people in changes them without a login page.
  if (store.screen.value === 'login' || (user !== '' && last !== '' && user !== last)) forgetUser();
  if (user !== '') last = user;
});

void worded.then(() => render(<Page />, document.getElementById('app')!));
store.ticket.value = takeTicket();
if (store.ticket.value === null) void session.begin();
else store.screen.value = 'ticket';
// What may be opened next, or without a network, once there is nothing better to do.
window.setTimeout(() => {
  void fetchMore();
  keepPage().catch(() => undefined); // where none is allowed, the page needs a network to open
  import('./app/afterwards').then((parts) => {
    parts.keepCopies(session);
    parts.followNotices(session);
    parts.followSounds(session);
    parts.followUpgrades(session);
  }, () => undefined);
}, 4000);
