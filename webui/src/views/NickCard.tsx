// What can be done about a person, where their name was clicked.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { showNick } from '../text/display';
import { nickInk } from '../text/ink';
import { useSession } from './context';

interface Card {
  network: string;
  nick: string;
  x: number;
  y: number;
  from: HTMLElement | null;
}

const card = signal<Card | null>(null);

export function openNickCard(network: string, nick: string, near: Element): void {
  const box = near.getBoundingClientRect();
  const x = Math.max(8, Math.min(box.left, window.innerWidth - 232));
  const y = Math.max(8, Math.min(box.bottom + 4, window.innerHeight - 190));
  card.value = { network, nick, x, y, from: near instanceof HTMLElement ? near : null };
}

function close(): void {
  const from = card.value?.from;
  card.value = null;
  if (from?.isConnected === true) from.focus({ preventScroll: true });
}

function OpenCard({ open }: { open: Card }) {
  const session = useSession();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    root.current?.querySelector('button')?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) card.value = null;
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') close();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', key);
    };
  }, [open]);
  const network = session.store.world.networks.get(open.network);
  if (network === undefined) return null;
  const talk = (): void => {
    card.value = null;
    session.openNamed(network, open.nick);
  };
  const whois = (): void => {
    card.value = null;
    session.command(open.network, `WHOIS ${open.nick} ${open.nick}`);
  };
  return (
    <div class="nick-card" ref={root} role="dialog" aria-label={showNick(open.nick)} style={{ left: `${open.x}px`, top: `${open.y}px` }}>
      <p class="nick-name ink" style={nickInk(open.nick)}>{showNick(open.nick)}</p>
      <button type="button" onClick={talk}>Talk in private</button>
      <button type="button" onClick={whois}>Who is this?</button>
    </div>
  );
}

export function NickCard() {
  const open = card.value;
  return open === null ? null : <OpenCard key={`${open.network} ${open.nick}`} open={open} />;
}
