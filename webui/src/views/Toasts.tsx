import { useSession } from './context';
import { CloseIcon } from './icons';
import { Later } from './later';
import { t } from '../words/words';

export function Toasts() {
  const { store } = useSession();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {store.toasts.value.map((toast) => (
        <div key={toast.key} class={`toast ${toast.tone}`}>
          <span>{toast.text}</span>
          <button type="button" class="icon-button" aria-label={t('Dismiss')} onClick={() => store.dismiss(toast.key)}>
            <CloseIcon />
          </button>
        </div>
      ))}
      {store.uploads.value.length > 0 && <Later show={({ Uploads }) => <Uploads />} />}
    </div>
  );
}
