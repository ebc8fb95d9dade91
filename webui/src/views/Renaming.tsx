// Another name for one row of a list.

import { useRef } from 'preact/hooks';
import { t } from '../words/words';

/** `save`: rejects when the name is refused, which the list tells. */
export function Renaming({ name, longest, save, close }: { name: string; longest: number; save(next: string): Promise<void>; close(): void }) {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    save(field.current?.value.trim() ?? '').then(close, () => field.current?.focus());
  };
  return (
    <form class="user-edit" onSubmit={submit}>
      <label class="field">
        <span>{t('New name of {0}', name)}</span>
        <input ref={field} autofocus defaultValue={name} maxLength={longest} autocapitalize="none" autocomplete="off" spellcheck={false} required />
      </label>
      <button type="submit" class="button">{t('Save')}</button>
      <button type="button" class="button" onClick={close}>{t('Cancel')}</button>
    </form>
  );
}
