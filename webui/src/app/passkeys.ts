// Passkeys: what the browser is asked for, and what it says, in the form that Halley takes (halley-web(7)). Fetched when it is first needed.

import { ApiError, type Api } from '../transport/api';
import { t } from '../words/words';
import { record, rows, text } from './raw';

export interface Passkey {
  id: string;
  name: string;
  /** Where it works. */
  host: string;
  used: string;
}

function toBytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
}

function toText(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** What went wrong at the device, for a person. */
function deviceError(error: unknown): Error {
  const name = error instanceof Error ? error.name : '';
  if (name === 'InvalidStateError') return new Error(t('This device has a passkey for you already.'));
  if (name === 'NotAllowedError' || name === 'AbortError') return new Error(t('Nothing came of it: it was cancelled, or this device has no passkey for this page.'));
  if (name === 'NotSupportedError' || name === 'ConstraintError') return new Error(t('This device makes no such passkeys: it must make sure who you are, by a PIN, a finger or a face.'));
  return error instanceof Error ? error : new Error(t('Logging in failed.'));
}

async function asked<Response extends AuthenticatorResponse>(question: Promise<Credential | null>): Promise<{ id: ArrayBuffer; response: Response }> {
  try {
    const found = (await question) as PublicKeyCredential | null;
    if (found === null) throw new DOMException('', 'NotAllowedError');
    return { id: found.rawId, response: found.response as Response };
  } catch (error) {
    throw deviceError(error);
  }
}

/** A name to begin with: which browser, on what. */
export function nameOfBrowser(agent: string): string {
  const first = (names: [RegExp, string][]): string => names.find(([sign]) => sign.test(agent))?.[1] ?? '';
  const browser = first([[/Edg/, 'Edge'], [/OPR/, 'Opera'], [/Firefox|FxiOS/, 'Firefox'], [/Chrom|CriOS/, 'Chrome'], [/Safari/, 'Safari']]);
  const system = first([[/Android/, 'Android'], [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Windows/, 'Windows'], [/Mac/, 'Mac'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux']]);
  return [browser, system].filter((part) => part !== '').join(', ');
}

/** Logs in. `username`: as typed; empty: whose the passkey is. */
export async function enterByPasskey(api: Api, username: string): Promise<void> {
  const options = record(await api.resource('POST', 'login/challenge', {}));
  const { id, response } = await asked<AuthenticatorAssertionResponse>(
    navigator.credentials.get({
      publicKey: { challenge: toBytes(text(options, 'challenge')), rpId: text(options, 'rpId'), userVerification: 'required' },
    }),
  );
  try {
    await api.enter('login/passkey', {
      id: toText(id),
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: response.userHandle === null ? null : toText(response.userHandle),
      ...(username === '' ? {} : { username }),
    });
  } catch (error) {
    const wrong = error instanceof ApiError && error.code === 'wrong_login';
    throw wrong ? new ApiError(401, 'wrong_login', t('This passkey does not let you in: it was revoked, or is another user’s than the one you named. Log in with your password.')) : error;
  }
}

export class Passkeys {
  constructor(private readonly api: Api) {}

  async list(): Promise<Passkey[]> {
    return rows(await this.api.resource('GET', 'passkeys')).map((row) => ({ id: text(row, 'id'), name: text(row, 'name'), host: text(row, 'host'), used: text(row, 'used') }));
  }

  async rename(id: string, name: string): Promise<void> {
    await this.api.resource('POST', `passkeys/${id}/rename`, { name });
  }

  async remove(id: string): Promise<void> {
    await this.api.resource('DELETE', `passkeys/${id}`);
  }

  /** Asks the device for one. */
  async add(name: string, current: string): Promise<void> {
    let options: Record<string, unknown>;
    try {
      options = record(await this.api.resource('POST', 'passkeys/challenge', { current }));
    } catch (error) {
      const wrong = error instanceof ApiError && error.code === 'wrong_login';
      throw wrong ? new ApiError(401, 'wrong_login', t('The current password is wrong.')) : error;
    }
    const user = record(options['user']);
    const { response } = await asked<AuthenticatorAttestationResponse>(
      navigator.credentials.create({
        publicKey: {
          ...(options as unknown as PublicKeyCredentialCreationOptions),
          challenge: toBytes(text(options, 'challenge')),
          user: { id: toBytes(text(user, 'id')), name: text(user, 'name'), displayName: text(user, 'displayName') },
          excludeCredentials: rows(options['excludeCredentials']).map((each) => ({ type: 'public-key' as const, id: toBytes(text(each, 'id')) })),
        },
      }),
    );
    const key = response.getPublicKey();
    if (key === null) throw new Error(t('This device makes no such passkeys: it must make sure who you are, by a PIN, a finger or a face.'));
    await this.api.resource('POST', 'passkeys', {
      name,
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.getAuthenticatorData()),
      publicKey: toText(key),
      publicKeyAlgorithm: response.getPublicKeyAlgorithm(),
    });
  }
}
