// What happens to the field where one writes: drafts, completion, what is offered, formatting, recall, sending.

import type { Session } from '../app/session';
import { nextCompletion, startCompletion, type Completed, type Cycle, type Sources } from '../state/complete';
import { counterOf, type Counter } from '../state/counter';
import type { InputContext } from '../state/actions';
import { COMMAND_NAMES, linesOf, messagesIn, parseInput } from '../state/input';
import type { findEmoji } from '../state/emoji';
import { suggest, type Suggestion, type Suggestions } from '../state/suggest';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { choose } from './ask';
import { t, w } from '../words/words';

const TOO_MUCH = w('This is too much for one message: {0} would get {1} of them.');
const IF_NOT_ONE = w('Where the network takes no message of several lines, {0} gets {1} of them.');

/** So many messages are sent without a question. */
const UNASKED = 3;

/** Names to complete: those who spoke last come first, oneself never. */
function sourcesFor(session: Session, buffer: Buffer): Sources {
  const network = session.store.world.networks.get(buffer.network);
  const own = network?.nick ?? '';
  const recent: string[] = [];
  for (const entry of buffer.log.all()) if (!entry.own && entry.kind === 'message') recent.push(entry.nick);
  const here = new Set([...buffer.members.values()].map((member) => member.nick));
  if (buffer.kind === 'query') here.add(buffer.name);
  const spoke = [...new Set(recent.reverse())].filter((nick) => here.has(nick));
  const nicks = [...new Set([...spoke, ...[...here].sort()])].filter((nick) => nick !== own);
  const channels = [...(network?.buffers.values() ?? [])].filter((each) => each.kind === 'channel').map((each) => each.name);
  return { nicks, channels, commands: COMMAND_NAMES };
}

/** Ctrl and a letter: what begins and ends that style (text/format.ts). With Shift where marked. */
const STYLES: Record<string, string> = { b: '\x02', i: '\x1d', u: '\x1f', e: '\x11', 'shift+x': '\x1e', o: '\x0f' };
const ANY_STYLE = /[\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f]/;

let emoji: typeof findEmoji | undefined;

async function fetchEmoji(): Promise<void> {
  emoji = (await import('../state/emoji')).findEmoji;
}

export class ComposerModel {
  field: HTMLTextAreaElement | null = null;
  error = '';
  offered: Suggestions = { from: 0, to: 0, items: [], usage: '' };
  /** Which of what is offered is chosen; null: none yet, so that Enter sends. */
  chosen: number | null = null;
  private cycle: Cycle | null = null;
  private recallAt: number | null = null;
  private unsent = '';

  constructor(
    private readonly session: Session,
    private readonly buffer: Buffer,
    private readonly redraw: () => void,
  ) {}

  get text(): string {
    return this.field?.value ?? this.session.drafts.get(this.buffer.key);
  }

  private get context(): InputContext | null {
    return this.text === '' ? null : (this.session.outbox?.context(this.buffer) ?? null);
  }

  get counter(): Counter | null {
    const { context } = this;
    return context === null ? null : counterOf(this.text, context);
  }

  get lines(): number {
    return linesOf(this.text).length;
  }

  /** What several lines become: one message, one where the network takes it, or each its own. */
  get become(): 'one' | 'perhaps' | 'each' {
    const { context } = this;
    const parsed = context === null ? null : parseInput(this.text, context);
    const one = parsed?.ok === true && parsed.actions.some((action) => action.type === 'send' && action.echo?.lines !== undefined);
    return !one ? 'each' : context?.multiline === true ? 'one' : 'perhaps';
  }

  private messages(apart: boolean): number {
    const { context } = this;
    const parsed = context === null ? null : parseInput(this.text, context, apart);
    return parsed?.ok === true ? messagesIn(parsed.actions, context?.multiline === true) : 0;
  }

  get styled(): boolean {
    return ANY_STYLE.test(this.text);
  }

  /** As high as its text, up to a bound the style sheet sets. */
  fit(): void {
    const { field } = this;
    const box = field?.parentElement;
    if (field === null || box == null) return;
    // One line, without being measured: that would lay out a whole list that was drawn a moment ago.
    if (field.value === '') {
      field.style.height = '';
      return;
    }
    // Its box stays as high meanwhile: were it low for the moment of measuring, the list above would be moved for good.
    box.style.minHeight = `${box.offsetHeight}px`;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
    box.style.minHeight = '';
  }

  typed(): void {
    this.cycle = null;
    this.recallAt = null;
    this.error = '';
    this.session.drafts.set(this.buffer.key, this.text);
    this.session.typing.typed(this.buffer, this.text);
    this.fit();
    this.offer();
  }

  /** The draft of last time; what is offered for it can wait until it is changed. */
  begin(): void {
    const text = this.session.drafts.get(this.buffer.key);
    if (text === '' || this.field === null) return;
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    this.fit();
    this.redraw();
  }

  put(text: string, caret = text.length): void {
    const { field } = this;
    if (field === null) return;
    field.value = text;
    field.setSelectionRange(caret, caret);
    this.session.drafts.set(this.buffer.key, text);
    this.fit();
    this.offer();
  }

  /** Several lines become one. */
  join(): void {
    this.put(linesOf(this.text).map((line) => line.trim()).join(' '));
    this.field?.focus();
  }

  /** `apart`: each line is a message. */
  send(apart = false): void {
    const { text } = this;
    if (text.trim() === '') return;
    const messages = this.messages(apart);
    if (messages <= UNASKED) {
      this.deliver(text, apart);
      return;
    }
    const lines = this.lines > 1;
    void choose({
      title: t('Send {0} messages?', messages),
      text: t(!apart && this.become === 'perhaps' ? IF_NOT_ONE : TOO_MUCH, showNick(this.buffer.name), messages),
      yes: t('Send {0} messages', messages),
      no: t('Keep writing'),
      other: lines ? t('Make it one line') : '',
    }).then((answer) => {
      // The text is still in the field: nothing else can be written while the question stands.
      if (answer === 'yes') this.deliver(text, apart);
      if (answer === 'other') this.join();
    });
  }

