// Files on their way to Halley: one after the other, each with a way to give it up. The address of each comes into the
// field of the talk it was brought to, and is said when its user says it.

import { useEffect, useState } from 'preact/hooks';
import type { Session } from '../app/session';
import type { Upload } from '../app/store';
import { sizeOf, upload } from '../app/upload';
import { showNick } from '../text/display';
import { n, t } from '../words/words';
import { useSession } from './context';
import { words } from './use_list';

/** Puts the address where the talk's next line is written. */
function place(session: Session, { buffer, instead }: Upload, url: string): void {
  const draft = session.drafts.get(buffer.key);
  const kept = instead !== '' && draft === instead ? '' : draft;
  const text = `${kept}${kept === '' || /\s$/.test(kept) ? '' : ' '}${url} `;
  const { active, pane, wide, insert } = session.store;
  if (active.value === buffer && (pane.value === null || wide.value)) insert.value = text;
  else session.drafts.set(buffer.key, text);
}

function OneUpload({ item, waiting }: { item: Upload; waiting: number }) {
  const session = useSession();
  const { uploads, user } = session.store;
  const [part, setPart] = useState(0);
  const [error, setError] = useState('');
  const [turn, setTurn] = useState(0);
  const drop = (): void => { uploads.value = uploads.value.filter(({ key }) => key !== item.key); };
  useEffect(() => {
    const stop = new AbortController();
    setError('');
    upload(item.file, user.value, setPart, stop.signal).then(
      (url) => {
        if (stop.signal.aborted) return;
        place(session, item, url);
        drop();
      },
      (refused: unknown) => { if (!stop.signal.aborted) setError(words(refused)); },
    );
    return () => stop.abort();
  }, [turn]);
  const name = showNick(item.file.name);
  return (
    <div class={error === '' ? 'toast calm upload' : 'toast upload'} role="group" aria-label={t('Send a file')} aria-live={error === '' ? 'off' : 'assertive'}>
      <span>
        {error === '' ? t('Sending {0} ({1}): {2} %', name, sizeOf(item.file.size), Math.floor(part * 100)) : `${name}: ${error}`}
        {waiting > 0 && ` ${n(waiting, '1 more waits.', '{0} more wait.')}`}
      </span>
      {error !== '' && <button type="button" class="button small" onClick={() => setTurn(turn + 1)}>{t('Try again')}</button>}
      <button type="button" class="button small" onClick={drop}>{error === '' ? t('Cancel') : t('Give up')}</button>
    </div>
  );
}

export function Uploads() {
  const [first, ...rest] = useSession().store.uploads.value;
  return first === undefined ? null : <OneUpload key={first.key} item={first} waiting={rest.length} />;
}
