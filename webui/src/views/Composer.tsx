// Where you write: Enter sends, Shift+Enter breaks the line, Tab completes, the arrows bring back what was said.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../app/session';
import { nextCompletion, startCompletion, type Completed, type Cycle, type Sources } from '../state/complete';
import { COMMAND_NAMES } from '../state/input';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { ask } from './Ask';
import { useSession } from './context';
import { SendIcon } from './icons';

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

class ComposerModel {
  field: HTMLTextAreaElement | null = null;
  private cycle: Cycle | null = null;
  private recallAt: number | null = null;
  private unsent = '';

  constructor(
    private readonly session: Session,
    private readonly buffer: Buffer,
    private readonly show: (error: string) => void,
  ) {}

  /** As high as its text, up to a bound the style sheet sets. */
  fit(): void {
    const { field } = this;
    if (field === null) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }

  typed(): void {
    this.cycle = null;
    this.recallAt = null;
    this.show('');
    this.session.drafts.set(this.buffer.key, this.field?.value ?? '');
    this.fit();
  }

  put(text: string, caret = text.length): void {
    const { field } = this;
    if (field === null) return;
    field.value = text;
    field.setSelectionRange(caret, caret);
    this.session.drafts.set(this.buffer.key, text);
    this.fit();
  }

  send(): void {
    const text = this.field?.value ?? '';
    if (text.trim() === '') return;
    const messages = this.session.messagesIn(this.buffer, text);
    if (messages <= UNASKED) {
      this.deliver(text);
      return;
    }
    void ask({
      title: `Send ${messages} messages?`,
      text: `This is too much for one message: ${showNick(this.buffer.name)} would get ${messages} of them.`,
      yes: `Send ${messages} messages`,
      no: 'Keep writing',
    }).then((yes) => {
      // The text is still in the field: nothing else can be written while the question stands.
      if (yes) this.deliver(text);
    });
  }

  private deliver(text: string): void {
    const refused = this.session.input(this.buffer, text);
    if (refused !== null) {
      this.show(refused);
      return;
    }
    if (this.buffer.pending.length > 0) this.session.store.said.value += 1;
    this.session.drafts.remember(this.buffer.key, text);
    this.recallAt = null;
    this.cycle = null;
    this.show('');
    this.put('');
    this.session.drafts.set(this.buffer.key, '');
  }

  /** Up and down through what was sent, when the caret can go no further itself. */
  recall(step: 1 | -1): boolean {
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
    return true;
  }

  /** False leaves the Tab key to the browser, so that nobody is caught in the field. */
  complete(step: 1 | -1): boolean {
    const { field } = this;
    if (field === null) return false;
    let next: Completed | null;
    if (this.cycle !== null) next = nextCompletion(this.cycle, step);
    else next = step < 0 ? null : startCompletion(field.value, field.selectionStart, sourcesFor(this.session, this.buffer));
    if (next === null) return false;
    this.put(next.text, next.caret);
    this.cycle = next.cycle;
    return true;
  }

  key(event: KeyboardEvent): void {
    // The key that ends a composition belongs to the input method. Safari tells it after the end, by its code alone.
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.ctrlKey || event.metaKey) return;
    let done = false;
    if (event.key === 'Enter' && !event.shiftKey) {
      this.send();
      done = true;
    } else if (event.key === 'Tab') done = this.complete(event.shiftKey ? -1 : 1);
    else if (event.key === 'ArrowUp' && !event.shiftKey) done = this.recall(-1);
    else if (event.key === 'ArrowDown' && !event.shiftKey) done = this.recall(1);
    else if (event.key === 'Escape') this.show('');
    else if (event.key === 'PageUp' || event.key === 'PageDown') {
      const list = document.getElementById('messages');
      list?.scrollBy({ top: (event.key === 'PageUp' ? -0.85 : 0.85) * list.clientHeight });
      done = true;
    }
    if (done) event.preventDefault();
  }
}

/** Typing with nothing focused means writing. */
function useTypeToWrite(model: ComposerModel): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === ' ') return;
      const at = document.activeElement;
      if (at !== null && at !== document.body && at.id !== 'messages') return;
      model.field?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
}

function placeholder(buffer: Buffer): string {
  if (buffer.kind === 'server') return 'A command, such as /join #halley';
  return `Message ${showNick(buffer.name)}`;
}

export function Composer({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const [error, setError] = useState('');
  const held = useRef<ComposerModel | null>(null);
  const model = (held.current ??= new ComposerModel(session, buffer, setError));
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    model.field = field.current;
    model.put(session.drafts.get(buffer.key));
    // On a phone, focus would bring up the keyboard over what one came to read.
    if (window.matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true });
  }, []);
  useSignalEffect(() => {
    const text = session.store.insert.value;
    if (text === '') return;
    session.store.insert.value = '';
    model.put(text);
    field.current?.focus();
  });
  useTypeToWrite(model);
  void session.store.list.value;
  const nick = showNick(session.store.world.networks.get(buffer.network)?.nick ?? '');
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); model.send(); }}>
      {error !== '' && <p class="composer-error" role="alert">{error}</p>}
      <div class="composer-box">
        <span class="own-nick" title={`You are ${nick} here`}>{nick}</span>
        <textarea
          ref={field}
          rows={1}
          aria-label={placeholder(buffer)}
          placeholder={placeholder(buffer)}
          enterkeyhint="send"
          autocapitalize="sentences"
          onInput={() => model.typed()}
          onKeyDown={(event) => model.key(event)}
        />
        <button type="submit" class="send" aria-label="Send"><SendIcon /></button>
      </div>
    </form>
  );
}
