// Where somebody called us, on all networks, newest first. The server has no list of them: each of our nicks is looked
// for as a word, and what names us is kept. Networks are asked a few at a time, and only so far back as all were read.

import type { Api } from '../transport/api';
import { compareIds, sameEpoch } from '../transport/frames';
import { Search, type Hit } from './search';
import type { Store } from './store';

const SIDE_BY_SIDE = 2;
const MOST_NICKS = 4; // of a network: the present one and the last few

export class Mentions {
  private readonly searches: Search[] = [];

  constructor(api: Api, store: Store, private readonly changed: () => void) {
    for (const network of store.world.networks.values()) {
      const nicks = [network.nick, ...network.formerNicks.slice().reverse()].filter((nick) => nick !== '').slice(0, MOST_NICKS);
      for (const nick of nicks) {
        const query = { words: `"${nick.replace(/"/g, ' ')}"`, from: '', place: '', network: network.name, before: null, after: null, link: false };
        this.searches.push(new Search(api, store, query, () => undefined, (entry) => entry.highlight));
      }
    }
  }

  state: 'asking' | 'done' = 'asking';

  get error(): string {
    return this.searches.find((search) => search.state === 'failed')?.error ?? '';
  }

  get more(): boolean {
    return this.searches.some((search) => search.more);
  }

  stop(): void {
    for (const search of this.searches) search.stop();
  }

  async go(): Promise<void> {
    this.state = 'asking';
    this.changed();
    const queue = this.searches.filter((search) => search.hits.length === 0 || search.more);
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next.go();
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    this.state = 'done';
    this.changed();
  }

  /** One list, as far back as it has no gaps. */
  get hits(): Hit[] {
    const all = new Map<string, Hit>();
    for (const search of this.searches) for (const hit of search.hits) all.set(hit.id, hit);
    const newest = [...all.values()].sort((a, b) => (sameEpoch(a.id, b.id) ? compareIds(b.id, a.id) : b.entry.time - a.entry.time));
    const horizon = Math.max(0, ...this.searches.map((search) => search.reached));
    return newest.filter((hit) => hit.entry.time >= horizon);
  }
}
