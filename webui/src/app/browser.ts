// What the browser tells the page: seen or hidden, online, theme, and the keys that work everywhere.

import { effect, untracked } from '@preact/signals';
import { bindImages } from './images';
import type { Memory } from './memory';
import type { Session } from './session';
import type { Theme } from './store';
import { isLanguage, languageOf, speakLanguage } from '../words/load';

/** As the style sheet has it: from there on a pane stands beside the talk. */
const WIDE = '(min-width: 2200px)';

/** Where another page stands in the place of the talk, nobody reads that. */
function looking({ store }: Session): boolean {
  const covered = store.pane.peek() !== null && !store.wide.peek();
  return document.visibilityState === 'visible' && document.hasFocus() && !covered;
}

function bindKeys(session: Session): void {
  document.addEventListener('keydown', (event) => {
    const { store } = session;
    if (store.screen.value !== 'main') return;
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      session.step(event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
    } else if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      store.switcher.value = store.switcher.value === null ? '' : null;
    } else if ((event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === 'f') {
      event.preventDefault();
      store.pane.value = { kind: 'search', text: '' };
    } else if (event.key === 'Escape' && !event.defaultPrevented && document.querySelector('dialog[open]') === null) {
      if (store.drawer.value !== 'none') store.drawer.value = 'none';
      else store.pane.value = null;
    }
  });
}

function bindLanguage(session: Session, memory: Memory): Promise<void> {
  const { language, spoken } = session.store;
  const saved = memory.get('language');
  if (isLanguage(saved)) language.value = saved;
  let first: Promise<void> = Promise.resolve();
  effect(() => {
    const choice = language.value;
    memory.set('language', choice === 'auto' ? '' : choice);
    const next = languageOf(choice, navigator.languages);
    first = speakLanguage(next, navigator.languages).then((spoke) => {
      if (!spoke || language.peek() !== choice) return;
      document.documentElement.lang = next;
      spoken.value = next;
    });
  });
  return first;
}

function bindTheme(session: Session, memory: Memory): void {
  const saved = memory.get('theme');
  if (saved === 'light' || saved === 'dark') session.store.theme.value = saved;
  const folding = memory.get('folding');
  if (folding === 'spoke' || folding === 'none') session.store.folding.value = folding;
  effect(() => {
    const chosen = session.store.folding.value;
    memory.set('folding', chosen === 'all' ? '' : chosen);
  });
  session.store.tellsTyping.value = memory.get('typing') !== 'off';
  effect(() => {
    memory.set('typing', session.store.tellsTyping.value ? '' : 'off');
  });
  session.store.compact.value = memory.get('compact') === 'on';
  effect(() => {
    const compact = session.store.compact.value;
    memory.set('compact', compact ? 'on' : '');
    document.documentElement.classList.toggle('compact', compact);
  });
  session.store.membersShown.value = memory.get('members') !== 'hidden';
  effect(() => {
    const theme: Theme = session.store.theme.value;
    memory.set('theme', theme === 'auto' ? '' : theme);
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  });
  effect(() => {
    memory.set('members', session.store.membersShown.value ? '' : 'hidden');
  });
}

/** Done when the page has its words. */
export function bindBrowser(session: Session, memory: Memory): Promise<void> {
  const update = (): void => {
    // The machine may have slept, or travelled.
    session.store.now.value = Date.now();
    session.setWatching(looking(session));
  };
  document.addEventListener('visibilitychange', update);
  window.addEventListener('focus', update);
  window.addEventListener('blur', update);
  window.addEventListener('online', () => session.wake());
  window.addEventListener('pageshow', () => session.wake());
  window.addEventListener('pagehide', () => session.sleep());
  const wide = window.matchMedia(WIDE);
  const widen = (): void => { session.store.wide.value = wide.matches; };
  wide.addEventListener('change', widen);
  widen();
  bindKeys(session);
  bindTheme(session, memory);
  bindImages(session.store, memory);
  session.store.world.watching = looking(session);
  effect(() => {
    void session.store.pane.value;
    void session.store.wide.value;
    untracked(update);
  });
  // "Today" and "Yesterday" change at midnight.
  window.setInterval(() => {
    session.store.now.value = Date.now();
  }, 60_000);
  return bindLanguage(session, memory);
}
