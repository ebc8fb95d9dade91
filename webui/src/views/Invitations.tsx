// For administrators: links by which people become users, and what is made of a code that is told once.

import { useRef, useState } from 'preact/hooks';
import type { Admin, Invitation } from '../app/admin';
import { ticketLink, type Ticket } from '../app/ticket';
import { n, t } from '../words/words';
import { copyText } from './buffer_menu';
import { useSession } from './context';
import { useList } from './use_list';

/** A link that is shown once, and for whom it is. */
export function TicketLink({ ticket, text }: { ticket: Ticket; text: string }) {
  const session = useSession();
  const link = ticketLink(ticket, window.location.href);
  return (
    <section class="token" aria-label={text}>
      <p>{text}</p>
      <p class="token-row"><code>{link}</code> {window.isSecureContext && <button type="button" class="button small" onClick={() => copyText(session, link)}>{t('Copy')}</button>}</p>
    </section>
  );
}

function Row({ invitation, revoke }: { invitation: Invitation; revoke(): void }) {
  const { id, uses, until, note } = invitation;
  const name = note === '' ? t('Invitation {0}', id) : note;
  return (
    <li>
      <div class="user-row">
        <div>
          <strong>{name}</strong>
          <div class="muted">{n(uses, 'for 1 user', 'for {0} users')} · {t('until {0}', until)}</div>
        </div>
        <button type="button" class="button small" aria-label={t('Revoke {0}', name)} onClick={revoke}>{t('Revoke')}</button>
      </div>
    </li>
  );
}

export function Invitations({ admin }: { admin: Admin }) {
  const { rows, error, again, fail } = useList(() => admin.invitations());
  const [made, setMade] = useState('');
  const form = useRef<HTMLFormElement>(null);
  const invite = (event: Event): void => {
    event.preventDefault();
    const given = new FormData(form.current ?? undefined);
    admin.invite(Number(given.get('uses')), Number(given.get('days')), String(given.get('note')).trim()).then((code) => {
      setMade(code);
      form.current?.reset();
      again();
    }, fail);
  };
  const revoke = (id: number): void => {
    setMade('');
    admin.revokeInvitation(id).then(again, fail);
  };
  return (
    <section aria-label={t('Invitations')}>
      <h2>{t('Invitations')}</h2>
      <form ref={form} class="add-user" onSubmit={invite}>
        <label class="field"><span>{t('For whom (only you see it)')}</span><input name="note" maxLength={100} autocomplete="off" /></label>
        <label class="field"><span>{t('How many may register')}</span><input name="uses" type="number" min={1} max={1000} defaultValue="1" required /></label>
        <label class="field"><span>{t('Days that it can be used')}</span><input name="days" type="number" min={1} max={365} defaultValue="7" required /></label>
        <button type="submit" class="button">{t('Make an invitation')}</button>
      </form>
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
      {made !== '' && <TicketLink ticket={{ kind: 'invite', code: made }} text={t('Whoever has this link may register. It is not shown again.')} />}
      <ul aria-label={t('Invitations')}>
        {rows?.map((one) => <Row key={one.id} invitation={one} revoke={() => revoke(one.id)} />)}
      </ul>
    </section>
  );
}
