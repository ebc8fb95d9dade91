import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEntry, type Entry } from '../../src/state/entry';
import { CHUNK_SIZE, Log, TAIL, WINDOW } from '../../src/state/log';

function entry(id: number | null): Entry {
  return makeEntry('message', String(id), 0, id === null ? {} : { id: `e:${id}`, key: `e:${id}` });
}

function range(from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => entry(from + i));
}

function ids(log: Log): (string | null)[] {
  return [...log.all()].map((each) => each.id);
}

function wanted(from: number, to: number): string[] {
  return range(from, to).map((each) => each.id!);
}

test('appends once each, in chunks', () => {
  const log = new Log();
  for (const each of range(1, 150)) log.append(each);
  assert.equal(log.append(entry(150)), false);
  assert.equal(log.count, 150);
  assert.deepEqual(log.chunks.map((chunk) => chunk.entries.length), [CHUNK_SIZE, CHUNK_SIZE, 150 - 2 * CHUNK_SIZE]);
});

test('a line that was late, behind a page of history that reaches further, stands in its place', () => {
  const log = new Log();
  log.append(entry(98));
  log.merge(range(101, 150));
  for (const each of range(99, 152)) log.append(each);
  assert.deepEqual(ids(log), wanted(98, 152));
  assert.equal(log.newestKey, 'e:152');
});

test('a page before the rest goes in front and leaves old chunks alone', () => {
  const log = new Log();
  for (const each of range(200, 260)) log.append(each);
  const [chunk] = log.chunks;
  const version = chunk!.version;
  assert.equal(log.merge(range(100, 199)), 100);
  assert.deepEqual(ids(log), wanted(100, 260));
  assert.equal(chunk!.version, version);
  assert.equal(new Set(log.chunks.map((each) => each.key)).size, log.chunks.length);
});

test('pages that overlap, or lie within, find their places', () => {
  const log = new Log();
  for (const each of range(50, 60)) log.append(each);
  for (const each of range(65, 70)) log.append(each);
  assert.equal(log.merge(range(45, 70)), 9);
  assert.deepEqual(ids(log), wanted(45, 70));
  assert.equal(log.merge(range(45, 70)), 0);
});

test('lines without ids stay where they were', () => {
  const log = new Log();
  log.append(entry(null));
  log.append(entry(20));
  log.append(entry(null));
  log.merge(range(10, 12));
  assert.deepEqual(ids(log), ['e:10', 'e:11', 'e:12', null, 'e:20', null]);
  assert.equal(log.oldestId(), 'e:10');
  assert.equal(log.newestId(), 'e:20');
});

test('ids are compared as numbers', () => {
  const log = new Log();
  log.append(entry(100));
  log.merge([entry(9), entry(99)]);
  assert.deepEqual(ids(log), ['e:9', 'e:99', 'e:100']);
});

test('cuts whole chunks from the old end, and forgets their ids', () => {
  const log = new Log();
  for (const each of range(1, 640)) log.append(each);
  const gone = log.cutOlder(200);
  assert.ok(gone > 0 && log.count >= 200 && log.count < 200 + CHUNK_SIZE);
  assert.equal(log.has('e:1'), false);
  assert.equal(ids(log)[0], `e:${gone + 1}`);
  assert.equal(log.merge(range(gone - 9, gone)), 10);
});

test('a window that slid away from the end holds what comes, and joins it without a gap', () => {
  const log = new Log();
  for (const each of range(1, 640)) log.append(each);
  log.cutNewer(320);
  assert.equal(log.atEnd, false);
  for (const each of range(641, 650)) assert.equal(log.append(each), true);
  assert.equal(log.append(entry(650)), false);
  assert.deepEqual(ids(log), wanted(1, 320));
  assert.equal(log.newestKey, 'e:650');
  assert.equal(log.newestId(), 'e:650');
  assert.equal(log.lastId(), 'e:320');
  log.mergeNewer(range(321, 420), true);
  assert.equal(log.atEnd, false);
  log.mergeNewer(range(421, 645), false);
  assert.equal(log.atEnd, true);
  assert.deepEqual(ids(log), wanted(1, 650));
});

test('when more came than the tail holds, the end is reached only by asking again', () => {
  const log = new Log();
  for (const each of range(1, 640)) log.append(each);
  log.cutNewer(320);
  for (const each of range(641, 641 + TAIL + 20)) log.append(each);
  log.mergeNewer(range(321, 645), false);
  assert.equal(log.atEnd, false);
  log.mergeNewer(range(646, 641 + TAIL + 20), false);
  assert.equal(log.atEnd, true);
  assert.deepEqual(ids(log), wanted(1, 641 + TAIL + 20));
});

test('while somebody reads, a full window gives way at neither end', () => {
  const log = new Log();
  for (const each of range(1, WINDOW)) log.append(each);
  log.pinned = true;
  log.append(entry(WINDOW + 1));
  assert.deepEqual([log.count, log.atEnd, ids(log)[0]], [WINDOW, false, 'e:1']);
});

test('another place of the history: that page alone, and what comes waits', () => {
  const log = new Log();
  for (const each of range(900, 1000)) log.append(each);
  log.reset(range(100, 199), false);
  assert.deepEqual(ids(log), wanted(100, 199));
  for (const each of range(1001, 1005)) log.append(each);
  log.reset(range(904, 1003), true);
  assert.equal(log.atEnd, true);
  assert.deepEqual(ids(log), wanted(904, 1005));
});

test('an empty log takes a page as it is', () => {
  const log = new Log();
  assert.equal(log.merge(range(1, 100)), 100);
  assert.deepEqual(ids(log), wanted(1, 100));
  log.clear();
  assert.equal(log.count, 0);
  assert.equal(log.oldestId(), null);
});
