// What the page remembers between visits: theme, last open buffer, drafts, what was read. Storage may be absent or
// full (private windows): then the page simply forgets.

const PREFIX = 'halley.';

export class Memory {
  constructor(private readonly area: Storage | null) {}

  get(key: string): string | null {
    try {
      return this.area?.getItem(PREFIX + key) ?? null;
    } catch {
      return null;
    }
  }

  set(key: string, value: string): void {
    try {
      if (value === '') this.area?.removeItem(PREFIX + key);
      else this.area?.setItem(PREFIX + key, value);
    } catch {
      // Full or forbidden: not worth a word to the reader.
    }
  }
}

export function openMemory(which: 'localStorage' | 'sessionStorage'): Memory {
  try {
    return new Memory(window[which]);
  } catch {
    return new Memory(null);
  }
}
