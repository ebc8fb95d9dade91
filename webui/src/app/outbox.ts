// From typed text to commands: shows what was said in grey until it comes back over the stream, says what failed, and
// keeps what cannot be sent now until it can: while Halley is out of reach, or a network switched off, lines wait here;
// while a network is away they wait in Halley's outbox, and go out once when it is back, this page open or not.

import type { Api } from '../transport/api';
import type { Order, Outcome } from '../transport/commands';
import { LONGEST_QUEUE } from '../transport/bounds';
import { statusSigns } from '../state/audience';
import { makeEntry, type Entry } from '../state/entry';
import { escapeTag } from '../state/extras';
import { ask } from '../state/questions';
import { isOwnService, isSecretTo, withoutSecret } from '../state/secret';
import type { Action, Echo, InputContext } from '../state/actions';
import { parseInput } from '../state/input';
import { isHeld, pagesOf, settleAll, waits } from '../state/said';
import * as world from '../state/world';
import { addInfo, Changes, ensureBuffer, findBuffer, PENDING_BOUND, type Buffer, type Gathered, type Network, type Pending } from '../state/world';
import type { History } from './history';
import type { Ignores } from './ignores';
import { KeptLines, type KeptLine } from './kept_lines';
import type { Memory } from './memory';
import type { Store } from './store';
import { said, t } from '../words/words';

/** Asked so often where the answer is old when it comes. */
const MOST_LOOKS = 3;

const full = (): string => t('More than {0} lines wait to be sent. Wait until the connection is back.', LONGEST_QUEUE);

/** What the outbox asks of the visit it belongs to. */
export interface OutboxHost {
  readonly store: Store;
  readonly api: Api;
  readonly history: History;
  readonly ignores: Ignores;
  /** How many more orders it takes. */
  readonly room: number;
  /** False when too much waits: nothing was taken. */
  order(order: Order): boolean;
  toast(text: string, tone?: 'error' | 'calm'): void;
  /** A channel was asked for: its page opens when we are in. */
  wantChannel(): void;
  openNamed(network: Network, name: string): void;
  close(buffer: Buffer): void;
}

/** The tag of an answer, under its name and the one it had as a draft. */
function answers({ msgid }: Entry): string {
  return `+reply=${escapeTag(msgid)};+draft/reply=${escapeTag(msgid)}`;
}

export class Outbox {
  private token = 0;
  private adopted = false;
  /** How often a line of Halley's outbox changed. */
  private news = 0;
  private readonly kept: KeptLines;

  constructor(
    private readonly host: OutboxHost,
    private readonly clock: () => number,
    tab: string,
    memory: Memory,
  ) {
    this.kept = new KeptLines(tab, clock);
    this.kept.belongTo(memory);
  }

  /** `apart`: each line of it is a message. */
  input(buffer: Buffer, text: string, apart = false): string | null {
    const network = this.networkOf(buffer);
    if (network === null) return t('This network is gone. Choose another page.');
    const parsed = parseInput(text, this.contextOf(network, buffer), apart);
    if (!parsed.ok) return parsed.error;
    // All of it or nothing: what is half sent cannot be sent again.
    const sends = parsed.actions.filter((action) => action.type === 'send').length;
    if (sends > Math.min(this.host.room, PENDING_BOUND - buffer.pending.length)) return full();
    for (const action of this.answering(buffer, parsed.actions)) {
      const error = this.perform(buffer, network, action);
      if (error !== null) return error;
    }
    return null;
  }

  /** The first of it answers the line that was chosen for that. */
  private answering(buffer: Buffer, actions: Action[]): Action[] {
    const { replyTo } = this.host.store;
    const reply = replyTo.value;
    const first = actions.find((action) => action.type === 'send' && action.echo?.kind === 'message');
    if (reply === null || reply.buffer !== buffer || first?.type !== 'send') return actions;
    replyTo.value = null;
    const tags = `@${answers(reply.entry)}`;
    const line = first.line.startsWith('@') ? `${tags};${first.line.slice(1)}` : `${tags} ${first.line}`;
    return actions.map((action) => (action === first ? { ...first, line } : action));
  }

