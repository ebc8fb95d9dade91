// Ways to a place: a channel by its name, a line by its id or time.

import { batch } from '@preact/signals';
import { findBuffer, type Network } from '../state/world';
import type { Place } from './parts';
import type { Session } from './session';

/** A channel name in a message, or the join box: goes there if we are in, joins else. */
export function goToChannel(session: Session, network: Network, name: string, key = ''): void {
  const known = findBuffer(network, name);
  if (known?.joined === true) session.open(known);
  else session.command(network.name, `JOIN ${name}${key === '' ? '' : ` ${key}`}`);
}

/** Opens a place at one line of it, or at the first line of a time. */
export function jumpTo(session: Session, place: Place, time = 0): void {
  const buffer = session.find(place);
  if (buffer === null) return;
  // One step, with one address of its own.
  batch(() => {
    if (place.id != null || time > 0) session.store.jump.value = { buffer, id: place.id ?? null, time };
    session.open(buffer);
  });
}
