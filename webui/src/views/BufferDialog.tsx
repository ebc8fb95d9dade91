// What is set for a channel or talk: kept by Halley, for all clients.

import { useEffect, useRef } from 'preact/hooks';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { closeDialog } from './open_dialog';
import { t, w, type Word } from '../words/words';

const NOTICES: [string, Word][] = [
  ['', w('As usual: what is for me')],
  ['all', w('Everything')],
  ['highlight', w('Only what is for me')],
  ['none', w('Nothing')],
];

export function BufferDialog({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const root = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => root.current?.showModal(), []);
  const { set } = buffer;
  const save = (event: Event): void => {
    event.preventDefault();
    const given = new FormData(form.current ?? undefined);
    const days = String(given.get('retention') ?? '').trim();
    const next = {
      notify: String(given.get('notify') ?? ''),
      pinned: given.has('pinned'),
      muted: given.has('muted'),
      retention: days === '' ? null : Number(days),
      ...(buffer.kind === 'channel' ? { detached: given.has('detached') } : {}),
    };
    const changed = Object.fromEntries(Object.entries(next).filter(([name, value]) => value !== set[name as keyof typeof set]));
    if (Object.keys(changed).length > 0) session.arrangement.change(buffer, changed);
    root.current?.close();
  };
  const check = (name: 'pinned' | 'muted' | 'detached', label: string) => (
    <label class="check"><input type="checkbox" name={name} defaultChecked={set[name]} /><span>{label}</span></label>
  );
  return (
    <dialog ref={root} class="dialog" onClose={closeDialog} aria-labelledby="buffer-title">
      <form ref={form} onSubmit={save}>
        <h2 id="buffer-title">{t('Settings of {0}', showNick(buffer.name))}</h2>
        <p class="muted">{t('They hold on all your devices.')}</p>
        <label class="field">
          <span>{t('Announce')}</span>
          <select name="notify">{NOTICES.map(([value, label]) => <option key={value} value={value} selected={value === set.notify}>{t(label)}</option>)}</select>
        </label>
        {check('pinned', t('Stands at the top of the list'))}
        {check('muted', t('Muted: only what is for me counts'))}
        {buffer.kind === 'channel' && check('detached', t('Detached: Halley stays in it, and shows it to no other IRC client'))}
        <label class="field">
          <span>{t('Keep its lines')} <em>{t('(days; empty: as all others; 0: for ever)')}</em></span>
          <input name="retention" type="number" min={0} max={36500} step={1} defaultValue={set.retention === null ? '' : String(set.retention)} />
        </label>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => root.current?.close()}>{t('Cancel')}</button>
          <button type="submit" class="button primary">{t('Save')}</button>
        </div>
      </form>
    </dialog>
  );
}
