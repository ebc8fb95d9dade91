import { useEffect, useRef, useState } from 'preact/hooks';
import type { NetworkSettings } from '../app/account';
import { t } from '../words/words';
import { useAccount } from './use_account';
import { NetworkForm } from './NetworkForm';
import { closeDialog } from './open_dialog';

/** Adds a network, or changes the one of that name. */
export function NetworkDialog({ name }: { name: string }) {
  const account = useAccount();
  const root = useRef<HTMLDialogElement>(null);
  const [known, setKnown] = useState<NetworkSettings | null>(null);
  const [error, setError] = useState('');
  const adds = name === '';
  useEffect(() => {
    root.current?.showModal();
    if (adds) return;
    account.network(name).then(setKnown, (refused: unknown) => setError(refused instanceof Error ? refused.message : ''));
  }, []);
  return (
    <dialog ref={root} class="dialog" onClose={closeDialog} aria-labelledby="network-title">
      <h2 id="network-title">{adds ? t('Add a network') : t('Settings of {0}', name)}</h2>
      {(adds || known !== null) && <NetworkForm existing={known} name={name} onDone={closeDialog} onCancel={() => root.current?.close()} />}
      {!adds && known === null && (
        <>
          {error === '' ? <p class="muted" role="status">{t('Loading…')}</p> : <p class="form-error" role="alert">{error}</p>}
          <div class="dialog-buttons"><button type="button" class="button" onClick={() => root.current?.close()}>{t('Close')}</button></div>
        </>
      )}
    </dialog>
  );
}
