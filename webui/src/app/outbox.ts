// From typed text to commands: shows what was said in grey until it comes back over the stream, and says what failed.

import type { Order, Outcome } from '../transport/commands';
import { LONGEST_QUEUE } from '../transport/commands';
import { statusSigns } from '../state/audience';
import { makeEntry } from '../state/entry';
import { ask } from '../state/questions';
import { isHouse, isSecretTo, withoutSecret } from '../state/secret';
import { parseInput, type Action, type Echo } from '../state/input';
import { addInfo, Changes, ensureBuffer, findBuffer, PENDING_BOUND, type Buffer, type Network, type Pending } from '../state/world';
import type { Store } from './store';

const FULL = `More than ${LONGEST_QUEUE} lines wait to be sent. Wait until the connection is back.`;

/** What the outbox asks of the visit it belongs to. */
export interface OutboxHost {
  readonly store: Store;
  /** False when too much waits: nothing was taken. */
  order(order: Order): boolean;
  toast(text: string): void;
  /** A channel was asked for: its page opens when we are in. */
  wantChannel(): void;
  openNamed(network: Network, name: string): void;
  close(buffer: Buffer): void;
}

export class Outbox {
  private token = 0;

  constructor(
    private readonly host: OutboxHost,
    private readonly clock: () => number,
  ) {}

  input(buffer: Buffer, text: string): string | null {
    const network = this.networkOf(buffer);
    if (network === null) return 'This network is gone. Choose another page.';
    const parsed = parseInput(text, {
      kind: buffer.kind,
      target: buffer.name,
      joined: buffer.joined,
      nick: network.nick,
      chantypes: network.isupport.chantypes,
      statusSigns: statusSigns(network.isupport),
    });
    if (!parsed.ok) return parsed.error;
    for (const action of parsed.actions) {
      const error = this.perform(buffer, network, action);
      if (error !== null) return error;
    }
    return null;
  }

  /** A line without an echo to wait for. */
  command(network: string, line: string, from: Buffer | null = null): boolean {
    this.ask(network, line, from);
    if (/^JOIN\s/i.test(line)) this.host.wantChannel();
    const taken = this.host.order({
      network,
      line,
      outcome: (outcome) => {
        if (outcome.kind !== 'done') this.host.toast(outcome.message);
      },
    });
    if (!taken) this.host.toast(FULL);
    return taken;
  }

  /** Its answers are shown on the page where it was asked. */
  private ask(on: string, line: string, from: Buffer | null): void {
    const { world, active } = this.host.store;
    const network = world.networks.get(on);
    if (network === undefined) return;
    const here = from ?? active.value;
    ask(network, here !== null && here.network === on ? here : network.server, line, this.clock());
  }

  again(buffer: Buffer, token: number): void {
    const item = buffer.pending.find((each) => each.token === token);
    if (item === undefined) return;
    this.discard(buffer, token);
    this.speak(buffer, { ...item, target: buffer.name }, item.line);
  }

  discard(buffer: Buffer, token: number): void {
    buffer.pending = buffer.pending.filter((each) => each.token !== token);
    this.host.store.touchLog(buffer);
  }

  private networkOf(buffer: Buffer): Network | null {
    return this.host.store.world.networks.get(buffer.network) ?? null;
  }

  private perform(buffer: Buffer, network: Network, action: Action): string | null {
    switch (action.type) {
      case 'open':
        this.host.openNamed(network, action.target);
        return null;
      case 'close':
        this.host.close(buffer);
        return null;
      case 'names': {
        const channel = findBuffer(network, action.target);
        if (channel !== null) channel.namesAsked = true;
        return null;
      }
      case 'info': {
        const changes = new Changes();
        addInfo(this.host.store.world, buffer, action.text, this.clock(), changes);
        this.host.store.publish(changes);
        return null;
      }
      case 'send': {
        if (action.echo === undefined) return this.command(network.name, action.line, buffer) ? null : FULL;
        const { target, kind } = action.echo;
        // A notice to somebody without a page has no place to wait in.
        const place = kind === 'notice' ? (findBuffer(network, target) ?? network.server) : this.placeFor(network, target);
        return this.speak(place, action.echo, action.line) ? null : FULL;
      }
    }
  }

  private placeFor(network: Network, target: string): Buffer {
    const changes = new Changes();
    const place = ensureBuffer(network, target, changes);
    this.host.store.publish(changes);
    return place;
  }

  private speak(buffer: Buffer, echo: Echo, line: string): boolean {
    const { kind, audience, target } = echo;
    const text = isSecretTo(target, echo.text) ? withoutSecret(echo.text) : echo.text;
    if (buffer.pending.length >= PENDING_BOUND) return false;
    this.token += 1;
    const item: Pending = { token: this.token, kind, text, audience, line, time: this.clock(), state: 'sending', error: '' };
    buffer.pending.push(item);
    buffer.divider = null;
    const taken = this.host.order({ network: buffer.network, line, outcome: (outcome) => this.heard(buffer, item, outcome) });
    if (!taken) buffer.pending = buffer.pending.filter((each) => each !== item);
    this.host.store.touchLog(buffer);
    return taken;
  }

  /** Halley answers what it is told and does not repeat it. */
  private toldHouse(buffer: Buffer, item: Pending): void {
    buffer.pending = buffer.pending.filter((each) => each !== item);
    const nick = this.networkOf(buffer)?.nick ?? '';
    buffer.log.append(makeEntry(item.kind, item.text, item.time, { nick, own: true }));
  }

  private heard(buffer: Buffer, item: Pending, outcome: Outcome): void {
    // Its echo came first: only a refusal is still worth a word.
    if (!buffer.pending.includes(item)) {
      if (outcome.kind === 'refused') this.host.toast(outcome.message);
      return;
    }
    if (item.state !== 'sending') return;
    if (outcome.kind === 'done' && isHouse(buffer.name)) this.toldHouse(buffer, item);
    else if (outcome.kind === 'done') item.state = 'sent';
    else {
      item.state = outcome.kind === 'refused' ? 'failed' : 'uncertain';
      item.error = outcome.message;
    }
    this.host.store.touchLog(buffer);
  }
}
