// Long text in parts that fit one IRC line of 512 bytes, cut between words where there are any.

const LINE_BYTES = 512;
/** ":nick!user@host PRIVMSG target :...\r\n" as others get it; user and host are not known here: their usual bounds. */
const SOURCE_BYTES = 1 + 1 + 10 + 1 + 63 + 1;

const encoder = new TextEncoder();

function bytes(text: string): number {
  return encoder.encode(text).length;
}

function takeBytes(text: string, room: number): string {
  let used = 0;
  let end = 0;
  for (const char of text) {
    const size = bytes(char);
    if (used + size > room) break;
    used += size;
    end += char.length;
  }
  return text.slice(0, end);
}

export function splitText(text: string, target: string, nick: string, action: boolean): string[] {
  const frame = SOURCE_BYTES + bytes(nick) + bytes(` PRIVMSG ${target} :`) + 2 + (action ? 9 : 0);
  const room = Math.max(100, LINE_BYTES - frame);
  const parts: string[] = [];
  let rest = text;
  while (bytes(rest) > room) {
    let part = takeBytes(rest, room);
    const space = part.lastIndexOf(' ');
    if (space > part.length / 2) part = part.slice(0, space);
    parts.push(part);
    rest = rest.slice(part.length).replace(/^ /, '');
  }
  if (rest !== '') parts.push(rest);
  return parts;
}