  private deliver(text: string, apart: boolean): void {
    const refused = this.session.input(this.buffer, text, apart);
    if (refused !== null) {
      this.error = refused;
      this.redraw();
      return;
    }
    if (this.buffer.pending.length > 0) this.session.store.said.value += 1;
    this.session.typing.sent();
    this.session.drafts.remember(this.buffer.key, text);
    this.recallAt = null;
    this.cycle = null;
    this.error = '';
    this.put('');
  }

  /** Looks what to offer for the word at the caret. */
  private offer(): void {
    const { field } = this;
    const caret = field?.selectionStart ?? 0;
    const named = /^[@#]|\s[@#]/.test(this.text);
    const names = named ? sourcesFor(this.session, this.buffer) : { nicks: [], channels: [] };
    this.offered = suggest(this.text, caret, { ...names, emoji });
    if (emoji === undefined && /(^|\s):[a-z0-9_+-]{2,}/i.test(this.text)) void fetchEmoji().then(() => { if (document.activeElement === this.field) this.offer(); }, () => undefined);
    this.chosen = null;
    this.redraw();
  }

  closeOffer(): void {
    if (this.offered.items.length > 0) this.offered = { ...this.offered, items: [] };
    this.chosen = null;
    this.redraw();
  }

  accept(item: Suggestion | undefined): boolean {
    const { field, offered } = this;
    if (item === undefined || field === null) return false;
    const after = field.value.slice(offered.to).replace(/^ /, '');
    this.put(field.value.slice(0, offered.from) + item.insert + after, offered.from + item.insert.length);
    field.focus();
    return true;
  }

  private choose(step: 1 | -1): boolean {
    const count = this.offered.items.length;
    if (count === 0) return false;
    const from = this.chosen ?? (step > 0 ? -1 : count);
    this.chosen = (from + step + count) % count;
    this.redraw();
    return true;
  }

  /** Up and down through what was sent, when the caret can go no further itself. */
  private recall(step: 1 | -1): boolean {
    const { field } = this;
    if (field === null || field.selectionStart !== field.selectionEnd) return false;
    const head = field.value.slice(0, field.selectionStart);
    const tail = field.value.slice(field.selectionEnd);
    if (step < 0 ? head.includes('\n') : tail.includes('\n')) return false;
    const sent = this.session.drafts.recall(this.buffer.key);
    const at = (this.recallAt ?? sent.length) + step;
    if (at < 0 || at > sent.length || (step > 0 && this.recallAt === null)) return false;
    if (this.recallAt === null) this.unsent = field.value;
    this.recallAt = at === sent.length ? null : at;
    this.put(sent[at] ?? this.unsent);
    // The arrows go on through what was sent, not through what could follow it.
    this.closeOffer();
    return true;
  }

  /** False leaves the Tab key to the browser, so that nobody is caught in the field. */
  private complete(step: 1 | -1): boolean {
    const { field, cycle } = this;
    if (field === null) return false;
    if (cycle === null && step > 0 && this.accept(this.offered.items[this.chosen ?? 0])) return true;
    let next: Completed | null;
    if (cycle !== null) next = nextCompletion(cycle, step);
    else next = step < 0 ? null : startCompletion(field.value, field.selectionStart, sourcesFor(this.session, this.buffer));
    if (next === null) return false;
    this.put(next.text, next.caret);
    this.cycle = next.cycle;
    return true;
  }

  /** Puts what is chosen between marks of a style, or one mark where nothing is chosen. */
  private style(event: KeyboardEvent): boolean {
    const mark = STYLES[`${event.shiftKey ? 'shift+' : ''}${event.key.toLowerCase()}`];
    const { field } = this;
    if (mark === undefined || field === null) return false;
    const { value, selectionStart: from, selectionEnd: to } = field;
    const within = value.slice(from, to);
    const marked = mark + within + (within === '' ? '' : mark);
    this.put(value.slice(0, from) + marked + value.slice(to), from + marked.length);
    return true;
  }

  key(event: KeyboardEvent): void {
    // The key that ends a composition belongs to the input method. Safari tells it after the end, by its code alone.
    if (event.isComposing || event.keyCode === 229 || event.altKey) return;
    const done = event.ctrlKey || event.metaKey ? this.style(event) : this.plainKey(event);
    if (done) event.preventDefault();
  }

  private plainKey(event: KeyboardEvent): boolean {
    switch (event.key) {
      case 'Enter':
        if (event.shiftKey) return false;
        if (this.chosen === null || !this.accept(this.offered.items[this.chosen])) this.send();
        return true;
      case 'Tab':
        return this.complete(event.shiftKey ? -1 : 1);
      case 'ArrowUp':
        return !event.shiftKey && (this.choose(-1) || this.recall(-1));
      case 'ArrowDown':
        return !event.shiftKey && (this.choose(1) || this.recall(1));
      case 'Escape':
        return this.dismiss();
      case 'PageUp':
      case 'PageDown': {
        const list = document.getElementById('messages');
        list?.dispatchEvent(new KeyboardEvent('keydown', { key: event.key })); // as if it had been pressed there
        list?.scrollBy({ top: (event.key === 'PageUp' ? -0.85 : 0.85) * list.clientHeight });
        return true;
      }
    }
    return false;
  }

  private dismiss(): boolean {
    if (this.offered.items.length === 0 && this.error === '') return false;
    this.error = '';
    this.closeOffer();
    return true;
  }
}
