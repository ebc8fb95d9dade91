// What a person typed, turned into what to do. Pure.

import { splitText } from '../text/split';
import { audienceOf } from './audience';
import type { BufferKind } from './world';

export interface InputContext {
  kind: BufferKind;
  target: string;
  joined: boolean;
  nick: string;
  chantypes: string;
  /** Signs that may stand before a channel as a target. */
  statusSigns: string;
}

export interface Echo {
  /** The channel or nick whose page it appears on; `audience` are the signs that stood before it. */
  target: string;
  audience: string;
  kind: 'message' | 'action' | 'notice';
  text: string;
}

export type Action =
  /** A line for the network; with `echo`, one that comes back and is shown grey until it does. */
  | { type: 'send'; line: string; echo?: Echo }
  | { type: 'open'; target: string }
  | { type: 'names'; target: string }
  | { type: 'close' }
  | { type: 'channels' }
  | { type: 'info'; text: string };

export type Parsed = { ok: true; actions: Action[] } | { ok: false; error: string };

const refuse = (error: string): Parsed => ({ ok: false, error });
const act = (...actions: Action[]): Parsed => ({ ok: true, actions });
const send = (line: string): Parsed => act({ type: 'send', line });

function speak(context: InputContext, target: string, kind: 'message' | 'action' | 'notice', text: string): Action[] {
  const { signs, name } = audienceOf(target, context.chantypes, context.statusSigns);
  const command = kind === 'notice' ? 'NOTICE' : 'PRIVMSG';
  return splitText(text, target, context.nick, kind === 'action').map((part) => ({
    type: 'send',
    line: kind === 'action' ? `PRIVMSG ${target} :\x01ACTION ${part}\x01` : `${command} ${target} :${part}`,
    echo: { target: name, audience: signs, kind, text: part },
  }));
}

function cut(text: string): [string, string] {
  const match = /^(\S*)\s*([\s\S]*)$/.exec(text);
  return [match?.[1] ?? '', match?.[2] ?? ''];
}

function isChannel(context: InputContext, name: string): boolean {
  return name !== '' && context.chantypes.includes(name.charAt(0));
}

function say(context: InputContext, kind: 'message' | 'action', text: string): Parsed {
  if (context.kind === 'server') {
    return refuse('Nothing can be said on the network’s own page. Try /join #channel, or /msg NICK text.');
  }
  if (context.kind === 'channel' && !context.joined) {
    return refuse(`You are not in ${context.target}. Join it again with /join ${context.target}.`);
  }
  return act(...speak(context, context.target, kind, text));
}

/** The channel a command is about: named first, or the one on the page. */
function channelAndRest(context: InputContext, args: string): [string, string] {
  const [first, rest] = cut(args);
  if (isChannel(context, first)) return [first, rest];
  return [context.kind === 'channel' ? context.target : '', args];
}

const NO_CHANNEL = 'This needs a channel: open one, or name it first.';

type Command = (context: InputContext, args: string) => Parsed;

const join: Command = (context, args) => {
  const [names, key] = cut(args || (context.kind === 'channel' ? context.target : ''));
  if (names === '') return refuse('Which channel? For example: /join #halley');
  const sign = context.chantypes.charAt(0) || '#';
  const list = names.split(',').map((name) => (isChannel(context, name) ? name : sign + name));
  return send(`JOIN ${list.join(',')}${key === '' ? '' : ` ${key}`}`);
};

const part: Command = (context, args) => {
  const [channel, reason] = channelAndRest(context, args);
  if (channel === '') return context.kind === 'query' ? act({ type: 'close' }) : refuse(NO_CHANNEL);
  if (channel === context.target && !context.joined) return act({ type: 'close' });
  return send(`PART ${channel}${reason === '' ? '' : ` :${reason}`}`);
};

const topic: Command = (context, args) => {
  const [channel, text] = channelAndRest(context, args);
  if (channel === '') return refuse(NO_CHANNEL);
  return send(text === '' ? `TOPIC ${channel}` : `TOPIC ${channel} :${text}`);
};

const msg: Command = (context, args) => {
  const [target, text] = cut(args);
  if (target === '' || text === '') return refuse('Whom, and what? For example: /msg vera Good morning');
  const actions: Action[] = speak(context, target, 'message', text);
  const { name } = audienceOf(target, context.chantypes, context.statusSigns);
  return isChannel(context, name) ? act(...actions) : act({ type: 'open', target }, ...actions);
};

const query: Command = (context, args) => {
  const [target, text] = cut(args);
  const { name } = audienceOf(target, context.chantypes, context.statusSigns);
  if (target === '' || isChannel(context, name)) return refuse('With whom? For example: /query vera');
  return act({ type: 'open', target }, ...(text === '' ? [] : speak(context, target, 'message', text)));
};

const kick: Command = (context, args) => {
  const [channel, rest] = channelAndRest(context, args);
  const [nick, reason] = cut(rest);
  if (channel === '') return refuse(NO_CHANNEL);
  if (nick === '') return refuse('Whom? For example: /kick spammer Enough.');
  return send(`KICK ${channel} ${nick}${reason === '' ? '' : ` :${reason}`}`);
};

