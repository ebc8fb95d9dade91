// A question with two answers, before something that cannot be taken back.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

interface Question {
  title: string;
  text: string;
  yes: string;
  no: string;
  answer(yes: boolean): void;
}

const question = signal<Question | null>(null);

/** True for yes; Escape, and a question that another one replaces, mean no. */
export function ask(what: Omit<Question, 'answer'>): Promise<boolean> {
  question.peek()?.answer(false);
  return new Promise((resolve) => {
    const asked: Question = {
      ...what,
      answer: (yes) => {
        if (question.peek() === asked) question.value = null;
        resolve(yes);
      },
    };
    question.value = asked;
  });
}

function OpenQuestion({ open }: { open: Question }) {
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
  return (
    <dialog ref={dialog} class="dialog" onClose={() => open.answer(false)} aria-labelledby="ask-title" aria-describedby="ask-text">
      <h2 id="ask-title">{open.title}</h2>
      <p id="ask-text" class="dialog-text">{open.text}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => open.answer(false)}>{open.no}</button>
        <button type="button" class="button primary" ref={yes} onClick={() => open.answer(true)}>{open.yes}</button>
      </div>
    </dialog>
  );
}

export function Ask() {
  const open = question.value;
  return open === null ? null : <OpenQuestion key={open.title} open={open} />;
}
