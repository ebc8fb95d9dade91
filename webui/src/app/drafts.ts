// What was typed and not sent, per buffer, and what was sent before (for the arrow keys).

import type { Memory } from './memory';

export const RECALL_BOUND = 100;

export class Drafts {
  private readonly texts = new Map<string, string>();
  private readonly sent = new Map<string, string[]>();

  constructor(private readonly memory: Memory) {}

  get(buffer: string): string {
    return this.texts.get(buffer) ?? this.memory.get(`draft.${buffer}`) ?? '';
  }

  set(buffer: string, text: string): void {
    this.texts.set(buffer, text);
    this.memory.set(`draft.${buffer}`, text);
  }

  /** Oldest first. */
  recall(buffer: string): string[] {
    return this.sent.get(buffer) ?? [];
  }

  remember(buffer: string, text: string): void {
    const list = this.recall(buffer).filter((each) => each !== text);
    this.sent.set(buffer, [...list, text].slice(-RECALL_BOUND));
  }
}
