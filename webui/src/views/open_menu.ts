// Which menu is open, and where. What it offers, and how it looks, comes with what is opened seldom (more.ts).

import { signal } from '@preact/signals';
import type { Session } from '../app/session';
import type { Store } from '../app/store';
import type { Entry } from '../state/entry';
import type { Buffer } from '../state/world';

export interface MenuItem {
  label: string;
  run(): void;
  /** Something that is on or off; absent: something to do. */
  checked?: boolean;
  /** One of several, of which one is on. */
  one?: boolean;
  /** A line parts it from those above. */
  apart?: boolean;
}

/** Opens a menu where something was pointed at. */
export type Open = (label: string, offers: Offers) => void;

/** Of what comes later: the menus there are. */
export interface MenuParts {
  bufferMenu(session: Session, buffer: Buffer): MenuItem[];
  lineMenu(session: Session, buffer: Buffer, entry: Entry, open: Open): MenuItem[];
  settingsMenu(store: Store): MenuItem[];
}

/** Asked for when the menu is shown; none: no menu opens. */
export type Offers = (parts: MenuParts) => MenuItem[];

export interface OpenMenu {
  label: string;
  offers: Offers;
  x: number;
  y: number;
  from: HTMLElement | null;
}

export const menu = signal<OpenMenu | null>(null);

function show(label: string, offers: Offers, x: number, y: number): void {
  const at = document.activeElement;
  menu.value = { label, offers, x, y, from: at instanceof HTMLElement ? at : null };
}

/** Below a button. */
export function openMenuAt(near: Element, label: string, offers: Offers): void {
  const box = near.getBoundingClientRect();
  show(label, offers, box.left, box.bottom + 4);
}

/** Where the pointer is; by key, below what has the focus. */
export function openMenu(event: MouseEvent, label: string, offers: Offers): void {
  event.preventDefault();
  if (event.clientX === 0 && event.clientY === 0 && event.target instanceof Element) openMenuAt(event.target, label, offers);
  else show(label, offers, event.clientX, event.clientY);
}

export function closeMenu(back: boolean): void {
  const from = menu.value?.from;
  menu.value = null;
  if (back && from?.isConnected === true) from.focus({ preventScroll: true });
}
