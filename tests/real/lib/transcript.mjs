// The lines that something has said so far, and a way to wait for the next one that matters. Nothing here sleeps:
// a waiter is woken by the line that it waits for, or fails when its patience ends.

const PATIENCE_MS = 60_000;

export class Transcript {
  constructor(name) {
    this.name = name;
    this.lines = [];
    this.waiters = new Set();
    this.partial = '';
    this.ended = false;
  }

  // Bytes as they come; whole lines are kept.
  feed(text) {
    const pieces = (this.partial + text).split(/\r?\n/);
    this.partial = pieces.pop();
    for (const line of pieces) this.push(line);
  }

  push(line) {
    this.lines.push(line);
    for (const waiter of [...this.waiters]) waiter();
  }

  // Nothing more will come: who still waits is told at once.
  end() {
    this.ended = true;
    for (const waiter of [...this.waiters]) waiter();
  }

  matching(pattern, from = 0) {
    return this.lines.slice(from).filter((line) => pattern.test(line));
  }

  // The first line at or after `from` that matches.
  until(pattern, { from = 0, patience = PATIENCE_MS } = {}) {
    let at = from;
    const look = () => {
      for (; at < this.lines.length; at++) {
        if (pattern.test(this.lines[at])) return this.lines[at];
      }
      return undefined;
    };
    return this.untilTrue(look, `a line like ${pattern}`, patience);
  }

  // At least `count` lines that match.
  untilCount(pattern, count, patience = PATIENCE_MS) {
    return this.untilTrue(() => this.matching(pattern).length >= count, `${count} lines like ${pattern}`, patience);
  }

  // Asks `look` again after each new line, until it gives something.
  untilTrue(look, what, patience = PATIENCE_MS) {
    return new Promise((resolve, reject) => {
      const give_up = (why) => {
        this.waiters.delete(again);
        clearTimeout(timer);
        reject(new Error(`${this.name}: ${why} while waiting for ${what}; its last lines:\n  ${this.tail()}`));
      };
      const timer = setTimeout(() => give_up(`nothing for ${patience} ms`), patience);
      const again = () => {
        const found = look();
        if (found) {
          this.waiters.delete(again);
          clearTimeout(timer);
          resolve(found);
        } else if (this.ended) {
          give_up('it ended');
        }
      };
      this.waiters.add(again);
      again();
    });
  }

  tail(count = 15) {
    return this.lines.slice(-count).join('\n  ');
  }
}
