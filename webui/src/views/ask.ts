// A question with two or three answers, before something that cannot be taken back.

import { signal } from '@preact/signals';

export type Answer = 'yes' | 'no' | 'other';

interface Wording {
  title: string;
  text: string;
  yes: string;
  no: string;
  /** A third way; empty: there is none. */
  other?: string;
}

export interface Question extends Wording {
  answer(answer: Answer): void;
}

export const question = signal<Question | null>(null);

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
