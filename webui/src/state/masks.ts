// Masks of people: nick!user@host with * and ?. Pure.

import { fold } from './isupport';

/** What somebody typed as a mask: a bare nick means that nick from anywhere, user@host means any nick. */
export function toMask(text: string): string {
  if (text.includes('!')) return text;
  return text.includes('@') ? `*!${text}` : `${text}!*@*`;
}

export interface Mask {
  text: string;
  pattern: RegExp;
}

export function compileMask(text: string): Mask {
  const runs = fold(text, 'rfc1459').replace(/\*+/g, '*');
  const pattern = runs.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : sign === '?' ? '.' : `\\${sign}`));
  return { text, pattern: new RegExp(`^${pattern}$`, 's') };
}

export function matchesMask(masks: readonly Mask[], source: { nick: string; user: string; host: string }): boolean {
  if (masks.length === 0 || source.nick === '') return false;
  const whole = fold(`${source.nick}!${source.user}@${source.host}`, 'rfc1459');
  return masks.some(({ pattern }) => pattern.test(whole));
}
