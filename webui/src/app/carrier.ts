// What brought the events through the last time is tried first, until a day after it was found; then the best way gets its
// chance again, also for who comes daily.

import { CARRIERS, type CarrierName } from '../transport/carriers';
import type { Memory } from './memory';

const FRESH_MS = 24 * 3600_000;

export function rememberCarrier(memory: Memory, name: CarrierName, now: number): void {
  if (rememberedCarrier(memory, now) !== name) memory.set('carrier', `${name} ${now}`);
}

export function rememberedCarrier(memory: Memory, now: number): CarrierName | null {
  const [name, since] = (memory.get('carrier') ?? '').split(' ');
  const fresh = now - Number(since) < FRESH_MS;
  return (fresh && CARRIERS.find((carrier) => carrier === name)) || null;
}