  /** One's own reaction is seen at once; on networks without message tags nobody else sees it. */
  react(buffer: Buffer, entry: Entry, what: string): void {
    const nick = this.networkOf(buffer)?.nick ?? '';
    if (!buffer.extras.react(entry.msgid, nick, what)) return;
    this.command(buffer.network, `@+draft/react=${escapeTag(what)};${answers(entry)} TAGMSG ${buffer.name}`, buffer);
    buffer.log.replace(entry, { ...entry });
    this.host.store.touchLog(buffer);
  }

  /** Where it would be said; null: the network is gone. */
  context(buffer: Buffer): InputContext | null {
    const network = this.networkOf(buffer);
    return network === null ? null : this.contextOf(network, buffer);
  }

  /** A line without an echo to wait for. */
  command(network: string, line: string, from: Buffer | null = null, into: Gathered | null = null): boolean {
    this.ask(network, line, from, into);
    if (/^JOIN\s/i.test(line)) this.host.wantChannel();
    const taken = this.host.order({
      network,
      line,
      outcome: (outcome) => {
        if (outcome.kind !== 'done') this.host.toast(said(outcome.message));
      },
    });
    if (!taken) this.host.toast(full());
    return taken;
  }

  /** The person wants it sent, now. */
  again(buffer: Buffer, token: number): void {
    const item = buffer.pending.find((each) => each.token === token);
    if (item === undefined) return;
    if (isHeld(item)) {
      this.change(item, 'send');
      return;
    }
    this.drop(buffer, item);
    this.speak(buffer, { ...item, target: buffer.name }, item.line, true);
  }

  discard(buffer: Buffer, token: number): void {
    const item = buffer.pending.find((each) => each.token === token);
    if (item === undefined) return;
    if (isHeld(item)) this.change(item, 'cancel');
    else this.drop(buffer, item);
  }

  private drop(buffer: Buffer, item: Pending): void {
    buffer.pending = buffer.pending.filter((each) => each !== item);
    this.changed(buffer);
  }

  /** Halley has it: its frames tell what became of that. */
  private change(item: Pending, what: 'cancel' | 'send'): void {
    this.host.api.changeOutbox(item.outbox ?? 0, what).catch((error: unknown) => {
      this.host.toast(error instanceof Error ? said(error.message) : '');
      void this.look();
    });
  }

  /** Asks what Halley's outbox holds; how many lines, or null when that is not known now. */
  async look(): Promise<number | null> {
    const { world: asked } = this.host.store;
    for (let tries = 0; tries < MOST_LOOKS; tries += 1) {
      const { news } = this;
      const lines = await this.host.api.outbox().catch(() => null);
      if (lines === null || this.host.store.world !== asked) return null;
      if (news !== this.news) continue; // it changed meanwhile: the answer may be older
      const changes = new Changes();
      settleAll(asked, lines, changes);
      this.follow(changes);
      this.host.store.publish(changes);
      return lines.length;
    }
    return null;
  }

  /** The stream is whole again: what was held may have been settled while nobody heard. */
  attached(): void {
    if (this.buffers().some((buffer) => buffer.pending.some(isHeld))) void this.look();
  }

  /** After frames were folded in. */
  follow(changes: Changes): void {
    if (changes.waiting) {
      this.news += 1;
      this.save();
    }
    if (changes.list || changes.joined.size > 0) this.flush();
  }

  /** Networks came or went, or channels were joined: what waited for that goes out, in its order. */
  private flush(): void {
    if (!this.adopted && this.host.store.world.attached) {
      this.adopted = true;
      this.adopt();
    }
    for (const buffer of this.buffers()) {
      for (const item of buffer.pending) {
        if (item.state !== 'queued' || item.outbox !== undefined) continue;
        if (!this.takes(buffer, item) || !this.dispatch(buffer, item)) break;
      }
    }
  }

  /** Halley takes it now: of a network that is away all but what may hold a password. */
  private takes(buffer: Buffer, { text }: Pending): boolean {
    const state = this.networkOf(buffer)?.state;
    return state === 'connected' || isOwnService(buffer.name) || (state !== 'disconnected' && !isSecretTo(buffer.name, text));
  }

  /** Called now and then: says that we are here, and looks for what another tab left behind. */
  beat(): void {
    if (!this.kept.ours) this.lost();
    this.save();
    if (this.adopted) this.adopt();
  }

