import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEntry, type EntryKind } from '../../src/state/entry';
import { Log } from '../../src/state/log';
import { layRows } from '../../src/state/rows';
import { MIN_TURN_PX, newestOf, partAbout, planBlocks, type BlockPlan } from '../../src/views/plan';
import { FIRST_ROWS, MIN_ROW_PX, MOST_ROWS, rowsIn, Shown } from '../../src/views/shown';

function logOf(kinds: (index: number) => EntryKind, count: number): Log {
  const log = new Log();
  for (let i = 1; i <= count; i += 1) {
    const key = `e:${i}`;
    log.append(makeEntry(kinds(i), 'x', 1e12 + i * 1000, { key, id: key, nick: `n${i % 50}` }));
  }
  return log;
}

const talk = (): EntryKind => 'message';
const quits = (): EntryKind => 'quit';
const mixed = (i: number): EntryKind => (i % 100 === 0 ? 'message' : 'quit');

function rowsShown(shown: Shown, log: Log): number {
  const before = shown.before(log)?.entries.at(-1) ?? null;
  return planBlocks(shown.chunks(log), before, null).reduce((sum, plan) => sum + layRows(plan.entries, plan.before, null).length, 0);
}

test('the count of rows is never more than what is drawn', () => {
  for (const kinds of [talk, quits, mixed]) {
    const log = logOf(kinds, 1000);
    const shown = new Shown();
    while (shown.up(log));
    assert.ok(rowsIn(shown.chunks(log)) <= rowsShown(shown, log));
  }
});

test('first the newest rows, then steps that end however little they fold to', () => {
  for (const kinds of [talk, quits, mixed]) {
    const log = logOf(kinds, 2000);
    const shown = new Shown();
    shown.follow(log);
    assert.equal(shown.chunks(log).at(-1), log.chunks.at(-1));
    const rows = rowsIn(shown.chunks(log));
    assert.ok(rows >= FIRST_ROWS || shown.before(log) === null, `${rows}`);
    let steps = 0;
    while (shown.up(log)) steps += 1;
    assert.ok(steps <= log.chunks.length);
    assert.equal(shown.chunks(log)[0], log.chunks[0]);
    steps = 0;
    while (shown.down(log)) steps += 1;
    assert.ok(steps <= log.chunks.length);
    assert.equal(shown.reachesEnd(log), true);
  }
});

test('what is shown is bounded, and a step up is undone by no step down', () => {
  const log = logOf(talk, 2000);
  const shown = new Shown();
  for (let i = 0; i < 40; i += 1) {
    shown.up(log);
    assert.ok(rowsIn(shown.chunks(log)) < MOST_ROWS + 2 * 64);
  }
  const top = shown.chunks(log)[0];
  assert.ok(shown.down(log));
  // What is let go at the other end leaves more rows than any screen has.
  assert.ok(rowsIn(shown.chunks(log)) >= MOST_ROWS);
  assert.notEqual(shown.chunks(log)[0], top);
});

test('a run of quits over many chunks is one row, in one block', () => {
  const log = logOf((i) => (i === 1 || i === 700 ? 'message' : 'quit'), 800);
  const plans = planBlocks(log.chunks, null, null);
  const rows = plans.flatMap((plan) => layRows(plan.entries, plan.before, null));
  assert.deepEqual(rows.map((row) => row.type), ['day', 'talk', 'quiet', 'talk', 'quiet']);
  assert.deepEqual(rows.flatMap((row) => (row.type === 'quiet' ? [row.entries.length] : [])), [698, 100]);
  assert.equal(plans.flatMap((plan) => plan.entries).length, 800);
});

test('the mark of what is new ends a run; a chunk that grows changes the stamp of the block that took it', () => {
  const log = logOf(quits, 200);
  const plans = planBlocks(log.chunks, null, 'e:150');
  const rows = plans.flatMap((plan) => layRows(plan.entries, plan.before, plan.divider));
  assert.deepEqual(rows.map((row) => row.type), ['day', 'quiet', 'new', 'quiet']);
  const stamp = planBlocks(log.chunks, null, null)[0]!.stamp;
  log.append(makeEntry('quit', '', 1e12 + 900_000, { key: 'e:900', id: 'e:900', nick: 'z' }));
  assert.notEqual(planBlocks(log.chunks, null, null)[0]!.stamp, stamp);
});

function rowsOfPlans(plans: BlockPlan[]): ReturnType<typeof layRows> {
  return plans.flatMap((plan) => layRows(plan.entries, plan.before, plan.divider));
}

test('the first frame has what fills a screen, and just the rows that stand there once all is drawn', () => {
  for (const kinds of [talk, quits, mixed]) {
    for (const count of [0, 1, 5, 70, 300]) {
      const all = planBlocks(logOf(kinds, count).chunks, null, null);
      const few = newestOf(all, 900, MIN_TURN_PX);
      const rows = rowsOfPlans(few);
      const whole = rowsOfPlans(all);
      // A run that is longer is the same row; a day is told only where it begins.
      assert.deepEqual(rows.map(({ key }) => key), whole.slice(whole.length - rows.length).map(({ key }) => key));
      const least = rows.reduce((sum, row) => sum + (row.type === 'talk' && !row.follows ? MIN_TURN_PX : MIN_ROW_PX), 0);
      assert.ok(least >= 900 || rows.length === whole.length, `${count}: ${least} of ${rows.length}`);
      assert.ok(rows.length <= 900 / MIN_ROW_PX + 2, `${rows.length}`);
    }
  }
});

test('a block that is drawn in part is drawn again when the rest comes, and knows the line above', () => {
  const log = logOf(() => 'message', 64);
  const all = planBlocks(log.chunks, null, null);
  const [few] = newestOf(all, 900, MIN_TURN_PX);
  assert.equal(few!.key, all[0]!.key);
  assert.notEqual(few!.stamp, all[0]!.stamp);
  assert.equal(few!.before, all[0]!.entries[64 - few!.entries.length - 1]);
});

test('where somebody reads on, the first frame has a screen from there, and some above', () => {
  const all = planBlocks(logOf(talk, 300).chunks, null, null);
  const whole = rowsOfPlans(all).map(({ key }) => key);
  for (const at of [1, 2, 63, 64, 65, 128, 150, 290, 300]) {
    const part = partAbout(all, `e:${at}`, 900, MIN_TURN_PX);
    const keys = rowsOfPlans(part).map(({ key }) => key);
    const from = whole.indexOf(keys[0]!);
    assert.deepEqual(keys, whole.slice(from, from + keys.length));
    const here = keys.indexOf(`e:${at}`);
    assert.ok(here >= 0);
    assert.ok((keys.length - here) * MIN_TURN_PX >= 900 || keys.at(-1) === whole.at(-1), `below ${at}`);
    assert.ok(here * MIN_TURN_PX >= 100 || keys[0] === whole[0], `above ${at}`);
    assert.ok(keys.length < 30, `${keys.length} at ${at}`);
    for (const plan of part) assert.ok(plan.entries.length === all.find(({ key }) => key === plan.key)!.entries.length || plan.stamp !== all.find(({ key }) => key === plan.key)!.stamp);
  }
  assert.equal(partAbout(all, 'e:999', 900, MIN_TURN_PX), all);
});
