// One line of IRC, taken apart (RFC 1459 2.3, IRCv3 message-tags). Pure.

export interface Line {
  tags: Map<string, string>;
  nick: string;
  user: string;
  host: string;
  command: string;
  params: string[];
}

const ESCAPES: Record<string, string> = { ':': ';', s: ' ', '\\': '\\', r: '\r', n: '\n' };

function unescapeTag(value: string): string {
  return value.replace(/\\(.?)/gs, (_, c: string) => ESCAPES[c] ?? c);
}

function parseTags(text: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const item of text.split(';')) {
    if (item === '') continue;
    const at = item.indexOf('=');
    if (at < 0) tags.set(item, '');
    else tags.set(item.slice(0, at), unescapeTag(item.slice(at + 1)));
  }
  return tags;
}

function parsePrefix(prefix: string): { nick: string; user: string; host: string } {
  const at = prefix.indexOf('@');
  const host = at < 0 ? '' : prefix.slice(at + 1);
  const rest = at < 0 ? prefix : prefix.slice(0, at);
  const bang = rest.indexOf('!');
  return bang < 0 ? { nick: rest, user: '', host } : { nick: rest.slice(0, bang), user: rest.slice(bang + 1), host };
}

function parseParams(text: string): string[] {
  const params: string[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^ +/, '');
    if (rest === '') return params;
    if (rest.startsWith(':')) return [...params, rest.slice(1)];
    const at = rest.indexOf(' ');
    if (at < 0) return [...params, rest];
    params.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
}

/** Null when there is no command in it. */
export function parseLine(raw: string): Line | null {
  let rest = raw.replace(/[\r\n]+$/, '');
  let tags = new Map<string, string>();
  if (rest.startsWith('@')) {
    const at = rest.indexOf(' ');
    if (at < 0) return null;
    tags = parseTags(rest.slice(1, at));
    rest = rest.slice(at).replace(/^ +/, '');
  }
  let source = { nick: '', user: '', host: '' };
  if (rest.startsWith(':')) {
    const at = rest.indexOf(' ');
    if (at < 0) return null;
    source = parsePrefix(rest.slice(1, at));
    rest = rest.slice(at).replace(/^ +/, '');
  }
  const params = parseParams(rest);
  const command = params.shift();
  if (command === undefined || command === '') return null;
  return { tags, ...source, command: command.toUpperCase(), params };
}

/** Milliseconds of the `time` tag (IRCv3 server-time), else `fallback`. */
export function lineTime(line: Line, fallback: number): number {
  const time = line.tags.get('time');
  const parsed = time === undefined ? NaN : Date.parse(time);
  return Number.isNaN(parsed) ? fallback : parsed;
}

/** A CTCP request or reply: `\x01ACTION waves\x01`. */
export function parseCtcp(text: string): { command: string; text: string } | null {
  if (!text.startsWith('\x01') || text.length < 2) return null;
  const body = text.endsWith('\x01') ? text.slice(1, -1) : text.slice(1);
  const at = body.indexOf(' ');
  return at < 0
    ? { command: body.toUpperCase(), text: '' }
    : { command: body.slice(0, at).toUpperCase(), text: body.slice(at + 1) };
}
