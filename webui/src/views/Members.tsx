// Who is in the channel, by rank. Rows have one height, so that of thousands only those in sight are drawn.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { groupMembers, type Group } from '../state/members';
import type { Buffer, Member } from '../state/world';
import { showNick } from '../text/display';
import { nickInk } from '../text/ink';
import { useSession } from './context';
import { CloseIcon } from './icons';
import { openNickCard } from './NickCard';

/** Pixels: a finger needs more than a mouse. The style sheet's rows are as high as their place. */
const ROW = window.matchMedia('(pointer: coarse)').matches ? 42 : 30;
const SPARE = 8;

type Item = { title: string; count: number } | { member: Member };

function flatten(groups: Group[]): Item[] {
  // One group without a rank needs no heading: the panel's own says it.
  const [only] = groups;
  if (only !== undefined && groups.length === 1 && only.sign === '') return only.members.map((member) => ({ member }));
  return groups.flatMap((group): Item[] => [
    { title: group.title, count: group.members.length },
    ...group.members.map((member) => ({ member })),
  ]);
}

function ItemRow({ item, top }: { item: Item; top: number }) {
  const style = { top: `${top}px`, height: `${ROW}px` };
  if ('title' in item) {
    return <li class="member-group" style={style}><span>{item.title}</span> <span class="count">{item.count}</span></li>;
  }
  const { nick, signs, away } = item.member;
  const shown = showNick(nick);
  return (
    <li class={away ? 'member away' : 'member'} style={style}>
      <button type="button" data-nick={nick} title={away ? `${shown} is away` : shown}>
        <span class="member-sign" aria-hidden="true">{signs.charAt(0)}</span>
        <span class="member-nick ink" style={nickInk(nick)}>{shown}</span>
      </button>
    </li>
  );
}

function useWindow(count: number): { ref: preact.RefObject<HTMLDivElement>; from: number; to: number; onScroll(): void } {
  const ref = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 900 });
  const measure = (): void => {
    const element = ref.current;
    if (element === null) return;
    // In steps, so that a scroll of a few pixels draws nothing.
    const top = Math.floor(element.scrollTop / (ROW * 4)) * ROW * 4;
    setView((old) => (old.top === top && old.height === element.clientHeight ? old : { top, height: element.clientHeight }));
  };
  useEffect(() => {
    if (ref.current === null) return undefined;
    const watch = new ResizeObserver(measure);
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, []);
  const from = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const to = Math.min(count, Math.ceil((view.top + view.height) / ROW) + SPARE + 4);
  return { ref, from, to, onScroll: measure };
}

export function MembersPanel({ buffer }: { buffer: Buffer }) {
  const { store } = useSession();
  void store.memberSignal(buffer).value;
  const network = store.world.networks.get(buffer.network);
  const items = useMemo(
    () => (network === undefined ? [] : flatten(groupMembers(buffer.members.values(), network.isupport))),
    [buffer, buffer.membersVersion],
  );
  const { ref, from, to, onScroll } = useWindow(items.length);
  const onClick = (event: MouseEvent): void => {
    const button = event.target instanceof Element ? event.target.closest('[data-nick]') : null;
    if (button !== null) openNickCard(buffer.network, button.getAttribute('data-nick') ?? '', button);
  };
  return (
    <aside class="members" aria-label={`Members of ${buffer.name}`}>
      <header class="members-head">
        <h2>Members</h2>
        <span class="count">{buffer.members.size}</span>
        <button type="button" class="icon-button drawer-close" aria-label="Close" onClick={() => { store.drawer.value = 'none'; }}><CloseIcon /></button>
      </header>
      <div class="members-list" ref={ref} onScroll={onScroll} onClick={onClick} tabIndex={-1}>
        <ul style={{ height: `${items.length * ROW + 16}px` }}>
          {items.slice(from, to).map((item, index) => (
            <ItemRow key={'title' in item ? `= ${item.title}` : item.member.nick} item={item} top={(from + index) * ROW} />
          ))}
        </ul>
      </div>
    </aside>
  );
}
