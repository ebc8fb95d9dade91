// Parts of the page that are fetched when they are first opened, or when the page has nothing else to do.

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { speakOfMore } from '../words/load';
import { t } from '../words/words';

type More = typeof import('./more');

const more = signal<More | null>(null);
const failed = signal(false);

export async function fetchMore(): Promise<void> {
  if (more.peek() !== null) return;
  failed.value = false;
  try {
    const [parts] = await Promise.all([import('./more'), speakOfMore()]);
    more.value = parts;
  } catch {
    failed.value = true; // no connection, or a newer Halley has another one: reloading helps
  }
}

export function Later({ show }: { show(parts: More): ComponentChildren }) {
  useEffect(() => void fetchMore(), []);
  if (more.value !== null) return <>{show(more.value)}</>;
  if (!failed.value) return null;
  return (
    <p class="pane-rest later" role="alert">
      {t('This part of the page could not be loaded.')}{' '}
      <button type="button" class="button small" onClick={() => void fetchMore()}>{t('Try again')}</button>{' '}
      <button type="button" class="button small" onClick={() => window.location.reload()}>{t('Reload the page')}</button>
    </p>
  );
}
