// The channels of a network (LIST) as rows to look through. Pure.

import { stripFormat } from '../text/format';
import type { Gathered } from './world';

export interface ListedChannel {
  name: string;
  members: number;
  topic: string;
}

/** Rows that came since `from` numerics were seen through. */
export function listedChannels(gathered: Gathered, from: number): ListedChannel[] {
  const listed: ListedChannel[] = [];
  for (let i = from; i < gathered.rows.length; i += 1) {
    const { code, params } = gathered.rows[i]!;
    if (code === '322') listed.push({ name: params[1] ?? '', members: Number(params[2]) || 0, topic: stripFormat(params[3] ?? '') });
  }
  return listed;
}

/** What the network says instead of a list; empty: nothing. */
export function listTrouble({ rows }: Gathered): string {
  const refusal = rows.find(({ code }) => code === '263' || (code >= '400' && code < '600'));
  return refusal === undefined ? '' : (refusal.params[refusal.params.length - 1] ?? '');
}

/** Those whose name or topic has all words, the largest first. */
export function sift(channels: ListedChannel[], filter: string): ListedChannel[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const fitting = channels.filter(({ name, topic }) => {
    const text = `${name} ${topic}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return fitting.sort((a, b) => b.members - a.members || (a.name < b.name ? -1 : 1));
}
