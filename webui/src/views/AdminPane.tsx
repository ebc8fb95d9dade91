// For administrators: the users of this Halley, who is locked out, and what runs.

import { useRef, useState } from 'preact/hooks';
import { Admin, type Status, type UserRow } from '../app/admin';
import { lasting } from '../state/people';
import { n, t, type Word, w } from '../words/words';
import { ask } from './ask';
import { useSession } from './context';
import { DotsIcon } from './icons';
import { Invitations, TicketLink } from './Invitations';
import { openMenuAt, type MenuItem } from './open_menu';
import { PaneFrame } from './PaneFrame';
import { useList } from './use_list';

const MIB = 1024 * 1024;

function size(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0)} MiB`;
}

/** What is being typed about a user. */
type Edit = 'password' | 'name' | 'days' | 'quota';

const EDITS: Record<Edit, Word> = {
  password: w('New password of {0}'),
  name: w('New name of {0}'),
  days: w('Days that lines of {0} are kept (0: for ever; empty: as halley.toml has it)'),
  quota: w('MiB of files that {0} may have here (0: none; empty: 100)'),
};

function EditForm({ user, what, save, close }: { user: UserRow; what: Edit; save(value: string): void; close(): void }) {
  const field = useRef<HTMLInputElement>(null);
  const submit = (event: Event): void => {
    event.preventDefault();
    save(field.current?.value ?? '');
  };
  const first = what === 'password' ? '' : user[what];
  const counts = what === 'days' || what === 'quota';
  return (
    <form class="user-edit" onSubmit={submit}>
      <label class="field">
        <span>{t(EDITS[what], user.name)}</span>
        <input
          ref={field} autofocus value={first} autocapitalize="none" spellcheck={false} required={!counts} minLength={what === 'password' ? 6 : undefined}
          type={what === 'password' ? 'password' : 'text'} autocomplete={what === 'password' ? 'new-password' : 'off'} inputMode={counts ? 'numeric' : undefined}
        />
      </label>
      <button type="submit" class="button">{t('Save')}</button>
      <button type="button" class="button" onClick={close}>{t('Cancel')}</button>
    </form>
  );
}

function boundOf(edit: Edit | null, value: string): { 'retention-days': string } | { 'upload-quota': string } {
  return edit === 'quota' ? { 'upload-quota': value } : { 'retention-days': value };
}

interface RowProps {
  user: UserRow;
  status: Status | undefined;
  admin: Admin;
  /** Does it, tells what was refused, and reads the list anew. */
  run(deed: () => Promise<unknown>): void;
}

function User({ user, status, admin, run }: RowProps) {
  const session = useSession();
  const [edit, setEdit] = useState<Edit | null>(null);
  const [reset, setReset] = useState('');
  const { name } = user;
  const save = (value: string): void => {
    const done = (): void => setEdit(null); // what was refused is not typed again
    if (edit === 'password') {
      run(() => admin.set(name, { password: value }).then(() => { done(); session.toast(t('{0} has a new password.', name), 'calm'); }));
    } else if (edit === 'name') {
      run(() => admin.rename(name, value.trim()).then(done));
    } else {
      run(() => admin.set(name, boundOf(edit, value.trim())).then(done));
    }
  };
  const disable = async (): Promise<void> => {
    const text = t('Logins are refused, and all networks are left. Nothing is lost.');
    if (await ask({ title: t('Disable {0}?', name), text, yes: t('Disable'), no: t('Cancel') })) run(() => admin.enable(name, false));
  };
  const remove = async (): Promise<void> => {
    const text = t('All that was logged for {0} is removed with it. This cannot be taken back.', name);
    if (await ask({ title: t('Remove {0}?', name), text, yes: t('Remove for ever'), no: t('Cancel') })) run(() => admin.remove(name));
  };
  const items: MenuItem[] = [
    user.enabled ? { label: t('Disable'), run: () => void disable() } : { label: t('Enable'), run: () => run(() => admin.enable(name, true)) },
    // One's own takes the current one: it is changed in the account dialog.
    ...(name === session.store.user.value ? [] : [
      { label: t('Link for a new password'), run: () => run(() => admin.reset(name).then(setReset)) },
      { label: t('New password…'), run: () => setEdit('password') },
    ]),
    { label: t('Rename…'), run: () => setEdit('name') },
    { label: t('How long lines are kept…'), run: () => setEdit('days') },
    { label: t('Room for files…'), run: () => setEdit('quota') },
    { label: user.admin ? t('Administrator no more') : t('Make administrator'), run: () => run(() => admin.set(name, { admin: !user.admin })) },
    { label: t('Let log in again'), run: () => run(() => admin.unlock(name).then((lifted) => session.toast(lifted, 'calm'))) },
    { label: t('Remove…'), run: () => void remove() },
  ];
  const now = status?.users.get(name);
  const kept = user.days === '' ? '' : user.days === '0' ? ` · ${t('all lines kept')}` : ` · ${t('lines kept for {0} days', user.days)}`;
  return (
    <li>
      <div class="user-row">
        <div>
          <strong>{name}</strong>
          {user.admin && <span class="tag">{t('administrator')}</span>}
          {!user.enabled && <span class="tag">{t('disabled')}</span>}
          <div class="muted">
            {n(user.networks, '1 network', '{0} networks')}{now !== undefined && ` · ${n(now.clients, '1 client', '{0} clients')}`} · {t('since {0}', user.created)}{kept}
          </div>
        </div>
        <button type="button" class="icon-button" aria-haspopup="menu" aria-label={t('What can be done about {0}', name)} onClick={(event) => openMenuAt(event.currentTarget, name, () => items)}><DotsIcon /></button>
      </div>
      {edit !== null && <EditForm key={edit} user={user} what={edit} save={save} close={() => setEdit(null)} />}
      {reset !== '' && <TicketLink ticket={{ kind: 'reset', code: reset }} text={t('By this link {0} sets a new password, once, within a day. It is not shown again.', name)} />}
    </li>
  );
}

function AddUser({ admin, run }: Pick<RowProps, 'admin' | 'run'>) {
  const form = useRef<HTMLFormElement>(null);
  const add = (event: Event): void => {
    event.preventDefault();
    const given = new FormData(form.current ?? undefined);
    run(() => admin.add(String(given.get('name')).trim(), String(given.get('password')), given.get('admin') !== null).then(() => form.current?.reset()));
  };
  return (
    <form ref={form} class="add-user" onSubmit={add}>
      <label class="field"><span>{t('Name of the user')}</span><input name="name" maxLength={32} autocapitalize="none" autocomplete="off" spellcheck={false} required /></label>
      <label class="field"><span>{t('Their first password')}</span><input name="password" type="password" autocomplete="new-password" minLength={6} required /></label>
      <label class="check"><input name="admin" type="checkbox" /> {t('may administer')}</label>
      <button type="submit" class="button">{t('Add user')}</button>
    </form>
  );
}

/** As the server has it (kMostNotice), in bytes. */
const MOST_NOTICE = 1000;

/** One line to everybody. */
function NoticeToAll({ admin, run }: Pick<RowProps, 'admin' | 'run'>) {
  const session = useSession();
  const field = useRef<HTMLInputElement>(null);
  const send = (event: Event): void => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? '';
    if (text === '') return;
    run(() => admin.notice(text).then((users) => {
      if (field.current !== null) field.current.value = '';
      session.toast(n(users, 'Said to 1 user.', 'Said to {0} users.'), 'calm');
    }));
  };
  return (
    <form class="add-mask" onSubmit={send}>
      <input ref={field} aria-label={t('A line to all users')} placeholder={t('A line to all users')} maxLength={MOST_NOTICE} autocomplete="off" required />
      <button type="submit" class="button small">{t('Say to all')}</button>
    </form>
  );
}

function Running({ status }: { status: Status }) {
  return (
    <section aria-label={t('What runs')}>
      <h2>{t('What runs')}</h2>
      <p>{t('Halley {0}, up for {1}', status.version, lasting(status.uptime))}</p>
      <p>{t('{0} of memory', size(status.memory))} · {t('{0} lines in {1} of data', status.lines.toLocaleString(), size(status.database))}</p>
      {status.troubles.map((trouble) => <p key={trouble} class="form-error" role="alert">{trouble}</p>)}
    </section>
  );
}

export function AdminPane() {
  const session = useSession();
  const [admin] = useState(() => new Admin(session.api));
  const users = useList(() => admin.users());
  const status = useList(() => admin.status().then((one) => [one]));
  const running = status.rows?.[0];
  const run = (deed: () => Promise<unknown>): void => {
    deed().then(() => {
      users.again();
      status.again();
    }, users.fail);
  };
  const unlock = (): void => run(() => admin.unlock().then((lifted) => session.toast(lifted, 'calm')));
  const reload = (): void => run(() => admin.reload().then(() => session.toast(t('Configuration and certificates are read.'), 'calm')));
  return (
    <PaneFrame title={t('Users of this Halley')}>
      <div class="pane-body" tabIndex={0} aria-busy={users.rows === null}>
        <div class="admin">
          <AddUser admin={admin} run={run} />
          {users.error !== '' && <p class="form-error" role="alert">{users.error}</p>}
          <ul aria-label={t('Users')}>
            {users.rows?.map((user) => <User key={user.name} user={user} status={running} admin={admin} run={run} />)}
          </ul>
          <Invitations admin={admin} />
          {running !== undefined && <Running status={running} />}
          <NoticeToAll admin={admin} run={run} />
          <div class="admin-deeds">
            <button type="button" class="button small" onClick={unlock}>{t('Let all log in again who failed too often')}</button>
            <button type="button" class="button small" onClick={reload}>{t('Read configuration and certificates again')}</button>
          </div>
        </div>
      </div>
    </PaneFrame>
  );
}
