// The newest frames of the stream, for a tab that comes a little later than they did. Bounded; pure.

import { compareIds, sameEpoch, type Frame } from './frames';

export const MOST_FRAMES = 4096;
const MOST_CHARACTERS = 4 << 20;

function idOf(frame: Frame): string | null {
  return frame.kind === 'line' || frame.kind === 'ready' ? frame.id : null;
}

function weight(frame: Frame): number {
  return frame.kind === 'line' ? frame.line.length + 100 : 100;
}

export class Recent {
  private frames: Frame[] = [];
  private characters = 0;
  /** What a tab must know for the rest to be here; null while nobody can say (between a reset and its ready). */
  private base: string | null = null;

  begin(after: string | null): void {
    this.frames = [];
    this.characters = 0;
    this.base = after;
  }

  add(frame: Frame): void {
    const id = idOf(frame);
    if (frame.kind === 'reset' || frame.kind === 'snapshot') this.begin(null);
    else if (this.base === null) {
      // A snapshot is for those who were there; who comes later reads one of their own.
      if (id !== null) this.begin(id);
    } else {
      this.frames.push(frame);
      this.characters += weight(frame);
      if (this.frames.length > MOST_FRAMES || this.characters > MOST_CHARACTERS) this.forgetHalf();
    }
  }

  /** What came behind that event; null when it cannot be told any more. */
  since(after: string): Frame[] | null {
    if (this.base === null || !sameEpoch(this.base, after) || compareIds(after, this.base) < 0) return null;
    let at = this.frames.length;
    while (at > 0) {
      const id = idOf(this.frames[at - 1]!);
      if (id !== null && compareIds(id, after) <= 0) break;
      at -= 1;
    }
    return this.frames.slice(at);
  }

  private forgetHalf(): void {
    const gone = this.frames.splice(0, Math.ceil(this.frames.length / 2));
    for (const frame of gone) {
      this.base = idOf(frame) ?? this.base;
      this.characters -= weight(frame);
    }
  }
}
