import { useEffect, useRef, useState } from 'preact/hooks';
import { goToChannel } from '../app/places';
import type { Network } from '../state/world';
import { useSession } from './context';
import { t } from '../words/words';

/** Asks for a channel to join, or a person to talk with. */
export function JoinDialog({ network, onClose }: { network: Network; onClose(event?: Event): void }) {
  const session = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const key = useRef<HTMLInputElement>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    dialog.current?.showModal();
    name.current?.focus();
  }, []);

  const submit = (event: Event): void => {
    event.preventDefault();
    let channel = name.current?.value.trim() ?? '';
    if (channel === '' || /[\s,:]/.test(channel)) {
      setError(t('Enter the name of one channel, such as #halley.'));
      return;
    }
    if (!network.isupport.chantypes.includes(channel.charAt(0))) channel = `#${channel}`;
    goToChannel(session, network, channel, key.current?.value.trim() ?? '');
    onClose();
  };

  return (
    <dialog ref={dialog} class="dialog" onClose={onClose} aria-labelledby="join-title">
      <form onSubmit={submit}>
        <h2 id="join-title">{t('Join a channel on {0}', network.name)}</h2>
        <label class="field">
          <span>{t('Channel')}</span>
          <input ref={name} placeholder="#halley" autocapitalize="none" autocomplete="off" spellcheck={false} />
        </label>
        <label class="field">
          <span>{t('Key')}{' '}<em>{t('(only if the channel has one)')}</em></span>
          <input ref={key} autocapitalize="none" autocomplete="off" spellcheck={false} />
        </label>
        <p class="form-error" role="alert">{error}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>{t('Cancel')}</button>
          <button type="submit" class="button primary">{t('Join')}</button>
        </div>
      </form>
    </dialog>
  );
}
