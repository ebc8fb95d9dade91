// A colour of its own for each nick, the same on every visit. The palette (NICK_COLOURS hues) is in the style sheet,
// once for light and once for dark.

export const NICK_COLOURS = 14;

export function nickColour(nick: string): number {
  // The tail that people add while their own nick is taken changes nothing.
  const name = nick.toLowerCase().replace(/[_`^|]+$/, '') || nick;
  let hash = 2166136261;
  for (let i = 0; i < name.length; i += 1) {
    hash ^= name.charCodeAt(i);
    hash = Math.imul(hash, 16777619);
  }
  // The low bits of FNV-1a alone mix poorly on short names.
  hash ^= hash >>> 15;
  return (hash >>> 0) % NICK_COLOURS;
}
