import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Closed } from '../../src/app/closed';
import { learn } from '../../src/app/learn';
import { removeNetwork } from '../../src/state/fold';
import { Changes, ensureNetwork, World } from '../../src/state/world';
import type { Me } from '../../src/transport/api';

const me = (...names: string[]): Me => ({ user: 'ada', head: 'e:1', networks: names.map((name) => ({ name, nick: 'ada', state: 'connected', trouble: '', buffers: [] })) });

test('a network that is gone leaves the list', () => {
  const world = new World();
  for (const name of ['a', 'b']) ensureNetwork(world, name, new Changes());
  assert.ok(learn(world, me('a'), new Closed(), ['a', 'b']).list);
  assert.deepEqual([...world.networks.keys()], ['a']);
  assert.ok(!learn(world, me('a'), new Closed(), ['a']).list);
});

test('networks that came or went while the answer was on its way stay so', () => {
  const world = new World();
  for (const name of ['a', 'b', 'new']) ensureNetwork(world, name, new Changes());
  removeNetwork(world, 'b');
  learn(world, me('a', 'b'), new Closed(), ['a', 'b']);
  assert.deepEqual([...world.networks.keys()], ['a', 'new']);
});
