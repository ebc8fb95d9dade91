// The commands that a person may type: a row each, with how it is written and what it does. Pure.

import { act, channelAndRest, cut, namesChannel, refuse, say, send, speak, trailing, type Action, type InputContext, type Parsed } from './actions';
import { audienceOf } from './audience';
import { toMask } from './masks';
import { t, w, type Word } from '../words/words';

export interface Command {
  name: string;
  aliases: string[];
  /** What may follow its name; capitals stand for something, brackets for what may be left out. */
  args: string;
  help: Word;
  run(context: InputContext, args: string): Parsed;
}

type Run = Command['run'];

const NO_CHANNEL = w('This needs a channel: open one, or name it first.');

const join: Run = (context, args) => {
  const [names, key] = cut(args || (context.kind === 'channel' ? context.target : ''));
  if (names === '') return refuse(t('Which channel? For example: /join #halley'));
  const sign = context.chantypes.charAt(0) || '#';
  const list = names.split(',').map((name) => (namesChannel(context, name) ? name : sign + name));
  return send(`JOIN ${list.join(',')}${key === '' ? '' : ` ${key}`}`);
};

const part: Run = (context, args) => {
  const [channel, reason] = channelAndRest(context, args);
  if (channel === '') return context.kind === 'query' ? act({ type: 'close' }) : refuse(t(NO_CHANNEL));
  if (channel === context.target && !context.joined) return act({ type: 'close' });
  return send(`PART ${channel}${trailing(reason)}`);
};

const cycle: Run = (context, args) => {
  const [channel] = channelAndRest(context, args);
  return channel === '' ? refuse(t(NO_CHANNEL)) : send(`PART ${channel}`, `JOIN ${channel}`);
};

const topic: Run = (context, args) => {
  const [channel, text] = channelAndRest(context, args);
  return channel === '' ? refuse(t(NO_CHANNEL)) : send(`TOPIC ${channel}${trailing(text)}`);
};

const msg: Run = (context, args) => {
  const [target, text] = cut(args);
  if (target === '' || text === '') return refuse(t('Whom, and what? For example: /msg vera Good morning'));
  const actions: Action[] = speak(context, target, 'message', text);
  const { name } = audienceOf(target, context.chantypes, context.statusSigns);
  return namesChannel(context, name) ? act(...actions) : act({ type: 'open', target }, ...actions);
};

const query: Run = (context, args) => {
  const [target, text] = cut(args);
  const { name } = audienceOf(target, context.chantypes, context.statusSigns);
  if (target === '' || namesChannel(context, name)) return refuse(t('With whom? For example: /query vera'));
  return act({ type: 'open', target }, ...(text === '' ? [] : speak(context, target, 'message', text)));
};

/** A service by its name: /ns help is /msg NickServ help. */
function service(name: string): Run {
  return (context, args) => msg(context, `${name} ${args === '' ? 'help' : args}`);
}

const notice: Run = (context, args) => {
  const [target, text] = cut(args);
  if (target === '' || text === '') return refuse(t('Whom, and what? For example: /notice vera Back soon'));
  return act(...speak(context, target, 'notice', text));
};

const ctcp: Run = (_, args) => {
  const [target, rest] = cut(args);
  const [what, more] = cut(rest);
  if (target === '' || what === '') return refuse(t('Whom, and what? For example: /ctcp vera VERSION'));
  return send(`PRIVMSG ${target} :\x01${`${what.toUpperCase()} ${more}`.trim()}\x01`);
};

const invite: Run = (context, args) => {
  const [nick, named] = cut(args);
  const channel = named || (context.kind === 'channel' ? context.target : '');
  if (nick === '' || channel === '') return refuse(t('Whom, and where to? For example: /invite vera #halley'));
  return send(`INVITE ${nick} ${channel}`);
};

const kick: Run = (context, args) => {
  const [channel, rest] = channelAndRest(context, args);
  const [nick, reason] = cut(rest);
  if (channel === '') return refuse(t(NO_CHANNEL));
  if (nick === '') return refuse(t('Whom? For example: /kick spammer Enough.'));
  return send(`KICK ${channel} ${nick}${trailing(reason)}`);
};

const kickban: Run = (context, args) => {
  const [channel, rest] = channelAndRest(context, args);
  const [nick, reason] = cut(rest);
  if (channel === '') return refuse(t(NO_CHANNEL));
  if (nick === '') return refuse(t('Whom? For example: /kickban spammer Enough.'));
  return send(`MODE ${channel} +b ${toMask(nick)}`, `KICK ${channel} ${nick.replace(/!.*$/, '')}${trailing(reason)}`);
};

