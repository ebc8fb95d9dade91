// The colours of nicks in a talk: neighbours are told apart (text/ink.ts).

import { signal } from '@preact/signals';
import type { Buffer } from '../state/world';
import { NickInks, type Css } from '../text/ink';

const talks = new WeakMap<Buffer, NickInks>();

export function inksOf(buffer: Buffer): NickInks {
  let inks = talks.get(buffer);
  if (inks === undefined) {
    inks = new NickInks();
    talks.set(buffer, inks);
  }
  return inks;
}

/** Somebody in a talk got another colour than their own: the list of all who are there has it, too. */
export const recoloured = signal(0);

export function inkIn(buffer: Buffer, nick: string): Css {
  const inks = inksOf(buffer);
  const { others } = inks;
  const ink = inks.of(nick);
  // Not while that list may be drawn itself.
  if (inks.others !== others) queueMicrotask(() => { recoloured.value += 1; });
  return ink;
}
