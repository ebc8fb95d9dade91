import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Session } from '../app/session';
import type { Entry } from '../state/entry';
import type { Chunk, Log } from '../state/log';
import { dayOf, followsOn } from '../state/rows';
import type { Buffer } from '../state/world';
import { Block } from './Block';
import { useSession } from './context';
import { Comet, DownIcon } from './icons';
import { openNickCard } from './NickCard';
import { PendingRow, showFullTime } from './Rows';
import { Scroller } from './scroller';
import { Shown } from './shown';

const LOAD_WITHIN = 900; // pixels from the top at which older lines are fetched

class ListModel {
  readonly scroller = new Scroller();
  readonly shown = new Shown();
  /** The last line when the reader left the end: whatever follows is news. */
  leftAt: string | null = null;
  private busy = false;

  constructor(
    private readonly session: Session,
    private readonly buffer: Buffer,
    private readonly redraw: () => void,
  ) {}

  onScroll(): void {
    if (this.scroller.scrolled()) this.turned();
    this.more();
  }

  /** The reader came to the end, or left it. */
  private turned(): void {
    const { following } = this.scroller;
    this.leftAt = following ? null : (this.buffer.log.last?.key ?? null);
    this.session.setFollowing(following);
    if (following) this.shown.shrink(this.buffer.log);
    this.redraw();
  }

  /** Brings in older lines when the reader comes near the top, first from memory, then from the server. */
  more(): void {
    if (this.busy || (this.scroller.fillsView && this.scroller.distanceToTop > LOAD_WITHIN)) return;
    if (this.shown.reveal(this.buffer.log)) {
      this.redraw();
      return;
    }
    if (this.buffer.loading !== 'yes' || !this.session.history.canLoadOlder(this.buffer)) return;
    this.busy = true;
    void this.session.history.older(this.buffer).then((came) => {
      this.busy = false;
      if (came) this.shown.reveal(this.buffer.log);
      this.redraw();
    });
  }

  toEnd(): void {
    this.scroller.toEnd();
    this.turned();
  }
}

function onListClick(session: Session, buffer: Buffer, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const network = session.store.world.networks.get(buffer.network);
  if (target === null || network === undefined) return;
  const channel = target.closest('[data-channel]')?.getAttribute('data-channel');
  const nick = target.closest('[data-nick]');
  if (channel != null) session.goToChannel(network, channel);
  else if (nick !== null) openNickCard(network.name, nick.getAttribute('data-nick') ?? '', nick);
}

function Top({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  void session.store.logSignal(buffer).value; // buffers are changed in place: only the signal tells
  if (buffer.kind === 'server') return null;
  if (buffer.loading === 'failed') {
    return (
      <div class="list-top">
        <span>What was said here could not be loaded.</span>
        <button type="button" class="button small" onClick={() => void session.history.fill(buffer)}>Try again</button>
      </div>
    );
  }
  if (buffer.loading !== 'yes') return <div class="list-top"><span class="spinner" aria-hidden="true" /> Loading…</div>;
  if (session.history.canLoadOlder(buffer)) return <div class="list-top"><span class="spinner" aria-hidden="true" /></div>;
  if (buffer.log.count === 0) return null;
  return <div class="list-top start">{buffer.more ? 'This page holds no more lines than this.' : `Halley’s memory of ${buffer.name} begins here.`}</div>;
}

function Empty({ buffer }: { buffer: Buffer }) {
  void useSession().store.logSignal(buffer).value;
  if (buffer.log.count > 0 || buffer.pending.length > 0 || buffer.loading !== 'yes') return null;
  const text = {
    server: 'What the network itself says appears here.',
    channel: `Nothing has been said in ${buffer.name} while Halley was there.`,
    query: `Nothing yet between you and ${buffer.name}. Say hello.`,
  }[buffer.kind];
  return <div class="empty"><Comet size={40} /><p>{text}</p></div>;
}

function lastOf(chunk: Chunk | null): Entry | null {
  return chunk === null ? null : (chunk.entries[chunk.entries.length - 1] ?? null);
}

function Blocks({ buffer, shown, today }: { buffer: Buffer; shown: Shown; today: string }) {
  const chunks = shown.chunks(buffer.log);
  let before = lastOf(shown.before(buffer.log));
  return (
    <>
      {chunks.map((chunk, index) => {
        const previous = before;
        before = lastOf(chunk);
        const { divider: mark } = buffer;
        const divider = mark !== null && chunk.entries.some((entry) => entry.key === mark) ? mark : null;
        const growing = index === chunks.length - 1;
        return <Block key={chunk.key} chunk={chunk} version={chunk.version} before={previous} divider={divider} today={today} growing={growing} />;
      })}
    </>
  );
}

function PendingBlock({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  void session.store.logSignal(buffer).value;
  const nick = session.store.world.networks.get(buffer.network)?.nick ?? '';
  const actions = {
    again: (token: number) => session.again(buffer, token),
    discard: (token: number) => session.discard(buffer, token),
  };
  const last = buffer.log.last;
  const joins = last !== null && last.own && last.kind === 'message' && followsOn(last, { ...last, time: Math.max(last.time, Date.now()) });
  return (
    <div class="block pending-block">
      {buffer.pending.map((item, index) => {
        const above = buffer.pending[index - 1];
        const follows = item.kind === 'message' && (above === undefined ? joins : above.kind === 'message');
        return <PendingRow key={item.token} item={item} nick={nick} follows={follows} actions={actions} />;
      })}
    </div>
  );
}

function useSteadyScroll(model: ListModel, log: Log): { list: preact.RefObject<HTMLDivElement>; content: preact.RefObject<HTMLDivElement> } {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  if (model.scroller.following) model.shown.shrink(log);
  else model.scroller.capture();
  useLayoutEffect(() => {
    model.scroller.attach(list.current);
    model.scroller.restore();
    model.more();
  });
  useEffect(() => {
    if (list.current === null || content.current === null) return undefined;
    // Fonts arrive, the window narrows, a phone's keyboard opens: who was at the end stays there.
    const watch = new ResizeObserver(() => {
      if (model.scroller.following) model.scroller.toEnd();
    });
    watch.observe(list.current);
    watch.observe(content.current);
    return () => watch.disconnect();
  }, []);
  return { list, content };
}

export function MessageList({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const { store } = session;
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  const held = useRef<ListModel | null>(null);
  const model = (held.current ??= new ListModel(session, buffer, () => redraw(undefined)));
  void store.logSignal(buffer).value;
  const today = dayOf(store.now.value);
  const { list, content } = useSteadyScroll(model, buffer.log);
  const news = !model.scroller.following && model.leftAt !== (buffer.log.last?.key ?? null);
  return (
    <div class="list-frame">
      <div
        class="message-list"
        id="messages"
        ref={list}
        role="log"
        aria-label={`Messages in ${buffer.name}`}
        aria-busy={buffer.loading === 'loading'}
        tabIndex={0}
        onScroll={() => model.onScroll()}
        onClick={(event) => onListClick(session, buffer, event)}
        onMouseOver={showFullTime}
      >
        <div class="list-content" ref={content}>
          <div class="list-inner">
            <Top buffer={buffer} />
            <Empty buffer={buffer} />
            <Blocks buffer={buffer} shown={model.shown} today={today} />
            <PendingBlock buffer={buffer} />
          </div>
        </div>
      </div>
      {!model.scroller.following && (
        <button type="button" class={news ? 'pill news' : 'pill'} onClick={() => model.toEnd()}>
          <DownIcon /> {news ? 'New messages' : 'To the latest'}
        </button>
      )}
    </div>
  );
}
