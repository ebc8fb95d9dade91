// Tab completion of nicks, channels and commands. Pure: the composer keeps the cycle and asks for each next step.

export interface Cycle {
  /** The text without what is being completed, and where that stood. */
  before: string;
  after: string;
  candidates: string[];
  at: number;
}

export interface Completed {
  text: string;
  caret: number;
  cycle: Cycle;
}

export interface Sources {
  /** Names in the order they should be offered: who spoke last first. */
  nicks: string[];
  channels: string[];
  commands: string[];
}

function matches(word: string, sources: Sources, atStart: boolean): string[] {
  const low = word.toLowerCase();
  const starts = (name: string): boolean => name.toLowerCase().startsWith(low);
  if (atStart && word.startsWith('/')) return sources.commands.map((name) => `/${name}`).filter(starts).map((name) => `${name} `);
  if (/^[#&+!]/.test(word)) return sources.channels.filter(starts).map((name) => `${name} `);
  const bare = word.startsWith('@') ? low.slice(1) : low;
  return sources.nicks.filter((nick) => nick.toLowerCase().startsWith(bare)).map((nick) => (atStart ? `${nick}: ` : `${nick} `));
}

function show(cycle: Cycle): Completed {
  const word = cycle.candidates[cycle.at] ?? '';
  return { text: cycle.before + word + cycle.after, caret: cycle.before.length + word.length, cycle };
}

/** Null when nothing matches, or there is no word to complete: the key then keeps its usual meaning. */
export function startCompletion(text: string, caret: number, sources: Sources): Completed | null {
  const head = text.slice(0, caret);
  const start = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\n')) + 1;
  const word = head.slice(start);
  if (word === '') return null;
  const candidates = matches(word, sources, start === 0);
  if (candidates.length === 0) return null;
  const after = text.slice(caret).replace(/^ /, '');
  return show({ before: head.slice(0, start), after, candidates, at: 0 });
}

export function nextCompletion(cycle: Cycle, step: 1 | -1): Completed {
  const count = cycle.candidates.length;
  return show({ ...cycle, at: (cycle.at + step + count) % count });
}
