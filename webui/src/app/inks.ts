// The colours of nicks in talks (text/ink.ts). Who got another than their own, to be told from those around, keeps it over
// visits: in this browser, by user, gone with the login.

import type { Buffer } from '../state/world';
import { NickInks } from '../text/ink';
import type { Env } from '../transport/env';
import { Memory } from './memory';

const KEY = 'inks';
const SAVE_MS = 1000;
/** Of all talks, the newest. */
export const MOST_INKS = 500;

function parse(text: string | null): [string, number][] {
  try {
    const rows = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(rows) ? rows.filter((row): row is [string, number] => typeof row?.[0] === 'string' && Number.isInteger(row?.[1])) : [];
  } catch {
    return []; // by another version, or hand
  }
}

export class Inks {
  private talks = new WeakMap<Buffer, NickInks>();
  private memory = new Memory(null);
  /** By buffer and name: which of the name's other colours. */
  private turns = new Map<string, number>();
  private saving = false;

  constructor(private readonly env: Pick<Env, 'setTimer'>) {}

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.talks = new WeakMap();
    this.turns = new Map(parse(memory.get(KEY)));
  }

  of(buffer: Buffer): NickInks {
    let inks = this.talks.get(buffer);
    if (inks === undefined) {
      const at = (name: string): string => `${buffer.key} ${name}`;
      inks = new NickInks({ get: (name) => this.turns.get(at(name)), set: (name, turn) => this.keep(at(name), turn) });
      this.talks.set(buffer, inks);
    }
    return inks;
  }

  private keep(where: string, turn: number): void {
    this.turns.set(where, turn);
    if (this.saving) return;
    this.saving = true;
    const { memory } = this;
    this.env.setTimer(() => {
      this.saving = false;
      if (memory === this.memory) this.save();
    }, SAVE_MS);
  }

  /** What other tabs have kept stays. */
  private save(): void {
    const rows = [...new Map([...parse(this.memory.get(KEY)), ...this.turns])].slice(-MOST_INKS);
    this.turns = new Map(rows);
    this.memory.set(KEY, JSON.stringify(rows));
  }
}
