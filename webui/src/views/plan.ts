// Cuts what is shown into blocks, one for each chunk, so that a run of joins and quits is one row however many chunks
// it spans: the block where it begins takes it all, and a chunk that was taken whole makes no block. Pure.

import { isQuiet, type Entry } from '../state/entry';
import { Folder, type Folding } from '../state/folding';
import type { Chunk, Log } from '../state/log';
import { followsOn, runsOn } from '../state/rows';
import { MIN_ROW_PX } from './shown';

/** Somebody's name and their first words are at least so high (messages.css), where a line does not stand behind its nick. */
export const MIN_TURN_PX = 52;

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

/** Without the comings and goings that are not wanted; a chunk that loses none stays itself. */
function folded(chunks: Chunk[], folder: Folder): Chunk[] {
  return chunks.map((chunk) => {
    const entries = chunk.entries.filter((entry) => folder.shows(entry));
    return entries.length === chunk.entries.length ? chunk : { key: chunk.key, version: chunk.version + entries.length / 1000, entries };
  });
}

export function planFolded(log: Log, shown: Chunk[], divider: string | null, folding: Folding): BlockPlan[] {
  const first = shown[0] === undefined ? -1 : log.chunks.indexOf(shown[0]);
  const folder = new Folder(folding);
  const above = folded(log.chunks.slice(0, Math.max(0, first)), folder);
  const before = above.map((chunk) => chunk.entries[chunk.entries.length - 1]).reverse().find((entry) => entry !== undefined);
  return planBlocks(folded(shown, folder).filter((chunk) => chunk.entries.length > 0), before ?? null, divider);
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

/** At least: a run of comings and goings is one row, where it begins. */
function heightOf(entry: Entry, above: Entry | null, turn: number): number {
  if (above !== null && isQuiet(above.kind) && isQuiet(entry.kind)) return 0;
  return entry.kind === 'message' && !followsOn(above, entry) ? turn : MIN_ROW_PX;
}

/** The newest of it, as much as fills so many pixels, whatever the letters; `turn`: MIN_TURN_PX, or that of a row. */
export function newestOf(plans: BlockPlan[], pixels: number, turn: number): BlockPlan[] {
  let left = pixels;
  for (let block = plans.length - 1; block >= 0; block -= 1) {
    const plan = plans[block]!;
    for (let at = plan.entries.length - 1; at >= 0; at -= 1) {
      const above = plan.entries[at - 1] ?? plan.before;
      left -= heightOf(plan.entries[at]!, above, turn);
      if (left > 0) continue;
      const cut = at === 0 ? plan : { ...plan, entries: plan.entries.slice(at), before: above, stamp: `${plan.stamp}>${at}` };
      return [cut, ...plans.slice(block + 1)];
    }
  }
  return plans;
}

/** Above a row where somebody reads on there may be the mark of a day. */
const ABOVE_PX = 200;

function endingAt(plans: BlockPlan[], block: number, at: number): BlockPlan[] {
  const last = plans[block]!;
  const cut = at === last.entries.length - 1 ? last : { ...last, entries: last.entries.slice(0, at + 1), stamp: `${last.stamp}<${at}` };
  return [...plans.slice(0, block), cut];
}

/** What stands about one entry: so many pixels from there on, and some above. All of it, where that entry is not. */
export function partAbout(plans: BlockPlan[], key: string, pixels: number, turn: number): BlockPlan[] {
  const from = plans.findIndex(({ entries }) => entries.some((entry) => entry.key === key));
  if (from < 0) return plans;
  let height = 0;
  for (let block = from; block < plans.length; block += 1) {
    const { entries, before } = plans[block]!;
    for (let at = block > from ? 0 : entries.findIndex((entry) => entry.key === key); at < entries.length; at += 1) {
      height += heightOf(entries[at]!, entries[at - 1] ?? before, turn);
      if (height >= pixels) return newestOf(endingAt(plans, block, at), height + ABOVE_PX, turn);
    }
  }
  return newestOf(plans, height + ABOVE_PX, turn);
}
