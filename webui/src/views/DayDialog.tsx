import { useEffect, useRef } from 'preact/hooks';
import { jumpTo } from '../app/places';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { closeDialog } from './open_dialog';
import { t } from '../words/words';

function dayText(time: number): string {
  const date = new Date(time);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

/** Leads to the first line of a day. */
export function DayDialog({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const root = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const today = dayText(session.store.now.value);
  useEffect(() => {
    root.current?.showModal();
    field.current?.focus();
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const [year = NaN, month = NaN, day = NaN] = (field.current?.value ?? '').split('-').map(Number);
    const time = new Date(year, month - 1, day).getTime();
    if (Number.isNaN(time)) return;
    closeDialog();
    jumpTo(session, { network: buffer.network, name: buffer.kind === 'server' ? '' : buffer.name }, Math.max(1, time));
  };
  return (
    <dialog ref={root} class="dialog" onClose={closeDialog} aria-labelledby="day-title">
      <form onSubmit={submit}>
        <h2 id="day-title">{t('Jump to a day in {0}', showNick(buffer.name))}</h2>
        <label class="field"><span>{t('Day')}</span><input ref={field} type="date" defaultValue={today} max={today} required /></label>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => root.current?.close()}>{t('Cancel')}</button>
          <button type="submit" class="button primary">{t('Jump')}</button>
        </div>
      </form>
    </dialog>
  );
}
