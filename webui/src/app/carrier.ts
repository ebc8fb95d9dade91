// What brought the events through the last time is tried first, until a day after it was found; then the best way gets its
// chance again, also for who comes daily. What became of the better ways is kept with it, for who asks why.

import { CARRIERS, type CarrierName, type Found, type Trial } from '../transport/carriers';
import type { Memory } from './memory';

const FRESH_MS = 24 * 3600_000;
const MOST_SAID = 200;

export function rememberCarrier(memory: Memory, { carrier, tried }: Found, now: number): void {
  const before = rememberedCarrier(memory, now);
  const since = before?.carrier === carrier ? before.since : now;
  const kept = tried.map((trial) => ({ ...trial, said: trial.said.slice(0, MOST_SAID) }));
  memory.set('carrier', `${carrier} ${since} ${JSON.stringify(kept)}`);
}

function known(name: string | undefined): CarrierName | undefined {
  return CARRIERS.find((carrier) => carrier === name);
}

/** Earlier pages wrote none, later ones may write others. */
function trialsOf(text: string): Trial[] {
  try {
    return (JSON.parse(text) as Trial[]).filter(({ carrier }) => known(carrier) !== undefined);
  } catch {
    return [];
  }
}

export function rememberedCarrier(memory: Memory, now: number): (Found & { since: number }) | null {
  const [name, found, ...tried] = (memory.get('carrier') ?? '').split(' ');
  const carrier = known(name);
  const since = Number(found);
  return carrier !== undefined && now - since < FRESH_MS ? { carrier, since, tried: trialsOf(tried.join(' ')) } : null;
}