const invite: Command = (context, args) => {
  const [nick, named] = cut(args);
  const channel = named || (context.kind === 'channel' ? context.target : '');
  if (nick === '' || channel === '') return refuse('Whom, and where to? For example: /invite vera #halley');
  return send(`INVITE ${nick} ${channel}`);
};

const notice: Command = (context, args) => {
  const [target, text] = cut(args);
  if (target === '' || text === '') return refuse('Whom, and what? For example: /notice vera Back soon');
  return act(...speak(context, target, 'notice', text));
};

const mode: Command = (context, args) => {
  const [first] = cut(args);
  const named = isChannel(context, first) || first.toLowerCase() === context.nick.toLowerCase();
  const target = context.kind === 'channel' ? context.target : context.nick;
  return send(`MODE ${named ? args : `${target} ${args}`.trim()}`);
};

const names: Command = (context, args) => {
  const [channel] = channelAndRest(context, args);
  return channel === '' ? refuse(NO_CHANNEL) : act({ type: 'names', target: channel }, { type: 'send', line: `NAMES ${channel}` });
};

const nick: Command = (_, args) => {
  const [name] = cut(args);
  return name === '' ? refuse('Which name? For example: /nick vera_') : send(`NICK ${name}`);
};

const whois: Command = (context, args) => {
  const [name] = cut(args || (context.kind === 'query' ? context.target : ''));
  return name === '' ? refuse('Whom? For example: /whois vera') : send(`WHOIS ${name} ${name}`);
};

const raw: Command = (_, args) => (args === '' ? refuse('What line? For example: /raw VERSION') : send(args));

const quit: Command = () =>
  refuse('Halley stays on IRC when you leave. Close the page, or use Log out; to leave a channel, /part.');

const help: Command = () => act({ type: 'info', text: `Commands: ${COMMAND_NAMES.map((name) => `/${name}`).join(' ')}` });

const COMMANDS: Record<string, Command> = {
  me: (context, args) => (args === '' ? refuse('Doing what? For example: /me waves') : say(context, 'action', args)),
  msg,
  query,
  join,
  part,
  nick,
  topic,
  whois,
  names,
  notice,
  kick,
  invite,
  mode,
  away: (_, args) => send(args === '' ? 'AWAY' : `AWAY :${args}`),
  back: () => send('AWAY'),
  close: (context) => (context.kind === 'server' ? refuse('The network’s own page stays.') : act({ type: 'close' })),
  who: (context, args) => send(`WHO ${args || context.target}`),
  whowas: (_, args) => (args === '' ? refuse('Whom? For example: /whowas vera') : send(`WHOWAS ${args}`)),
  list: (_, args) => (args === '' ? act({ type: 'channels' }) : send(`LIST ${args}`)),
  motd: (_, args) => send(`MOTD ${args}`.trim()),
  raw,
  help,
};

const ALIASES: Record<string, string> = { j: 'join', leave: 'part', m: 'msg', q: 'query', quote: 'raw', t: 'topic', w: 'whois' };

export const COMMAND_NAMES = Object.keys(COMMANDS);
export const COMMAND_HELP = COMMAND_NAMES.map((name) => ({ name, help: '' }));

function parseOne(line: string, context: InputContext): Parsed {
  if (line.startsWith('//')) return say(context, 'message', line.slice(1));
  if (!line.startsWith('/') || line === '/' || line.startsWith('/ ')) return say(context, 'message', line);
  const [word, args] = cut(line.slice(1));
  const name = word.toLowerCase();
  if (name === 'quit' || name === 'exit') return quit(context, args);
  const command = COMMANDS[ALIASES[name] ?? name];
  if (command === undefined) {
    return refuse(`There is no command /${word}. /help lists them; to say it as it stands, write //${word}.`);
  }
  return command(context, args.trimEnd());
}

/** Messages that one input may become. */
export const LINES_AT_ONCE = 30;

/** How many messages others will see. */
export function messagesIn(actions: Action[]): number {
  return actions.filter((action) => action.type === 'send' && action.echo !== undefined).length;
}

/** Several lines are several messages; the first refusal refuses all, so that nothing goes out by halves. */
export function parseInput(text: string, context: InputContext): Parsed {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  if (lines.length > LINES_AT_ONCE) {
    return refuse(`That is ${lines.length} lines. At most ${LINES_AT_ONCE} can be said at once; a paste service suits more.`);
  }
  // Pasted text: only its first line can be a command.
  const actions: Action[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = index === 0 ? parseOne(line, context) : say(context, 'message', line);
    if (!parsed.ok) return parsed;
    actions.push(...parsed.actions);
  }
  const messages = messagesIn(actions);
  if (messages > LINES_AT_ONCE) {
    return refuse(`That would be ${messages} messages. At most ${LINES_AT_ONCE} can be said at once; a paste service suits more.`);
  }
  return { ok: true, actions };
}
