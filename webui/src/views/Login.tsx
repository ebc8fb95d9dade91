import { useEffect, useRef, useState } from 'preact/hooks';
import { useSession } from './context';
import { hasPasskeys } from './has_passkeys';
import { Comet } from './icons';
import { NOT_LOADED, withMore } from './later';
import { t } from '../words/words';

export function Login() {
  const session = useSession();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);

  const enter = async (how: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError('');
    const refused = await session.login(how);
    if (refused === null) return true;
    setBusy(false);
    setError(refused);
    return false;
  };
  const byPasskey = (): Promise<boolean> => enter(async () => {
    let entered: Promise<void> | undefined;
    if (!(await withMore((more) => { entered = more.enterByPasskey(session.api, name.current?.value.trim() ?? ''); }))) throw new Error(t(NOT_LOADED));
    await entered;
  });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const username = name.current?.value.trim() ?? '';
    const secret = password.current?.value ?? '';
    if (username === '' || secret === '') {
      setError(t('Enter your user name and your password.'));
      return;
    }
    if (!(await enter(() => session.api.login(username, secret)))) password.current?.select();
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
        {hasPasskeys() && <button class="button wide" type="button" disabled={busy} onClick={() => void byPasskey()}>{t('Use a passkey')}</button>}
      </form>
    </main>
  );
}
