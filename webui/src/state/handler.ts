// What a handler of one command is given, and how it looks: fold.ts holds the table of them.

import type { Entry } from './entry';
import type { Line } from './line';
import type { Changes, Network, World } from './world';

export interface Context {
  world: World;
  network: Network;
  line: Line;
  id: string | null;
  time: number;
  /** When it was heard. */
  now: number;
  changes: Changes;
  /** The line as an entry; null when it says nothing to a reader. */
  entry(): Entry | null;
}

export type Handler = (context: Context) => void;
