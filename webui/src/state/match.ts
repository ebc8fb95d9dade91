// How well a name answers to what somebody typed, for lists to choose from. Pure.

const START = 4;
const WORD = 3;
const WITHIN = 2;
const SCATTERED = 1;

/** 0: not at all. Better the earlier and the more whole the letters stand; the shorter name wins a draw. */
export function score(typed: string, name: string): number {
  const what = typed.toLowerCase();
  const where = name.toLowerCase().replace(/^[#&+!@/]+/, (signs) => (/^[#&+!@/]/.test(typed) ? signs : ''));
  if (what === '') return SCATTERED;
  const whole = 1 / (1 + where.length);
  const at = where.indexOf(what);
  if (at === 0) return START + whole;
  if (at > 0) return (/[\p{L}\p{N}]/u.test(where.charAt(at - 1)) ? WITHIN : WORD) + whole;
  let from = 0;
  for (const letter of what) {
    const found = where.indexOf(letter, from);
    if (found < 0) return 0;
    from = found + 1;
  }
  return SCATTERED + whole;
}

/** The best first; as many as asked for. */
export function best<T>(typed: string, items: T[], name: (item: T) => string, most: number): T[] {
  return items
    .map((item, index) => ({ item, index, value: score(typed, name(item)) }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, most)
    .map(({ item }) => item);
}
