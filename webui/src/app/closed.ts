// Talks that were closed stay closed, here and in other tabs, until something new is said in them or they are opened
// again. Kept by name as it is written, in small letters: what the network folds besides is known only later.

import { orderedBuffers, type World } from '../state/world';
import { Memory } from './memory';

const MOST = 500;

export class Closed {
  private names = new Set<string>();
  private memory = new Memory(null);

  belongTo(memory: Memory): void {
    this.memory = memory;
    this.names = new Set((memory.get('closed') ?? '').split('\n').filter((name) => name !== ''));
  }

  has(network: string, name: string): boolean {
    return this.names.has(keyOf(network, name));
  }

  newest(count: number): { network: string; name: string }[] {
    return [...this.names].slice(-count).map((key) => {
      const at = key.indexOf('/');
      return { network: key.slice(0, at), name: key.slice(at + 1) };
    });
  }

  add(network: string, name: string): void {
    this.names.add(keyOf(network, name));
    while (this.names.size > MOST) this.names.delete([...this.names][0]!);
    this.keep();
  }

  /** Whatever has a page again is not closed. */
  forgetOpen(world: World): void {
    if (this.names.size === 0) return;
    let changed = false;
    for (const network of world.networks.values()) {
      for (const buffer of orderedBuffers(network)) changed = this.names.delete(keyOf(network.name, buffer.name)) || changed;
    }
    if (changed) this.keep();
  }

  private keep(): void {
    this.memory.set('closed', [...this.names].join('\n'));
  }
}

function keyOf(network: string, name: string): string {
  return `${network}/${name.toLowerCase()}`;
}
