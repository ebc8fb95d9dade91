// Tells others that its user types (+typing), where that is wanted: not on a muted page, not to Halley itself or a
// network's own page, not while anything is in the way. What waits is never a notice: too late it would be a lie.

import { LONGEST_QUEUE } from '../transport/bounds';
import type { Env, TimerId } from '../transport/env';
import { isOwnService } from '../state/secret';
import type { Buffer } from '../state/world';
import type { Store } from './store';

/** As the specification has it: at most one "active" in three seconds, and it lasts for six. */
const AGAIN_MS = 3000;
const PAUSED_MS = 5000;

export interface TypingHost {
  readonly store: Store;
  /** How many more orders it takes. */
  readonly room: number;
  tell(network: string, line: string): void;
}

export class TypingNotices {
  /** Where it was told, and not yet taken back. */
  private at: Buffer | null = null;
  private toldAt = 0;
  private timer: TimerId | null = null;

  constructor(
    private readonly env: Env,
    private readonly host: TypingHost,
  ) {}

  /** The field of that page holds this text now. */
  typed(buffer: Buffer, text: string): void {
    if (this.at !== null && this.at !== buffer) this.end('paused');
    // A command is nobody else's business; "//" and "/me" are words to others.
    const words = text.trim() !== '' && !(text.startsWith('/') && !/^\/(\/|me\s)/i.test(text));
    if (!words) {
      this.end('done');
      return;
    }
    if (!this.wanted(buffer)) return;
    this.disarm();
    this.timer = this.env.setTimer(() => {
      this.timer = null;
      this.end('paused');
    }, PAUSED_MS);
    if (this.at === buffer && this.env.now() - this.toldAt < AGAIN_MS) return;
    this.at = buffer;
    this.toldAt = this.env.now();
    this.say(buffer, 'active');
  }

  /** It was said: that ends the typing by itself. */
  sent(): void {
    this.at = null;
    this.disarm();
  }

  private end(state: 'paused' | 'done'): void {
    const { at } = this;
    this.sent();
    if (at !== null && this.wanted(at)) this.say(at, state);
  }

  private disarm(): void {
    if (this.timer !== null) this.env.clearTimer(this.timer);
    this.timer = null;
  }

  private wanted(buffer: Buffer): boolean {
    const there = buffer.kind === 'query' || (buffer.kind === 'channel' && buffer.joined);
    const { store, room } = this.host;
    if (!store.tellsTyping.value || !there || buffer.set.muted || isOwnService(buffer.name) || buffer.pending.length > 0) return false;
    if (store.connection.value.phase !== 'live' || room < LONGEST_QUEUE) return false;
    return store.world.networks.get(buffer.network)?.state === 'connected';
  }

  private say(buffer: Buffer, state: string): void {
    this.host.tell(buffer.network, `@+typing=${state} TAGMSG ${buffer.name}`);
  }
}
