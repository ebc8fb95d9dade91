// The messages of one buffer: the frame, what stands before the first line, and the pills that lead somewhere.

import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { goToChannel, jumpTo } from '../app/places';
import type { Session } from '../app/session';
import type { Folding } from '../state/folding';
import { dayOf, followsOn } from '../state/rows';
import type { Buffer } from '../state/world';
import { useSignalEffect } from '@preact/signals';
import { showNick } from '../text/display';
import { clockTime, zoneAt } from '../text/time';
import { Block } from './Block';
import { useSession } from './context';
import { copyTalk } from './copy';
import { entryOf, onLineKey, openLineMenu } from './line_keys';
import { Comet, DownIcon, UpIcon } from './icons';
import { openNickCard } from './open_card';
import { MIN_TURN_PX, newestOf, partAbout, planBlocks, planFolded, type BlockPlan } from './plan';
import { Reading } from './reading';
import { PendingRow, showFullTime } from './Rows';
import { Typing } from './Typing';
import { countQuiet, MIN_ROW_PX, type Shown } from './shown';
import { n, t } from '../words/words';

function onListClick(session: Session, buffer: Buffer, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  const network = session.store.world.networks.get(buffer.network);
  if (target === null || network === undefined) return;
  const channel = target.closest('[data-channel]')?.getAttribute('data-channel');
  const answered = target.closest('[data-answered]')?.getAttribute('data-answered');
  const reaction = target.closest('[data-react]');
  const entry = entryOf(buffer, target);
  if (answered != null) jumpTo(session, { network: network.name, name: buffer.name, id: answered });
  if (reaction !== null && entry !== null) session.outbox?.react(buffer, entry, reaction.getAttribute('data-react') ?? '');
  const nick = target.closest('[data-nick]');
  if (channel != null) goToChannel(session, network, channel);
  else if (nick !== null) openNickCard(network.name, nick.getAttribute('data-nick') ?? '', nick);
}

/** `resting` is part of the props: a component that reads signals is drawn again only for them and its props. */
function Top({ buffer, model, resting }: { buffer: Buffer; model: Reading; resting: boolean }) {
  const session = useSession();
  void session.store.logSignal(buffer).value; // buffers are changed in place: only the signal tells
  if (buffer.loading === 'failed') {
    return (
      <div class="list-top">
        <span>{t('What was said here could not be loaded.')}</span>
        <button type="button" class="button small" onClick={() => void session.history.fill(buffer)}>{t('Try again')}</button>
      </div>
    );
  }
  if (buffer.loading !== 'yes' && buffer.log.count === 0) return <div class="list-top"><span class="spinner" aria-hidden="true" />{' '}{t('Loading…')}</div>;
  if (buffer.more && resting) {
    return (
      <div class="list-top">
        <button type="button" class="button small" onClick={() => model.askOlder()}>{t('Show older lines')}</button>
      </div>
    );
  }
  if (buffer.more) return <div class="list-top"><span class="spinner" aria-hidden="true" /></div>;
  if (buffer.log.count === 0) return null;
  return <div class="list-top start">{t('Halley’s memory of {0} begins here.', showNick(buffer.name))}</div>;
}

function Empty({ buffer }: { buffer: Buffer }) {
  void useSession().store.logSignal(buffer).value;
  if (buffer.log.count > 0 || buffer.pending.length > 0 || buffer.loading !== 'yes' || buffer.more) return null;
  const text = {
    server: t('What the network itself says appears here.'),
    channel: t('Nothing has been said in {0} while Halley was there.', showNick(buffer.name)),
    query: t('Nothing yet between you and {0}. Say hello.', showNick(buffer.name)),
  }[buffer.kind];
  return <div class="empty"><Comet size={40} /><p>{text}</p></div>;
}

function plan(buffer: Buffer, shown: Shown, folding: Folding): BlockPlan[] {
  const chunks = shown.chunks(buffer.log);
  if (folding !== 'all') return planFolded(buffer.log, chunks, buffer.divider, folding);
  const above = shown.before(buffer.log)?.entries;
  return planBlocks(chunks, above?.[above.length - 1] ?? null, buffer.divider);
}

/** Reads no signal: it is drawn again with its parent. */
function Blocks({ buffer, model, today, folding }: { buffer: Buffer; model: Reading; today: string; folding: Folding }) {
  const { few, opensAt } = model;
  const turn = useSession().store.compact.peek() ? MIN_ROW_PX : MIN_TURN_PX;
  const all = plan(buffer, model.shown, folding);
  const plans = !few ? all : opensAt === null ? newestOf(all, window.innerHeight, turn) : partAbout(all, opensAt, window.innerHeight, turn);
  return <>{plans.map((each, index) => <Block key={each.key} plan={each} buffer={buffer} today={today} growing={few || index === plans.length - 1} />)}</>;
}

