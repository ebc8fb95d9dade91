// One search of what was said, on all networks: asks the server page by page, and applies what it cannot do itself.
// Without a word to look for the server has no answer: then the lines of the one channel that is named are read.

import type { Api, FoundPage } from '../transport/api';
import { isTalk, type Entry } from '../state/entry';
import { historyEntries } from '../state/fold';
import type { SearchQuery } from '../state/search_query';
import { foldName, type Network } from '../state/world';
import { stripFormat } from '../text/format';
import { findLinks } from '../text/links';
import type { Store } from './store';
import { t } from '../words/words';

export interface Hit {
  network: string;
  /** The channel or nick; empty: the network's own page. */
  place: string;
  id: string;
  entry: Entry;
}

export type SearchState = 'asking' | 'done' | 'failed';

/** A page is this long; so many of them are read for one look, until so many hits are there; more than that are not kept. */
const PAGE = 100;
const LONG_PAGE = 500;
const PAGES_AT_ONCE = 8;
const WANTED = 20;
export const MOST_HITS = 2000;

export function hasLink(entry: Entry): boolean {
  return findLinks(stripFormat(entry.text)).some((found) => found.type === 'link');
}

export class Search {
  readonly hits: Hit[] = [];
  state: SearchState = 'asking';
  error = '';
  private next: string | null = null;
  private stopped = false;

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    readonly query: SearchQuery,
    private readonly changed: () => void,
    /** Which of the lines found are wanted. */
    private readonly wanted: (entry: Entry) => boolean = () => true,
  ) {}

  /** There may be older hits. */
  get more(): boolean {
    return this.next !== null && this.hits.length < MOST_HITS;
  }

  /** How far back it is known in full, milliseconds (ids are microseconds); 0: to the beginning. */
  get reached(): number {
    return this.next === null ? 0 : Number(this.next.slice(this.next.indexOf(':') + 1)) / 1000;
  }

  /** Nobody looks at it any more. */
  stop(): void {
    this.stopped = true;
  }

  async go(): Promise<void> {
    this.state = 'asking';
    this.changed();
    const had = this.hits.length;
    try {
      for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
        const found = await this.page();
        if (this.stopped) return;
        this.take(found);
        if (this.next === null || this.hits.length - had >= WANTED) break;
      }
      this.state = 'done';
    } catch (error) {
      this.state = 'failed';
      this.error = error instanceof Error ? error.message : t('The search failed.');
    }
    if (!this.stopped) this.changed();
  }

  private page(): Promise<FoundPage> {
    const { words, link } = this.query;
    // An address has "http" in it as a word, more often than not; others are found when words are given.
    if (words !== '' || link) return this.ask(words === '' ? 'http*' : words);
    return this.read();
  }

  private ask(words: string): Promise<FoundPage> {
    const { from, place, network, before, after } = this.query;
    return this.api.search({
      q: words,
      from,
      target: place,
      network: this.networkName(network),
      before: this.next ?? (before === null ? '' : new Date(before).toISOString()),
      after: after === null ? '' : new Date(after).toISOString(),
      limit: String(PAGE),
    });
  }

  private async read(): Promise<FoundPage> {
    const { place, before, after } = this.query;
    const network = this.placeOn();
    const id = this.next ?? (before === null ? null : `${before}000`);
    const { lines, more } = await this.api.history(network.name, place, id === null ? null : { by: 'before', id }, LONG_PAGE);
    const [oldest] = lines;
    const first = oldest === undefined ? undefined : historyEntries(network, [oldest])[0];
    const past = after !== null && first !== undefined && first.time < after;
    const found = lines.map((line) => ({ ...line, target: place })).reverse();
    return { lines: found, next: more === true && !past && oldest !== undefined ? oldest.id : null };
  }

  private networkName(typed: string): string {
    const names = [...this.store.world.networks.keys()];
    return names.find((name) => name.toLowerCase() === typed.toLowerCase()) ?? typed;
  }

  /** The network whose channel is meant: the one that is named, else the one that is open, else any that has it. */
  private placeOn(): Network {
    const { place, network: typed } = this.query;
    const { world, active } = this.store;
    const named = typed === '' ? undefined : world.networks.get(this.networkName(typed));
    const open = world.networks.get(active.value?.network ?? '');
    const having = [open, ...world.networks.values()].find((network) => network?.buffers.has(foldName(network, place)) === true);
    const network = named ?? having;
    if (network === undefined) throw new Error(t('There is no {0} to look in.', place));
    return network;
  }

  private take({ lines, next }: FoundPage): void {
    const { from, before, after, link } = this.query;
    for (const line of lines) {
      const network = this.store.world.networks.get(line.network);
      const entry = network === undefined ? undefined : historyEntries(network, [line])[0];
      if (network === undefined || entry === undefined || this.hits.length >= MOST_HITS) continue;
      if (from !== '' && foldName(network, entry.nick) !== foldName(network, from)) continue;
      if ((before !== null && entry.time >= before) || (after !== null && entry.time < after)) continue;
      if ((link && !hasLink(entry)) || !isTalk(entry.kind) || !this.wanted(entry)) continue;
      this.hits.push({ network: line.network, place: line.target, id: line.id, entry });
    }
    this.next = next;
  }
}
