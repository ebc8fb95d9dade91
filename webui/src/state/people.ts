// What is known of a person, and what may be done about them. Pure.

import { foldName, isOwn, type Buffer, type Gathered, type Network } from './world';
import { n, t } from '../words/words';

/** What WHOIS told, as pairs of a name and words. */
export interface Facts {
  rows: { name: string; words: string }[];
  /** user@host; empty: not told. */
  host: string;
  /** They are not there. */
  gone: boolean;
}

export function lasting(seconds: number): string {
  if (!(seconds >= 60)) return t('less than a minute');
  if (seconds < 3600) return t('{0} min', Math.floor(seconds / 60));
  if (seconds < 86_400) return t('{0} h {1} min', Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60));
  const days = Math.floor(seconds / 86_400);
  return n(days, '1 day', '{0} days');
}

type Fact = (params: string[]) => { name: string; words: string };

const FACTS: Record<string, Fact> = {
  '311': (p) => ({ name: t('Name'), words: p[5] ?? '' }),
  '301': (p) => ({ name: t('Away'), words: p[2] ?? '' }),
  '330': (p) => ({ name: t('Account'), words: p[2] ?? '' }),
  '313': (p) => ({ name: t('Rank'), words: p[2] ?? t('is an operator of the network') }),
  '335': () => ({ name: t('Kind'), words: t('a bot') }),
  '319': (p) => ({ name: t('Channels'), words: (p[2] ?? '').trim() }),
  '312': (p) => ({ name: t('Server'), words: p[2] ?? '' }),
  '317': (p) => ({ name: t('Idle'), words: lasting(Number(p[2])) }),
  '671': () => ({ name: t('Connection'), words: t('encrypted') }),
};

/** `isShared`: of a channel as 319 has it; what is, is told elsewhere. */
export function factsOf({ rows }: Gathered, isShared: (ranked: string) => boolean = () => false): Facts {
  const facts: Facts = { rows: [], host: '', gone: false };
  for (const { code, params } of rows) {
    if (code === '401' || code === '402') facts.gone = true;
    if (code === '311') facts.host = `${params[2] ?? ''}@${params[3] ?? ''}`;
    const fact = FACTS[code]?.(params);
    if (fact === undefined || fact.words === '') continue;
    // Long lists come in several lines.
    const same = facts.rows.find(({ name }) => name === fact.name);
    if (same !== undefined) same.words += code === '319' ? ` ${fact.words}` : '';
    else facts.rows.push(fact);
    if (code === '311') facts.rows.push({ name: t('Address'), words: facts.host });
  }
  for (const row of facts.rows) {
    if (row.name !== t('Channels')) continue;
    const others = row.words.split(' ').filter((ranked) => !isShared(ranked)).join(' ');
    if (others !== row.words) Object.assign(row, { name: t('Other channels'), words: others });
  }
  facts.rows = facts.rows.filter(({ words }) => words !== '');
  return facts;
}

/** So many shared channels are named on a card, to be opened from there. */
export const SHARED_SHOWN = 12;

/** The channels where both are; none of ourselves. */
export function sharedChannels(network: Network, nick: string): Buffer[] {
  if (isOwn(network, nick)) return [];
  const folded = foldName(network, nick);
  return [...network.buffers.values()].filter((buffer) => buffer.kind === 'channel' && buffer.joined && buffer.members.has(folded));
}

/** Is it a channel where both are, and named as such? Its name stands behind the signs of a rank. */
export function sharedWith(network: Network, nick: string): (ranked: string) => boolean {
  const names = new Set(sharedChannels(network, nick).slice(0, SHARED_SHOWN).map(({ name }) => foldName(network, name)));
  const { prefixSigns, chantypes } = network.isupport;
  const ranked = (name: string): boolean => name.length > 1 && prefixSigns.includes(name.charAt(0)) && (prefixSigns + chantypes).includes(name.charAt(1));
  const bare = (name: string): string => (ranked(name) ? bare(name.slice(1)) : name);
  return (name) => names.has(foldName(network, bare(name)));
}

export interface Rights {
  /** Give and take the rank of an operator. */
  op: boolean;
  /** Give and take voice, remove, keep out, set topic and modes. */
  moderate: boolean;
}

/** What we may do in a channel, by our own rank there. */
export function rightsIn(network: Network, buffer: Buffer): Rights {
  const signs = buffer.members.get(foldName(network, network.nick))?.signs ?? '';
  const rank = (mode: string): number => network.isupport.prefixModes.indexOf(mode);
  const own = [...network.isupport.prefixSigns].findIndex((sign) => signs.includes(sign));
  const atLeast = (mode: string): boolean => own >= 0 && rank(mode) >= 0 && own <= rank(mode);
  return { op: atLeast('o'), moderate: atLeast('h') || atLeast('o') };
}

export function hasMode(network: Network, buffer: Buffer, nick: string, mode: string): boolean {
  const sign = network.isupport.prefixSigns.charAt(network.isupport.prefixModes.indexOf(mode));
  return sign !== '' && (buffer.members.get(foldName(network, nick))?.signs ?? '').includes(sign);
}
