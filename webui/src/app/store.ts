// Signals between the World and the views. The World is plain data; a signal here only says "draw this again".

import { signal, type Signal } from '@preact/signals';
import type { StreamStatus } from '../transport/stream';
import type { Entry } from '../state/entry';
import type { Folding } from '../state/folding';
import type { Language, LanguageChoice } from '../words/load';
import type { Ticket } from './ticket';
import { totals, World, type Buffer, type Call, type Changes } from '../state/world';

export type Screen = 'starting' | 'login' | 'ticket' | 'main' | 'unreachable';
export type Theme = 'auto' | 'light' | 'dark';
export type Drawer = 'none' | 'buffers' | 'members';

export interface Toast {
  key: number;
  text: string;
  tone: 'error' | 'calm';
}

/** What stands in the middle in place of a buffer. */
export type Pane = { kind: 'search'; text: string } | { kind: 'mentions' | 'unread' | 'outbox' | 'admin' } | { kind: 'channels'; network: string };

/** A line to be shown where it stands: by its id, or the first of that time. */
export interface Jump {
  buffer: Buffer;
  id: string | null;
  time: number;
}

/** A file on its way to Halley, of which the talk gets the address. */
export interface Upload {
  key: number;
  buffer: Buffer;
  file: File;
  /** The draft whose place the address takes; empty: it is put behind. */
  instead: string;
}

export const TOAST_BOUND = 4;

export class Store {
  world = new World();
  readonly screen = signal<Screen>('starting');
  readonly user = signal('');
  readonly notice = signal('');
  /** What the link brought that the page was opened by; its form is the screen 'ticket'. */
  readonly ticket = signal<Ticket | null>(null);
  readonly connection = signal<StreamStatus>({ phase: 'stopped', carrier: 'ndjson', tried: [], everLive: false, reason: '' });
  /** Which of the ways to the hub it goes, in the order of start.tsx. */
  way = 0;
  /** Halley has a newer page than this one. */
  readonly outdated = signal(false);
  /** The newest line that is to be announced. */
  readonly call = signal<Call | null>(null);
  /** What is shown was read then, and is not up to date; 0: it is. */
  readonly seenAt = signal(0);
  /** Lines missed while the line was lost; null when nothing needs saying. */
  readonly caughtUp = signal<number | null>(null);
  /** Commands that could not be delivered yet. */
  readonly unsent = signal(0);
  /** Lines that wait to be sent, or were not, on all pages. */
  readonly waiting = signal(0);
  /** One of them changed. */
  readonly waits = signal(0);
  /** How often something was said from here. */
  readonly said = signal(0);
  readonly active = signal<Buffer | null>(null);
  readonly pane = signal<Pane | null>(null);
  /** There is room for a pane beside the talk. */
  readonly wide = signal(false);
  readonly jump = signal<Jump | null>(null);
  /** What was typed into the switcher when it was opened; null: it is closed. */
  readonly switcher = signal<string | null>(null);
  /** Text for the field where one writes. */
  readonly insert = signal('');
  /** Answers that are gathered (Gathered in world.ts) have grown. */
  readonly answers = signal(0);
  /** The first one is sent; the others wait. */
  readonly uploads = signal<Upload[]>([]);
  readonly typing = signal(0);
  /** Rows stand closer, in smaller letters. */
  readonly compact = signal(false);
  readonly folding = signal<Folding>('all');
  /** Links to images offer to show them. */
  readonly images = signal(false);
  /** Others are told that its user types. */
  readonly tellsTyping = signal(true);
  /** The line that the next one said from here answers. */
  readonly replyTo = signal<{ buffer: Buffer; entry: Entry } | null>(null);
  readonly list = signal(0);
  readonly drawer = signal<Drawer>('none');
  readonly membersShown = signal(true);
  readonly theme = signal<Theme>('auto');
  readonly language = signal<LanguageChoice>('auto');
  /** What is spoken now: all is drawn anew with it. */
  readonly spoken = signal<Language>('en');
  readonly toasts = signal<Toast[]>([]);
  readonly unread = signal(0);
  /** Of it, lines for the user. */
  readonly calls = signal(0);
  readonly now = signal(Date.now());
  private readonly logs = new Map<string, Signal<number>>();
  private readonly members = new Map<string, Signal<number>>();
  private lastKey = 0;

  logSignal(buffer: Buffer): Signal<number> {
    return this.revision(this.logs, buffer.key);
  }

  memberSignal(buffer: Buffer): Signal<number> {
    return this.revision(this.members, buffer.key);
  }

  /** Tells the views what a batch of frames touched. */
  publish(changes: Changes): void {
    for (const buffer of changes.logs) this.logSignal(buffer).value += 1;
    for (const buffer of changes.members) this.memberSignal(buffer).value += 1;
    if (changes.typing) this.typing.value += 1;
    if (changes.answers) this.answers.value += 1;
    if (changes.list) this.touchList();
    const call = changes.calls[changes.calls.length - 1];
    if (call !== undefined) this.call.value = call;
  }

  touchLog(buffer: Buffer): void {
    this.logSignal(buffer).value += 1;
  }

  touchList(): void {
    this.list.value += 1;
    const { unread, highlights } = totals(this.world);
    this.unread.value = unread;
    this.calls.value = highlights;
  }

  toast(text: string, tone: 'error' | 'calm' = 'error'): number {
    const toast = { key: (this.lastKey += 1), text, tone };
    this.toasts.value = [...this.toasts.value.slice(1 - TOAST_BOUND), toast];
    return toast.key;
  }

  /** Files for the open talk; on other pages there is nobody to show them to. */
  upload(files: File[], instead = ''): void {
    const buffer = this.active.value;
    if (buffer === null || buffer.kind === 'server') return;
    const added = files.map((file) => ({ key: (this.lastKey += 1), buffer, file, instead }));
    this.uploads.value = [...this.uploads.value, ...added];
  }

  dismiss(key: number): void {
    this.toasts.value = this.toasts.value.filter((toast) => toast.key !== key);
  }

  clear(): void {
    const { watching } = this.world;
    this.world = new World();
    this.world.watching = watching;
    this.active.value = null;
    this.pane.value = this.jump.value = this.switcher.value = this.replyTo.value = null;
    this.caughtUp.value = this.call.value = null;
    this.seenAt.value = 0;
    this.uploads.value = [];
    this.unsent.value = this.waiting.value = 0;
    this.logs.clear();
    this.members.clear();
    this.touchList();
  }

  private revision(map: Map<string, Signal<number>>, key: string): Signal<number> {
    let found = map.get(key);
    if (found === undefined) {
      found = signal(0);
      map.set(key, found);
    }
    return found;
  }
}