/** MODE for each of some names, as many at once as the network takes. */
function modeEach(sign: '+' | '-', mode: string, toParam: (name: string) => string = (name) => name): Run {
  return (context, args) => {
    const [channel, rest] = channelAndRest(context, args);
    const names = rest.split(/[\s,]+/).filter((name) => name !== '');
    if (channel === '') return refuse(t(NO_CHANNEL));
    if (names.length === 0 && sign === '+' && /[bq]/.test(mode)) return send(`MODE ${channel} ${mode}`);
    if (names.length === 0) return refuse(t('Whom? Name one nick, or several.'));
    const lines: string[] = [];
    for (let at = 0; at < names.length; at += context.limits.modes) {
      const some = names.slice(at, at + context.limits.modes);
      lines.push(`MODE ${channel} ${sign}${mode.repeat(some.length)} ${some.map(toParam).join(' ')}`);
    }
    return send(...lines);
  };
}

const mode: Run = (context, args) => {
  const [first] = cut(args);
  const named = namesChannel(context, first) || first.toLowerCase() === context.nick.toLowerCase();
  const target = context.kind === 'channel' ? context.target : context.nick;
  return send(`MODE ${named ? args : `${target} ${args}`.trim()}`);
};

const names: Run = (context, args) => {
  const [channel] = channelAndRest(context, args);
  return channel === '' ? refuse(t(NO_CHANNEL)) : act({ type: 'names', target: channel }, { type: 'send', line: `NAMES ${channel}` });
};

const nick: Run = (_, args) => {
  const [name] = cut(args);
  return name === '' ? refuse(t('Which name? For example: /nick vera_')) : send(`NICK ${name}`);
};

const whois: Run = (context, args) => {
  const [name] = cut(args || (context.kind === 'query' ? context.target : ''));
  return name === '' ? refuse(t('Whom? For example: /whois vera')) : send(`WHOIS ${name} ${name}`);
};

function ignore(on: boolean): Run {
  return (_, args) => {
    const [name] = cut(args);
    if (name === '' && !on) return refuse(t('Whom? For example: /unignore vera'));
    return act({ type: 'ignore', mask: name === '' ? '' : toMask(name), on });
  };
}

const quit: Run = () => refuse(t('Halley stays on IRC when you leave. Close the page, or use Log out; to leave a channel, /part.'));

/** One word that the network is asked, with whatever follows it. */
function plain(command: string): Run {
  return (_, args) => send(`${command} ${args}`.trim());
}

/** Of a program, or of the network's server. */
const version: Run = (context, args) => (args === '' ? send('VERSION') : ctcp(context, `${args} VERSION`));

