// Finds web and mail addresses and channel names in plain text. Pure.
//
// Where an address begins and ends follows the rules of linkify-it (markdown-it, MIT), as regular expressions of our own:
// the library would cost a tenth of the page. Beyond its rules, the punctuation of East Asian sentences, the backtick
// and the pipe never belong to an address.

export interface Found {
  type: 'link' | 'channel';
  start: number;
  end: number;
  /** For links: an address with a scheme. */
  href: string;
}

/** What is looked at in one text; the rest of it is longer than any message of IRC. */
const LONGEST = 16_384;

const SPACE = '\\p{Z}\\p{Cc}';
const WIDE = '\u2026\u3001\u3002\u3008-\u3011\u3014-\u301b\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff61-\uff64';
const APART = `><|\`\uff5c${WIDE}`;
const NONE = `${SPACE}${APART}`;
const LETTER = `(?:(?![${NONE}\\p{P}])[^])`;
const IP4 = '(?:(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)\\.){3}(?:25[0-5]|2[0-4]\\d|[01]?\\d\\d?)';
const AUTH = `(?:(?:(?![${NONE}@/\\[\\]()])[^])+@)?`;
const PORT = '(?::(?:6(?:[0-4]\\d{3}|5(?:[0-4]\\d{2}|5(?:[0-2]\\d|3[0-5])))|[1-5]?\\d{1,4}))?';
const HOST_END = `(?=$|[${NONE}\\p{P}])(?!-|_|:\\d|\\.-|\\.(?!$|[${NONE}\\p{P}]))`;
const XN = 'xn--[a-z0-9\\-]{1,59}';
const ROOT = `(?:${XN}|${LETTER}{1,63})`;
const DOMAIN = `(?:${XN}|${LETTER}(?:(?:-|${LETTER}){0,61}${LETTER})?)`;
const HOST = `(?:(?:${DOMAIN}\\.)*${DOMAIN})`;
const PATH = `(?:[/?#](?:(?![${NONE}()[\\]{}.,"'?!\\-;])[^]|\\[(?:(?![${NONE}\\]])[^])*\\]|\\((?:(?![${NONE})])[^])*\\)|\\{(?:(?![${NONE}}])[^])*\\}|\
"(?:(?![${NONE}"])[^])+"|'(?:(?![${NONE}'])[^])+'|'(?=${LETTER}|-)|\\.{2,}[a-zA-Z0-9%/&]|\\.(?![${NONE}.]|$)|-+|,(?![${NONE}]|$)|;(?![${NONE}]|$)|\
!+(?![${NONE}!]|$)|\\?(?![${NONE}?]|$))+|/)?`;
const MAIL_NAME = '[\\-;:&=+$,.a-zA-Z0-9_][\\-;:&=+$,."a-zA-Z0-9_]{0,63}';
/** Without a scheme only names under these are taken for addresses: all countries, and what else is common. */
const COUNTRIES =
  'a[cdefgilmnoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|g[abdefghilmnpqrstuwy]|h[kmnrtu]|' +
  'i[delmnoqrst]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]|' +
  's[abcdeghijklmnortuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]';
const TLD =
  `(?:${COUNTRIES}|biz|com|edu|gov|net|org|pro|web|xxx|aero|asia|coop|info|museum|name|shop|app|blog|chat|cloud|club|dev|link|live|` +
  'online|page|site|social|store|tech|wiki|xyz|рф)';
const KNOWN_HOST = `(?:${IP4}|www\\.(?:${DOMAIN}\\.)+${ROOT}|(?:${DOMAIN}\\.)+${TLD})`;

const flags = 'iuy';
const AFTER_SCHEME: Record<string, RegExp> = {};
const web = new RegExp(`//${AUTH}${HOST}${PORT}${HOST_END}${PATH}`, flags);
for (const scheme of ['http:', 'https:', 'ftp:', 'irc:', 'ircs:']) AFTER_SCHEME[scheme] = web;
AFTER_SCHEME['mailto:'] = new RegExp(`${MAIL_NAME}@${HOST}${HOST_END}`, flags);
AFTER_SCHEME['//'] = new RegExp(`${AUTH}(?:localhost|(?:${DOMAIN}\\.)+${ROOT})${PORT}${HOST_END}${PATH}`, flags);

