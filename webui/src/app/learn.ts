// What GET /api/me tells, put into the World: networks with their state, and the buffers that have pages. Frames that came while
// it was on its way are newer: a network that came or went with them is left so.

import type { Me } from '../transport/api';
import { removeNetwork } from '../state/fold';
import { Changes, ensureBuffer, ensureNetwork, type World } from '../state/world';
import type { Closed } from './closed';

export function learn(world: World, me: Me, closed: Closed, before: string[]): Changes {
  const changes = new Changes();
  for (const name of before) {
    if (me.networks.some((info) => info.name === name) || !world.networks.has(name)) continue;
    removeNetwork(world, name);
    changes.list = true;
  }
  for (const info of me.networks) {
    if (before.includes(info.name) && !world.networks.has(info.name)) continue;
    const network = ensureNetwork(world, info.name, changes);
    network.nick = info.nick;
    network.state = info.state;
    network.trouble = info.trouble;
    for (const item of info.buffers) {
      if (!item.joined && closed.has(info.name, item.name)) continue;
      const buffer = ensureBuffer(network, item.name, changes);
      if (buffer.kind === 'channel') buffer.joined = item.joined;
    }
  }
  return changes;
}