const help: Run = (_, args) => {
  const [word] = cut(args.replace(/^\//, ''));
  if (word === '') return act({ type: 'info', text: t('Commands: {0}. More of one: /help NAME', COMMANDS.map(({ name }) => `/${name}`).join(' ')) });
  const found = findCommand(word);
  return found === undefined ? refuse(t('There is no command /{0}.', word)) : act({ type: 'info', text: `${usage(found)}: ${t(found.help)}` });
};

function row(names: string, args: string, what: Word, run: Run): Command {
  const [name = '', ...aliases] = names.split(' ');
  return { name, aliases, args, help: what, run };
}

/** In the order in which they are offered. */
export const COMMANDS: Command[] = [
  row('me', 'TEXT', w('says what you do'), (context, args) => (args === '' ? refuse(t('Doing what? For example: /me waves')) : say(context, 'action', args))),
  row('msg m', 'NICK TEXT', w('says something in private'), msg),
  row('query q', 'NICK [TEXT]', w('opens a private talk'), query),
  row('join j', '#CHANNEL [KEY]', w('joins a channel'), join),
  row('part leave', '[#CHANNEL] [REASON]', w('leaves a channel'), part),
  row('cycle rejoin hop', '[#CHANNEL]', w('leaves a channel and joins it again'), cycle),
  row('nick', 'NAME', w('changes your nick'), nick),
  row('topic t', '[#CHANNEL] [TEXT]', w('shows or sets the topic'), topic),
  row('whois w', '[NICK]', w('asks who somebody is'), whois),
  row('names', '[#CHANNEL]', w('lists who is there'), names),
  row('notice', 'TARGET TEXT', w('says something that nobody answers by itself'), notice),
  row('invite', 'NICK [#CHANNEL]', w('invites somebody'), invite),
  row('kick k', '[#CHANNEL] NICK [REASON]', w('removes somebody'), kick),
  row('ban b', '[#CHANNEL] [NICK|MASK]', w('keeps somebody out; alone, lists the bans'), modeEach('+', 'b', toMask)),
  row('unban', '[#CHANNEL] NICK|MASK', w('lifts a ban'), modeEach('-', 'b', toMask)),
  row('quiet', '[#CHANNEL] [NICK|MASK]', w('lets somebody listen, but not speak (+q)'), modeEach('+', 'q', toMask)),
  row('unquiet', '[#CHANNEL] NICK|MASK', w('lets them speak again'), modeEach('-', 'q', toMask)),
  row('kickban kb', '[#CHANNEL] NICK [REASON]', w('removes somebody and keeps them out'), kickban),
  row('op', '[#CHANNEL] NICK…', w('makes operators'), modeEach('+', 'o')),
  row('deop', '[#CHANNEL] NICK…', w('unmakes operators'), modeEach('-', 'o')),
  row('voice v', '[#CHANNEL] NICK…', w('gives voice'), modeEach('+', 'v')),
  row('devoice', '[#CHANNEL] NICK…', w('takes voice'), modeEach('-', 'v')),
  row('halfop', '[#CHANNEL] NICK…', w('makes half-operators'), modeEach('+', 'h')),
  row('dehalfop', '[#CHANNEL] NICK…', w('unmakes half-operators'), modeEach('-', 'h')),
  row('mode', '[#CHANNEL] [MODES]', w('shows or sets modes'), mode),
  row('umode', '[MODES]', w('shows or sets your own modes'), (context, args) => send(`MODE ${context.nick} ${args}`.trim())),
  row('away', '[REASON]', w('marks you as away'), (_, args) => send(`AWAY${trailing(args)}`)),
  row('back', '', w('marks you as here'), () => send('AWAY')),
  row('ignore', '[NICK|MASK]', w('hides what somebody says; alone, lists whom'), ignore(true)),
  row('unignore', 'NICK|MASK', w('shows it again'), ignore(false)),
  row('clear', '', w('empties the page; older lines come when asked for'), () => act({ type: 'clear' })),
  row('close', '', w('closes the page'), (context) => (context.kind === 'server' ? refuse(t('The network’s own page stays.')) : act({ type: 'close' }))),
  row('search', '[WORDS]', w('finds what was said'), (_, args) => act({ type: 'search', text: args })),
  row('list', '[MASK]', w('shows the network’s channels'), (_, args) => (args === '' ? act({ type: 'channels' }) : send(`LIST ${args}`))),
  row('ns nickserv', 'WORDS', w('speaks to NickServ'), service('NickServ')),
  row('cs chanserv', 'WORDS', w('speaks to ChanServ'), service('ChanServ')),
  row('ms memoserv', 'WORDS', w('speaks to MemoServ'), service('MemoServ')),
  row('hs hostserv', 'WORDS', w('speaks to HostServ'), service('HostServ')),
  row('version', '[NICK]', w('asks which program somebody uses'), version),
  row('ctcp', 'NICK WHAT', w('asks somebody’s program'), ctcp),
  row('who', '[MASK]', w('lists people'), (context, args) => send(`WHO ${args || context.target}`)),
  row('whowas', 'NICK', w('asks who somebody was'), (_, args) => (args === '' ? refuse(t('Whom? For example: /whowas vera')) : send(`WHOWAS ${args}`))),
  row('knock', '#CHANNEL [TEXT]', w('asks to be let in'), plain('KNOCK')),
  row('setname', 'NAME', w('changes your real name'), (_, args) => (args === '' ? refuse(t('Which name?')) : send(`SETNAME :${args}`))),
  row('motd', '[SERVER]', w('shows the network’s message of the day'), plain('MOTD')),
  row('oper', 'NAME PASSWORD', w('makes you an operator of the network'), plain('OPER')),
  row('raw quote', 'LINE', w('sends a line as it stands'), (_, args) => (args === '' ? refuse(t('What line? For example: /raw VERSION')) : send(args))),
  row('help', '[COMMAND]', w('lists the commands'), help),
];

/** What a server is asked or told, as it stands; those of its operators are words to others. */
const OF_SERVERS = new Set('admin info ison links lusers map monitor stats time trace userhost users'.split(' '));
const TO_OPERATORS = new Set('chatops globops locops operwall wallops'.split(' '));

const kill: Run = (_, args) => {
  const [nick, reason] = cut(args);
  return send(`KILL ${nick}${trailing(reason)}`);
};

const HELP_OF_SERVERS = w('goes to the network as it stands');

/** Not offered, as few need them. */
function ofServers(word: string): Command | undefined {
  const rows: [boolean, Run][] = [
    [OF_SERVERS.has(word), plain(word.toUpperCase())],
    [TO_OPERATORS.has(word), (_, args) => send(`${word.toUpperCase()}${trailing(args)}`)],
    [word === 'kill', kill],
  ];
  const run = rows.find(([named]) => named)?.[1];
  return run === undefined ? undefined : { name: word, aliases: [], args: '', help: HELP_OF_SERVERS, run };
}

/** Not offered: it does nothing but say why. */
const QUIT = row('quit exit', '', w('leaves a channel'), quit);

export function usage({ name, args }: Command): string {
  return `/${name} ${args}`.trim();
}

export function findCommand(word: string): Command | undefined {
  const name = word.toLowerCase();
  return [...COMMANDS, QUIT].find((each) => each.name === name || each.aliases.includes(name)) ?? ofServers(name);
}
