// A network to add, or one to change: in a dialog, and on the page of who has none yet.

import { useRef, useState } from 'preact/hooks';
import { addLine, setLine, type NetworkSettings, type NetworkDraft, type SaslHow } from '../app/account';
import { t, w, type Word } from '../words/words';
import { useSession } from './context';
import { copyText } from './buffer_menu';
import { openDialog } from './open_dialog';
import { useAccount } from './use_account';

interface Preset {
  label: string;
  name: string;
  url: string;
  channel: string;
}

/** Those that most people look for; the last one is any other. */
const PRESETS: Preset[] = [
  { label: 'Libera.Chat', name: 'libera', url: 'ircs://irc.libera.chat', channel: '#libera' },
  { label: 'OFTC', name: 'oftc', url: 'ircs://irc.oftc.net', channel: '#oftc' },
  { label: 'hackint', name: 'hackint', url: 'ircs://irc.hackint.org', channel: '#hackint' },
  { label: 'EFnet', name: 'efnet', url: 'ircs://irc.efnet.org', channel: '#efnet' },
  { label: 'IRCnet', name: 'ircnet', url: 'ircs://irc.ircnet.com', channel: '#ircnet' },
  { label: 'Undernet', name: 'undernet', url: 'irc://irc.undernet.org', channel: '#undernet' },
  { label: 'QuakeNet', name: 'quakenet', url: 'irc://irc.quakenet.org', channel: '#quakenet' },
  { label: '', name: '', url: 'ircs://', channel: '' },
];

const OTHER = PRESETS.length - 1;

interface FieldProps {
  label: Word;
  value: string;
  onValue(value: string): void;
  hint?: Word;
  type?: string;
  required?: boolean;
  most?: number;
}

function Field({ label, value, onValue, hint, type = 'text', required = false, most = 500 }: FieldProps) {
  return (
    <label class="field">
      <span>{t(label)} {hint !== undefined && <em>{t(hint)}</em>}</span>
      <input type={type} value={value} maxLength={most} required={required} autocapitalize="none" autocomplete={type === 'password' ? 'new-password' : 'off'} spellcheck={false} onInput={(event) => onValue(event.currentTarget.value)} />
    </label>
  );
}

function Choice({ chosen, onChoose }: { chosen: number; onChoose(at: number): void }) {
  return (
    <label class="field">
      <span>{t('Network')}</span>
      <select aria-label={t('Network')} value={String(chosen)} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {PRESETS.map(({ label }, at) => <option key={at} value={String(at)} selected={at === chosen}>{label === '' ? t('Another one') : label}</option>)}
      </select>
    </label>
  );
}

function draftOf(existing: NetworkSettings | null, name: string, user: string): NetworkDraft {
  if (existing !== null) {
    const { url, nick, realname, saslHow, saslAccount } = existing;
    return { name, url, nick, realname, saslHow: saslHow ?? 'plain', saslAccount, saslPassword: '', join: '' };
  }
  const [first] = PRESETS;
  return { name: first!.name, url: first!.url, nick: user, realname: '', saslHow: 'plain', saslAccount: '', saslPassword: '', join: first!.channel };
}

const HOWS: [SaslHow, Word][] = [['plain', w('By password')], ['scram', w('By password, which is not sent (SCRAM)')], ['external', w('By certificate')]];

/** What the network's services must be told once. */
function Certificate({ fingerprint }: { fingerprint: string }) {
  const session = useSession();
  const line = `/msg NickServ CERT ADD ${fingerprint}`;
  if (fingerprint === '') return <p class="form-note">{t('Halley makes a certificate, and shows what the network is to be told of it.')}</p>;
  return (
    <p class="form-note">
      {t('Tell the network once whose certificate this is, logged in by password; on most, so:')} <code>{line}</code>{' '}
      {window.isSecureContext && <button type="button" class="link-button" onClick={() => copyText(session, line)}>{t('Copy')}</button>}
    </p>
  );
}

