// Cuts what is shown into blocks, one for each chunk, so that a run of joins and quits is one row however many chunks
// it spans: the block where it begins takes it all, and a chunk that was taken whole makes no block. Pure.

import type { Entry } from '../state/entry';
import type { Chunk } from '../state/log';
import { runsOn } from '../state/rows';

export interface BlockPlan {
  key: number;
  entries: Entry[];
  /** The entry before the first, for day marks and grouping. */
  before: Entry | null;
  /** Two plans of one key with the same stamp make the same rows. */
  stamp: string;
  divider: string | null;
}

function leadingRun(chunk: Chunk, before: Entry | null, divider: string | null): number {
  let taken = 0;
  for (let last = before; taken < chunk.entries.length && last !== null; taken += 1) {
    const entry = chunk.entries[taken]!;
    if (!runsOn(last, entry, divider)) break;
    last = entry;
  }
  return taken;
}

export function planBlocks(chunks: Chunk[], before: Entry | null, divider: string | null): BlockPlan[] {
  const plans: BlockPlan[] = [];
  let last = before;
  for (const chunk of chunks) {
    const { entries, version, key } = chunk;
    const open = plans[plans.length - 1];
    const taken = open === undefined ? 0 : leadingRun(chunk, last, divider);
    if (taken > 0 && open !== undefined) {
      open.entries = [...open.entries, ...entries.slice(0, taken)];
      open.stamp += `+${key}.${taken}`;
    }
    if (taken < entries.length) {
      const own = taken === 0 ? entries : entries.slice(taken);
      const mark = divider !== null && own.some((entry) => entry.key === divider) ? divider : null;
      const above = open === undefined ? before : (open.entries[open.entries.length - 1] ?? null);
      plans.push({ key, entries: own, before: above, stamp: `${version}-${taken}`, divider: mark });
    }
    last = entries[entries.length - 1] ?? last;
  }
  return plans;
}
