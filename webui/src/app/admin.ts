// What administrators see and change of this Halley: its users, who is locked out, what runs (halley-web(7), RESOURCES).

import type { Api } from '../transport/api';

export interface UserRow {
  name: string;
  admin: boolean;
  enabled: boolean;
  networks: number;
  created: string;
  /** Days that lines are kept; empty: as halley.toml has it. */
  days: string;
  /** MiB of files they may have here; empty: as many as anybody. */
  quota: string;
}

export interface Invitation {
  id: number;
  /** How many may still register. */
  uses: number;
  /** As a day. */
  until: string;
  note: string;
}

export interface Status {
  version: string;
  uptime: number;
  memory: number;
  database: number;
  lines: number;
  /** What is wrong with the data or the disk, in the server's words. */
  troubles: string[];
  /** Clients and networks now, by user. */
  users: Map<string, { clients: number; networks: number }>;
}

type Raw = Record<string, unknown>;

function record(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? (value as Raw) : {};
}

function rows(value: unknown): Raw[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function count(raw: Raw, name: string): number {
  return Number(raw[name] ?? 0) || 0;
}

function length(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

/** Each throws an Error with words for its user when it was refused. */
export class Admin {
  constructor(private readonly api: Api) {}

  async users(): Promise<UserRow[]> {
    return rows(await this.api.resource('GET', 'users')).map((raw) => ({
      name: String(raw['name'] ?? ''),
      admin: raw['admin'] === true,
      enabled: raw['enabled'] !== false,
      networks: count(raw, 'networks'),
      created: String(raw['created'] ?? '').slice(0, 10),
      days: raw['retention_days'] == null ? '' : String(raw['retention_days']),
      quota: raw['upload_quota'] == null ? '' : String(raw['upload_quota']),
    }));
  }

  async status(): Promise<Status> {
    const raw = record(await this.api.resource('GET', 'status'));
    const store = record(raw['store']);
    const trouble = String(store['trouble'] ?? '');
    const damage = Array.isArray(raw['damage']) ? raw['damage'].map(String) : [];
    return {
      version: String(raw['version'] ?? ''),
      uptime: count(raw, 'uptime_s'),
      memory: count(raw, 'memory_bytes'),
      database: count(store, 'database_bytes'),
      lines: count(store, 'events'),
      troubles: trouble === '' ? damage : [trouble, ...damage],
      users: new Map(rows(raw['users']).map((user) => [String(user['name'] ?? ''), { clients: length(user['clients']), networks: length(user['networks']) }])),
    };
  }

  add(name: string, password: string, admin: boolean): Promise<unknown> {
    return this.api.resource('POST', 'users', { name, password, ...(admin ? { admin: true } : {}) });
  }

  set(name: string, what: { admin: boolean } | { password: string } | { 'retention-days': string } | { 'upload-quota': string }): Promise<unknown> {
    return this.api.resource('PATCH', `users/${encodeURIComponent(name)}`, what);
  }

  enable(name: string, on: boolean): Promise<unknown> {
    return this.api.resource('POST', `users/${encodeURIComponent(name)}/${on ? 'enable' : 'disable'}`, {});
  }

  rename(name: string, next: string): Promise<unknown> {
    return this.api.resource('POST', `users/${encodeURIComponent(name)}/rename`, { name: next });
  }

  remove(name: string): Promise<unknown> {
    return this.api.resource('DELETE', `users/${encodeURIComponent(name)}`);
  }

  /** The code of a link by which a user sets a new password, told once. */
  async reset(name: string): Promise<string> {
    return String(record(await this.api.resource('POST', `users/${encodeURIComponent(name)}/reset`, {}))['code'] ?? '');
  }

  async invitations(): Promise<Invitation[]> {
    return rows(await this.api.resource('GET', 'invitations')).map((raw) => ({
      id: count(raw, 'id'),
      uses: count(raw, 'uses'),
      until: String(raw['until'] ?? '').slice(0, 10),
      note: String(raw['note'] ?? ''),
    }));
  }

  /** The code of an invitation, told once. */
  async invite(uses: number, days: number, note: string): Promise<string> {
    return String(record(await this.api.resource('POST', 'invitations', { uses, days, ...(note === '' ? {} : { note }) }))['code'] ?? '');
  }

  revokeInvitation(id: number): Promise<unknown> {
    return this.api.resource('DELETE', `invitations/${id}`);
  }

  /** Who failed to log in too often may try again: one user or address, or everybody. What was lifted, in the server's words. */
  async unlock(who = ''): Promise<string> {
    return String(record(await this.api.resource('POST', 'unlock', who === '' ? {} : { who }))['unlocked'] ?? '');
  }

  /** A line to all users, kept for those who are away; how many they are. */
  async notice(text: string): Promise<number> {
    return count(record(await this.api.resource('POST', 'notice', { text })), 'users');
  }

  reload(): Promise<unknown> {
    return this.api.resource('POST', 'reload', {});
  }
}
