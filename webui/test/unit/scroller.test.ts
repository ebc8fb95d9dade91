import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scroller } from '../../src/views/scroller';

/** What a browser does with the frame of a list: it keeps the place within the list, and tells of moves later. */
class Frame {
  clientHeight = 600;
  events = 0;
  private height = 5000;
  private changes = 0;
  private top = 0;

  get scrollHeight(): number {
    return Math.max(this.height, this.clientHeight);
  }

  get scrollTop(): number {
    return this.top;
  }

  set scrollTop(to: number) {
    const next = Math.max(0, Math.min(to, this.scrollHeight - this.clientHeight));
    if (next !== this.top) this.events += 1;
    this.top = next;
  }

  /** List and frame change their sizes, never to what they were; a layout follows. */
  resize(list: number, frame: number): void {
    this.changes += 0.001;
    this.height = Math.max(100, this.height + list + this.changes);
    this.clientHeight = Math.max(100, Math.min(900, this.clientHeight + frame));
    this.scrollTop = this.top;
  }

  get atEnd(): boolean {
    return this.scrollHeight - this.top - this.clientHeight < 1;
  }

  querySelectorAll(): Element[] {
    return [];
  }

  querySelector(): null {
    return null;
  }

  getBoundingClientRect(): { top: number; bottom: number } {
    return { top: 0, bottom: this.clientHeight };
  }
}

function begin(): { frame: Frame; scroller: Scroller } {
  const frame = new Frame();
  const scroller = new Scroller();
  scroller.attach(frame as unknown as HTMLElement);
  scroller.toEnd();
  return { frame, scroller };
}

function hear(frame: Frame, scroller: Scroller): void {
  if (frame.events === 0) return;
  frame.events = 0;
  scroller.scrolled(true);
}

function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

test('whatever the browser moves, in whichever order it tells: who follows the talk stays at its end', () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const { frame, scroller } = begin();
    const roll = dice(seed);
    for (let step = 0; step < 40; step += 1) {
      const size = 20 + roll(400);
      const deeds = [
        () => frame.resize(size, 0), // lines came, and are not settled yet
        () => frame.resize(-size, 0), // what waited was sent: its rows are gone
        () => frame.resize(0, -size), // a paste makes the field tall
        () => frame.resize(0, size), // it was sent: the field is small again
        () => hear(frame, scroller),
        () => { scroller.capture(); scroller.restore(); },
      ];
      deeds[roll(deeds.length)]!();
      assert.ok(scroller.following, `seed ${seed}, step ${step}`);
    }
    hear(frame, scroller);
    scroller.restore();
    assert.ok(frame.atEnd, `seed ${seed}`);
  }
});

test('a paste that was sent: the frame grows, the list with it, and only then the move is told', () => {
  const { frame, scroller } = begin();
  frame.resize(0, -200);
  scroller.toEnd();
  hear(frame, scroller);
  frame.resize(0, 200);
  frame.resize(300, 0);
  hear(frame, scroller);
  assert.ok(scroller.following && frame.atEnd);
});

test('who goes up leaves the end, also while lines come', () => {
  for (const lines of [0, 250]) {
    const { frame, scroller } = begin();
    hear(frame, scroller);
    scroller.pull();
    frame.scrollTop -= 300;
    frame.resize(lines, 0);
    assert.ok(frame.events > 0);
    scroller.scrolled(true);
    assert.ok(!scroller.following);
  }
  const { frame, scroller } = begin();
  hear(frame, scroller);
  frame.scrollTop -= 300; // a program, or the browser’s search
  scroller.scrolled(true);
  assert.ok(!scroller.following);
});
