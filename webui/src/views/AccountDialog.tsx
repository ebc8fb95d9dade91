// What belongs to the account: devices with their tokens, logins of browsers, the password.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Device, NewDevice, WebLogin } from '../app/account';
import { qrCode } from '../text/qr';
import { t, w, type Word } from '../words/words';
import { ask } from './ask';
import { copyText } from './buffer_menu';
import { useSession } from './context';
import { ConnectionTab } from './ConnectionTab';
import { FilesTab } from './FilesTab';
import { PasskeysTab } from './PasskeysTab';
import { Renaming } from './Renaming';
import { RulesTab } from './RulesTab';
import { useAccount } from './use_account';
import { Notices } from './Notices';
import { closeDialog } from './open_dialog';
import { useList, words } from './use_list';

const QUIET = 4; // the light margin that a scanner needs

function QrCode({ text }: { text: string }) {
  const grid = qrCode(text);
  if (grid === null) return null;
  const size = grid.length + 2 * QUIET;
  const path = grid.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} width="220" height="220" role="img" aria-label={t('The link as a code for a phone’s camera')} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** A token, which is shown once, and the link that sets a client up. */
function NewToken({ made: { name, token, url } }: { made: NewDevice }) {
  const session = useSession();
  const user = session.store.user.value;
  const [host, setHost] = useState(url === '' ? `${window.location.hostname}:6697` : url.slice(url.lastIndexOf('@') + 1));
  const link = `ircs://${encodeURIComponent(`${user}@${name}`)}:${encodeURIComponent(token)}@${host}`;
  return (
    <section class="token" aria-label={t('Token of {0}', name)}>
      <p>{t('This is the token of {0}: it stands where a client asks for a password, with {1} as the user name. It is not shown again.', name, user)}</p>
      <p class="token-row"><code>{token}</code> {window.isSecureContext && <button type="button" class="button small" onClick={() => copyText(session, token)}>{t('Copy')}</button>}</p>
      <label class="field">
        <span>{t('Where clients reach Halley')} <em>{t('(host and port of its IRC address)')}</em></span>
        <input value={host} maxLength={200} autocapitalize="none" autocomplete="off" spellcheck={false} onInput={(event) => setHost(event.currentTarget.value.trim())} />
      </label>
      <QrCode text={link} />
      <p><a href={link}>{t('Set up a client on this device')}</a></p>
    </section>
  );
}

function Devices() {
  const account = useAccount();
  const { rows, error, again, fail, tried } = useList<Device>(() => account.devices());
  const [renamed, setRenamed] = useState<string | null>(null);
  const [made, setMade] = useState<NewDevice | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = field.current?.value.trim() ?? '';
    if (name === '') return;
    try {
      setMade(await account.addDevice(name));
      if (field.current !== null) field.current.value = '';
      again();
    } catch (refused) {
      fail(refused);
    }
  };
  const revoke = async (name: string): Promise<void> => {
    const text = t('Its token is valid no more, and what it had not read is forgotten.');
    if (!(await ask({ title: t('Revoke {0}?', name), text, yes: t('Revoke'), no: t('Keep') }))) return;
    account.revokeDevice(name).then(again, fail);
  };
  return (
    <>
      <form class="add-mask" onSubmit={(event) => void add(event)}>
        <input ref={field} aria-label={t('Name of the device')} placeholder={t('A name, such as phone')} maxLength={32} autocapitalize="none" autocomplete="off" spellcheck={false} />
        <button type="submit" class="button small">{t('Make a token')}</button>
      </form>
      {made !== null && <NewToken key={made.token} made={made} />}
      <ul class="masks" aria-label={t('Devices')}>
        {rows?.map(({ name, token, seen }) => (
          <li key={name}>
            {renamed === name
              ? <Renaming name={name} longest={32} save={(next) => tried(account.renameDevice(name, next))} close={() => setRenamed(null)} />
              : <>
                  <code>{name === '' ? t('(without a name)') : name}</code> <span class="muted">{token ? t('token') : t('password')} · {t('seen {0}', seen)}</span>
                  {name !== '' && <button type="button" class="link-button" aria-label={t('Rename {0}', name)} onClick={() => setRenamed(name)}>{t('Rename')}</button>}
                  {name !== '' && <button type="button" class="link-button" aria-label={t('Revoke {0}', name)} onClick={() => void revoke(name)}>{t('Revoke')}</button>}
                </>}
          </li>
        ))}
      </ul>
      {rows?.length === 0 && <p class="muted" role="status">{t('No device yet.')}</p>}
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
    </>
  );
}

