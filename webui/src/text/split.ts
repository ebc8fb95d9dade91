// Long text in parts that fit one IRC line of 512 bytes, cut between words where there are any.

const LINE_BYTES = 512;
/** ":nick!user@host PRIVMSG target :...\r\n" as others get it; user and host are not known here: their usual bounds. */
const SOURCE_BYTES = 1 + 1 + 10 + 1 + 63 + 1;

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function takeBytes(text: string, room: number): string {
  let used = 0;
  let end = 0;
  for (const char of text) {
    const size = byteLength(char);
    if (used + size > room) break;
    used += size;
    end += char.length;
  }
  return text.slice(0, end);
}

/** Bytes that one message to `target` may have. */
export function roomIn(target: string, nick: string, action: boolean): number {
  const frame = SOURCE_BYTES + byteLength(nick) + byteLength(` PRIVMSG ${target} :`) + 2 + (action ? 9 : 0);
  return Math.max(100, LINE_BYTES - frame);
}

export function splitText(text: string, target: string, nick: string, action: boolean): string[] {
  const room = roomIn(target, nick, action);
  const parts: string[] = [];
  let rest = text;
  while (byteLength(rest) > room) {
    let part = takeBytes(rest, room);
    const space = part.lastIndexOf(' ');
    if (space > part.length / 2) part = part.slice(0, space);
    parts.push(part);
    rest = rest.slice(part.length).replace(/^ /, '');
  }
  if (rest !== '') parts.push(rest);
  return parts;
}