  /** The page goes away. */
  release(): void {
    this.kept.release();
  }

  /** Another tab believed us gone, and sends what we had: it is no longer ours. */
  private lost(): void {
    for (const buffer of this.buffers()) {
      buffer.pending = buffer.pending.filter((item) => item.state === 'sent' || isHeld(item));
      this.host.store.touchLog(buffer);
    }
  }

  /** Its answers are shown on the page where it was asked, or gathered. */
  ask(on: string, line: string, from: Buffer | null, into: Gathered | null = null): void {
    const { world, active } = this.host.store;
    const network = world.networks.get(on);
    if (network === undefined) return;
    const here = from ?? active.value;
    ask(network, here !== null && here.network === on ? here : network.server, line, this.clock(), into);
  }

  private contextOf(network: Network, buffer: Buffer): InputContext {
    return {
      kind: buffer.kind,
      target: buffer.name,
      // While the network is away nobody is in any channel: what is said waits for it, and for the join.
      joined: buffer.joined || network.state !== 'connected',
      nick: network.nick,
      chantypes: network.isupport.chantypes,
      statusSigns: statusSigns(network.isupport),
      limits: network.isupport.limits,
      multiline: network.multiline,
    };
  }

  private networkOf(buffer: Buffer): Network | null {
    return this.host.store.world.networks.get(buffer.network) ?? null;
  }

  private buffers(): Buffer[] {
    return [...this.host.store.world.networks.values()].flatMap(pagesOf);
  }

  private perform(buffer: Buffer, network: Network, action: Action): string | null {
    switch (action.type) {
      case 'open':
        this.host.openNamed(network, action.target);
        return null;
      case 'clear':
        this.host.history.empty(buffer);
        return null;
      case 'search':
        this.host.store.pane.value = { kind: 'search', text: action.text };
        return null;
      case 'ignore':
        this.ignore(buffer, action.mask, action.on);
        return null;
      case 'channels':
        this.host.store.pane.value = { kind: 'channels', network: network.name };
        return null;
      case 'close':
        this.host.close(buffer);
        return null;
      case 'names': {
        const channel = findBuffer(network, action.target);
        if (channel !== null) channel.namesAsked = true;
        return null;
      }
      case 'info':
        this.tell(buffer, action.text);
        return null;
      case 'send': {
        if (action.echo === undefined) return this.command(network.name, action.line, buffer) ? null : full();
        const { target, kind } = action.echo;
        // A notice to somebody without a page has no place to wait in.
        const place = kind === 'notice' ? (findBuffer(network, target) ?? network.server) : this.placeFor(network, target);
        return this.speak(place, action.echo, action.line) ? null : full();
      }
    }
  }

  /** Hears somebody no more, or again, and says so on that page. */
  ignore(buffer: Buffer, mask: string, on: boolean): void {
    const { world } = this.host.store;
    void this.host.ignores.change(mask, on).then((text) => {
      if (this.host.store.world !== world) return;
      // Its lines are read anew when that changed: a note among them would go.
      if (mask === '') this.tell(buffer, text);
      else this.host.toast(text, 'calm');
    });
  }

  private tell(buffer: Buffer, text: string): void {
    const changes = new Changes();
    addInfo(this.host.store.world, buffer, text, this.clock(), changes);
    this.host.store.publish(changes);
  }

  private placeFor(network: Network, target: string): Buffer {
    const changes = new Changes();
    const place = ensureBuffer(network, target, changes);
    this.host.store.publish(changes);
    return place;
  }

  private speak(buffer: Buffer, echo: Echo, line: string, now = false): boolean {
    if (buffer.pending.length >= PENDING_BOUND) return false;
    const { kind, audience, target } = echo;
    const text = isSecretTo(target, echo.text) ? withoutSecret(echo.text) : echo.text;
    this.token += 1;
    const item: Pending = { token: this.token, kind, text, audience, line, time: this.clock(), state: 'queued', error: '' };
    // It keeps its order behind what waits here already.
    const behind = buffer.pending.some((each) => each.state === 'queued' && each.outbox === undefined);
    const later = !now && (behind || !this.takes(buffer, item));
    buffer.pending.push(item);
    buffer.divider = null;
    const taken = later || this.dispatch(buffer, item);
    if (!taken) buffer.pending = buffer.pending.filter((each) => each !== item);
    this.changed(buffer);
    return taken;
  }

