// The colours of nicks in a talk: neighbours are told apart (text/ink.ts).

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

export function inkIn(buffer: Buffer, nick: string): Css {
  return inksOf(buffer).of(nick);
}
