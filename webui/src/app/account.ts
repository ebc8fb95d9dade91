// What its user may change of networks, devices and logins: commands as `/msg *halley` takes them (POST /api/account); and the password.

import { ApiError, type Api } from '../transport/api';
import { quote } from '../text/quote';
import { said, t } from '../words/words';
import { record, rows, text } from './raw';

/** How Halley logs in on a network: a password that is sent, one that is not (SCRAM), or a certificate (EXTERNAL). */
export type SaslHow = 'plain' | 'scram' | 'external';

const HOWS: readonly SaslHow[] = ['plain', 'scram', 'external'];

export interface NetworkDraft {
  name: string;
  url: string;
  nick: string;
  realname: string;
  saslHow: SaslHow;
  /** Empty: none. */
  saslAccount: string;
  saslPassword: string;
  join: string;
}

/** Empty: none. */
function saslOf({ saslHow, saslAccount }: NetworkDraft): string {
  if (saslHow === 'external') return saslHow;
  return saslAccount === '' ? '' : `${saslHow}:${saslAccount}`;
}

/** Settings as words; those that are empty are left as they are. */
function settings(draft: NetworkDraft): string[] {
  const { nick, realname, saslPassword, join } = draft;
  const sasl = saslOf(draft);
  const all: [string, string][] = [
    ['nick', nick],
    ['realname', realname],
    ['sasl', sasl],
    ['sasl-password', sasl.includes(':') ? saslPassword : ''],
    ['join', join],
  ];
  return all.filter(([, value]) => value !== '').map(([name, value]) => `${name}=${quote(value)}`);
}

export function addLine(draft: NetworkDraft): string {
  return ['network add', quote(draft.name), quote(draft.url), ...settings(draft)].join(' ');
}

export function setLine(draft: NetworkDraft, hadSasl: boolean): string {
  const sasl = hadSasl && saslOf(draft) === '' ? ['sasl=none'] : [];
  return ['network set', quote(draft.name), `url=${quote(draft.url)}`, ...settings(draft), ...sasl].join(' ');
}

/** What `network show` says of a network, as far as it is asked for here. */
export interface NetworkSettings {
  url: string;
  nick: string;
  realname: string;
  /** Null: it has no login there. */
  saslHow: SaslHow | null;
  saslAccount: string;
  /** Fingerprint of the certificate that the network is shown; empty: there is none. */
  certificate: string;
  enabled: boolean;
}

export interface Device {
  name: string;
  token: boolean;
  seen: string;
}

export interface NewDevice {
  name: string;
  token: string;
  url: string;
}

export interface WebLogin {
  id: string;
  agent: string;
  address: string;
  seen: string;
}

/** Each throws an Error with words for its user when it was refused. */
export class Account {
  constructor(private readonly api: Api) {}

  /** JSON of what was done. */
  async run(line: string): Promise<unknown> {
    const answer = await this.api.account(line);
    if (answer.status !== 0) throw new ApiError(200, 'refused', said(answer.text));
    return answer.json;
  }

  async network(name: string): Promise<NetworkSettings> {
    const raw = record(await this.run(`network show ${quote(name)}`));
    const [how, saslAccount = ''] = text(raw, 'sasl').split(/:(.*)/s);
    return {
      url: text(raw, 'url'),
      nick: text(raw, 'nick'),
      realname: text(raw, 'realname'),
      saslHow: HOWS.find((each) => each === how) ?? null,
      saslAccount,
      certificate: text(raw, 'client_cert'),
      enabled: raw['enabled'] !== false,
    };
  }

  async isAdmin(): Promise<boolean> {
    return record(await this.api.resource('GET', 'account'))['admin'] === true;
  }

  /** Of Halley. */
  async version(): Promise<string> {
    return text(record(await this.api.resource('GET', 'version')), 'version');
  }

  async devices(): Promise<Device[]> {
    return rows(await this.run('device list')).map((row) => ({ name: text(row, 'name'), token: row['token'] === true, seen: text(row, 'seen') }));
  }

  /** Its token, which is told once, and the link that sets a client up (empty: clients cannot reach Halley by TLS). */
  async addDevice(name: string): Promise<NewDevice> {
    const made = record(await this.run(`device add ${quote(name)}`));
    return { name, token: text(made, 'token'), url: text(made, 'url') };
  }

  async renameDevice(name: string, next: string): Promise<void> {
    await this.run(`device rename ${quote(name)} ${quote(next)}`);
  }

  async revokeDevice(name: string): Promise<void> {
    await this.run(`device revoke ${quote(name)} --yes`);
  }

  async logins(): Promise<WebLogin[]> {
    return rows(await this.run('session list')).map((row) => ({ id: text(row, 'id'), agent: text(row, 'agent'), address: text(row, 'address'), seen: text(row, 'seen') }));
  }

  async endLogin(id: string): Promise<void> {
    await this.run(`session revoke ${quote(id)}`);
  }

  /** Ends all logins by the old one; this browser goes on under a new cookie, for whoever asks from now on. */
  async setPassword(current: string, password: string): Promise<void> {
    try {
      await this.api.setPassword(current, password);
    } catch (error) {
      const wrong = error instanceof ApiError && error.code === 'wrong_login';
      throw wrong ? new ApiError(401, 'wrong_login', t('The current password is wrong.')) : error;
    }
  }
}
