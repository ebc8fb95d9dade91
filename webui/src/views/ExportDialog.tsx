// Saves what was said in a talk as a file.

import { useEffect, useRef, useState } from 'preact/hooks';
import { exportTalk, fileNameOf, MOST_EXPORTED, type Export, type ExportForm } from '../app/export';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { n, t, w, type Word } from '../words/words';
import { useSession } from './context';
import { closeDialog } from './open_dialog';
import { words } from './use_list';

const FORMS: [ExportForm, Word][] = [['text', w('Text to read')], ['irc', w('Lines of IRC, as Halley keeps them')]];
const FETCHED_MS = 60_000; // by then the browser has taken the file

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), FETCHED_MS);
}

export function ExportDialog({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const root = useRef<HTMLDialogElement>(null);
  const open = useRef(true);
  const [form, setForm] = useState<ExportForm>('text');
  const [lines, setLines] = useState<number | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    root.current?.showModal();
    return () => { open.current = false; };
  }, []);
  const done = (found: Export | null): void => {
    if (found === null) return;
    save(new Blob(found.parts, { type: 'text/plain;charset=utf-8' }), fileNameOf(buffer));
    if (found.cut) session.toast(t('That was the newest {0}; there is more.', n(found.lines, '1 line', '{0} lines')), 'calm');
    closeDialog();
  };
  const begin = (event: Event): void => {
    event.preventDefault();
    const network = session.store.world.networks.get(buffer.network);
    if (network === undefined || lines !== null) return;
    setError('');
    setLines(0);
    const wanted = (count: number): boolean => {
      if (open.current) setLines(count);
      return open.current;
    };
    exportTalk(session.api, network, buffer, form, wanted).then(done, (refused: unknown) => {
      setLines(null);
      setError(words(refused));
    });
  };
  return (
    <dialog ref={root} class="dialog" onClose={closeDialog} aria-labelledby="export-title">
      <form onSubmit={begin}>
        <h2 id="export-title">{t('Save what was said in {0}', showNick(buffer.name))}</h2>
        <label class="field">
          <span>{t('As')}</span>
          <select value={form} disabled={lines !== null} onChange={({ currentTarget }) => setForm(currentTarget.value as ExportForm)}>
            {FORMS.map(([value, label]) => <option key={value} value={value}>{t(label)}</option>)}
          </select>
        </label>
        <p class="form-note">{t('At most the newest {0} lines.', MOST_EXPORTED)}</p>
        {lines !== null && <p class="muted" role="status">{n(lines, '1 line', '{0} lines')}…</p>}
        <p class="form-error" role="alert">{error}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => root.current?.close()}>{t('Cancel')}</button>
          <button type="submit" class="button primary" disabled={lines !== null}>{t('Save')}</button>
        </div>
      </form>
    </dialog>
  );
}
