// Which dialog about a buffer is open.

import { signal } from '@preact/signals';
import type { Buffer } from '../state/world';

export interface OpenDialog {
  kind: 'channel' | 'day';
  buffer: Buffer;
}

export const dialog = signal<OpenDialog | null>(null);

export function openDialog(open: OpenDialog): void {
  dialog.value = open;
}

export function closeDialog(): void {
  dialog.value = null;
}
