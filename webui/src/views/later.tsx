// Parts of the page that are fetched when they are first opened, or when the page has nothing else to do.

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { speakOfMore } from '../words/load';
import { t, w } from '../words/words';

type More = typeof import('./more');

/** Their style sheet, named by its content (build.mjs). */
declare const MORE_STYLES: string;

const more = signal<More | null>(null);
const failed = signal(false);

/** Done when it is applied: what is shown before would jump. */
function fetchStyles(): Promise<void> {
  return new Promise((resolve, reject) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = MORE_STYLES;
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject(new Error('the styles could not be fetched'));
    };
    document.head.append(link);
  });
}

export const NOT_LOADED = w('This part of the page could not be loaded.');
let fetching: Promise<void> | null = null;

export function fetchMore(): Promise<void> {
  fetching ??= fetchAll().finally(() => { fetching = null; });
  return fetching;
}

async function fetchAll(): Promise<void> {
  if (more.peek() !== null) return;
  failed.value = false;
  try {
    const [parts] = await Promise.all([import('./more'), speakOfMore(), fetchStyles()]);
    more.value = parts;
  } catch {
    failed.value = true; // no connection, or a newer Halley has another one: reloading helps
  }
}

/** Does something with them. False: they could not be had. */
export async function withMore(run: (parts: More) => void): Promise<boolean> {
  await fetchMore();
  if (more.value !== null) run(more.value);
  return more.value !== null;
}

export function Later({ show }: { show(parts: More): ComponentChildren }) {
  useEffect(() => void fetchMore(), []);
  if (more.value !== null) return <>{show(more.value)}</>;
  if (!failed.value) return null;
  return (
    <p class="pane-rest later" role="alert">
      {t(NOT_LOADED)}{' '}
      <button type="button" class="button small" onClick={() => void fetchMore()}>{t('Try again')}</button>{' '}
      <button type="button" class="button small" onClick={() => window.location.reload()}>{t('Reload the page')}</button>
    </p>
  );
}
