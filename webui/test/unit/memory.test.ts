import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from '../../src/app/drafts';
import { Memory } from '../../src/app/memory';
import { FakeStorage } from './fakes';

test('what one user typed and sent is not there for the next one, nor for one of the same name on another database', () => {
  const tab = new Memory(new FakeStorage());
  const drafts = new Drafts();
  drafts.belongTo(tab.of('ada', 'e1'));
  drafts.set('libera/#c', 'a secret, half written');
  drafts.remember('libera/#c', 'what was said');
  for (const [user, epoch] of [['bob', 'e1'], ['ada', 'e2'], ['ada/e1', ''], ['', 'ada/e1']] as const) {
    drafts.belongTo(tab.of(user, epoch));
    assert.equal(drafts.get('libera/#c'), '', `${user} ${epoch}`);
    assert.deepEqual(drafts.recall('libera/#c'), []);
  }
  drafts.belongTo(tab.of('ada', 'e1'));
  assert.equal(drafts.get('libera/#c'), 'a secret, half written');
});

test('clearing takes all of one user and nothing of another', () => {
  const storage = new FakeStorage();
  const memory = new Memory(storage);
  memory.set('theme', 'dark');
  memory.of('ada', 'e1').set('draft.x', 'a');
  memory.of('ada', 'e1').set('read.x', 'e1:5');
  memory.of('adam', 'e1').set('draft.x', 'b');
  storage.setItem('of another program', 'c');
  memory.of('ada', 'e1').clear();
  assert.equal(memory.of('ada', 'e1').get('draft.x'), null);
  assert.deepEqual(memory.of('ada', 'e1').keys(), []);
  assert.equal(memory.of('adam', 'e1').get('draft.x'), 'b');
  assert.equal(memory.get('theme'), 'dark');
  assert.equal(storage.length, 3);
});

test('a draft goes with its buffer to another name', () => {
  const tab = new Memory(new FakeStorage());
  const drafts = new Drafts();
  drafts.belongTo(tab);
  drafts.set('n/bob', 'half');
  drafts.remember('n/bob', 'sent');
  drafts.rename('n/bob', 'n/robert');
  assert.equal(drafts.get('n/robert'), 'half');
  assert.equal(drafts.get('n/bob'), '');
  assert.deepEqual(drafts.recall('n/robert'), ['sent']);
});
