import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Search } from '../app/search';
import { markedWords, parseSearch } from '../state/search_query';
import { useSession } from './context';
import { HitList } from './Hits';
import { SearchIcon } from './icons';
import { PaneFrame, Rest, useRedraw } from './PaneFrame';
import { t, w, type Word } from '../words/words';

const HELP: [string, Word][] = [
  ['"clear skies"', w('words that stand together')],
  ['comet*', w('words that begin so')],
  ['from:vera', w('said by somebody')],
  ['in:#halley', w('in a channel, or with somebody')],
  ['on:libera', w('on a network')],
  ['before:2024-05-01', w('before that day')],
  ['after:yesterday', w('from that day on')],
  ['has:link', w('with a link in it')],
];

function Help() {
  return (
    <div class="pane-help">
      <p>{t('Finds what was said on all your networks. Words and filters go together:')}</p>
      <dl>{HELP.map(([what, means]) => <div key={what}><dt><code>{what}</code></dt><dd>{t(means)}</dd></div>)}</dl>
    </div>
  );
}

/** What was asked for, or what stands against asking. */
function useSearch(text: string): { search: Search | null; error: string } {
  const session = useSession();
  const redraw = useRedraw();
  const held = useRef<Search | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    held.current = null;
    setError('');
    if (text.trim() === '') return undefined;
    const parsed = parseSearch(text, Date.now());
    if (!parsed.ok) setError(parsed.error);
    else if (parsed.query.words === '' && !parsed.query.link && parsed.query.place === '') setError(t('Add a word to look for, or a channel: in:#halley.'));
    else {
      const search = (held.current = new Search(session.api, session.store, parsed.query, redraw));
      void search.go();
      return () => search.stop();
    }
    return undefined;
  }, [text]);
  return { search: held.current, error };
}

export function SearchPane({ text }: { text: string }) {
  const { store } = useSession();
  const field = useRef<HTMLInputElement>(null);
  const { search, error } = useSearch(text);
  // At once: who types as soon as the field is there keeps what they typed.
  useLayoutEffect(() => {
    if (field.current !== null) field.current.value = text;
    field.current?.focus();
  }, [text]);
  const submit = (event: Event): void => {
    event.preventDefault();
    store.pane.value = { kind: 'search', text: field.current?.value.trim() ?? '' };
  };
  return (
    <PaneFrame title={t('Search')}>
      <form class="pane-form" role="search" onSubmit={submit}>
        <SearchIcon />
        <input ref={field} type="search" aria-label={t('Search messages')} placeholder={t('Words, from:, in:, before:, after:, has:link')} maxLength={400} enterkeyhint="search" autocapitalize="none" autocomplete="off" spellcheck={false} />
        <button type="submit" class="button small">{t('Search')}</button>
      </form>
      <div class="pane-body" tabIndex={0} aria-busy={search?.state === 'asking'}>
        {error !== '' && <p class="pane-rest" role="alert">{error}</p>}
        {search === null && error === '' && <Help />}
        {search !== null && (
          <>
            <HitList hits={search.hits} words={markedWords(search.query)} />
            <Rest
              asking={search.state === 'asking'}
              error={search.state === 'failed' ? search.error : ''}
              more={search.more}
              none={search.hits.length === 0}
              empty={t('Nothing was found. Try fewer words, or word* for its beginning.')}
              onMore={() => void search.go()}
            />
          </>
        )}
      </div>
    </PaneFrame>
  );
}
