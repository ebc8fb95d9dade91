import { useEffect, useRef, useState } from 'preact/hooks';
import { useSession } from './context';
import { Comet } from './icons';
import { t } from '../words/words';

export function Login() {
  const session = useSession();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const username = name.current?.value.trim() ?? '';
    const secret = password.current?.value ?? '';
    if (username === '' || secret === '') {
      setError(t('Enter your user name and your password.'));
      return;
    }
    setBusy(true);
    setError('');
    const refused = await session.login(() => session.api.login(username, secret));
    if (refused === null) return;
    setBusy(false);
    setError(refused);
    password.current?.select();
  };

  const notice = session.store.notice.value;
  return (
    <main class="stage login">
      <form class="login-card" onSubmit={(event) => void submit(event)} aria-labelledby="login-title">
        <div class="stage-mark"><Comet size={52} /></div>
        <h1 id="login-title">Halley</h1>
        <p class="login-line">{t('It stayed on IRC for you.')}</p>
        {notice !== '' && <p class="login-notice" role="status">{notice}</p>}
        <label class="field">
          <span>{t('User name')}</span>
          <input ref={name} name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required />
        </label>
        <label class="field">
          <span>{t('Password')}</span>
          <input ref={password} name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="form-error" role="alert">{error}</p>
        <button class="button primary wide" type="submit" disabled={busy}>{busy ? t('Logging in…') : t('Log in')}</button>
      </form>
    </main>
  );
}
