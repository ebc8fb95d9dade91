import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from '../../src/app/drafts';
import { Memory } from '../../src/app/memory';
import { isSecretInput, withoutSecret } from '../../src/state/secret';
import { FakeStorage } from './fakes';

test('what may hold a password is known as such, before and after it is sent', () => {
  for (const [target, text] of [
    ['*halley', 'user passwd hunter2'],
    ['#c', '/msg *halley user passwd hunter2'],
    ['#c', '/query *halley help'],
    ['#c', '/msg NickServ IDENTIFY hunter2'],
    ['#c', '/m nickserv  register hunter2 a@b'],
    ['NickServ', 'identify hunter2'],
    ['#c', '/raw PRIVMSG *halley :passwd hunter2'],
    ['#c', '/raw OPER ada hunter2'],
    ['#c', '/quote NS identify hunter2'],
    ['Q', 'AUTH ada hunter2'],
  ] as const) {
    assert.equal(isSecretInput(target, text), true, text);
  }
  for (const [target, text] of [['#c', 'identify the comet'], ['#c', '/msg vera set it'], ['NickServ', 'help'], ['#c', '/me identifies'], ['#c', '2 * 3']] as const) {
    assert.equal(isSecretInput(target, text), false, text);
  }
  assert.equal(withoutSecret('passwd hunter2'), 'passwd …');
  assert.equal(withoutSecret('help'), 'help');
});

test('it is neither kept for the arrow keys nor in the browser', () => {
  const storage = new FakeStorage();
  const drafts = new Drafts();
  drafts.belongTo(new Memory(storage));
  drafts.set('n/#c', '/msg *halley passwd hunter2');
  drafts.set('n/*halley', 'passwd hunter2');
  drafts.remember('n/*halley', 'passwd hunter2');
  assert.equal(storage.length, 0);
  assert.deepEqual(drafts.recall('n/*halley'), []);
  assert.equal(drafts.get('n/*halley'), 'passwd hunter2', 'it is not lost while it is typed');
});
