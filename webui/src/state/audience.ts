// Whom a message to a channel is for: "@#c" reaches the operators of #c alone (ISUPPORT STATUSMSG). Pure.

import type { Isupport } from './isupport';
import { t, w, type Word } from '../words/words';

export interface Audience {
  /** The signs before the channel's name; empty: everybody there. */
  signs: string;
  /** The channel, or the nick, itself. */
  name: string;
}

/** Networks that do not say it use the signs of their ranks. */
export function statusSigns(isupport: Isupport): string {
  return isupport.statusmsg || isupport.prefixSigns;
}

export function audienceOf(target: string, chantypes: string, signs: string): Audience {
  let at = 0;
  while (at < target.length && signs.includes(target.charAt(at))) at += 1;
  const isChannel = at < target.length && chantypes.includes(target.charAt(at));
  return isChannel ? { signs: target.slice(0, at), name: target.slice(at) } : { signs: '', name: target };
}

const RANKS: Record<string, Word> = { '~': w('owners'), '&': w('admins'), '@': w('operators'), '%': w('half-operators'), '+': w('voices') };

/** "to operators": for the row. */
export function audienceName(signs: string): string {
  const rank = signs.charAt(signs.length - 1);
  const name = RANKS[rank];
  return t('to {0}', name === undefined ? signs : t(name));
}
