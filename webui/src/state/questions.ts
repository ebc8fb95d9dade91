// What was asked of a network, and on which page: its answers are shown there. A network answers by numerics that do
// not name the question; which numerics a command brings, and which of them ends it, stands in the table. Pure.

import type { Line } from './line';
import { foldName, type Buffer, type Gathered, type Network, type Question } from './world';

const MOST = 20;
const PATIENCE_MS = 60_000;
/** Of a list of channels; no network has as many. */
export const MOST_GATHERED = 60_000;

interface Row {
  answers: string[];
  ends: string[];
}

const row = (answers: string, ends: string): Row => ({ answers: answers.split(' '), ends: ends.split(' ') });

/** RFC 1459, RFC 2812, and what networks added to them. WHOIS brings whatever names the nick asked about. */
const ANSWERS: Record<string, Row> = {
  ADMIN: row('256 257 258', '259'),
  AWAY: row('', '305 306'),
  HELP: row('704 705 290 291 292 293 294', '706 524'),
  INFO: row('371 373', '374'),
  INVITE: row('', '341'),
  ISON: row('', '303'),
  LINKS: row('364', '365'),
  LIST: row('321 322', '323 263'),
  LUSERS: row('251 252 253 254 265 266 250', '255'),
  MAP: row('015 006 016', '017 007'),
  MODE: row('324 221 367 348 346 728 386 388', '329 368 349 347 729 385 387'),
  MOTD: row('375 372', '376 422'),
  NAMES: row('353', '366'),
  OPER: row('', '381 491 464'),
  RULES: row('308 232', '309'),
  SILENCE: row('271', '272'),
  STATS: row('211 212 213 214 215 216 217 218 220 240 241 242 243 244 245 246 247 248 249 250', '219'),
  TIME: row('', '391'),
  TOPIC: row('333', '331 332'),
  TRACE: row('200 201 202 203 204 205 206 207 208 209 261', '262'),
  USERHOST: row('', '302'),
  USERIP: row('', '340'),
  USERS: row('392 393 395', '394'),
  VERSION: row('351', '351'),
  WHO: row('352 354', '315'),
  WHOIS: row('301', '318'),
  WHOWAS: row('314 312 330 338', '369'),
};

function commandOf(text: string): [string, string[]] {
  const [command = '', ...params] = text.trim().split(/\s+/);
  return [command.toUpperCase(), params.flatMap((param) => param.replace(/^:/, '').split(','))];
}

export function ask(network: Network, buffer: Buffer, text: string, time: number, into: Gathered | null = null): void {
  const [command, params] = commandOf(text);
  const about = params.map((param) => foldName(network, param)).slice(0, 10);
  network.questions = network.questions.filter((each) => time - each.time < PATIENCE_MS).slice(1 - MOST);
  network.questions.push({ command, about, buffer, into, time, rows: 0 });
}

function namesOneOf(network: Network, line: Line, question: Question): boolean {
  return line.params.slice(1, 3).some((param) => question.about.includes(foldName(network, param)));
}

/** Which list of a channel a numeric is about; small letters, as what was asked is folded. */
const LIST_OF: Record<string, string> = { '367': 'b', '368': 'b', '348': 'e', '349': 'e', '346': 'i', '347': 'i', '728': 'q', '729': 'q' };

/** A MODE that changes something brings no numerics: those are for who asked without, or for a list. */
function isModeAnswer({ command }: Line, { about }: Question): boolean {
  const list = LIST_OF[command];
  if (list !== undefined) return about.length === 2 && about[1]!.replace('+', '') === list;
  return !['324', '329', '221'].includes(command) || about.length <= 1;
}

function answers(network: Network, line: Line, question: Question): boolean {
  const code = Number(line.command);
  if (code >= 400 && code < 600) {
    if (code === 421 || code === 461) return (line.params[1] ?? '').toUpperCase() === question.command;
    if (ANSWERS[question.command]?.ends.includes(line.command) === true) return true;
    return namesOneOf(network, line, question);
  }
  if (code === 263 && (line.params[1] ?? '').toUpperCase() !== question.command) return false;
  if (question.command === 'MODE' && !isModeAnswer(line, question)) return false;
  const known = ANSWERS[question.command];
  if (known === undefined) return false;
  if (known.answers.includes(line.command) || known.ends.includes(line.command)) return true;
  return question.command === 'WHOIS' && namesOneOf(network, line, question);
}

function questionOf(network: Network, line: Line, time: number): Question | undefined {
  const open = network.questions.filter((each) => time - each.time < PATIENCE_MS);
  const code = Number(line.command);
  return (
    open.find((each) => answers(network, line, each)) ??
    // A command that only this network knows brings what no other question explains.
    (code < 400 || code >= 600 ? open.find((each) => !(each.command in ANSWERS) && !TALK.has(each.command)) : undefined)
  );
}

/** Takes a numeric that somebody gathers; false: it is for a buffer. */
export function gather(network: Network, line: Line, time: number): boolean {
  const into = questionOf(network, line, time)?.into ?? null;
  if (into === null) return false;
  const question = answered(network, line, time);
  if (into.rows.length < MOST_GATHERED) into.rows.push({ code: line.command, params: line.params });
  // Long answers may take longer than patience lasts: each row renews it.
  if (question !== null) question.time = time;
  // Halley answers MODE of a joined channel itself, and not with all that a network says.
  if (question !== null && line.command === '324') network.questions = network.questions.filter((each) => each !== question);
  into.done = question === null || !network.questions.includes(question);
  return true;
}

/** The question that this numeric answers; it is forgotten when that was the last of it. */
export function answered(network: Network, line: Line, time: number): Question | null {
  const code = Number(line.command);
  const question = questionOf(network, line, time);
  if (question === undefined) return null;
  question.rows += 1;
  const last = ANSWERS[question.command]?.ends.includes(line.command) === true || (code >= 400 && code < 600 && question.command !== 'WHOIS');
  if (last) network.questions = network.questions.filter((each) => each !== question);
  return question;
}

/** Commands that are answered by events and errors, never by other numerics. */
const TALK = new Set(['PRIVMSG', 'NOTICE', 'JOIN', 'PART', 'NICK', 'KICK', 'QUIT', 'TAGMSG', 'REDACT', 'MARKREAD', 'SETNAME', 'PONG', 'PASS']);

/** Where a standard reply (FAIL, WARN, NOTE) to that command belongs. */
export function askedBy(network: Network, command: string): Buffer | null {
  const name = command.toUpperCase();
  return network.questions.find((each) => each.command === name)?.buffer ?? null;
}
