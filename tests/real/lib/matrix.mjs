// A table of README.md that the tests write: HALLEY_WRITE_README=1 has it written from what was seen; otherwise what stands there must
// be what was seen.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const readme = fileURLToPath(new URL('../../../README.md', import.meta.url));

export class Matrix {
  // `author`: the file of the test, as the marks name it.
  constructor(author, first, columns) {
    Object.assign(this, { author, first, columns, rows: new Map() });
    this.start = `<!-- ${author} writes all between these marks -->\n`;
    this.end = `<!-- end of what ${author} writes -->\n`;
  }

  // What was seen of one peer, by column.
  put(peer, seen) {
    const strange = [...Object.keys(seen).filter((key) => !this.columns.includes(key)), ...this.columns.filter((column) => !(column in seen))];
    assert.deepEqual(strange, [], `${peer}: each column has one thing that was seen`);
    this.rows.set(peer, this.columns.map((column) => seen[column]));
  }

  text(peers) {
    const line = (cells) => `| ${cells.join(' | ')} |\n`;
    const rows = peers.map((peer) => {
      assert.ok(this.rows.has(peer), `${peer} was not seen to the end, so README.md cannot be checked`);
      return line([peer, ...this.rows.get(peer)]);
    });
    return [line([this.first, ...this.columns]), line(['---', ...this.columns.map(() => '---')]), ...rows].join('');
  }

  async settle(peers) {
    const whole = await readFile(readme, 'utf8');
    const [from, to] = [whole.indexOf(this.start), whole.indexOf(this.end)];
    assert.ok(from >= 0 && to > from, `README.md has no place for the table: ${this.start.trim()} ... ${this.end.trim()}`);
    const [before, stands, after] = [whole.slice(0, from + this.start.length), whole.slice(from + this.start.length, to), whole.slice(to)];
    const seen = this.text(peers);
    if (process.env.HALLEY_WRITE_README) await writeFile(readme, before + seen + after);
    else assert.equal(stands, seen, 'README.md says otherwise; HALLEY_WRITE_README=1 writes what was seen');
  }
}
