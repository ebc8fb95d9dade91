// What a tab and the hub say to each other. All of it can be cloned from one thread to another.

import type { Found } from './carriers';
import type { Outcome, Stamp } from './commands';
import type { Frame } from './frames';
import type { StreamStatus } from './stream';

export type ToHub =
  /** A tab that knows all up to `after` follows from there; `found` is what got through the last time. */
  | { kind: 'hello'; user: string; after: string; found: Found | null }
  | { kind: 'command'; token: string; network: string; line: string; stamp: Stamp | undefined }
  /** The number of `trying` is noted: whoever takes the order over knows it. */
  | { kind: 'tried'; token: string }
  | { kind: 'alive' }
  /** The line may be back, or the machine awake. `better`: the best carrier is to have its chance again. */
  | { kind: 'wake'; better: boolean }
  | { kind: 'bye' }
  /** The person logged out. */
  | { kind: 'left' }
  /** For the other tabs. */
  | { kind: 'share'; note: unknown };

export type ToTab =
  | { kind: 'frames'; frames: Frame[] }
  | { kind: 'status'; status: StreamStatus }
  | { kind: 'caughtUp'; lines: number }
  | { kind: 'gap' }
  | { kind: 'ended'; loggedOut: boolean }
  | { kind: 'waiting'; count: number; stuck: boolean }
  | { kind: 'trying'; token: string; stamp: Stamp }
  | { kind: 'outcome'; token: string; outcome: Outcome }
  | { kind: 'found'; found: Found }
  /** Say hello (again): the hub is new, or took you for gone. */
  | { kind: 'unknown' }
  /** The hub has no longer what you miss: read the present state anew. */
  | { kind: 'reread' }
  | { kind: 'share'; note: unknown };

/** One way to a hub. `hear` is called for what it says; `broken` once, when this way leads nowhere. */
export type OpenLink = (hear: (word: ToTab) => void, broken: () => void) => Link | null;

export interface Link {
  post(word: ToHub): void;
  close(): void;
}
