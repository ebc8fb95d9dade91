// How much room is left in what is being written, by the network's own bounds. Pure.

import { byteLength, roomIn } from '../text/split';
import type { Action, InputContext, Limits } from './actions';
import { linesOf, messagesIn, parseInput } from './input';
import { t } from '../words/words';

export interface Counter {
  /** For the eye: "3 messages", "40 left". */
  text: string;
  /** More than the network takes. */
  over: boolean;
}

const NEAR = 100; // bytes

/** Lines whose last parameter has a bound of its own. */
const BOUNDED: [pattern: RegExp, limit: keyof Limits][] = [
  [/^TOPIC \S+ :(.*)$/s, 'topic'],
  [/^KICK \S+ \S+ :(.*)$/s, 'kick'],
  [/^AWAY :(.*)$/s, 'away'],
  [/^NICK (.*)$/s, 'nick'],
];

function room(left: number): Counter | null {
  if (left < 0) return { text: t('{0} too many', -left), over: true };
  return left < NEAR ? { text: t('{0} left', left), over: false } : null;
}

function boundOf(line: string, limits: Limits): Counter | null {
  for (const [pattern, limit] of BOUNDED) {
    const match = pattern.exec(line);
    if (match !== null && limits[limit] > 0) return room(limits[limit] - byteLength(match[1] ?? ''));
  }
  return null;
}

/** Null: nothing to say, there is room. */
export function counterOf(text: string, context: InputContext): Counter | null {
  const parsed = parseInput(text, context);
  if (!parsed.ok) {
    const lines = linesOf(text).length;
    return lines > 1 ? { text: t('{0} lines', lines), over: true } : null;
  }
  const sends = parsed.actions.filter((action): action is Action & { type: 'send' } => action.type === 'send');
  const [first] = sends;
  if (first === undefined) return null;
  const messages = messagesIn(parsed.actions, context.multiline);
  if (messages > 1) return { text: t('{0} messages', messages), over: false };
  if (first.echo === undefined) return boundOf(first.line, context.limits);
  const { target, audience, kind, text: said } = first.echo;
  if (first.echo.lines !== undefined) return null;
  return room(roomIn(audience + target, context.nick, kind === 'action') - byteLength(said));
}
