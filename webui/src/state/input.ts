// What a person typed, turned into what to do. Pure.

import { act, cut, refuse, say, type Action, type InputContext, type Parsed } from './actions';
import { COMMANDS, findCommand } from './commands';
import { fromOneLine, MULTILINE, toOneLine } from './multiline';
import { t } from '../words/words';

export const COMMAND_NAMES = COMMANDS.map(({ name }) => name);

function parseOne(line: string, context: InputContext): Parsed {
  if (line.startsWith('//')) return say(context, 'message', line.slice(1));
  if (!line.startsWith('/') || line === '/' || line.startsWith('/ ')) return say(context, 'message', line);
  const [word, args] = cut(line.slice(1));
  const command = findCommand(word);
  if (command === undefined) {
    return refuse(t('There is no command /{0}. /help lists them; to say it as it stands, write //{1}.', word, word));
  }
  return command.run(context, args.trimEnd());
}

/** Messages that one input may become. */
export const LINES_AT_ONCE = 30;

/** How many messages others will see, at most. */
export function messagesIn(actions: Action[], multiline: boolean): number {
  return actions.reduce((sum, action) => sum + (action.type === 'send' && action.echo !== undefined ? ((!multiline && action.echo.lines) || 1) : 0), 0);
}

/** The lines of it that say something. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
}

/** What it says in several lines, as one message. Null: it is none, or a command. */
function asOne(text: string, lines: string[], context: InputContext): Action | null {
  const [first = ''] = lines;
  if (first.startsWith('/') && !first.startsWith('//') && !first.startsWith('/ ')) return null;
  const one = toOneLine(first.startsWith('//') ? text.replace('//', '/') : text, context.target);
  if (one === null) return null;
  const line = `@${MULTILINE} PRIVMSG ${context.target} :${one}`;
  return { type: 'send', line, echo: { target: context.target, audience: '', kind: 'message', text: fromOneLine(one), lines: lines.length } };
}

/**
 * Several lines are one message where the network takes it, or, with `apart`, several; the first refusal refuses all, so that
 * nothing goes out by halves.
 */
export function parseInput(text: string, context: InputContext, apart = false): Parsed {
  const lines = linesOf(text);
  if (lines.length > LINES_AT_ONCE) {
    return refuse(t('That is {0} lines. At most {1} can be said at once; a paste service suits more.', lines.length, LINES_AT_ONCE));
  }
  const one = apart ? null : asOne(text, lines, context);
  const may = one === null ? null : say(context, 'message', lines[0] ?? '');
  if (one !== null && may !== null) return may.ok ? act(one) : may;
  // Pasted text: only its first line can be a command.
  const actions: Action[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = index === 0 ? parseOne(line, context) : say(context, 'message', line);
    if (!parsed.ok) return parsed;
    actions.push(...parsed.actions);
  }
  const messages = messagesIn(actions, context.multiline);
  if (messages > LINES_AT_ONCE) {
    return refuse(t('That would be {0} messages. At most {1} can be said at once; a paste service suits more.', messages, LINES_AT_ONCE));
  }
  return act(...actions);
}
