// Notices of this and other browsers: where they arrive, and on which terms. Nothing is asked before its user asks.

import { useState } from 'preact/hooks';
import { beginPush, endPush, obstacle, readPush, type Subscription } from '../app/notices';
import { setSounds, soundsOn } from '../app/sounds';
import { useSession } from './context';
import { useList, words } from './use_list';
import { t } from '../words/words';

/** A host, as people read it. */
function hostOf(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return endpoint;
  }
}

function day(time: string): string {
  return time.slice(0, 10);
}

export function Notices() {
  const { api } = useSession();
  const { rows, error, again, fail } = useList<Subscription>(async () => (await readPush(api)).subscriptions);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState('');
  const why = obstacle();
  const here = rows?.some((row) => row.here) === true;
  const begin = (): void => {
    setBusy(true);
    setRefused('');
    beginPush(api).then(again, (failed: unknown) => setRefused(words(failed))).finally(() => setBusy(false));
  };
  return (
    <>
      <p>{t('What is for you reaches this device also while the page is closed. Read it anywhere, and the notice goes.')}</p>
      {why !== null && <p class="muted" role="status">{t(why)}</p>}
      {why === null && rows !== null && !here && (
        <button type="button" class="button primary" disabled={busy} onClick={begin}>{t('Send notices to this browser')}</button>
      )}
      <ul class="masks" aria-label={t('Where notices go')}>
        {rows?.map((row) => (
          <li key={row.id}>
            <span class="login-agent">{row.here ? t('This browser') : hostOf(row.endpoint)}</span>{' '}
            <span class="muted">{t('since {0}', day(row.created))}{row.sent !== '' && ` · ${t('last one {0}', day(row.sent))}`}</span>
            <button type="button" class="link-button" aria-label={t('End notices to {0}', row.here ? t('This browser') : hostOf(row.endpoint))} onClick={() => { endPush(api, row).then(again, fail); }}>{t('End')}</button>
          </li>
        ))}
      </ul>
      <label class="check"><input type="checkbox" defaultChecked={soundsOn()} onChange={(event) => setSounds(event.currentTarget.checked)} /><span>{t('A sound for what is for me')}</span></label>
      <p class="muted">{t('The menu of each channel has a say in what is announced of it: More settings.')}</p>
      {(error !== '' || refused !== '') && <p class="form-error" role="alert">{refused || error}</p>}
    </>
  );
}
