// For somebody who came by a link and has no login: a new password, or a new user.

import { useEffect, useRef, useState } from 'preact/hooks';
import { redeem, type Ticket } from '../app/ticket';
import { t } from '../words/words';
import { useSession } from './context';
import { Comet } from './icons';

export function TicketForm({ ticket }: { ticket: Ticket }) {
  const session = useSession();
  const { store } = session;
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const invited = ticket.kind === 'invite';
  useEffect(() => (invited ? name : first).current?.focus(), []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const password = first.current?.value ?? '';
    if (password !== second.current?.value) {
      setError(t('The two are not the same.'));
      return;
    }
    setBusy(true);
    setError('');
    const refused = await session.login(() => redeem(session.api, ticket, name.current?.value.trim() ?? '', password));
    if (refused === null) return;
    setBusy(false);
    setError(refused);
    if (store.screen.value === 'login') store.notice.value = refused; // it was done, and this form is gone
  };

  return (
    <main class="stage login">
      <form class="login-card" onSubmit={(event) => void submit(event)} aria-labelledby="ticket-title">
        <div class="stage-mark"><Comet size={52} /></div>
        <h1 id="ticket-title">{invited ? t('Welcome to Halley') : t('A new password')}</h1>
        <p class="login-line">{invited ? t('You are invited: choose a name and a password.') : t('It takes the place of the one that you had.')}</p>
        {invited && (
          <label class="field">
            <span>{t('User name')}</span>
            <input ref={name} name="username" autocomplete="username" maxLength={32} autocapitalize="none" spellcheck={false} required />
          </label>
        )}
        <label class="field">
          <span>{t('New password')}</span>
          <input ref={first} type="password" autocomplete="new-password" minLength={6} required />
        </label>
        <label class="field">
          <span>{t('Once more')}</span>
          <input ref={second} type="password" autocomplete="new-password" minLength={6} required />
        </label>
        <p class="form-error" role="alert">{error}</p>
        <button class="button primary wide" type="submit" disabled={busy}>{invited ? t('Become a user') : t('Set the password')}</button>
        <p class="ticket-other"><button type="button" class="button small" onClick={() => void session.begin()}>{t('I have a login')}</button></p>
      </form>
    </main>
  );
}
