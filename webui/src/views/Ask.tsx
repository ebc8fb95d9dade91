// A question with two or three answers, before something that cannot be taken back.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export type Answer = 'yes' | 'no' | 'other';

interface Wording {
  title: string;
  text: string;
  yes: string;
  no: string;
  /** A third way; empty: there is none. */
  other?: string;
}

interface Question extends Wording {
  answer(answer: Answer): void;
}

const question = signal<Question | null>(null);

/** Escape, and a question that another one replaces, mean no. */
export function choose(what: Wording): Promise<Answer> {
  question.peek()?.answer('no');
  return new Promise((resolve) => {
    const asked: Question = {
      ...what,
      answer: (answer) => {
        if (question.peek() === asked) question.value = null;
        resolve(answer);
      },
    };
    question.value = asked;
  });
}

export async function ask(what: Wording): Promise<boolean> {
  return (await choose(what)) === 'yes';
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

export function Ask() {
  const open = question.value;
  return open === null ? null : <OpenQuestion key={open.title} open={open} />;
}
