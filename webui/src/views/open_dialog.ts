// Which dialog is open.

import { signal } from '@preact/signals';
import type { Buffer, Network } from '../state/world';

export type OpenDialog = { kind: 'channel' | 'day' | 'buffer' | 'export'; buffer: Buffer } | { kind: 'join'; network: Network } | { kind: 'network'; name: string } | { kind: 'account' };

export const dialog = signal<OpenDialog | null>(null);

export function openDialog(open: OpenDialog): void {
  dialog.value = open;
}

/** Browsers tell a task later that a dialog was closed: one that is gone by then says nothing of the one that is open now. */
export function isLate(event: Event): boolean {
  return !(event.currentTarget instanceof HTMLElement && event.currentTarget.isConnected);
}

/** `event`: the dialog's own word, if that is the reason. */
export function closeDialog(event?: Event): void {
  if (event === undefined || !isLate(event)) dialog.value = null;
}
