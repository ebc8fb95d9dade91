// How a question (ask.ts) looks.

import { useEffect, useRef } from 'preact/hooks';
import type { Question } from './ask';

export function QuestionDialog({ open }: { open: Question }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    yes.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const { other = '' } = open;
  return (
    <dialog ref={dialog} class="dialog" onClose={() => open.answer('no')} aria-labelledby="ask-title" aria-describedby="ask-text">
      <h2 id="ask-title">{open.title}</h2>
      <p id="ask-text" class="dialog-text">{open.text}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => open.answer('no')}>{open.no}</button>
        {other !== '' && <button type="button" class="button" onClick={() => open.answer('other')}>{other}</button>}
        <button type="button" class="button primary" ref={yes} onClick={() => open.answer('yes')}>{open.yes}</button>
      </div>
    </dialog>
  );
}
