// One visit: binds the transport to the World and the World to the signals, and does what the views ask for.
// Views call these methods and read the Store; they never touch the transport.

import { batch } from '@preact/signals';
import { Api, ApiError, type Me } from '../transport/api';
import type { Order } from '../transport/commands';
import { repeat } from '../transport/env';
import { Fleeting } from '../transport/fleeting';
import { epochOf } from '../transport/frames';
import { readPresent, type Present } from '../transport/present';
import { Wire } from '../transport/wire';
import { forgetHistories } from '../state/fold';
import * as world from '../state/world';
import { Changes, type Buffer, type Gathered, type Network } from '../state/world';
import { Arrangement } from './arrangement';
import { Closed } from './closed';
import { Drafts } from './drafts';
import { History } from './history';
import { Ignores } from './ignores';
import { Incoming } from './incoming';
import { Inks } from './inks';
import { learn } from './learn';
import type { Mark } from './marks';
import { Missing } from './missing';
import { rememberCarrier, rememberedCarrier } from './carrier';
import { BEAT_MS } from './kept_lines';
import { Memory } from './memory';
import { Outbox } from './outbox';
import type { LastSeen, Place, SessionParts } from './parts';
import type { Store } from './store';
import { TypingNotices } from './typing_notices';
import { Unread } from './unread';
import { t, w } from '../words/words';

const NO_COOKIE =
  w('You are logged in, but your browser did not keep it: it refuses cookies here. Allow cookies for this address and log in again.');
const CAUGHT_UP_MS = 5000;
/** Who waits for so long sees what was here last. */
const LATE_MS = 4000;
const TOAST_MS = 8000;

export class Session {
  readonly api: Api;
  readonly drafts: Drafts;
  readonly history: History;
  readonly ignores: Ignores;
  readonly arrangement: Arrangement;
  readonly inks: Inks;
  readonly closed = new Closed();
  readonly unread: Unread;
  readonly typing: TypingNotices;
  private readonly fleeting: Fleeting;
  missing: Missing | null = null;
  private incoming: Incoming | null = null;
  /** Where the log stood when the server was asked last. */
  head: string | null = null;
  private wire: Wire | null = null;
  /** Null while nobody is in. */
  outbox: Outbox | null = null;
  private wanted: string | null = null;
  /** Changes with each begin and end: an answer that another was asked before is nobody's. */
  private turn = 0;
  /** What of the memories is this user's. */
  private own = new Memory(null);
  private ownTab = new Memory(null);

  constructor(private readonly parts: SessionParts) {
    this.api = new Api(parts.env, { user: () => parts.store.user.value, another: () => void this.admit().catch(() => undefined) });
    this.drafts = new Drafts();
    this.inks = new Inks(parts.env);
    this.arrangement = new Arrangement(this);
    this.ignores = new Ignores(this);
    this.unread = new Unread(parts.env, this.api, this);
    this.typing = new TypingNotices(parts.env, this);
    this.fleeting = new Fleeting(parts.env, `${parts.randomId()}.now`, () => parts.store.user.value);
    this.history = new History(this.api, parts.store, this.unread.marks);
  }

  get store(): Store {
    return this.parts.store;
  }

  async begin(): Promise<boolean> {
    const turn = (this.turn += 1);
    // Both at once: the page is of use when they are here, whatever a proxy does to streams.
    const looking = readPresent(this.parts.env).catch(() => null);
    const late = this.parts.env.setTimer(() => void this.openLast(turn), LATE_MS);
    let me: Me;
    try {
      me = await this.api.me();
    } catch (error) {
      const away = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
      if (away && (await this.openLast(turn))) return true;
      if (turn === this.turn) this.cannotBegin(error);
      return false;
    } finally {
      this.parts.env.clearTimer(late);
    }
    const present = await looking;
    if (turn !== this.turn) return this.wire !== null;
    this.turn += 1;
    // What an earlier visit saw may be open by now.
    if (this.wire === null || this.store.screen.value !== 'main' || this.store.user.value !== me.user) batch(() => this.enter(me, present));
    return true;
  }

  /** What an earlier visit saw, until Halley is in reach: then it comes up to date by itself. False: there is none. */
  private async openLast(turn: number): Promise<boolean> {
    const seen = await this.parts.lastSeen().catch(() => null);
    if (turn !== this.turn) return false;
    if (seen !== null && this.wire === null) batch(() => this.enter(seen.me, null, seen));
    return this.wire !== null;
  }

