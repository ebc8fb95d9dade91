// QR codes (ISO/IEC 18004): bytes, error correction M, versions 1 to 10. Pure.

/** Of version 1 to 10: bytes of correction in a block, and blocks of how many bytes of data, as [count, size] pairs. */
const BLOCKS: [ec: number, groups: [count: number, size: number][]][] = [
  [10, [[1, 16]]], [16, [[1, 28]]], [26, [[1, 44]]], [18, [[2, 32]]], [24, [[2, 43]]],
  [16, [[4, 27]]], [18, [[4, 31]]], [22, [[2, 38], [2, 39]]], [22, [[3, 36], [2, 37]]], [26, [[4, 43], [1, 44]]],
];
const ALIGN = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

const EXP: number[] = [];
for (let i = 0, x = 1; i < 255; i += 1, x = x & 128 ? (x << 1) ^ 0x11d : x << 1) EXP[i] = x;
const LOG = new Map(EXP.map((value, power) => [value, power]));

function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[(LOG.get(a)! + LOG.get(b)!) % 255]!;
}

/** Reed-Solomon: the remainder of the data by the generator of that degree. */
function correction(data: number[], degree: number): number[] {
  let generator = [1];
  for (let i = 0; i < degree; i += 1) {
    const next = [...generator, 0];
    generator.forEach((value, at) => { next[at + 1]! ^= times(value, EXP[i]!); });
    generator = next;
  }
  const rest = [...data, ...Array<number>(degree).fill(0)];
  for (let i = 0; i < data.length; i += 1) {
    const factor = rest[i]!;
    generator.forEach((value, at) => { rest[i + at]! ^= times(value, factor); });
  }
  return rest.slice(data.length);
}

function capacity(version: number): number {
  return BLOCKS[version - 1]![1].reduce((sum, [count, size]) => sum + count * size, 0);
}

function codewords(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = [];
  const put = (value: number, length: number): void => { for (let i = length - 1; i >= 0; i -= 1) bits.push((value >> i) & 1); };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  const room = capacity(version);
  put(0, Math.min(4, room * 8 - bits.length));
  while (bits.length % 8 !== 0) bits.push(0);
  const data: number[] = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
  const [degree, groups] = BLOCKS[version - 1]!;
  const blocks: number[][] = [];
  for (const [count, size] of groups) for (let i = 0; i < count; i += 1) blocks.push(data.splice(0, size));
  const corrections = blocks.map((block) => correction(block, degree));
  const woven = (all: number[][]): number[] => Array.from({ length: Math.max(...all.map((each) => each.length)) }, (_, at) => all.flatMap((each) => (at < each.length ? [each[at]!] : []))).flat();
  return [...woven(blocks), ...woven(corrections)];
}

const MASKS: ((y: number, x: number) => boolean)[] = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];

/** What scanners find hard: long runs, squares, likenesses of the corners, too much of one colour. */
function penalty(grid: boolean[][]): number {
  let score = 0;
  let dark = 0;
  const size = grid.length;
  const lines = [...grid, ...grid.map((_, x) => grid.map((row) => row[x]!))];
  for (const line of lines) {
    const text = line.map(Number).join('');
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) score += run.length - 2;
    for (let at = 0; at + 11 <= size; at += 1) if (/^(10111010000|00001011101)$/.test(text.slice(at, at + 11))) score += 40;
  }
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      dark += Number(grid[y]![x]);
      if (y > 0 && x > 0 && grid[y]![x] === grid[y - 1]![x] && grid[y]![x] === grid[y]![x - 1] && grid[y]![x] === grid[y - 1]![x - 1]) score += 3;
    }
  }
  return score + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10;
}

/** Bits with the remainder of a division by a polynomial behind them (BCH). */
function coded(value: number, polynomial: number, degree: number): number {
  let rest = value << degree;
  for (let bit = 31; bit >= degree; bit -= 1) if ((rest >>> bit) & 1) rest ^= polynomial << (bit - degree);
  return (value << degree) | rest;
}

class Drawing {
  readonly size: number;
  readonly grid: (boolean | null)[][];

  constructor(private readonly version: number) {
    this.size = 17 + 4 * version;
    this.grid = Array.from({ length: this.size }, () => Array<boolean | null>(this.size).fill(null));
    const far = this.size - 7;
    for (const [y, x] of [[0, 0], [0, far], [far, 0]] as const) this.square(y + 3, x + 3, 4);
    const places = ALIGN[version - 1]!;
    for (const y of places) for (const x of places) if (this.grid[y]![x] === null) this.square(y, x, 2);
    for (let i = 8; i < this.size - 8; i += 1) this.grid[6]![i] = this.grid[i]![6] = i % 2 === 0;
    this.grid[this.size - 8]![8] = true;
    this.format(0); // its place is taken
    if (version >= 7) this.versionBits();
  }

  /** Rings about a centre: dark at 0 and 1, light at 2, dark at 3, light at 4; those of the small one are one nearer. */
  private square(cy: number, cx: number, reach: number): void {
    for (let y = -reach; y <= reach; y += 1) {
      for (let x = -reach; x <= reach; x += 1) {
        const ring = Math.max(Math.abs(y), Math.abs(x));
        if (this.grid[cy + y]?.[cx + x] !== undefined) this.grid[cy + y]![cx + x] = reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1;
      }
    }
  }

  format(mask: number): void {
    const bits = coded(mask, 0x537, 10) ^ 0x5412; // correction M is 00
    const { grid, size } = this;
    for (let i = 0; i < 15; i += 1) {
      const on = ((bits >> i) & 1) === 1;
      // Beside the upper left corner, and once more beside the two others.
      if (i < 6) grid[i]![8] = on;
      else if (i < 8) grid[i + 1]![8] = on;
      else if (i === 8) grid[8]![7] = on;
      else grid[8]![14 - i] = on;
      if (i < 8) grid[8]![size - 1 - i] = on;
      else grid[size - 15 + i]![8] = on;
    }
  }

  private versionBits(): void {
    const bits = coded(this.version, 0x1f25, 12);
    for (let i = 0; i < 18; i += 1) {
      const [long, short] = [Math.floor(i / 3), this.size - 11 + (i % 3)];
      this.grid[long]![short] = this.grid[short]![long] = ((bits >> i) & 1) === 1;
    }
  }

  /** Up and down in pairs of columns, from the lower right. */
  fill(words: number[], mask: (y: number, x: number) => boolean): boolean[][] {
    const grid = this.grid.map((row) => [...row]);
    let at = 0;
    for (let right = this.size - 1, up = true; right > 0; right -= 2, up = !up) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        const y = up ? this.size - 1 - step : step;
        for (const x of [right, right - 1]) {
          if (grid[y]![x] !== null) continue;
          const bit = ((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
          grid[y]![x] = (bit === 1) !== mask(y, x);
          at += 1;
        }
      }
    }
    return grid as boolean[][];
  }
}

/** Rows of dark and light; null: it is too long. */
export function qrCode(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, at) => capacity(at + 1) >= bytes.length + (at < 9 ? 2 : 3)) + 1;
  if (version === 0) return null;
  const words = codewords(bytes, version);
  let best: { grid: boolean[][]; score: number } | null = null;
  MASKS.forEach((mask, number) => {
    const drawing = new Drawing(version);
    drawing.format(number);
    const grid = drawing.fill(words, mask);
    const score = penalty(grid);
    if (best === null || score < best.score) best = { grid, score };
  });
  return best === null ? null : (best as { grid: boolean[][] }).grid;
}
