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
  // FNV-1a alone mixes short names poorly: the finaliser of MurmurHash3 spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % NICK_COLOURS;
}
