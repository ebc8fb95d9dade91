// Files that are pasted or dropped anywhere on the page go to the open talk.

import type { Store } from './store';

/** What was copied from a document is its words, though a picture of them lies beside. */
function filesOf(from: DataTransfer | null): File[] {
  return from === null || from.types.includes('text/plain') ? [] : [...from.files];
}

export function bindFiles(store: Store): void {
  const take = (event: Event, from: DataTransfer | null): void => {
    const files = filesOf(from);
    // In a dialog one does something else; and a file that is dropped must not open in the place of the page.
    if (files.length === 0) return;
    event.preventDefault();
    if (store.screen.value === 'main' && document.querySelector('dialog[open]') === null) store.upload(files);
  };
  document.addEventListener('paste', (event) => take(event, event.clipboardData));
  document.addEventListener('drop', (event) => take(event, event.dataTransfer));
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  });
}
