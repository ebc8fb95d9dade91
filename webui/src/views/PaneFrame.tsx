// The frame of what stands in the middle in place of a talk, and what stands below lines that were found.

import type { ComponentChildren } from 'preact';
import { useReducer } from 'preact/hooks';
import { useSession } from './context';
import { CloseIcon, MenuIcon } from './icons';
import { t } from '../words/words';

export function PaneFrame({ title, children, tools }: { title: string; children: ComponentChildren; tools?: ComponentChildren }) {
  const { store } = useSession();
  return (
    <section class="view pane" aria-label={title} role={store.wide.value ? 'complementary' : 'main'}>
      <header class="topic-bar">
        <button type="button" class="icon-button menu-button" aria-label={t('Channels')} onClick={() => { store.drawer.value = 'buffers'; }}><MenuIcon /></button>
        <div class="title">{store.wide.value ? <h2>{title}</h2> : <h1>{title}</h1>}</div>
        {tools}
        {store.pane.value !== null && <button type="button" class="icon-button" aria-label={t('Close {0}', title)} title={t('Back to the talk')} onClick={() => { store.pane.value = null; }}><CloseIcon /></button>}
      </header>
      {children}
    </section>
  );
}

export function useRedraw(): () => void {
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  return () => redraw(undefined);
}

interface RestProps {
  asking: boolean;
  error: string;
  more: boolean;
  none: boolean;
  empty: string;
  onMore(): void;
}

/** What stands below the lines that were found. */
export function Rest({ asking, error, more, none, empty, onMore }: RestProps) {
  if (asking) return <p class="pane-rest" role="status"><span class="spinner" aria-hidden="true" />{' '}{t('Looking…')}</p>;
  if (error !== '') {
    return <p class="pane-rest" role="alert">{error} <button type="button" class="button small" onClick={onMore}>{t('Try again')}</button></p>;
  }
  return (
    <p class="pane-rest" role="status">
      {none && !more && empty}
      {none && more && `${t('Nothing so far.')} `}
      {more && <button type="button" class="button small" onClick={onMore}>{t('Look further back')}</button>}
    </p>
  );
}
