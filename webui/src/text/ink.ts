// Colours that can be read: nicks and mIRC colours, moved towards black or white until they stand out from the paper
// they are on. Where the paper is the theme's, an ink is a pair, for light and for dark; the style sheet picks. Pure.

import { extendedColour, type Style } from './format';

export type Css = Record<string, string>;

/** The least contrast of text (WCAG 2.1, 1.4.3). */
export const READABLE = 4.5;
/** The darkest surface of the light theme, and the lightest of the dark one. */
export const LIGHT_PAPER = '#e2e7f7';
export const DARK_PAPER = '#263045';

/** Colours 0-15, as mIRC has them. */
const BASIC = 'ffffff 000000 00007f 009300 ff0000 7f0000 9c009c fc7f00 ffff00 00fc00 009393 00ffff 0000fc ff00ff 7f7f7f d2d2d2'.split(' ');

type Rgb = [number, number, number];

function toRgb(hex: string): Rgb {
  const value = parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function toHex(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function linear(part: number): number {
  const value = part / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(linear) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(toRgb(a)), luminance(toRgb(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const STEPS = 20;

function moved(colour: string, end: number, step: number): string {
  return toHex(toRgb(colour).map((part) => part + ((end - part) * step) / STEPS) as Rgb);
}

function takesDark(paper: string): boolean {
  return contrast('#000000', paper) > contrast('#ffffff', paper);
}

/** `ink`, or the nearest to it that can be read on `paper`. */
export function readable(ink: string, paper: string): string {
  const end = takesDark(paper) ? 0 : 255;
  for (let step = 0; step < STEPS; step += 1) {
    const found = moved(ink, end, step);
    if (contrast(found, paper) >= READABLE) return found;
  }
  return moved(ink, end, STEPS);
}

/** The ink moves away from its paper, and then the paper from the ink: white on red stays white on a red. */
function readablePair(ink: string, paper: string): Css {
  const difference = luminance(toRgb(ink)) - luminance(toRgb(paper));
  const light = difference === 0 ? !takesDark(paper) : difference > 0;
  const [end, other] = light ? [255, 0] : [0, 255];
  for (let step = 0; step <= 2 * STEPS; step += 1) {
    const color = moved(ink, end, Math.min(step, STEPS));
    const background = moved(paper, other, Math.max(0, step - STEPS));
    if (contrast(color, background) >= READABLE) return { 'background-color': background, color };
  }
  return { 'background-color': paper, color: takesDark(paper) ? '#000000' : '#ffffff' };
}

/** An ink for both themes: see `.ink` in the style sheet. */
export function inkPair(light: string, dark = light): Css {
  return { '--l': readable(light, LIGHT_PAPER), '--d': readable(dark, DARK_PAPER) };
}

function colour(value: number | string): string {
  if (typeof value === 'string') return value.toLowerCase();
  return value < 16 ? `#${BASIC[value]}` : extendedColour(value);
}

const pairs = new Map<number | string, Css>();
const MOST_PAIRS = 500;

function cached(key: number | string, make: () => Css): Css {
  let known = pairs.get(key);
  if (known === undefined) {
    if (pairs.size >= MOST_PAIRS) pairs.clear();
    known = make();
    pairs.set(key, known);
  }
  return known;
}

/** What colours a run of a message; `ink`: the pair needs the class of that name. Null where it has none. */
export function inkOf(style: Style): { css: Css; ink: boolean } | null {
  const { fg, bg } = style.reverse ? { fg: style.bg, bg: style.fg } : style;
  if (bg !== null) {
    const paper = colour(bg);
    const words = fg === null ? (takesDark(paper) ? '#000000' : '#ffffff') : colour(fg);
    return { css: readablePair(words, paper), ink: false };
  }
  return fg === null ? null : { css: cached(fg, () => inkPair(colour(fg))), ink: true };
}

function hslToHex(hue: number, saturation: number, lightness: number): string {
  const part = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return 255 * (lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return toHex([part(0), part(8), part(4)]);
}

/** Hues that look equally far apart, in degrees: greens take much of the wheel and look alike. */
const HUES = [-20, 5, 28, 48, 75, 140, 165, 187, 200, 222, 265, 305, 340];

function hueAt(degree: number): number {
  const at = Math.floor(degree / 30);
  const from = HUES[at]!;
  return (from + ((HUES[at + 1]! - from) * (degree % 30)) / 30 + 360) % 360;
}

/** Full, muted and deep. */
const TONES: [saturation: number, light: number, dark: number][] = [
  [0.9, 0.42, 0.68],
  [0.35, 0.4, 0.74],
  [0.75, 0.26, 0.84],
];

function hash(name: string): number {
  let value = 2166136261;
  for (let i = 0; i < name.length; i += 1) {
    value ^= name.charCodeAt(i);
    value = Math.imul(value, 16777619);
  }
  // FNV-1a alone mixes short names poorly: the finaliser of MurmurHash3 spreads them.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** The tail that people add while their own nick is taken changes nothing. */
function nameOf(nick: string): string {
  return nick.toLowerCase().replace(/[_`^|]+$/, '') || nick;
}

/** The colour of a name, or its `turn`th other: any of 360 hues in three tones. */
function inkOfName(name: string, turn = 0): Css {
  return cached(`n${turn} ${name}`, () => {
    const value = hash(turn === 0 ? name : `${turn} ${name}`);
    const [saturation, light, dark] = TONES[Math.floor(value / 360) % TONES.length]!;
    const hue = hueAt(value % 360);
    return inkPair(hslToHex(hue, saturation, light), hslToHex(hue, saturation, dark));
  });
}

/** A colour of its own for each nick, the same on every visit. Needs the class `ink`. */
export function nickInk(nick: string): Css {
  return inkOfName(nameOf(nick));
}

/** Lightness and two axes of colour, in which equal distances look equal (OKLab). */
function toLab(colour: string): Rgb {
  const [r, g, b] = toRgb(colour).map(linear) as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** How far apart two inks look, on the paper where they look most alike. */
export function inkDistance(a: Css, b: Css): number {
  return Math.min(...['--l', '--d'].map((which) => {
    const [x, y] = [toLab(a[which]!), toLab(b[which]!)];
    return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
  }));
}

/** Three times what is just seen: two colours at this distance are two colours. */
export const TOLD_APART = 0.06;
const NEIGHBOURS = 12;
const TURNS = 40;
const MOST_NICKS = 1000;

/** Which of a name's other colours it has: kept, so that it has it the next time. */
export interface Turns {
  get(name: string): number | undefined;
  set(name: string, turn: number): void;
}

/** The nicks of one talk: who would look like one of the last few that were shown gets another colour, and keeps it. */
export class NickInks {
  /** How many got another colour than their own. */
  others = 0;
  private readonly given = new Map<string, Css>();
  private recent: Css[] = [];

  constructor(private readonly turns: Turns = new Map<string, number>()) {}

  of(nick: string): Css {
    const name = nameOf(nick);
    const ink = this.given.get(name) ?? this.give(name);
    this.recent = [ink, ...this.recent.filter((each) => each !== ink)].slice(0, NEIGHBOURS);
    return ink;
  }

  /** For a list of all who are there: nobody is told apart for it. */
  peek(nick: string): Css {
    const name = nameOf(nick);
    return this.given.get(name) ?? inkOfName(name, this.turns.get(name));
  }

  private give(name: string): Css {
    const turn = this.turns.get(name) ?? this.choose(name);
    const ink = inkOfName(name, turn);
    if (this.given.size >= MOST_NICKS) this.given.clear();
    this.given.set(name, ink);
    if (turn > 0) this.others += 1;
    return ink;
  }

  private choose(name: string): number {
    let best = 0;
    let most = -1;
    for (let turn = 0; turn < TURNS && most < TOLD_APART; turn += 1) {
      const ink = inkOfName(name, turn);
      const least = Math.min(1, ...this.recent.map((each) => inkDistance(each, ink)));
      if (least > most) [best, most] = [turn, least];
    }
    if (best > 0) this.turns.set(name, best);
    return best;
  }
}
