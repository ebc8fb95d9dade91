// Keeps the reader's place in the message list: at the end while they follow the talk, else on the row they read,
// whatever is added above or below or changes its height.

const NEAR_END = 48;

interface Anchor {
  element: Element;
  key: string;
  top: number;
}

export class Scroller {
  following = true;
  private element: HTMLElement | null = null;
  private anchor: Anchor | null = null;

  attach(element: HTMLElement | null): void {
    this.element = element;
  }

  /** The reader scrolled (or the browser did). True when following changed. */
  scrolled(): boolean {
    const { element } = this;
    if (element === null) return false;
    const was = this.following;
    this.following = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    return was !== this.following;
  }

  get distanceToTop(): number {
    return this.element?.scrollTop ?? 0;
  }

  get fillsView(): boolean {
    return this.element !== null && this.element.scrollHeight > this.element.clientHeight + 200;
  }

  /** Before the list changes: notes which row the reader is at. */
  capture(): void {
    this.anchor = null;
    if (this.element === null || this.following) return;
    const edge = this.element.getBoundingClientRect().top;
    for (const block of this.element.querySelectorAll('.block')) {
      if (block.getBoundingClientRect().bottom <= edge) continue;
      for (const row of block.querySelectorAll('.row')) {
        const box = row.getBoundingClientRect();
        // Day marks and the like may move or go when older lines come.
        if (box.bottom <= edge || row.classList.contains('day') || row.classList.contains('new')) continue;
        this.anchor = { element: row, key: row.getAttribute('data-key') ?? '', top: box.top };
        return;
      }
    }
  }

  /** After the list changed: puts that row where it was. */
  restore(): void {
    const { element, anchor } = this;
    if (element === null) return;
    if (this.following) {
      this.toEnd();
      return;
    }
    if (anchor === null) return;
    const row = anchor.element.isConnected ? anchor.element : element.querySelector(`[data-key="${CSS.escape(anchor.key)}"]`);
    if (row !== null) element.scrollTop += row.getBoundingClientRect().top - anchor.top;
  }

  toEnd(): void {
    if (this.element === null) return;
    this.following = true;
    this.element.scrollTop = this.element.scrollHeight;
  }
}
