// The composition root of the page: makes the parts and binds them to the browser.

import { effect } from '@preact/signals';
import { render } from 'preact';
import { openMemory } from './app/memory';
import { bindBrowser } from './app/browser';
import { Session } from './app/session';
import { Store } from './app/store';
import { browserEnv } from './transport/env';
import './styles/main.css';
import { App } from './views/App';

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const store = new Store();
const lasting = openMemory('localStorage');
const session = new Session({
  env: browserEnv(),
  store,
  lasting,
  tab: openMemory('sessionStorage'),
  clock: () => Date.now(),
  randomId,
});

bindBrowser(session, lasting);

effect(() => {
  const buffer = store.active.value;
  const count = store.unread.value;
  const name = store.screen.value === 'main' && buffer !== null ? `${buffer.name} · Halley` : 'Halley';
  document.title = count > 0 ? `(${count}) ${name}` : name;
});

render(<App session={session} />, document.getElementById('app')!);
void session.begin();
