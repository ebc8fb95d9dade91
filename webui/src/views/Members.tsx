// Who is in the channel, by rank. Rows have one height, so that of thousands only those in sight are drawn.

import { useMemo, useState } from 'preact/hooks';
import type { Isupport } from '../state/isupport';
import { groupMembers, type Group } from '../state/members';
import type { Buffer, Member } from '../state/world';
import { showNick } from '../text/display';
import { useSession } from './context';
import { CloseIcon } from './icons';
import { openNickCard } from './open_card';
import { recoloured } from './nick_style';
import { useRowWindow } from './row_window';
import type { Language } from '../words/load';
import { t } from '../words/words';

/** Pixels: a finger needs more than a mouse. The style sheet's rows are as high as their place. */
const ROW = window.matchMedia('(pointer: coarse)').matches ? 44 : 30;

/** So many are looked through without a filter. */
const FEW = 10;

/** Whose nick has that in it, in small letters. */
function named(buffer: Buffer, low: string): Member[] {
  return [...buffer.members.values()].filter(({ nick }) => nick.toLowerCase().includes(low));
}

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

interface Listed {
  version: number;
  isupport: Isupport;
  language: Language;
  items: Item[];
}

/** Of the channels that were shown last: to sort thousands takes longer than all else when one turns back to them. */
const listed = new Map<Buffer, Listed>();
const MOST_LISTED = 8;

function itemsOf(buffer: Buffer, isupport: Isupport, language: Language): Item[] {
  const known = listed.get(buffer);
  const version = buffer.membersVersion;
  listed.delete(buffer);
  const current = known?.version === version && known.isupport === isupport && known.language === language;
  const items = current ? known.items : flatten(groupMembers(buffer.members.values(), isupport));
  listed.set(buffer, { version, isupport, language, items });
  const [oldest] = listed.keys();
  if (listed.size > MOST_LISTED && oldest !== undefined) listed.delete(oldest);
  return items;
}

function ItemRow({ item, buffer, top }: { item: Item; buffer: Buffer; top: number }) {
  const { inks } = useSession();
  const style = { top: `${top}px`, height: `${ROW}px` };
  if ('title' in item) {
    return <li class="member-group" style={style}><span>{item.title}</span> <span class="count">{item.count}</span></li>;
  }
  const { nick, signs, away } = item.member;
  const shown = showNick(nick);
  return (
    <li class={away ? 'member away' : 'member'} style={style}>
      <button type="button" data-nick={nick} title={away ? t('{0} is away', shown) : shown}>
        <span class="member-sign" aria-hidden="true">{signs.charAt(0)}</span>
        <span class="member-nick ink" style={inks.of(buffer).peek(nick)}>{shown}</span>
      </button>
    </li>
  );
}

export function MembersPanel({ buffer }: { buffer: Buffer }) {
  const { store } = useSession();
  void store.memberSignal(buffer).value;
  void recoloured.value;
  const network = store.world.networks.get(buffer.network);
  const [filter, setFilter] = useState('');
  const low = filter.trim().toLowerCase();
  const items = useMemo(
    () => {
      if (network === undefined) return [];
      return low === '' ? itemsOf(buffer, network.isupport, store.spoken.peek()) : flatten(groupMembers(named(buffer, low), network.isupport));
    },
    [buffer, buffer.membersVersion, low],
  );
  const { ref, from, to, onScroll } = useRowWindow(items.length, ROW);
  const onClick = (event: MouseEvent): void => {
    const button = event.target instanceof Element ? event.target.closest('[data-nick]') : null;
    if (button !== null) openNickCard(buffer.network, button.getAttribute('data-nick') ?? '', button);
  };
  const onMenu = (event: MouseEvent): void => {
    if (event.target instanceof Element && event.target.closest('[data-nick]') !== null) event.preventDefault();
    onClick(event);
  };
  return (
    <aside class="members" aria-label={t('Members of {0}', buffer.name)}>
      <header class="members-head">
        <h2>{t('Members')}</h2>
        <span class="count">{buffer.members.size}</span>
        <button type="button" class="icon-button drawer-close" aria-label={t('Close')} onClick={() => { store.drawer.value = 'none'; }}><CloseIcon /></button>
      </header>
      {(buffer.members.size > FEW || filter !== '') && (
        <input class="members-filter" type="search" aria-label={t('Filter members')} placeholder={t('Filter')} autocapitalize="none" autocomplete="off" spellcheck={false} onInput={(event) => setFilter(event.currentTarget.value)} />
      )}
      <div class="members-list" ref={ref} onScroll={onScroll} onClick={onClick} onContextMenu={onMenu} tabIndex={-1}>
        <ul style={{ height: `${items.length * ROW + 16}px` }}>
          {items.slice(from, to).map((item, index) => (
            <ItemRow key={'title' in item ? `= ${item.title}` : item.member.nick} item={item} buffer={buffer} top={(from + index) * ROW} />
          ))}
        </ul>
      </div>
    </aside>
  );
}