interface LoginProps {
  existing: NetworkSettings | null;
  draft: NetworkDraft;
  change(some: Partial<NetworkDraft>): void;
}

/** The account on the network. */
function LoginFields({ existing, draft, change }: LoginProps) {
  return (
    <>
      <label class="field">
        <span>{t('Log in there')}</span>
        <select value={draft.saslHow} onChange={({ currentTarget }) => change({ saslHow: currentTarget.value as SaslHow })}>
          {HOWS.map(([how, label]) => <option key={how} value={how} selected={how === draft.saslHow}>{t(label)}</option>)}
        </select>
      </label>
      {draft.saslHow === 'external' ? <Certificate fingerprint={existing?.certificate ?? ''} /> : (
        <>
          <Field label={w('Account')} value={draft.saslAccount} onValue={(value) => change({ saslAccount: value.trim() })} />
          <Field label={w('Password')} type="password" value={draft.saslPassword} hint={existing?.saslAccount ? w('(only to change it)') : w('(of that account)')} onValue={(saslPassword) => change({ saslPassword })} />
        </>
      )}
    </>
  );
}

interface Props {
  /** What is known of the one that is changed; null: a new one. */
  existing: NetworkSettings | null;
  name: string;
  onDone(): void;
  onCancel?: (() => void) | undefined;
}

export function NetworkForm({ existing, name, onDone, onCancel }: Props) {
  const session = useSession();
  const account = useAccount();
  const [preset, setPreset] = useState(existing === null ? 0 : OTHER);
  const [draft, setDraft] = useState(() => draftOf(existing, name, session.store.user.peek()));
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const change = (some: Partial<NetworkDraft>): void => setDraft({ ...draft, ...some });
  const choose = (at: number): void => {
    const next = PRESETS[at]!;
    setPreset(at);
    change({ name: next.name, url: next.url, join: next.channel });
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      if (existing === null) session.wantChannel();
      await account.run(existing === null ? addLine(draft) : setLine(draft, existing.saslHow !== null));
      onDone();
      // Its fingerprint is of use now.
      if (draft.saslHow === 'external' && existing?.saslHow !== 'external') openDialog({ kind: 'network', name: draft.name });
    } catch (refused) {
      setBusy(false);
      setError(refused instanceof Error ? refused.message : '');
    }
  };
  const own = preset === OTHER;
  return (
    <form ref={form} class="network-form" onSubmit={(event) => void submit(event)}>
      {existing === null && <Choice chosen={preset} onChoose={choose} />}
      {own && existing === null && <Field label={w('Name')} hint={w('(yours for it, in one word)')} value={draft.name} most={32} required onValue={(value) => change({ name: value.trim() })} />}
      {own && <Field label={w('Address')} value={draft.url} required onValue={(url) => change({ url })} />}
      {/^irc:/.test(draft.url) && <p class="form-note">{t('This address is not encrypted: everybody on the way can read along.')}</p>}
      <Field label={w('Nick')} value={draft.nick} most={64} required onValue={(value) => change({ nick: value.trim() })} />
      {existing === null && <Field label={w('Channel to join')} hint={w('(several with commas between)')} value={draft.join} onValue={(join) => change({ join })} />}
      <details open={existing !== null && existing.saslHow !== null}>
        <summary>{t('Account on this network')}</summary>
        <LoginFields existing={existing} draft={draft} change={change} />
        <Field label={w('Real name')} value={draft.realname} most={200} onValue={(realname) => change({ realname })} />
      </details>
      <p class="form-error" role="alert">{error}</p>
      <div class="dialog-buttons">
        {onCancel !== undefined && <button type="button" class="button" onClick={onCancel}>{t('Cancel')}</button>}
        <button type="submit" class="button primary" disabled={busy}>{existing === null ? t('Add network') : t('Save')}</button>
      </div>
    </form>
  );
}

/** Where somebody has no network yet. */
export function FirstNetwork() {
  return <NetworkForm existing={null} name="" onDone={() => undefined} />;
}
