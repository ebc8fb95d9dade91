// A channel's modes as an editor shows them: taken apart from 324, and the MODE lines that turn one state into
// another. Pure.

import { parseModes, type Isupport } from './isupport';
import type { Gathered } from './world';
import { w, type Word } from '../words/words';

export interface ChannelModes {
  flags: Set<string>;
  key: string;
  limit: string;
}

/** Modes that an editor offers, in words; those that the network does not know are left out. */
export const FLAGS: [mode: string, words: Word][] = [
  ['i', w('Only invited people may join')],
  ['m', w('Only voices and operators may speak')],
  ['n', w('Nobody speaks from outside')],
  ['t', w('Only operators set the topic')],
  ['s', w('Hidden from lists')],
  ['p', w('Private')],
  ['c', w('No colours')],
  ['r', w('Only people with an account may join')],
];

/** Lists of masks that channels keep. */
export const LISTS: Record<string, Word> = { b: w('Bans'), e: w('Exceptions from bans'), I: w('Always let in'), q: w('Quieted') };

export function knownFlags(isupport: Isupport): [string, Word][] {
  return FLAGS.filter(([mode]) => isupport.chanmodes[3].includes(mode));
}

export function listModes(isupport: Isupport): string[] {
  return [...isupport.chanmodes[0]].filter((mode) => LISTS[mode] !== undefined);
}

/** Null until it was told. */
export function modesOf(gathered: Gathered, isupport: Isupport): ChannelModes | null {
  const told = gathered.rows.find(({ code }) => code === '324');
  if (told === undefined) return null;
  const modes: ChannelModes = { flags: new Set(), key: '', limit: '' };
  for (const { add, mode, param } of parseModes(told.params.slice(2), isupport)) {
    if (!add) continue;
    if (mode === 'k') modes.key = param ?? '';
    else if (mode === 'l') modes.limit = param ?? '';
    else modes.flags.add(mode);
  }
  return modes;
}

/** MODE lines, each with as many changes as the network takes. */
export function modeLines(channel: string, from: ChannelModes, to: ChannelModes, most: number): string[] {
  const changes: { sign: string; mode: string; param: string }[] = [];
  for (const mode of new Set([...from.flags, ...to.flags])) {
    if (from.flags.has(mode) !== to.flags.has(mode)) changes.push({ sign: to.flags.has(mode) ? '+' : '-', mode, param: '' });
  }
  if (to.key !== from.key) {
    if (from.key !== '') changes.push({ sign: '-', mode: 'k', param: from.key });
    if (to.key !== '') changes.push({ sign: '+', mode: 'k', param: to.key });
  }
  if (to.limit !== from.limit) changes.push(to.limit === '' ? { sign: '-', mode: 'l', param: '' } : { sign: '+', mode: 'l', param: to.limit });
  const lines: string[] = [];
  for (let at = 0; at < changes.length; at += most) {
    const some = changes.slice(at, at + most);
    const letters = some.map(({ sign, mode }) => sign + mode).join('');
    lines.push([`MODE ${channel} ${letters}`, ...some.map(({ param }) => param).filter((param) => param !== '')].join(' '));
  }
  return lines;
}

export interface ListedMask {
  mask: string;
  by: string;
}

/** The masks of a list: numerics with the channel, the mask, and who set it. */
export function masksOf(gathered: Gathered, mode: string): ListedMask[] {
  const at = mode === 'q' ? 3 : 2; // 728 names the mode besides
  return gathered.rows
    .filter(({ code }) => ['367', '348', '346', '728'].includes(code))
    .map(({ params }) => ({ mask: params[at] ?? '', by: (params[at + 1] ?? '').replace(/!.*$/, '') }))
    .filter(({ mask }) => mask !== '');
}

/** Why nothing was told; empty: nothing stands against it. */
export function refusalOf(gathered: Gathered): string {
  const refusal = gathered.rows.find(({ code }) => code >= '400' && code < '600');
  return refusal === undefined ? '' : (refusal.params[refusal.params.length - 1] ?? '');
}
