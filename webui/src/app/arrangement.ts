// How its user has arranged the list at the left: what is pinned, muted, and in which order it stands. Kept in this
// browser. Buffers carry it (pinned, muted, place); those that come later get it too.

import { foldName, orderedBuffers, type Buffer, type Network, type World } from '../state/world';
import { Memory } from './memory';

/** So many names are kept for each; beyond that the oldest are forgotten. */
const MOST = 500;

export class Arrangement {
  private memory = new Memory(null);
  private pinned = new Set<string>();
  private muted = new Set<string>();
  private readonly orders = new Map<string, string[]>();

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.pinned = this.read('pinned');
    this.muted = this.read('muted');
    this.orders.clear();
  }

  apply(world: World): void {
    for (const network of world.networks.values()) {
      const order = this.order(network);
      for (const [name, buffer] of network.buffers) {
        const at = order.indexOf(name);
        buffer.place = at < 0 ? MOST : at;
        buffer.pinned = this.pinned.has(buffer.key);
        buffer.muted = this.muted.has(buffer.key);
      }
    }
  }

  togglePin(buffer: Buffer): void {
    buffer.pinned = this.toggle('pinned', this.pinned, buffer.key);
  }

  toggleMute(buffer: Buffer): void {
    buffer.muted = this.toggle('muted', this.muted, buffer.key);
  }

  /** One place up or down, among its kind. */
  move(network: Network, buffer: Buffer, by: 1 | -1): void {
    const all = orderedBuffers(network).slice(1);
    const kin = all.filter((each) => each.kind === buffer.kind && each.pinned === buffer.pinned);
    const other = kin[kin.indexOf(buffer) + by];
    if (other === undefined) return;
    const [a, b] = [all.indexOf(buffer), all.indexOf(other)];
    [all[a], all[b]] = [other, buffer];
    all.forEach((each, index) => { each.place = index; });
    const order = all.map((each) => foldName(network, each.name)).slice(0, MOST);
    this.orders.set(network.name, order);
    this.memory.set(`order.${network.name}`, order.join('\n'));
  }

  /** The buffer has another key now. */
  rename(from: string, to: string): void {
    for (const [kind, keys] of [['pinned', this.pinned], ['muted', this.muted]] as const) {
      if (!keys.delete(from)) continue;
      keys.add(to);
      this.write(kind, keys);
    }
  }

  private order(network: Network): string[] {
    let order = this.orders.get(network.name);
    if (order === undefined) {
      order = (this.memory.get(`order.${network.name}`) ?? '').split('\n').filter((name) => name !== '');
      this.orders.set(network.name, order);
    }
    return order;
  }

  private toggle(kind: string, keys: Set<string>, key: string): boolean {
    const added = !keys.delete(key);
    if (added) keys.add(key);
    while (keys.size > MOST) keys.delete([...keys][0]!);
    this.write(kind, keys);
    return added;
  }

  private read(kind: string): Set<string> {
    return new Set((this.memory.get(kind) ?? '').split('\n').filter((key) => key !== ''));
  }

  private write(kind: string, keys: Set<string>): void {
    this.memory.set(kind, [...keys].join('\n'));
  }
}
