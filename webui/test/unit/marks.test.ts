import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marks, isRead } from '../../src/app/marks';
import { Memory } from '../../src/app/memory';
import { makeEntry } from '../../src/state/entry';
import { FakeStorage } from './fakes';

function begin(memory = new Memory(new FakeStorage())): Marks {
  const marks = new Marks();
  marks.belongTo(memory);
  return marks;
}

const entry = (id: string | null, time: number) => makeEntry('message', 'x', time, { id });

test('the first visit begins with everything read; what comes later in a buffer never seen is not', () => {
  const marks = begin();
  assert.equal(isRead(marks.get('n/#c'), entry('e:5', 1)), true);
  marks.begin({ id: 'e:100', time: 1000 });
  marks.begin({ id: 'e:200', time: 2000 });
  assert.equal(isRead(marks.get('n/stranger'), entry('e:100', 1000)), true);
  assert.equal(isRead(marks.get('n/stranger'), entry('e:101', 1001)), false);
});

test('a mark only moves on, by id where both have one, else by time', () => {
  const marks = begin();
  marks.begin({ id: 'e:1', time: 1 });
  assert.equal(marks.advance('b', { id: 'e:10', time: 50 }), true);
  assert.equal(marks.advance('b', { id: 'e:9', time: 99 }), false, 'the network’s clock went back');
  assert.equal(marks.advance('b', { id: null, time: 40 }), false);
  assert.equal(marks.advance('b', { id: null, time: 60 }), true, 'read in another client');
  assert.equal(isRead(marks.get('b'), entry('e:12', 60)), true);
  assert.equal(isRead(marks.get('b'), entry('e:13', 61)), false);
  assert.equal(marks.advance('b', { id: 'e:13', time: 61 }), true);
});

test('a server’s mark counts where nothing was read here, though the first visit came later', () => {
  const marks = begin();
  marks.begin({ id: 'e:100', time: 1000 });
  assert.equal(marks.advance('b', { id: null, time: 900 }), true);
  assert.equal(isRead(marks.get('b'), entry('e:90', 900)), true);
  assert.equal(isRead(marks.get('b'), entry('e:91', 901)), false);
  assert.equal(marks.advance('b', { id: null, time: 800 }), false);
  assert.equal(marks.advance('c', { id: 'e:90', time: 900 }), false, 'a tab’s');
});

test('marks last over visits, follow a rename, and are known without storage for this visit', () => {
  const memory = new Memory(new FakeStorage());
  begin(memory).advance('n/bob', { id: 'e:10', time: 50 });
  const later = begin(memory);
  later.begin({ id: 'e:99', time: 99 });
  assert.deepEqual(later.get('n/bob'), { id: 'e:10', time: 50 });
  later.rename('n/bob', 'n/rob');
  assert.deepEqual(later.get('n/bob'), { id: 'e:99', time: 99 });
  const none = begin(new Memory(null));
  none.advance('b', { id: 'e:1', time: 1 });
  assert.deepEqual(none.get('b'), { id: 'e:1', time: 1 });
});