  private dispatch(buffer: Buffer, item: Pending): boolean {
    if (!this.kept.ours) {
      this.lost();
      return true;
    }
    item.state = 'sending';
    const taken = this.host.order({
      network: buffer.network,
      line: item.line,
      stamp: item.stamp,
      trying: (stamp) => {
        item.stamp = stamp;
        this.save();
        return undefined;
      },
      outcome: (outcome) => this.heard(buffer, item, outcome),
    });
    if (!taken) item.state = 'queued';
    this.changed(buffer);
    return taken;
  }

  /** Halley answers what it is told and does not repeat it. */
  private toldOwnService(buffer: Buffer, item: Pending): void {
    buffer.pending = buffer.pending.filter((each) => each !== item);
    const nick = this.networkOf(buffer)?.nick ?? '';
    buffer.log.append(makeEntry(item.kind, item.text, item.time, { nick, own: true }));
  }

  private heard(buffer: Buffer, item: Pending, outcome: Outcome): void {
    // Its echo came first: only a refusal is still worth a word.
    if (!buffer.pending.includes(item)) {
      if (outcome.kind === 'refused') this.host.toast(said(outcome.message));
      return;
    }
    if (item.state !== 'sending') return;
    item.number = item.stamp;
    item.stamp = undefined;
    if (outcome.kind === 'done' && isOwnService(buffer.name)) this.toldOwnService(buffer, item);
    else if (outcome.kind === 'done') {
      item.state = 'sent';
      world.settleKept(buffer); // its echo may have come before this page was there
    } else if (outcome.kind === 'refused' && /nothing was sent/i.test(outcome.message) && !this.takes(buffer, item)) {
      item.state = 'queued'; // the network went meanwhile
    } else {
      item.state = outcome.kind === 'refused' ? 'failed' : 'uncertain';
      item.error = said(outcome.message);
    }
    this.changed(buffer);
  }

  private changed(buffer: Buffer): void {
    this.save();
    this.host.store.touchLog(buffer);
  }

  /** Keeps what waits now, as it stands. What may hold a password is not kept. */
  private save(): void {
    const buffers = this.buffers();
    this.host.store.waits.value += 1;
    this.host.store.waiting.value = buffers.reduce((count, { pending }) => count + pending.filter(waits).length, 0);
    if (!this.kept.ours) return;
    const lines: KeptLine[] = [];
    for (const buffer of buffers) {
      if (isOwnService(buffer.name)) continue;
      for (const item of buffer.pending) {
        const { kind, text, audience, line, time, state, error, stamp } = item;
        if (state === 'sent' || isHeld(item) || item.elsewhere === true || isSecretTo(buffer.name, text)) continue;
        lines.push({ network: buffer.network, place: buffer.name, kind, text, audience, line, time, state, error, stamp });
      }
    }
    this.kept.save(lines);
  }

  private adopt(): void {
    const lines = this.kept.adopt();
    if (lines.length === 0) return;
    for (const line of lines) {
      const network = this.host.store.world.networks.get(line.network);
      if (network === undefined) continue; // it is gone, and what waited for it
      const buffer = line.place === network.name ? network.server : this.placeFor(network, line.place);
      if (buffer.pending.length >= PENDING_BOUND) continue;
      // Halley has told of it.
      if (buffer.pending.some(({ number }) => number?.client === line.stamp?.client && number?.seq === line.stamp?.seq && number !== undefined)) continue;
      this.token += 1;
      const { kind, text, audience, time, error, stamp } = line;
      const item: Pending = { token: this.token, kind, text, audience, line: line.line, time, state: line.state, error, stamp, kept: true };
      buffer.pending.push(item);
      // Under its old number it is asked for at once; what was never tried waits for its network.
      if (item.state === 'sending' && stamp !== undefined) this.dispatch(buffer, item);
      else if (item.state === 'sending') item.state = 'queued';
      this.host.store.touchLog(buffer);
    }
    this.save();
    this.flush();
  }
}
