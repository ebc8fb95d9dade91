// What its user has set for a buffer, in whatever client (halley-web(7), "buffers"). Pure.

export interface BufferSet {
  readonly pinned: boolean;
  readonly muted: boolean;
  /** Kept by Halley, and shown to no ordinary client. */
  readonly detached: boolean;
  /** Its place among its kin; null: by its name, behind those that have one. */
  readonly order: number | null;
  /** all, highlight or none; empty: what is usual. */
  readonly notify: string;
  /** Days that its lines are kept; null: as others. */
  readonly retention: number | null;
}

export const UNSET: BufferSet = { pinned: false, muted: false, detached: false, order: null, notify: '', retention: null };

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** What Halley has told, with what was asked of it since: that is shown at once, and holds until it is answered. */
export function withUnanswered(told: BufferSet | undefined, unanswered: Partial<BufferSet>[]): BufferSet {
  return Object.assign({}, told ?? UNSET, ...unanswered) as BufferSet;
}

/** As frames tell it. */
export function toSet(raw: Record<string, unknown>): BufferSet {
  const { pinned, muted, detached, order, notify, retention } = raw;
  return { pinned: pinned === true, muted: muted === true, detached: detached === true, order: number(order), notify: String(notify ?? ''), retention: number(retention) };
}