const SCHEME = new RegExp(`(^|(?!_)[${APART}${SPACE}\\p{P}])(https?:|ftp:|ircs?:|mailto:|//)`, 'iug');
const BARE = new RegExp(`(^|(?![.:/\\-_@])[$+<=>^${APART}${SPACE}\\p{P}])((?![$+<=>^\`|\uff5c])${KNOWN_HOST}${PORT}${HOST_END}${PATH})`, 'iug');
const MAIL = new RegExp(`(^|[${APART}"(${SPACE}])(${MAIL_NAME}@${KNOWN_HOST}${HOST_END})`, 'iug');
const CHANNEL = /#{1,2}[^\s,:\x00-\x1f#"'()<>`|\u2026\u3001\u3002\uff08\uff09\uff0c]+/gu;
/** Before a '#', these make it a part of something else (no lookbehind: older Safari knows none). */
const INSIDE_WORD = /[\p{L}\p{N}_/#&]/u;

type Search = (text: string, from: number) => Found | null;

/** An address with its scheme; one whose scheme stands inside a word, or behind another, is none. */
const withScheme: Search = (text, from) => {
  SCHEME.lastIndex = from;
  for (let match = SCHEME.exec(text); match !== null; match = SCHEME.exec(text)) {
    const scheme = match[2]!.toLowerCase();
    const start = match.index + match[1]!.length;
    const behind = start + scheme.length;
    const rest = AFTER_SCHEME[scheme]!;
    rest.lastIndex = behind;
    const found = scheme === '//' && /[:/]/.test(text.charAt(start - 1)) ? null : rest.exec(text);
    if (found !== null) {
      const end = behind + found[0].length;
      return { type: 'link', start, end, href: (scheme === '//' ? 'https:' : '') + text.slice(start, end) };
    }
    // What follows the scheme may itself begin an address.
    SCHEME.lastIndex = Math.max(match.index + 1, behind - 2);
  }
  return null;
};

function bySearch(pattern: RegExp, prefix: string): Search {
  return (text, from) => {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (match === null) return null;
    const start = match.index + match[1]!.length;
    return { type: 'link', start, end: start + match[2]!.length, href: prefix + match[2]! };
  };
}

const channel: Search = (text, from) => {
  CHANNEL.lastIndex = from;
  for (let match = CHANNEL.exec(text); match !== null; match = CHANNEL.exec(text)) {
    const start = match.index;
    if (start > 0 && INSIDE_WORD.test(text.charAt(start - 1))) continue;
    const name = match[0].replace(/[.!?;\]}*]+$/, '');
    // "#1" and "#123" are numbers of issues far more often than channels.
    if (!/^#{1,2}\d*$/.test(name)) return { type: 'channel', start, end: start + name.length, href: name };
  }
  return null;
};

/** Addresses lie apart by spaces at least: none begins in the middle of another. */
const SEARCHES: { search: Search; maybe: RegExp }[] = [
  { search: withScheme, maybe: /:|\/\// },
  { search: bySearch(MAIL, 'mailto:'), maybe: /@/ },
  { search: bySearch(BARE, 'https://'), maybe: /\./ },
  { search: channel, maybe: /#/ },
];

export function findLinks(whole: string): Found[] {
  const text = whole.slice(0, LONGEST);
  const found: Found[] = [];
  const next = SEARCHES.filter(({ maybe }) => maybe.test(text)).map(({ search }) => ({ search, first: search(text, 0) }));
  for (;;) {
    let best: Found | null = null;
    for (const { first } of next) if (first !== null && (best === null || first.start < best.start)) best = first;
    if (best === null) return found;
    found.push(best);
    const { end } = best;
    for (const each of next) if (each.first !== null && each.first.start < end) each.first = each.search(text, end);
  }
}
