// Ctrl+K: a few letters lead to any page, list, command or search.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../app/session';
import { COMMANDS } from '../state/commands';
import { switchItems, type SwitchItem } from '../state/switch_items';
import { showNick } from '../text/display';
import { useSession } from './context';
import { SearchIcon } from './icons';
import { isLate } from './open_dialog';
import { t } from '../words/words';

function run(session: Session, item: SwitchItem): void {
  const { store } = session;
  switch (item.kind) {
    case 'buffer':
      session.open(item.buffer);
      break;
    case 'pane':
      store.pane.value = item.pane === 'channels' ? { kind: 'channels', network: item.network } : item.pane === 'search' ? { kind: 'search', text: '' } : { kind: item.pane };
      break;
    case 'join':
      session.command(item.network, `JOIN ${item.name}`);
      break;
    case 'command':
      store.pane.value = null;
      store.insert.value = `/${item.name} `;
      break;
    case 'search':
      store.pane.value = { kind: 'search', text: item.text };
  }
  store.drawer.value = 'none';
}

function labels(item: SwitchItem): { sign: string; label: string; hint: string; count: number; loud: boolean } {
  const plain = { sign: '', hint: '', count: 0, loud: false };
  switch (item.kind) {
    case 'buffer': {
      const { name, kind, network, unread, highlights } = item.buffer;
      const hint = kind === 'server' ? 'network' : network;
      return { sign: kind === 'query' ? '@' : kind === 'server' ? '' : name.charAt(0), label: showNick(kind === 'channel' ? name.slice(1) : name), hint, count: highlights || unread, loud: highlights > 0 };
    }
    case 'pane':
      return { ...plain, label: item.label };
    case 'join':
      return { ...plain, sign: '+', label: t('Join {0}', item.name), hint: item.network };
    case 'command':
      return { ...plain, sign: '/', label: item.name, hint: t(item.help) };
    case 'search':
      return { ...plain, label: t('Search messages for “{0}”', item.text) };
  }
}

function Item({ item, id, chosen, onPick }: { item: SwitchItem; id: string; chosen: boolean; onPick(): void }) {
  const { sign, label, hint, count, loud } = labels(item);
  const root = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    if (chosen) root.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <li ref={root} id={id} role="option" aria-selected={chosen} class="choice" onClick={onPick}>
      <span class="sign" aria-hidden="true">{sign}</span>
      <span class="choice-name">{label}</span>
      <span class="choice-hint">{hint}</span>
      {count > 0 && <span class={loud ? 'badge loud' : 'badge'} aria-label={t('{0} unread', count)}>{count > 99 ? '99+' : count}</span>}
    </li>
  );
}

export function Switcher({ first }: { first: string }) {
  const session = useSession();
  const { store } = session;
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState(first);
  const [at, setAt] = useState(0);
  void store.list.value;
  const items = switchItems(store.world, typed, COMMANDS);
  const chosen = items[Math.min(at, items.length - 1)];
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector('input')?.focus();
  }, []);
  const close = (): void => { store.switcher.value = null; };
  const pick = (item: SwitchItem | undefined): void => {
    close();
    if (item !== undefined) run(session, item);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') setAt((Math.min(at, items.length - 1) + 1) % Math.max(1, items.length));
    else if (event.key === 'ArrowUp') setAt((Math.min(at, items.length - 1) - 1 + items.length) % Math.max(1, items.length));
    else if (event.key === 'Enter') pick(chosen);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  };
  const input = (event: InputEvent): void => {
    setTyped(event.target instanceof HTMLInputElement ? event.target.value : '');
    setAt(0);
  };
  const outside = (event: MouseEvent): void => {
    if (event.target === dialog.current) close();
  };
  return (
    <dialog ref={dialog} class="switcher" aria-label={t('Go to')} onCancel={close} onClose={(event) => { if (!isLate(event)) close(); }} onClick={outside}>
      <div class="switcher-box">
        <div class="pane-form">
          <SearchIcon />
          <input
            type="text"
            role="combobox"
            aria-label={t('Go to a channel, person, command or search')}
            aria-expanded="true"
            aria-controls="choices"
            aria-activedescendant={chosen === undefined ? undefined : `choice-${items.indexOf(chosen)}`}
            placeholder={t('Channel, person, /command, or words to search')}
            value={typed}
            maxLength={400}
            autocapitalize="none"
            autocomplete="off"
            spellcheck={false}
            onInput={input}
            onKeyDown={key}
          />
        </div>
        <ul id="choices" role="listbox" aria-label={t('Choices')}>
          {items.map((item, index) => <Item key={item.key} id={`choice-${index}`} item={item} chosen={item === chosen} onPick={() => pick(item)} />)}
        </ul>
      </div>
    </dialog>
  );
}
