// A menu where something was clicked with the other button, or held: one at a time, by keys too.

import { Fragment } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { closeMenu, type MenuItem, type MenuParts, type OpenMenu } from './open_menu';

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

function roleOf({ checked, one }: MenuItem): 'menuitem' | 'menuitemradio' | 'menuitemcheckbox' {
  if (checked === undefined) return 'menuitem';
  return one === true ? 'menuitemradio' : 'menuitemcheckbox';
}

export function Menu({ open, parts }: { open: OpenMenu; parts: MenuParts }) {
  const [items] = useState(() => open.offers(parts));
  const root = useInSight(open.x, open.y);
  useOutside(root, () => closeMenu(false));
  useEffect(() => {
    if (items.length === 0) closeMenu(false);
    else root.current?.querySelector('button')?.focus();
  }, []);
  const key = (event: KeyboardEvent): void => {
    const buttons = [...(root.current?.querySelectorAll('button') ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    if (event.key === 'ArrowDown') buttons[(at + 1) % buttons.length]?.focus();
    else if (event.key === 'ArrowUp') buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') closeMenu(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="nick-card" ref={root} role="dialog" aria-label={open.label} onKeyDown={key} onContextMenu={(event) => event.preventDefault()}>
      <div class="menu" role="menu" aria-label={open.label}>
        {items.map((item) => (
          <Fragment key={item.label}>
            {item.apart === true && <hr />}
            <button type="button" role={roleOf(item)} aria-checked={item.checked} class={item.checked === true ? 'checked' : ''} onClick={() => { closeMenu(true); item.run(); }}>{item.label}</button>
          </Fragment>
        ))}
      </div>
    </div>
  );
}
