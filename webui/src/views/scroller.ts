// Keeps the reader's place in the message list: at the end while they follow the talk, else on the row they read,
// whatever is added above or below or changes its height.

const NEAR_END = 48;
/** Rows that are remembered besides the one at the edge: it may go, or become part of another. */
const SPARE_ANCHORS = 4;

/** A row, and how far below the upper edge of the list it stands. */
export interface Place {
  key: string;
  top: number;
}

interface Anchor extends Place {
  element: Element;
}

export class Scroller {
  following = true;
  private element: HTMLElement | null = null;
  /** Where we or the reader last left it, and how large list and frame were then. */
  private lastTop = 0;
  private lastSize = '';
  /** The reader did something that goes up since then. */
  private pulled = false;
  private anchors: Anchor[] = [];

  attach(element: HTMLElement | null): void {
    this.element = element;
  }

  /**
   * The reader scrolled (or the browser did). True when following changed. Only who goes up leaves the end: when the
   * list grew or its frame shrank (a paste makes the field tall), the event of an earlier scroll finds the end far off.
   * And when the frame grew (the paste was sent), the browser itself has moved the list up, and the list may have grown
   * before we hear of it: going up counts where nothing changed its size meanwhile, or the reader pulled.
   */
  scrolled(reachesEnd: boolean): boolean {
    const was = this.following;
    const top = this.element?.scrollTop ?? 0;
    const wentUp = top < this.lastTop - 1 && (this.pulled || this.size() === this.lastSize);
    this.note();
    this.following = reachesEnd && (this.distanceToEnd < NEAR_END || (was && !wentUp));
    if (this.following && this.distanceToEnd >= NEAR_END) this.toEnd();
    return was !== this.following;
  }

  /** By wheel, finger or key: what follows may be the reader's going up. */
  pull(): void {
    this.pulled = true;
  }

  private size(): string {
    return `${this.element?.scrollHeight} ${this.element?.clientHeight}`;
  }

  private note(): void {
    this.lastTop = this.element?.scrollTop ?? 0;
    this.lastSize = this.size();
  }

  get distanceToTop(): number {
    return this.element?.scrollTop ?? 0;
  }

  get distanceToEnd(): number {
    const { element } = this;
    return element === null ? 0 : element.scrollHeight - element.scrollTop - element.clientHeight;
  }

  /** Before the list changes: notes which row the reader is at. */
  capture(): void {
    this.anchors = [];
    if (this.element === null || this.following) return;
    const edge = this.element.getBoundingClientRect().top;
    for (const block of this.element.querySelectorAll('.block')) {
      if (block.getBoundingClientRect().bottom <= edge) continue;
      for (const row of block.querySelectorAll('.row')) {
        const box = row.getBoundingClientRect();
        // Day marks and the like may move or go when older lines come.
        if (box.bottom <= edge || row.classList.contains('day') || row.classList.contains('new')) continue;
        this.anchors.push({ element: row, key: row.getAttribute('data-key') ?? '', top: box.top - edge });
        if (this.anchors.length > SPARE_ANCHORS) return;
      }
    }
  }

  /** After the list changed: puts that row where it was. */
  restore(): void {
    if (this.following) this.toEnd();
    else this.anchors.some((anchor) => this.put(anchor.element.isConnected ? anchor.element : this.row(anchor.key), anchor.top));
  }

  /** The row at the edge, to come back to. */
  place(): Place | null {
    this.capture();
    const [anchor] = this.anchors;
    return anchor === undefined ? null : { key: anchor.key, top: anchor.top };
  }

  /** Shows a row at a place; false when it is not in the document. */
  show({ key, top }: Place): boolean {
    this.following = false;
    return this.put(this.row(key), top);
  }

  /** Marks a row for the eye; false when it is not in the document. */
  pointOut(key: string): boolean {
    const row = this.row(key);
    for (const marked of this.element?.querySelectorAll('.found') ?? []) marked.classList.remove('found');
    row?.classList.add('found');
    return row !== null;
  }

  toEnd(): void {
    if (this.element === null) return;
    this.following = true;
    this.element.scrollTop = this.element.scrollHeight;
    this.pulled = false;
    this.note();
  }

  /** Where that row is; null when it is not in the document. */
  sideOf(key: string): 'above' | 'in sight' | 'below' | null {
    const { element } = this;
    const row = this.row(key)?.getBoundingClientRect();
    const view = element?.getBoundingClientRect();
    if (row === undefined || view === undefined) return null;
    if (row.bottom < view.top) return 'above';
    return row.top > view.bottom ? 'below' : 'in sight';
  }

  private row(key: string): Element | null {
    return this.element?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }

  private put(row: Element | null, top: number): boolean {
    const { element } = this;
    if (element === null || row === null) return false;
    element.scrollTop += row.getBoundingClientRect().top - element.getBoundingClientRect().top - top;
    this.note();
    return true;
  }
}
