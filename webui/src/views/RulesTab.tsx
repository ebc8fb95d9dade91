// What calls its user, and what they do not want to hear, on all networks and devices.

import { useRef } from 'preact/hooks';
import { toRules, type Rule } from '../state/rules';
import { useSession } from './context';
import { useList } from './use_list';
import { t, w, type Word } from '../words/words';

const KINDS: [string, Word][] = [['highlight', w('calls me')], ['ignore', w('is not heard')]];
const MATCHES: [string, Word][] = [['word', w('a word or several')], ['regex', w('a regular expression')], ['mask', w('a person (nick or mask)')]];

function nameOf(rows: [string, Word][], key: string): string {
  const word = rows.find(([name]) => name === key)?.[1];
  return word === undefined ? key : t(word);
}

export function RulesTab() {
  const { api } = useSession();
  const { rows, error, again, fail } = useList<Rule>(async () => toRules(await api.resource('GET', 'rules')));
  const form = useRef<HTMLFormElement>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form.current ?? undefined)) as Record<string, string>;
    const pattern = given['pattern']?.trim() ?? '';
    if (pattern === '') return;
    api.resource('POST', 'rules', { ...given, pattern }).then(() => {
      form.current?.reset();
      again();
    }, fail);
  };
  const choice = (name: string, label: string, all: [string, Word][]) => (
    <select name={name} aria-label={label}>{all.map(([key, word]) => <option key={key} value={key}>{t(word)}</option>)}</select>
  );
  return (
    <>
      <p class="muted">{t('Your nick calls you anyway. What is not heard reaches none of your devices, and is not kept.')}</p>
      <form ref={form} class="add-mask rule-form" onSubmit={add}>
        {choice('match', t('What'), MATCHES)}
        <input name="pattern" aria-label={t('Pattern')} maxLength={200} autocapitalize="none" autocomplete="off" spellcheck={false} required />
        {choice('kind', t('What it does'), KINDS)}
        <button type="submit" class="button small">{t('Add')}</button>
      </form>
      <ul class="masks" aria-label={t('Rules')}>
        {rows?.map(({ id, kind, match, pattern }) => (
          <li key={id}>
            <code>{pattern}</code> <span class="muted">{nameOf(MATCHES, match)} · {nameOf(KINDS, kind)}</span>
            <button type="button" class="link-button" aria-label={t('Remove {0}', pattern)} onClick={() => { api.resource('DELETE', `rules/${encodeURIComponent(id)}`).then(again, fail); }}>{t('Remove')}</button>
          </li>
        ))}
      </ul>
      {rows?.length === 0 && <p class="muted" role="status">{t('No rules yet.')}</p>}
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
    </>
  );
}