function Logins() {
  const account = useAccount();
  const { rows, error, again, fail } = useList<WebLogin>(() => account.logins());
  return (
    <>
      <ul class="masks" aria-label={t('Web logins')}>
        {rows?.map(({ id, agent, address, seen }) => (
          <li key={id}>
            <span class="login-agent">{agent === '' ? t('A browser') : agent}</span> <span class="muted">{address} · {t('seen {0}', seen)}</span>
            <button type="button" class="link-button" aria-label={t('End login {0}', id)} onClick={() => { account.endLogin(id).then(again, fail); }}>{t('End')}</button>
          </li>
        ))}
      </ul>
      <p class="muted">{t('One of these is yours, here: whoever ends it is logged out.')}</p>
      {error !== '' && <p class="form-error" role="alert">{error}</p>}
    </>
  );
}

function Password() {
  const account = useAccount();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const current = useRef<HTMLInputElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const save = (event: Event): void => {
    event.preventDefault();
    const password = first.current?.value ?? '';
    if (password !== second.current?.value) {
      setError(t('The two are not the same.'));
      return;
    }
    setBusy(true);
    // All streams of this browser end with the old login: the page begins anew under the new one.
    account.setPassword(current.current?.value ?? '', password).then(() => window.location.reload(), (refused: unknown) => {
      setBusy(false);
      setError(words(refused));
    });
  };
  return (
    <form onSubmit={save}>
      <p class="muted">{t('Whoever is logged in by the old one elsewhere logs in again. Tokens of devices and passkeys stay.')}</p>
      <label class="field"><span>{t('Current password')}</span><input ref={current} type="password" autocomplete="current-password" required /></label>
      <label class="field"><span>{t('New password')}</span><input ref={first} type="password" autocomplete="new-password" minLength={6} required /></label>
      <label class="field"><span>{t('Once more')}</span><input ref={second} type="password" autocomplete="new-password" minLength={6} required /></label>
      <p class="form-error" role="alert">{error}</p>
      <button type="submit" class="button small" disabled={busy}>{t('Change password')}</button>
    </form>
  );
}

const TABS: [string, Word][] = [['devices', w('Devices')], ['logins', w('Web logins')], ['password', w('Password')], ['passkeys', w('Passkeys')], ['notices', w('Notices')], ['rules', w('Rules')], ['files', w('Files')], ['connection', w('Connection')]];

export function AccountDialog() {
  const session = useSession();
  const root = useRef<HTMLDialogElement>(null);
  const account = useAccount();
  const [tab, setTab] = useState('devices');
  const [admin, setAdmin] = useState(false);
  useEffect(() => {
    root.current?.showModal();
    account.isAdmin().then(setAdmin, () => undefined); // without an answer there is no way there, and all else goes on
  }, []);
  const administer = (): void => {
    root.current?.close();
    session.store.drawer.value = 'none';
    session.store.pane.value = { kind: 'admin' };
  };
  const logOut = (): void => {
    root.current?.close(); // it would stand before the login
    void session.logout();
  };
  return (
    <dialog ref={root} class="dialog wide" onClose={closeDialog} aria-labelledby="account-title">
      <h2 id="account-title">{t('Account of {0}', session.store.user.value)}</h2>
      <div class="tabs" role="group" aria-label={t('Parts')}>
        {TABS.map(([key, title]) => <button key={key} type="button" class="tab" aria-pressed={tab === key} onClick={() => setTab(key)}>{t(title)}</button>)}
      </div>
      <div class="tab-body">
        {tab === 'devices' && <Devices />}
        {tab === 'logins' && <Logins />}
        {tab === 'password' && <Password />}
        {tab === 'passkeys' && <PasskeysTab />}
        {tab === 'notices' && <Notices />}
        {tab === 'rules' && <RulesTab />}
        {tab === 'files' && <FilesTab />}
        {tab === 'connection' && <ConnectionTab />}
      </div>
      <div class="dialog-buttons">
        {admin && <button type="button" class="button" onClick={administer}>{t('Users of this Halley')}</button>}
        <button type="button" class="button" onClick={logOut}>{t('Log out')}</button>
        <button type="button" class="button" onClick={() => root.current?.close()}>{t('Close')}</button>
      </div>
    </dialog>
  );
}
