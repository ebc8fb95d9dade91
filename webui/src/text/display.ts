// Names and words of strangers, made safe to look at: nothing invisible, nothing that turns its neighbours around, no
// towers of accents. Pure; what is sent back to the network is never this but the name itself.

/** Controls, direction marks, zero-width and other letters without a shape. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufff9-\ufffb]|[\ufe00-\ufe0f]|\p{Co}/gu;
const JOINED_EMOJI = /\p{Extended_Pictographic}(?:[\ufe0f\u{1f3fb}-\u{1f3ff}])?(?:\u200d\p{Extended_Pictographic}(?:[\ufe0f\u{1f3fb}-\u{1f3ff}])?)*/gu;
const SHOWS_CLEAN = /^[\x20-\x7e]*$/;
/** More marks on one letter than any language has. */
const MARKS = 3;
const TOWER = new RegExp(`(\\p{M}{${MARKS}})\\p{M}+`, 'gu');
/** First strong isolate, pop: what stands between does not turn what stands around. */
const ISOLATE = '\u2068';
const END = '\u2069';

/** Letters with more than a few marks lose the rest. */
export function withoutTowers(text: string): string {
  return text.replace(TOWER, '$1');
}

function name(code: string): string {
  return `‹${code.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** A name as it may be shown: invisible letters are spelled out, so that no two names look the same by them. */
export function showNick(nick: string): string {
  if (SHOWS_CLEAN.test(nick)) return nick;
  let shown = '';
  let at = 0;
  // Within an emoji, joiners and variants belong.
  for (const emoji of nick.matchAll(JOINED_EMOJI)) {
    shown += nick.slice(at, emoji.index).replace(INVISIBLE, name) + emoji[0];
    at = (emoji.index ?? 0) + emoji[0].length;
  }
  return withoutTowers(shown + nick.slice(at).replace(INVISIBLE, name));
}

/** The same within a sentence. */
export function isolated(nick: string): string {
  return SHOWS_CLEAN.test(nick) ? nick : `${ISOLATE}${showNick(nick)}${END}`;
}

const LATIN = /\p{Script=Latin}/u;
const COUSINS = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** Letters of two alphabets that look alike in one word: for a hint, not a verdict. */
export function mixesAlphabets(word: string): boolean {
  return LATIN.test(word) && COUSINS.test(word);
}

/** The plain form ("xn--...") of a host that may be taken for another one; null for hosts that speak for themselves. */
export function hostHint(href: string): string | null {
  let host: string;
  try {
    host = new URL(href).hostname;
  } catch {
    return null;
  }
  if (!/(^|\.)xn--/.test(host)) return null;
  const said = /^[^:]*:\/\/(?:[^/?#@]*@)?([^/?#:]*)/.exec(href)?.[1] ?? '';
  // One alphabet throughout, that is not ours: its readers know it. All others get the hint.
  const foreign = said !== '' && !LATIN.test(said) && !/^xn--/.test(said);
  return foreign ? null : host;
}
