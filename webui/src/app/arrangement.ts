// How its user arranges the list at the left, and what else is set for a buffer: kept by Halley, for all clients. A change
// is shown at once, and taken back when Halley refuses it. Which networks are folded away is kept in this browser.

import type { Api } from '../transport/api';
import { withUnanswered, type BufferSet } from '../state/buffer_set';
import { foldName, orderedBuffers, type Buffer, type Network, type World } from '../state/world';
import { Memory } from './memory';
import type { Store } from './store';
import { said } from '../words/words';

export interface ArrangementHost {
  readonly store: Store;
  readonly api: Api;
  toast(text: string): void;
}

export class Arrangement {
  private memory = new Memory(null);
  /** Several changes of one step go one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: ArrangementHost) {}

  belongTo(memory: Memory): void {
    this.memory = memory;
  }

  /** Networks that came since. */
  apply(world: World): void {
    const folded = this.folded();
    for (const network of world.networks.values()) network.folded = folded.includes(network.name);
  }

  /** Only what is open or new is shown of it, or all again. */
  toggleFold(network: Network): void {
    const others = this.folded().filter((name) => name !== network.name);
    this.memory.set('folded', (network.folded ? others : [...others, network.name]).join('\n'));
    network.folded = !network.folded;
    this.host.store.touchList();
  }

  change(buffer: Buffer, changes: Partial<BufferSet>): void {
    const { world } = this.host.store;
    const network = world.networks.get(buffer.network);
    if (network === undefined) return;
    const left = (): boolean => this.host.store.world !== world; // it was another's login
    const folded = (): string => (buffer.kind === 'server' ? '' : foldName(network, buffer.name));
    const show = (): void => {
      buffer.set = withUnanswered(network.settings.get(folded()), buffer.unanswered);
      this.host.store.touchList();
    };
    buffer.unanswered.push(changes);
    show();
    const path = `buffers/${encodeURIComponent(buffer.network)}/${encodeURIComponent(buffer.kind === 'server' ? '*' : buffer.name)}`;
    // An empty value takes back what was set.
    const body = Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? '']));
    const ask = async (): Promise<void> => {
      if (left()) return;
      const told = network.settings.get(folded());
      await this.host.api.resource('PATCH', path, body);
      // Its frame may come later than the answer.
      if (network.settings.get(folded()) === told) network.settings.set(folded(), withUnanswered(told, [changes]));
    };
    this.last = this.last
      .then(ask)
      .catch((error: unknown) => left() || this.host.toast(error instanceof Error ? said(error.message) : ''))
      .finally(() => {
        buffer.unanswered = buffer.unanswered.filter((each) => each !== changes);
        show();
      });
  }

  /** One place up or down, among its kind. */
  move(network: Network, buffer: Buffer, by: 1 | -1): void {
    const kin = orderedBuffers(network).slice(1).filter((each) => each.kind === buffer.kind && each.set.pinned === buffer.set.pinned);
    const at = kin.indexOf(buffer);
    const other = kin[at + by];
    if (other === undefined) return;
    [kin[at], kin[at + by]] = [other, buffer];
    let least = 0;
    kin.forEach((each, index) => {
      const { order } = each.set;
      // What stands by its name behind the two goes on doing so.
      if (order === null && index > Math.max(at, at + by)) return;
      if (order === null || order < least) this.change(each, { order: least });
      least = (each.set.order ?? least) + 1;
    });
  }

  private folded(): string[] {
    return (this.memory.get('folded') ?? '').split('\n');
  }
}
