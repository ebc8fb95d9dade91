// Which dialog is open.

import { signal } from '@preact/signals';
import type { Buffer, Network } from '../state/world';

export type OpenDialog = { kind: 'channel' | 'day' | 'buffer' | 'export'; buffer: Buffer } | { kind: 'join'; network: Network } | { kind: 'network'; name: string } | { kind: 'account' };

export const dialog = signal<OpenDialog | null>(null);

export function openDialog(open: OpenDialog): void {
  dialog.value = open;
}

export function closeDialog(): void {
  dialog.value = null;
}
