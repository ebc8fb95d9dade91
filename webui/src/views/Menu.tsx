// A menu where something was clicked with the other button, or held: one at a time, by keys too.

import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

export interface MenuItem {
  label: string;
  run(): void;
}

interface Menu {
  label: string;
  items: MenuItem[];
  x: number;
  y: number;
  from: HTMLElement | null;
}

const menu = signal<Menu | null>(null);

function show(label: string, items: MenuItem[], x: number, y: number): void {
  const at = document.activeElement;
  menu.value = items.length === 0 ? null : { label, items, x, y, from: at instanceof HTMLElement ? at : null };
}

/** Below a button. */
export function openMenuAt(near: Element, label: string, items: MenuItem[]): void {
  const box = near.getBoundingClientRect();
  show(label, items, box.left, box.bottom + 4);
}

/** Where the pointer is; by key, below what has the focus. */
export function openMenu(event: MouseEvent, label: string, items: MenuItem[]): void {
  event.preventDefault();
  if (event.clientX === 0 && event.clientY === 0 && event.target instanceof Element) openMenuAt(event.target, label, items);
  else show(label, items, event.clientX, event.clientY);
}

function close(back: boolean): void {
  const from = menu.value?.from;
  menu.value = null;
  if (back && from?.isConnected === true) from.focus({ preventScroll: true });
}

/** Puts something fixed where it is wholly in sight. */
export function useInSight(x: number, y: number): preact.RefObject<HTMLDivElement> {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(8, Math.min(x, window.innerWidth - width - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(y, window.innerHeight - height - 8))}px`;
  });
  return root;
}

/** Whatever is clicked elsewhere closes it. */
export function useOutside(root: preact.RefObject<HTMLElement>, onOutside: () => void): void {
  useEffect(() => {
    const outside = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) !== true) onOutside();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
}

function OpenMenu({ open }: { open: Menu }) {
  const root = useInSight(open.x, open.y);
  useOutside(root, () => close(false));
  useEffect(() => root.current?.querySelector('button')?.focus(), []);
  const key = (event: KeyboardEvent): void => {
    const buttons = [...(root.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    if (event.key === 'ArrowDown') buttons[(at + 1) % buttons.length]?.focus();
    else if (event.key === 'ArrowUp') buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="nick-card" ref={root} role="dialog" aria-label={open.label} onKeyDown={key} onContextMenu={(event) => event.preventDefault()}>
      <div class="menu" role="menu" aria-label={open.label}>
        {open.items.map((item) => (
          <button key={item.label} type="button" role="menuitem" onClick={() => { close(true); item.run(); }}>{item.label}</button>
        ))}
      </div>
    </div>
  );
}

export function ContextMenu() {
  const open = menu.value;
  return open === null ? null : <OpenMenu key={`${open.x} ${open.y} ${open.label}`} open={open} />;
}