  async login(enter: () => Promise<void>): Promise<string | null> { // null, or what stands against it
    try {
      await enter();
    } catch (error) {
      return error instanceof Error ? error.message : t('Logging in failed.');
    }
    this.store.notice.value = '';
    if (await this.begin()) return null;
    // Logged in a moment ago, and not known any more: the browser did not bring the cookie.
    return this.store.screen.value === 'login' ? t(NO_COOKIE) : null;
  }

  async logout(): Promise<void> {
    const { own, ownTab, wire } = this; // another user may be in when it is answered
    try {
      await this.api.logout();
    } catch (error) {
      this.toast(error instanceof Error ? error.message : t('Logging out failed.'));
      return;
    }
    for (const memory of [own, ownTab]) memory.clear();
    if (this.wire === null || this.wire === wire) this.ended(true, true);
  }

  toast(text: string, tone: 'error' | 'calm' = 'error'): void {
    const key = this.store.toast(text, tone);
    this.parts.env.setTimer(() => this.store.dismiss(key), TOAST_MS);
  }

  /** The line may be back, or the machine awake: no waiting for timers. `better`: nor with a way that was not the best. */
  wake(better = false): void {
    this.outbox?.beat();
    this.wire?.wake(better);
  }

  /** The page is put away, perhaps to be shown again. */
  sleep(): void {
    this.outbox?.release();
    this.wire?.pause();
  }

  get room(): number {
    return this.wire?.room ?? 0;
  }

  order(order: Order): boolean {
    return this.wire?.send(order) ?? false;
  }

  setWatching(watching: boolean): void {
    world.setWatching(this.store.world, watching);
    const active = this.store.active.value;
    if (active !== null) {
      this.noteReading(active);
      this.store.touchLog(active);
    }
    this.store.touchList();
    if (watching) this.wake();
  }

  /** The reader came to the end of the open buffer, or left it. */
  setFollowing(following: boolean): void {
    world.setFollowing(this.store.world, following);
    this.noteReading(this.store.active.value);
    this.store.touchList();
  }

  open(buffer: Buffer): void {
    batch(() => {
      this.noteReading(this.store.active.value);
      world.activate(this.store.world, buffer);
      this.store.active.value = buffer;
      this.store.drawer.value = 'none';
      if (!this.store.wide.value) this.store.pane.value = null;
      this.store.touchList();
    });
    // Storage waits for another process: behind the frame. Who has logged out meanwhile leaves nothing.
    this.parts.env.setTimer(() => { if (this.store.active.value === buffer) this.own.set('last', buffer.key); }, 0);
    void this.history.fill(buffer).then(() => this.noteReading(buffer));
  }

  /** All that waits there counts as read. */
  markRead(buffers: Buffer[]): void {
    for (const buffer of buffers) this.unread.readAll(buffer, this.parts.clock());
    this.store.touchList();
  }

  /** How far a buffer was read. */
  markOf(buffer: Buffer): Mark | null {
    return this.unread.marks.get(buffer.key);
  }

  /** Asks a network for what no page but the asker shows. */
  gather(network: string, line: string): Gathered {
    const into: Gathered = { rows: [], done: false };
    this.wire?.share({ kind: 'gathered', network, line });
    if (this.outbox?.command(network, line, null, into) !== true) into.done = true;
    return into;
  }

  /** Somebody looks at the end of it: that is read. */
  private noteReading(buffer: Buffer | null): void {
    const { world: at, active } = this.store;
    if (buffer !== null && active.value === buffer && at.watching && at.following) this.unread.noteRead(buffer);
  }

  share(note: unknown): void {
    this.wire?.share(note);
  }

  /** To the server about itself: no one need see it when it does not know the word. */
  tellMarker(network: string, line: string): void {
    const { world: at } = this.store;
    this.order({
      network,
      line,
      outcome: (outcome) => {
        if (outcome.kind === 'refused') at.keepsMarkers = false;
      },
    });
  }

  /** What is of use now or never, and no harm when it is refused. */
  tell(network: string, line: string): void {
    void this.fleeting.send(network, line);
  }

  /** Opens a talk with somebody, or a channel's page. */
  openNamed(network: Network, name: string): Buffer {
    const changes = new Changes();
    const buffer = world.ensureBuffer(network, name, changes);
    this.store.publish(changes);
    this.closed.forgetOpen(this.store.world);
    this.open(buffer);
    return buffer;
  }

