// The colours of nicks in a talk: neighbours are told apart (app/inks.ts).

import { signal } from '@preact/signals';
import type { Session } from '../app/session';
import type { Buffer } from '../state/world';
import type { Css } from '../text/ink';

/** Somebody in a talk got another colour than their own: the list of all who are there has it, too. */
export const recoloured = signal(0);

export function inkIn({ inks: kept }: Session, buffer: Buffer, nick: string): Css {
  const inks = kept.of(buffer);
  const { others } = inks;
  const ink = inks.of(nick);
  // Not while that list may be drawn itself.
  if (inks.others !== others) queueMicrotask(() => { recoloured.value += 1; });
  return ink;
}
