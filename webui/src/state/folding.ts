// Which comings and goings are shown: all, those of people who spoke a while before, or none. Looks only backwards, so
// that what is shown once stays. Pure.

import { isQuiet, isTalk, type Entry } from './entry';

export type Folding = 'all' | 'spoke' | 'none';

const SPOKE_MS = 60 * 60_000;

/** Modes are always shown: they are about the channel. */
function comesOrGoes(entry: Entry): boolean {
  return isQuiet(entry.kind) && entry.kind !== 'mode';
}

export class Folder {
  private readonly spoke = new Map<string, number>();

  constructor(private readonly folding: Folding) {}

  /** Entries in their order; those of the log before the first one that matters, too. */
  shows(entry: Entry): boolean {
    if (this.folding === 'all') return true;
    if (isTalk(entry.kind)) this.spoke.set(entry.nick, entry.time);
    if (!comesOrGoes(entry)) return true;
    const last = this.spoke.get(entry.nick);
    const shown = this.folding === 'spoke' && (entry.own || (last !== undefined && entry.time - last < SPOKE_MS));
    // Under their new name they are still who spoke.
    if (entry.kind === 'nick' && last !== undefined) this.spoke.set(entry.target, last);
    return shown;
  }
}