  /** What an address names; a talk or channel that has no page yet gets one. Null without that network. */
  find(place: Place): Buffer | null {
    const network = this.store.world.networks.get(place.network);
    if (network === undefined) return null;
    if (place.name === '') return network.server;
    const changes = new Changes();
    const buffer = world.ensureBuffer(network, place.name, changes);
    if (changes.list) this.closed.forgetOpen(this.store.world);
    this.store.publish(changes);
    return buffer;
  }

  close(buffer: Buffer): void {
    const network = this.store.world.networks.get(buffer.network);
    if (network === undefined || buffer.kind === 'server') return;
    this.unread.noteRead(buffer);
    this.forget(network, buffer);
    this.wire?.share({ kind: 'closed', network: network.name, name: buffer.name });
  }

  private forget(network: Network, buffer: Buffer): void {
    for (const [name, each] of network.buffers) if (each === buffer) network.buffers.delete(name);
    this.closed.add(network.name, buffer.name);
    if (this.store.active.value === buffer) this.open(network.server);
    this.store.touchList();
  }

  private shared(note: unknown): void {
    const { kind, network: on, name, mark, line } = note as { kind: string; network: string; name: string; mark: Mark; line: string };
    const network = this.store.world.networks.get(on);
    // Its answers come to all tabs, and are for that one.
    if (kind === 'gathered') {
      this.outbox?.ask(on, line, null, { rows: [], done: false });
      return;
    }
    const buffer = network === undefined ? null : world.findBuffer(network, name);
    if (network === undefined || buffer === null) return;
    if (kind === 'closed' && !buffer.joined) this.forget(network, buffer);
    if (kind === 'read') this.unread.readElsewhere(buffer, mark);
  }

  /** The next or previous buffer of the list; with `unread`, of those that hold something new. */
  step(by: 1 | -1, unread: boolean): void {
    const next = world.neighbour(this.store.world, this.store.active.value, by, unread);
    if (next !== null) this.open(next);
  }

  /** What the field holds is said; returns what stands against it. */
  input(buffer: Buffer, text: string, apart = false): string | null {
    return this.outbox === null ? t('Not connected yet. Wait a moment.') : this.outbox.input(buffer, text, apart);
  }

  command(network: string, line: string): void {
    this.outbox?.command(network, line);
  }

  wantChannel(): void {
    this.wanted = 'any';
  }

  private cannotBegin(error: unknown): void {
    const { store } = this;
    if (error instanceof ApiError && error.status === 401) {
      if (this.wire === null) this.leave(store.notice.value);
      else this.ended(false);
      return;
    }
    this.leave(error instanceof Error ? error.message : '', 'unreachable');
  }

  private enter(me: Me, present: Present | null, seen?: LastSeen): void {
    const { store, parts } = this;
    this.shut();
    store.clear();
    seen?.fill(store.world);
    store.seenAt.value = seen?.time ?? 0;
    store.user.value = me.user;
    this.remember(me.user, me.head === null ? '' : epochOf(me.head));
    this.learn(me, []);
    const outbox = (this.outbox = new Outbox(this, parts.clock, parts.randomId(), this.own));
    repeat(parts.env, BEAT_MS, () => this.outbox === outbox, () => outbox.beat());
    this.unread.marks.begin({ id: me.head, time: parts.clock() });
    this.missing = new Missing(
      parts.env,
      parts.clock,
      () => this.wire?.look() ?? Promise.resolve(null),
      (changes) => {
        this.rename(changes);
        store.publish(changes);
      },
    );
    const incoming = (this.incoming = new Incoming(parts.env, parts.clock, this));
    this.wire = new Wire(
      { env: parts.env, links: parts.links, user: me.user, tab: parts.randomId(), found: rememberedCarrier(parts.lasting, parts.clock()) },
      {
        frames: (frames) => incoming.frames(frames),
        status: (status, way) => { [store.connection.value, store.way] = [status, way]; },
        caughtUp: (lines) => this.sayCaughtUp(lines),
        gap: () => this.refetch(),
        admit: () => this.admit(),
        ended: (loggedOut) => this.ended(loggedOut),
        waiting: (count, stuck) => { store.unsent.value = stuck ? count : 0; },
        shared: (note) => this.shared(note),
        found: (found) => rememberCarrier(parts.lasting, found, parts.clock()),
      },
    );
    store.screen.value = 'main';
    this.wire.start(present);
    if (store.active.value === null) this.openFirst();
  }

  private remember(user: string, epoch: string): void {
    this.own = this.parts.lasting.of(user, epoch);
    this.ownTab = this.parts.tab.of(user, epoch);
    this.belong();
  }