function PendingBlock({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  void session.store.logSignal(buffer).value;
  const nick = session.store.world.networks.get(buffer.network)?.nick ?? '';
  const actions = {
    again: (token: number) => session.outbox?.again(buffer, token),
    discard: (token: number) => session.outbox?.discard(buffer, token),
    all: () => { session.store.pane.value = { kind: 'outbox' }; },
  };
  const last = buffer.log.last;
  const joins = last !== null && last.own && last.kind === 'message' && followsOn(last, { ...last, time: Math.max(last.time, Date.now()) });
  return (
    <div class="block pending-block">
      {buffer.pending.map((item, index) => {
        const above = buffer.pending[index - 1];
        const follows = item.kind === 'message' && (above === undefined ? joins : above.kind === 'message');
        return <PendingRow key={item.token} item={item} buffer={buffer} nick={nick} follows={follows} actions={actions} />;
      })}
    </div>
  );
}

function useSteadyScroll(model: Reading): { list: preact.RefObject<HTMLDivElement>; content: preact.RefObject<HTMLDivElement> } {
  const list = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  model.prepare();
  useLayoutEffect(() => model.settle(list.current));
  useLayoutEffect(() => {
    model.enter();
    return () => model.leave();
  }, []);
  useLayoutEffect(() => {
    if (list.current === null || content.current === null) return undefined;
    // Fonts arrive, the window narrows, a phone's keyboard opens: who was at the end stays there. It is told of the first
    // size, too, before that is painted.
    const watch = new ResizeObserver(() => model.resized());
    watch.observe(list.current);
    watch.observe(content.current);
    return () => watch.disconnect();
  }, []);
  return { list, content };
}

/** Above the list: that there is something unread out of sight, and the way there. */
function UnreadPill({ model, buffer }: { model: Reading; buffer: Buffer }) {
  if (!model.unreadAbove) return null;
  const count = model.unreadCount();
  const first = buffer.readUpTo === null ? model.log.entry(buffer.divider) : null;
  const words = count === null ? t('New messages since you left') : n(count, '1 new message', '{0} new messages');
  return (
    <button type="button" class="pill up" onClick={() => void model.toUnread()}>
      <UpIcon /> {words}{first !== null && first.time > 0 && ` ${t('since {0}', clockTime(first.time))}`}
    </button>
  );
}

function EndPill({ model }: { model: Reading }) {
  if (model.scroller.following) return null;
  const news = model.leftAt !== model.log.newestKey;
  return (
    <button type="button" class={news ? 'pill news' : 'pill'} onClick={() => void model.toEnd()}>
      <DownIcon /> {news ? t('New messages') : t('To the latest')}
    </button>
  );
}

function useReading(buffer: Buffer): Reading {
  const session = useSession();
  const [, redraw] = useReducer((count: number, _: void) => count + 1, 0);
  const held = useRef<Reading | null>(null);
  const model = (held.current ??= new Reading(session, buffer, () => redraw(undefined)));
  const { said } = session.store;
  const heard = useRef(said.peek());
  useSignalEffect(() => {
    const jump = session.store.jump.value;
    void session.store.logSignal(buffer).value;
    if (jump === null || jump.buffer !== buffer || buffer.loading !== 'yes') return;
    session.store.jump.value = null;
    void model.toLine(jump);
  });
  useSignalEffect(() => {
    if (said.value === heard.current) return;
    heard.current = said.value;
    // Who says something wants to see it.
    if (!model.scroller.following) void model.toEnd();
  });
  return model;
}

export function MessageList({ buffer }: { buffer: Buffer }) {
  const session = useSession();
  const { store } = session;
  const model = useReading(buffer);
  void store.logSignal(buffer).value;
  const folding = store.folding.value;
  countQuiet(folding);
  const now = store.now.value;
  const today = `${dayOf(now)} ${zoneAt(now)}`;
  const { list, content } = useSteadyScroll(model);
  return (
    <div class="list-frame">
      <div
        class="message-list"
        id="messages"
        ref={list}
        role="log"
        aria-label={t('Messages in {0}', showNick(buffer.name))}
        aria-busy={buffer.loading === 'loading'}
        tabIndex={0}
        onScroll={() => model.onScroll()}
        onWheel={(event) => model.gesture(event.deltaY < 0)}
        onTouchMove={() => model.gesture(true)}
        onPointerDown={() => model.gesture(true)}
        onKeyDown={(event) => {
          model.gesture(/Up|Home/.test(event.key));
          onLineKey(session, buffer, event.currentTarget, event);
        }}
        onClick={(event) => onListClick(session, buffer, event)}
        onContextMenu={(event) => openLineMenu(session, buffer, event)}
        onMouseOver={showFullTime}
        onCopy={(event) => copyTalk(event, event.currentTarget, buffer.log)}
      >
        <div class="list-content" ref={content}>
          <div class="list-inner">
            <Top buffer={buffer} model={model} resting={model.resting} />
            <Empty buffer={buffer} />
            <Blocks buffer={buffer} model={model} today={today} folding={folding} />
            {model.reachesEnd && <PendingBlock buffer={buffer} />}
          </div>
        </div>
      </div>
      <Typing buffer={buffer} />
      <UnreadPill model={model} buffer={buffer} />
      <EndPill model={model} />
    </div>
  );
}
