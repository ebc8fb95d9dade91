// mIRC formatting codes (modern.ircdocs.horse/formatting) as runs of text with a style. Pure.

export interface Style {
  bold: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  mono: boolean;
  reverse: boolean;
  /** 0-98, or '#rrggbb'; null: the reader's own. */
  fg: number | string | null;
  bg: number | string | null;
}

export interface Run {
  text: string;
  style: Style;
}

export const PLAIN: Style = Object.freeze({
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  mono: false,
  reverse: false,
  fg: null,
  bg: null,
});

type Toggle = 'bold' | 'italic' | 'underline' | 'strike' | 'mono' | 'reverse';

const TOGGLES: Record<string, Toggle> = {
  '\x02': 'bold',
  '\x1d': 'italic',
  '\x1f': 'underline',
  '\x1e': 'strike',
  '\x11': 'mono',
  '\x16': 'reverse',
};

const ANY_CODE = /[\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f]/;
const COLOUR = /^\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?/;
const HEX = /^\x04(?:([0-9a-fA-F]{6})(?:,([0-9a-fA-F]{6}))?)?/;

/** 99 is "the default"; so is anything else beyond the table. */
function indexed(digits: string | undefined): number | null {
  const value = digits === undefined ? 99 : Number(digits);
  return value <= 98 ? value : null;
}

/** How many characters the code at the start of `text` takes, and the style after it. */
function readCode(text: string, style: Style): [number, Style] {
  const code = text.charAt(0);
  if (code === '\x0f') return [1, PLAIN];
  const toggle = TOGGLES[code];
  if (toggle !== undefined) return [1, { ...style, [toggle]: !style[toggle] }];
  if (code === '\x03') {
    const match = COLOUR.exec(text)!;
    if (match[1] === undefined) return [1, { ...style, fg: null, bg: null }];
    const bg = match[2] === undefined ? style.bg : indexed(match[2]);
    return [match[0].length, { ...style, fg: indexed(match[1]), bg }];
  }
  const match = HEX.exec(text)!;
  if (match[1] === undefined) return [1, { ...style, fg: null, bg: null }];
  const bg = match[2] === undefined ? style.bg : `#${match[2]}`;
  return [match[0].length, { ...style, fg: `#${match[1]}`, bg }];
}

export function toRuns(text: string): Run[] {
  const runs: Run[] = [];
  let style = PLAIN;
  let rest = text;
  while (rest !== '') {
    const at = rest.search(ANY_CODE);
    const plain = at < 0 ? rest : rest.slice(0, at);
    if (plain !== '') runs.push({ text: plain, style });
    if (at < 0) break;
    const [length, next] = readCode(rest.slice(at), style);
    style = next;
    rest = rest.slice(at + length);
  }
  return runs;
}

export function stripFormat(text: string): string {
  return ANY_CODE.test(text) ? toRuns(text).map((run) => run.text).join('') : text;
}

/** Colours 16-98: the same on every client. */
const TABLE = [
  '470000 472100 474700 324700 004700 00472c 004747 002747 000047 2e0047 470047 47002a',
  '740000 743a00 747400 517400 007400 007449 007474 004074 000074 4b0074 740074 740045',
  'b50000 b56300 b5b500 7db500 00b500 00b571 00b5b5 0063b5 0000b5 7500b5 b500b5 b5006b',
  'ff0000 ff8c00 ffff00 b2ff00 00ff00 00ffa0 00ffff 008cff 0000ff a500ff ff00ff ff0098',
  'ff5959 ffb459 ffff71 cfff60 6fff6f 65ffc9 6dffff 59b4ff 5959ff c459ff ff66ff ff59bc',
  'ff9c9c ffd39c ffff9c e2ff9c 9cff9c 9cffdb 9cffff 9cd3ff 9c9cff dc9cff ff9cff ff94d3',
  '000000 131313 282828 363636 4d4d4d 656565 818181 9f9f9f bcbcbc e2e2e2 ffffff',
].flatMap((row) => row.split(' '));

/** '#rrggbb' of a colour beyond the first sixteen. */
export function extendedColour(index: number): string {
  return `#${TABLE[index - 16] ?? '808080'}`;
}
