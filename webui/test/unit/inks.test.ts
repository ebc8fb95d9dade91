// Who got another colour than their own keeps it over visits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inks, MOST_INKS } from '../../src/app/inks';
import { Memory } from '../../src/app/memory';
import { Changes, ensureBuffer, ensureNetwork, World, type Buffer } from '../../src/state/world';
import { inkDistance, nickInk, TOLD_APART } from '../../src/text/ink';
import { FakeEnv, FakeStorage } from './fakes';

function talk(name = '#c'): Buffer {
  return ensureBuffer(ensureNetwork(new World(), 'n', new Changes()), name, new Changes());
}

/** Two whose own colours look alike. */
function alike(): [string, string] {
  for (let i = 0; i < 400; i += 1) {
    for (let j = 0; j < i; j += 1) if (inkDistance(nickInk(`nick${i}`), nickInk(`nick${j}`)) < TOLD_APART / 4) return [`nick${j}`, `nick${i}`];
  }
  throw new Error('none look alike');
}

async function visit(memory: Memory, nicks: string[], buffer = talk()): Promise<string[]> {
  const env = new FakeEnv();
  const inks = new Inks(env);
  inks.belongTo(memory);
  for (const nick of nicks) inks.of(buffer).of(nick);
  await env.pass(1000);
  return [...nicks].sort().map((nick) => JSON.stringify(inks.of(buffer).peek(nick)));
}

test('a colour is the same at the next visit, in whatever order people are shown, and in the list of members before they speak', async () => {
  const [first, second] = alike();
  const memory = new Memory(new FakeStorage());
  const before = await visit(memory, [first, second]);
  assert.notEqual(before[1], before[0]);
  assert.notEqual(before[1], JSON.stringify(nickInk(second)));
  assert.deepEqual(await visit(memory, [second, first]), before);
  const inks = new Inks(new FakeEnv());
  inks.belongTo(memory);
  assert.equal(JSON.stringify(inks.of(talk()).peek(second)), before[1]);
  assert.deepEqual(inks.of(talk('#other')).peek(second), nickInk(second), 'of another talk nothing is known');
});

test('what tabs keep is put together and bounded; another user has colours of their own', async () => {
  const [first, second] = alike();
  const storage = new FakeStorage();
  const [ada, bob] = [new Memory(storage).of('ada', 'e'), new Memory(storage).of('bob', 'e')];
  ada.set('inks', JSON.stringify([...Array.from({ length: MOST_INKS + 10 }, (_, i) => [`n/#c other${i}`, 1]), 'broken', [7, 'x']]));
  await visit(ada, [first, second]);
  const rows = JSON.parse(ada.get('inks')!) as [string, number][];
  assert.equal(rows.length, MOST_INKS);
  assert.equal(rows[rows.length - 1]![0], `n/#c ${second}`);
  assert.equal(bob.get('inks'), null);
  ada.set('inks', '{"not":"rows"}');
  await visit(ada, [first]);
});
