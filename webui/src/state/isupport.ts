// What a network says about itself in 005 (modern.ircdocs.horse, RPL_ISUPPORT), as far as the page needs it.

export type CaseMapping = 'ascii' | 'rfc1459' | 'rfc1459-strict';

export interface Isupport {
  casemapping: CaseMapping;
  chantypes: string;
  /** Membership modes and the signs shown for them, highest first. */
  prefixModes: string;
  prefixSigns: string;
  /** CHANMODES A, B, C, D. */
  chanmodes: [string, string, string, string];
  statusmsg: string;
  networkName: string;
  /** Changes in one MODE; bytes of a topic and the like; 0: it does not say. */
  limits: { modes: number; topic: number; kick: number; away: number; nick: number };
}

export function defaultIsupport(): Isupport {
  return {
    casemapping: 'rfc1459',
    chantypes: '#&',
    prefixModes: 'ov',
    prefixSigns: '@+',
    chanmodes: ['beI', 'k', 'l', 'imnpst'],
    statusmsg: '',
    networkName: '',
    limits: { modes: 3, topic: 0, kick: 0, away: 0, nick: 0 },
  };
}

const LIMITS: Record<string, keyof Isupport['limits']> = { TOPICLEN: 'topic', KICKLEN: 'kick', AWAYLEN: 'away', NICKLEN: 'nick' };
const MANY_MODES = 20; // where the network sets no bound

function setLimit(into: Isupport, name: string, value: string): void {
  const limit = LIMITS[name];
  const number = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (name === 'MODES') into.limits.modes = value === '' ? MANY_MODES : Math.max(1, Math.min(MANY_MODES, number || 3));
  else if (limit !== undefined) into.limits[limit] = number;
}

function setPrefix(into: Isupport, value: string): void {
  const match = /^\(([^)]*)\)(.*)$/.exec(value);
  if (match === null) {
    if (value === '') into.prefixModes = into.prefixSigns = '';
    return;
  }
  into.prefixModes = match[1] ?? '';
  into.prefixSigns = match[2] ?? '';
}

export function applyToken(into: Isupport, token: string): void {
  const at = token.indexOf('=');
  const name = at < 0 ? token : token.slice(0, at);
  const value = (at < 0 ? '' : token.slice(at + 1)).replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  switch (name) {
    case 'CASEMAPPING':
      if (value === 'ascii' || value === 'rfc1459' || value === 'rfc1459-strict') into.casemapping = value;
      break;
    case 'CHANTYPES':
      into.chantypes = value;
      break;
    case 'PREFIX':
      setPrefix(into, value);
      break;
    case 'CHANMODES': {
      const [a = '', b = '', c = '', d = ''] = value.split(',');
      into.chanmodes = [a, b, c, d];
      break;
    }
    case 'STATUSMSG':
      into.statusmsg = value;
      break;
    case 'NETWORK':
      into.networkName = value;
      break;
    default:
      setLimit(into, name, value);
  }
}

/** A name as the network compares it: `[]\^` are the capitals of `{}|~` under rfc1459. */
export function fold(name: string, mapping: CaseMapping): string {
  const lower = name.replace(/[A-Z]+/g, (part) => part.toLowerCase());
  if (mapping === 'ascii') return lower;
  const strict = lower.replace(/[[\]\\]/g, (c) => (c === '[' ? '{' : c === ']' ? '}' : '|'));
  return mapping === 'rfc1459' ? strict.replace(/\^/g, '~') : strict;
}

/** The signs of a member in the network's order, highest first. */
export function orderSigns(signs: Iterable<string>, isupport: Isupport): string {
  const have = new Set(signs);
  return [...isupport.prefixSigns].filter((sign) => have.has(sign)).join('');
}

export interface ModeChange {
  add: boolean;
  mode: string;
  param: string | null;
}

/** Takes a MODE's letters and parameters apart by CHANMODES and PREFIX. */
export function parseModes(params: string[], isupport: Isupport): ModeChange[] {
  const [letters = '', ...rest] = params;
  const [listModes, always, onSet] = isupport.chanmodes;
  const changes: ModeChange[] = [];
  let add = true;
  for (const mode of letters) {
    if (mode === '+' || mode === '-') {
      add = mode === '+';
      continue;
    }
    const takes =
      isupport.prefixModes.includes(mode) ||
      listModes.includes(mode) ||
      always.includes(mode) ||
      (add && onSet.includes(mode));
    changes.push({ add, mode, param: takes ? (rest.shift() ?? null) : null });
  }
  return changes;
}
