// The account's passkeys: made with the password, listed, removed.

import { useRef, useState } from 'preact/hooks';
import { nameOfBrowser, Passkeys, type Passkey } from '../app/passkeys';
import { t } from '../words/words';
import { ask } from './ask';
import { useSession } from './context';
import { hasPasskeys } from './has_passkeys';
import { Renaming } from './Renaming';
import { useList } from './use_list';

const LONGEST_NAME = 64;

function AddPasskey({ passkeys, added }: { passkeys: Passkeys; added(): void }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const current = useRef<HTMLInputElement>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    setError('');
    passkeys.add(name.current?.value.trim() ?? '', current.current?.value ?? '').then(
      () => {
        if (current.current !== null) current.current.value = '';
        setBusy(false);
        added();
      },
      (refused: unknown) => {
        setBusy(false);
        setError(refused instanceof Error ? refused.message : '');
      },
    );
  };
  return (
    <form onSubmit={add}>
      <label class="field"><span>{t('Name')}</span><input ref={name} defaultValue={nameOfBrowser(navigator.userAgent)} maxLength={LONGEST_NAME} autocomplete="off" required /></label>
      <label class="field"><span>{t('Current password')}</span><input ref={current} type="password" autocomplete="current-password" required /></label>
      <p class="form-error" role="alert">{error}</p>
      <button type="submit" class="button small" disabled={busy}>{t('Add a passkey')}</button>
    </form>
  );
}

export function PasskeysTab() {
  const { api } = useSession();
  const [passkeys] = useState(() => new Passkeys(api));
  const { rows, error, again, fail, tried } = useList<Passkey>(() => passkeys.list());
  const [renamed, setRenamed] = useState('');
  const remove = async ({ id, name }: Passkey): Promise<void> => {
    const text = t('It lets nobody in any more. Whoever is logged in by it stays so: see Web logins.');
    if (!(await ask({ title: t('Remove {0}?', name), text, yes: t('Remove for good'), no: t('Keep') }))) return;
    passkeys.remove(id).then(again, fail);
  };
  return (
    <>
      <p class="muted">{t('A passkey logs in by a finger, a face or a PIN of your device, in place of the password, at this address alone.')}</p>
      <ul class="masks" aria-label={t('Passkeys')}>
        {rows?.map((passkey) => (
          <li key={passkey.id}>
            {renamed === passkey.id
              ? <Renaming name={passkey.name} longest={LONGEST_NAME} save={(name) => tried(passkeys.rename(passkey.id, name))} close={() => setRenamed('')} />
              : <>
                  <span class="login-agent">{passkey.name}</span> <span class="muted">{passkey.host} · {t('used {0}', passkey.used)}</span>
                  <button type="button" class="link-button" aria-label={t('Rename {0}', passkey.name)} onClick={() => setRenamed(passkey.id)}>{t('Rename')}</button>
                  <button type="button" class="link-button" aria-label={t('Remove {0}', passkey.name)} onClick={() => void remove(passkey)}>{t('Remove')}</button>
                </>}
          </li>
        ))}
      </ul>
      {rows?.length === 0 && <p class="muted" role="status">{t('No passkey yet.')}</p>}
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
      {hasPasskeys() ? <AddPasskey passkeys={passkeys} added={again} /> : <p class="muted">{t('This browser makes none here: passkeys need https and the name of a host.')}</p>}
    </>
  );
}
