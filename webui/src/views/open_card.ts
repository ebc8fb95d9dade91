// Whose card is open, and where.

import { signal } from '@preact/signals';

export interface Card {
  network: string;
  nick: string;
  x: number;
  y: number;
  from: HTMLElement | null;
}

export const card = signal<Card | null>(null);

export function openNickCard(network: string, nick: string, near: Element): void {
  const box = near.getBoundingClientRect();
  card.value = { network, nick, x: box.left, y: box.bottom + 4, from: near instanceof HTMLElement ? near : null };
}

export function closeCard(): void {
  const from = card.value?.from;
  card.value = null;
  if (from?.isConnected === true) from.focus({ preventScroll: true });
}