  private belong(): void {
    this.drafts.belongTo(this.ownTab);
    for (const kept of [this.history, this.unread.marks, this.closed, this.arrangement, this.inks]) kept.belongTo(this.own);
  }

  /** `before`: the networks there were when that was asked. */
  private learn(me: Me, before: string[]): Changes {
    this.head = me.head;
    const changes = learn(this.store.world, me, this.closed, before);
    this.store.publish(changes);
    this.applyKept();
    return changes;
  }

  /** What is kept of networks and buffers, to those that came since. */
  applyKept(): void {
    this.arrangement.apply(this.store.world);
  }

  private openFirst(): void {
    const remembered = this.own.get('last') ?? '';
    const all = [...this.store.world.networks.values()].flatMap(world.orderedBuffers);
    const address = this.parts.address();
    const first =
      (address === null ? null : this.find(address)) ??
      world.bufferByKey(this.store.world, remembered) ??
      all.find((buffer) => buffer.kind === 'channel' && buffer.joined) ??
      all[0];
    if (first === undefined) return;
    this.open(first);
    if (address?.id != null && first === this.find(address)) this.store.jump.value = { buffer: first, id: address.id, time: 0 };
  }

  /** What is kept by a buffer's key goes with it. */
  rename(changes: Changes): void {
    for (const { buffer, from } of changes.renamed) {
      this.drafts.rename(from, buffer.key);
      this.unread.marks.rename(from, buffer.key);
      if (this.own.get('last') === from) this.own.set('last', buffer.key);
    }
  }

  follow(changes: Changes): void {
    const merged = changes.renamed.find(({ gone }) => gone !== undefined && gone === this.store.active.value);
    if (merged !== undefined) this.open(merged.buffer);
    // The open network may have been removed.
    if (this.store.world.active === null) {
      this.store.active.value = null;
      this.openFirst();
    }
    const active = this.store.active.value;
    for (const buffer of changes.joined) {
      if (this.wanted === null) break;
      this.wanted = null;
      this.open(buffer);
    }
    if (active === null) return;
    if (active.loading === 'no') void this.history.fill(active).then(() => this.noteReading(active));
    else if (changes.logs.has(active)) this.noteReading(active);
  }

  /** The server knows our cursor no more: the list of buffers and the cursor come anew. */
  async afterReset(): Promise<void> {
    const { world: asked } = this.store;
    const before = [...asked.networks.keys()];
    try {
      const me = await this.api.me();
      if (this.store.world !== asked || this.stranger(me)) return;
      batch(() => this.follow(this.learn(me, before)));
    } catch {
      // The stream itself goes on; its own errors are shown.
    }
  }

  /** Before anything that waits goes out: whose it is must be whose login this browser has. */
  private async admit(): Promise<void> {
    const { wire } = this;
    const me = await this.api.me();
    if (this.wire === wire) this.stranger(me);
  }

  /** True when somebody else has logged in here meanwhile: the page is theirs now. */
  private stranger(me: Me): boolean {
    if (me.user === this.store.user.value) return false;
    this.turn += 1;
    batch(() => this.enter(me, null));
    return true;
  }

  private refetch(): void {
    const changes = new Changes();
    forgetHistories(this.store.world, changes);
    this.store.publish(changes);
  }

  private sayCaughtUp(lines: number): void {
    this.store.caughtUp.value = lines;
    this.parts.env.setTimer(() => { this.store.caughtUp.value = null; }, CAUGHT_UP_MS);
  }

  /** `loggedOut`: as its user asked for it, `here` or in another tab. */
  private ended(loggedOut: boolean, here = false): void {
    if (loggedOut) for (const memory of [this.own, this.ownTab]) memory.clear();
    this.leave(loggedOut ? t('You are logged out. Halley stays on IRC for you.') : t('Your login has ended. Log in again; nothing was lost meanwhile.'), 'login', here);
  }

  private leave(notice: string, screen: 'login' | 'unreachable' = 'login', loggedOut = false): void {
    this.turn += 1;
    this.shut(loggedOut);
    this.own = this.ownTab = new Memory(null);
    this.belong();
    batch(() => {
      this.store.clear();
      this.store.user.value = '';
      this.store.toasts.value = [];
      this.store.notice.value = notice;
      this.store.screen.value = screen;
    });
  }

  private shut(loggedOut = false): void {
    this.typing.sent();
    this.outbox?.release();
    this.unread.stop();
    this.missing = null;
    this.incoming?.stop();
    this.wire?.stop(loggedOut);
    this.wire = null;
    this.outbox = null;
  }
}
