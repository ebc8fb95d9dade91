// Where you write: Enter sends, Shift+Enter breaks the line, Tab completes, the arrows bring back what was said.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { LINES_AT_ONCE } from '../state/input';
import type { Buffer } from '../state/world';
import { showNick } from '../text/display';
import { stripFormat } from '../text/format';
import { ComposerModel } from './composer_model';
import { useSession } from './context';
import { ClipIcon, SendIcon } from './icons';
import { RichText } from './RichText';
import { t, w } from '../words/words';

/** Typing with nothing focused means writing. */
function useTypeToWrite(model: ComposerModel): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === ' ') return;
      const at = document.activeElement;
      if (at !== null && at !== document.body && at.id !== 'messages' && !at.matches('#messages .row')) return;
      model.field?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
}

function placeholder(buffer: Buffer): string {
  if (buffer.kind === 'server') return t('A command, such as /join #halley');
  return t('Message {0}', showNick(buffer.name));
}

/** What may follow what was typed, above the field. */
function Offered({ model }: { model: ComposerModel }) {
  const { items, usage } = model.offered;
  if (items.length === 0) return usage === '' ? null : <p class="usage">{usage}</p>;
  return (
    <ul class="offered" id="offered" role="listbox" aria-label={t('Suggestions')}>
      {items.map((item, index) => (
        <li
          key={item.label}
          id={`offered-${index}`}
          role="option"
          aria-selected={index === model.chosen}
          class="choice"
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => model.accept(item)}
        >
          <span class="choice-name">{showNick(item.label)}</span>
          <span class="choice-hint">{item.hint}</span>
        </li>
      ))}
    </ul>
  );
}

/** How it will look, where there is more to it than the field can show. */
function Preview({ model }: { model: ComposerModel }) {
  return model.styled ? <p class="preview" aria-label={t('How it will look')}><RichText text={model.text} /></p> : null;
}

const BECOME = { one: w('{0} lines: one message.'), perhaps: w('{0} lines: one message where the network takes it, else a message each.'), each: w('{0} lines: each is a message.') };

/** Several lines, such as a paste: how many, and what else can be done with them. */
function Lines({ model }: { model: ComposerModel }) {
  const { store } = useSession();
  const { lines } = model;
  if (lines < 2) return null;
  const { become } = model;
  return (
    <p class="lines" role="status">
      <span>{lines > LINES_AT_ONCE ? t('{0} lines: at most {1} can be said at once.', lines, LINES_AT_ONCE) : t(BECOME[become], lines)}</span>
      {become !== 'each' && <button type="button" class="link-button" onClick={() => model.send(true)}>{t('Send line by line')}</button>}
      <button type="button" class="link-button" onClick={() => model.join()}>{t('Make it one line')}</button>
      <button type="button" class="link-button" onClick={() => store.upload([new File([model.text], 'text.txt', { type: 'text/plain' })], model.text)}>{t('Send as a file')}</button>
      <button type="button" class="link-button" onClick={() => { model.put(''); model.field?.focus(); }}>{t('Discard')}</button>
    </p>
  );
}

/** For whom pastes and drops no files, as on a phone. */
function Attach() {
  const { store } = useSession();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={input} type="file" multiple hidden onChange={({ currentTarget }) => { store.upload([...(currentTarget.files ?? [])]); currentTarget.value = ''; }} />
      <button type="button" class="icon-button" aria-label={t('Send a file')} title={t('Send a file')} onClick={() => input.current?.click()}><ClipIcon /></button>
    </>
  );
}

/** The line that is answered. */
function Answering({ buffer }: { buffer: Buffer }) {
  const { replyTo } = useSession().store;
  const reply = replyTo.value;
  if (reply === null || reply.buffer !== buffer) return null;
  return (
    <p class="lines" role="status">
      <span>{t('Answers {0}: {1}', showNick(reply.entry.nick), stripFormat(reply.entry.text).slice(0, 120))}</span>
      <button type="button" class="link-button" onClick={() => { replyTo.value = null; }}>{t('Do not answer')}</button>
    </p>
  );
}

function useModel(buffer: Buffer): { model: ComposerModel; field: preact.RefObject<HTMLTextAreaElement> } {
  const session = useSession();
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  const held = useRef<ComposerModel | null>(null);
  const model = (held.current ??= new ComposerModel(session, buffer, () => redraw(undefined)));
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    model.field = field.current;
    model.begin();
    const before = document.activeElement;
    // All that is new is laid out for it: with the frame, which does that anyway. Who went elsewhere meanwhile stays there.
    const frame = requestAnimationFrame(() => {
      const at = document.activeElement;
      // On a phone, focus would bring up the keyboard over what one came to read.
      if ((at === before || at === document.body) && window.matchMedia('(hover: hover)').matches) field.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  useSignalEffect(() => {
    const text = session.store.insert.value;
    if (text === '') return;
    session.store.insert.value = '';
    model.put(text);
    field.current?.focus();
  });
  useSignalEffect(() => {
    if (session.store.replyTo.value?.buffer === buffer) field.current?.focus();
  });
  useTypeToWrite(model);
  return { model, field };
}

export function Composer({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const { model, field } = useModel(buffer);
  void session.store.list.value;
  const nick = showNick(session.store.world.networks.get(buffer.network)?.nick ?? '');
  const { counter, chosen, offered } = model;
  // Beside a counter the field is narrower, and what it says may take another line.
  useLayoutEffect(() => model.fit(), [counter === null]);
  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); model.send(); }}>
      {model.error !== '' && <p class="composer-error" role="alert">{model.error}</p>}
      <Offered model={model} />
      <Preview model={model} />
      <Lines model={model} />
      <Answering buffer={buffer} />
      <div class="composer-box">
        <span class="own-nick" title={t('You are {0} here', nick)}>{nick}</span>
        <textarea
          ref={field}
          rows={1}
          aria-label={placeholder(buffer)}
          aria-controls={offered.items.length > 0 ? 'offered' : undefined}
          aria-activedescendant={chosen === null ? undefined : `offered-${chosen}`}
          aria-autocomplete="list"
          placeholder={placeholder(buffer)}
          enterkeyhint="send"
          autocapitalize="sentences"
          onInput={() => model.typed()}
          onKeyDown={(event) => model.key(event)}
          onBlur={() => model.closeOffer()}
        />
        {buffer.kind !== 'server' && <Attach />}
        {counter !== null && <span class={counter.over ? 'counter over' : 'counter'}>{counter.text}</span>}
        <button type="submit" class="send" aria-label={t('Send')}><SendIcon /></button>
      </div>
    </form>
  );
}
