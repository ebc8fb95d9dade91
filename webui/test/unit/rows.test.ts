import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEntry, mentions, type Entry, type EntryKind } from '../../src/state/entry';
import { defaultIsupport, fold } from '../../src/state/isupport';
import { groupMembers } from '../../src/state/members';
import { describe, layRows, summarise } from '../../src/state/rows';

const NOON = new Date(2024, 10, 2, 12, 0).getTime();
const MINUTE = 60_000;

function entry(kind: EntryKind, nick: string, minutes = 0, text = 'x'): Entry {
  return makeEntry(kind, text, NOON + minutes * MINUTE, { nick });
}

function types(entries: Entry[], previous: Entry | null = null, divider: string | null = null): string[] {
  return layRows(entries, previous, divider).map((row) => (row.type === 'talk' && row.follows ? 'follows' : row.type));
}

test('talk is grouped by speaker, within five minutes', () => {
  const entries = [entry('message', 'a'), entry('message', 'a', 1), entry('message', 'b', 2), entry('message', 'a', 3), entry('message', 'a', 20)];
  assert.deepEqual(types(entries), ['day', 'talk', 'follows', 'talk', 'talk', 'talk']);
});

test('actions and notices stand alone', () => {
  assert.deepEqual(types([entry('message', 'a'), entry('action', 'a', 1), entry('message', 'a', 2)]), ['day', 'talk', 'talk', 'talk']);
});

test('comings and goings in a row are one row', () => {
  const entries = [entry('join', 'a'), entry('part', 'b'), entry('nick', 'c'), entry('message', 'd'), entry('quit', 'e')];
  assert.deepEqual(types(entries), ['day', 'quiet', 'talk', 'quiet']);
});

test('days are told apart, also across chunks', () => {
  const night = [entry('message', 'a', 11 * 60 + 59), entry('message', 'a', 12 * 60 + 1)];
  assert.deepEqual(types(night), ['day', 'talk', 'day', 'talk']);
  assert.deepEqual(types([entry('message', 'a', 1)], entry('message', 'a')), ['follows']);
  assert.deepEqual(types([entry('message', 'a', 1)], entry('message', 'a', -24 * 60)), ['day', 'talk']);
});

test('the mark of what is new stands before its line and breaks groups', () => {
  const entries = [entry('message', 'a'), entry('message', 'a', 1), entry('join', 'b', 2), entry('join', 'c', 2)];
  assert.deepEqual(types(entries, null, entries[1]!.key), ['day', 'talk', 'new', 'talk', 'quiet']);
  assert.deepEqual(types(entries, null, entries[3]!.key), ['day', 'talk', 'follows', 'quiet', 'new', 'quiet']);
});

test('summaries name few and count many', () => {
  const join = (nick: string): Entry => entry('join', nick);
  assert.equal(summarise([join('a'), join('b')]), 'a and b joined');
  assert.equal(summarise([join('a'), join('b'), join('c'), join('d'), join('e')]), 'a, b and 3 others joined');
  assert.equal(summarise([join('a'), entry('quit', 'b'), entry('part', 'a')]), 'b left · a came and went');
  const renamed = { ...entry('nick', 'a'), target: 'z' };
  assert.equal(summarise([join('a'), renamed]), 'a joined · a is now z');
});

test('who left and came back is mentioned once, and thousands take no time', () => {
  assert.equal(summarise([entry('quit', 'a'), entry('join', 'a')]), 'a left and came back');
  const split = Array.from({ length: 7000 }, (_, i) => entry('quit', `n${i}`));
  const back = Array.from({ length: 7000 }, (_, i) => entry('join', `n${i}`));
  assert.equal(summarise([...split, ...back]), 'n0, n1 and 6998 others left and came back');
});

test('single events in words', () => {
  assert.equal(describe(entry('part', 'a', 0, 'bye')), 'a left (bye)');
  assert.equal(describe({ ...entry('kick', 'op', 0, 'spam'), target: 'bob' }), 'op removed bob (spam)');
  assert.equal(describe(entry('topic', 'a', 0, '')), 'a cleared the topic');
  assert.equal(describe(entry('mode', '', 0, '+o a')), 'The server set mode +o a');
});

test('a nick is mentioned as a word only', () => {
  const low = (name: string): string => fold(name, 'rfc1459');
  for (const text of ['ann: hi', 'hi Ann!', '(ANN)', 'x ann', '@ann', 'annie and ann']) assert.ok(mentions(text, 'ann', low), text);
  for (const text of ['annie', 'joann', 'ann_', 'änn', '']) assert.ok(!mentions(text, 'ann', low), text);
  assert.ok(mentions('hi {x}', '[X]', low));
  assert.ok(!mentions('anything', '', low));
});

test('members in groups by highest rank, names in order', () => {
  const member = (nick: string, signs: string) => ({ nick, signs, away: false });
  const groups = groupMembers([member('zed', ''), member('Amy', '@+'), member('bob', '@'), member('cy', '+'), member('Al', '')], defaultIsupport());
  assert.deepEqual(
    groups.map((group) => [group.title, group.members.map((each) => each.nick)]),
    [
      ['Operators', ['Amy', 'bob']],
      ['Voices', ['cy']],
      ['Members', ['Al', 'zed']],
    ],
  );
});
