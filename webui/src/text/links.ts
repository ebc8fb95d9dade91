// Finds web addresses and channel names in plain text. Pure.

export interface Found {
  type: 'link' | 'channel';
  start: number;
  end: number;
  /** For links: an address with a scheme. */
  href: string;
}

const CANDIDATE = /\b(?:https?:\/\/|www\.)[^\s<>"\x00-\x1f]+|#[^\s,:\x00-\x1f#"'()<>]+/giu;
/** Before a '#', these make it a part of something else (no lookbehind: older Safari knows none). */
const INSIDE_WORD = /[\p{L}\p{N}_/#&]/u;
const CLOSERS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

/** Punctuation at the end belongs to the sentence; a closing bracket only if it was opened inside. */
export function trimEnd(url: string): string {
  let end = url;
  for (;;) {
    const last = end.charAt(end.length - 1);
    const opener = CLOSERS[last];
    if (opener !== undefined && count(end, last) > count(end, opener)) end = end.slice(0, -1);
    else if (/[.,;:!?'"*_~»”’]/.test(last)) end = end.slice(0, -1);
    else return end;
  }
}

export function findLinks(text: string): Found[] {
  const found: Found[] = [];
  for (const match of text.matchAll(CANDIDATE)) {
    const start = match.index ?? 0;
    const isChannel = match[0].startsWith('#');
    if (isChannel && start > 0 && INSIDE_WORD.test(text.charAt(start - 1))) continue;
    const shown = isChannel ? match[0].replace(/[.!?;]+$/, '') : trimEnd(match[0]);
    if (shown.length < 2) continue;
    // "#1" and "#123" are numbers of issues far more often than channels.
    if (isChannel && /^#\d+$/.test(shown)) continue;
    if (isChannel) {
      found.push({ type: 'channel', start, end: start + shown.length, href: shown });
      continue;
    }
    const href = shown.toLowerCase().startsWith('www.') ? `https://${shown}` : shown;
    if (/^https?:\/\/[^/?#]+/i.test(href)) found.push({ type: 'link', start, end: start + shown.length, href });
  }
  return found;
}
