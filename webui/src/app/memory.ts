// What the page remembers between visits: theme, last open buffer, drafts, what was read. Storage may be absent or
// full (private windows): then the page simply forgets.
//
// What belongs to a user is kept in a memory of its own (`of`), named by user and epoch: two people at one browser,
// or one name on two databases, never see each other's. clear() at logout takes all of it.

const PREFIX = 'halley.';

export class Memory {
  constructor(
    private readonly area: Storage | null,
    private readonly prefix = PREFIX,
  ) {}

  /** The part that belongs to one user of one database. */
  of(user: string, epoch: string): Memory {
    return new Memory(this.area, `${this.prefix}of/${encodeURIComponent(user)}/${encodeURIComponent(epoch)}/`);
  }

  get(key: string): string | null {
    try {
      return this.area?.getItem(this.prefix + key) ?? null;
    } catch {
      return null;
    }
  }

  /** False when it could not be kept: full or forbidden. */
  set(key: string, value: string): boolean {
    try {
      if (value === '') this.area?.removeItem(this.prefix + key);
      else this.area?.setItem(this.prefix + key, value);
      return this.area !== null;
    } catch {
      return false;
    }
  }

  keys(): string[] {
    const { area } = this;
    if (area === null) return [];
    try {
      const all = Array.from({ length: area.length }, (_, at) => area.key(at) ?? '');
      return all.filter((key) => key.startsWith(this.prefix)).map((key) => key.slice(this.prefix.length));
    } catch {
      return [];
    }
  }

  clear(): void {
    for (const key of this.keys()) this.set(key, '');
  }
}

export function openMemory(which: 'localStorage' | 'sessionStorage'): Memory {
  try {
    return new Memory(window[which]);
  } catch {
    return new Memory(null);
  }
}
