import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptLines, STALE_MS, type KeptLine } from '../../src/app/kept_lines';
import { Memory } from '../../src/app/memory';
import { FakeStorage } from './fakes';

const LINE: KeptLine = { network: 'n', place: '#c', kind: 'message', text: 'hi', audience: '', line: 'PRIVMSG #c :hi', time: 5, state: 'queued', error: '' };

function tab(memory: Memory, name: string, clock: () => number): KeptLines {
  const kept = new KeptLines(name, clock);
  kept.belongTo(memory);
  return kept;
}

test('lines of a tab that is there are its own; of one that went or fell silent they are the next one’s, once', () => {
  let now = 1_000_000;
  const memory = new Memory(new FakeStorage());
  const [a, b, c] = ['a', 'b', 'c'].map((name) => tab(memory, name, () => now)) as [KeptLines, KeptLines, KeptLines];
  a.save([LINE]);
  assert.deepEqual(b.adopt(), []);
  a.release();
  assert.deepEqual(b.adopt(), [LINE]);
  assert.deepEqual(c.adopt(), []);
  assert.equal(a.ours, false, 'should it come back, it sends nothing');
  b.save([LINE, { ...LINE, text: 'two', time: 6 }]);
  now += STALE_MS - 1;
  assert.deepEqual(c.adopt(), []);
  now += 1;
  assert.deepEqual(c.adopt().map((line) => line.text), ['hi', 'two']);
  assert.equal(b.ours, false);
});

test('a tab finds its own lines of an earlier login, and new ones do not push them out', () => {
  const memory = new Memory(new FakeStorage());
  tab(memory, 'a', () => 1).save([LINE]);
  const again = tab(memory, 'a', () => 2);
  again.save([{ ...LINE, text: 'new' }]);
  assert.deepEqual(again.adopt().map((line) => line.text), ['hi']);
  assert.deepEqual(again.adopt(), []);
});

test('what is not ours in the storage is passed over', () => {
  const storage = new FakeStorage();
  const memory = new Memory(storage);
  memory.set('out.x', 'not json');
  memory.set('out.y', '{"beat":0,"lines":[1,null,{"network":"n"},{"lines":[]}]}');
  memory.set('out.z', JSON.stringify({ beat: 0, lines: [{ ...LINE, kind: '__proto__' }, LINE] }));
  assert.deepEqual(tab(memory, 'a', () => 1e9).adopt(), [LINE]);
});

test('without storage nothing is kept, and nothing breaks', () => {
  const kept = tab(new Memory(null), 'a', () => 1);
  kept.save([LINE]);
  assert.equal(kept.ours, true);
  kept.release();
  assert.deepEqual(kept.adopt(), []);
});
