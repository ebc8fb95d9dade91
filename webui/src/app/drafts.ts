// What was typed and not sent, per buffer, and what was sent before (for the arrow keys). All of it belongs to one
// user: belongTo() is called before anybody else's page is shown. What may hold a password is not kept.

import { isSecretInput } from '../state/secret';
import { Memory } from './memory';

export const RECALL_BOUND = 100;

export class Drafts {
  private readonly texts = new Map<string, string>();
  private readonly sent = new Map<string, string[]>();
  private memory = new Memory(null);

  belongTo(memory: Memory): void {
    this.texts.clear();
    this.sent.clear();
    this.memory = memory;
  }

  get(buffer: string): string {
    return this.texts.get(buffer) ?? this.memory.get(`draft.${buffer}`) ?? '';
  }

  set(buffer: string, text: string): void {
    this.texts.set(buffer, text);
    this.memory.set(`draft.${buffer}`, isSecretInput(nameOf(buffer), text) ? '' : text);
  }

  /** The buffer has another name now; what stands under that one already wins. */
  rename(from: string, to: string): void {
    const text = this.get(from);
    if (text !== '' && this.get(to) === '') this.set(to, text);
    this.set(from, '');
    const sent = [...this.recall(from), ...this.recall(to)].slice(-RECALL_BOUND);
    this.sent.delete(from);
    this.sent.set(to, sent);
  }

  /** Oldest first. */
  recall(buffer: string): string[] {
    return this.sent.get(buffer) ?? [];
  }

  remember(buffer: string, text: string): void {
    if (isSecretInput(nameOf(buffer), text)) return;
    const list = this.recall(buffer).filter((each) => each !== text);
    this.sent.set(buffer, [...list, text].slice(-RECALL_BOUND));
  }
}

/** The buffer's name out of its key, network/name. */
function nameOf(buffer: string): string {
  return buffer.slice(buffer.indexOf('/') + 1);
}
