// What a Session is made of, and how it names places.

import type { Me } from '../transport/api';
import type { Env } from '../transport/env';
import type { OpenLink } from '../transport/hub_words';
import type { World } from '../state/world';
import type { Memory } from './memory';
import type { Store } from './store';

/** A network, and a buffer of it by name; an empty name is the network's own page. */
export interface Place {
  network: string;
  name: string;
  /** A line there. */
  id?: string | null;
}

/** What an earlier visit saw last (copy.ts). */
export interface LastSeen {
  me: Me;
  time: number;
  /** Into a world that is empty still. */
  fill(world: World): void;
}

export interface SessionParts {
  env: Env;
  /** Ways to what holds the stream, the best first. */
  links: OpenLink[];
  store: Store;
  /** Survives the visit (last buffer, read marks); and what lives with the tab (drafts). */
  lasting: Memory;
  tab: Memory;
  /** Wall clock, milliseconds. */
  clock(): number;
  randomId(): string;
  /** What the address bar names; null: nothing in particular. */
  address(): Place | null;
  lastSeen(): Promise<LastSeen | null>;
}
