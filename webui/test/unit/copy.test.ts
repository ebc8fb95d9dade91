import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, MOST_LINES, networksOf, seenIn, type Copy } from '../../src/app/copy';
import { makeEntry, type Entry } from '../../src/state/entry';
import { Changes, ensureBuffer, ensureNetwork, World, type Buffer } from '../../src/state/world';

function aWorld(): World {
  const world = new World();
  const network = ensureNetwork(world, 'libera', new Changes());
  network.nick = 'ada';
  network.isupport.casemapping = 'ascii';
  network.isupport.chantypes = '#';
  const channel = ensureBuffer(network, '#Halley[1]', new Changes());
  channel.joined = true;
  channel.topic = 'comets';
  ensureBuffer(network, 'vera', new Changes());
  return world;
}

function line(id: number, more: Partial<Entry> = {}): Entry {
  return makeEntry('message', `line ${id}`, id * 1000, { key: `e:${id}`, id: `e:${id}`, nick: 'vera', ...more });
}

function talk(world: World, name: string): Buffer {
  const buffer = ensureBuffer(world.networks.get('libera')!, name, new Changes());
  buffer.loading = 'yes';
  return buffer;
}

function copyOf(world: World): Copy {
  const lines = new Map<string, Entry[]>();
  for (const buffer of world.networks.get('libera')!.buffers.values()) {
    const kept = linesOf(buffer);
    if (kept !== null) lines.set(buffer.key, kept);
  }
  // Through the clone that IndexedDB makes.
  return structuredClone({ user: 'ada', head: 'e:9', time: 5, networks: networksOf(world), lines });
}

test('a copy brings back networks, talks and what was read of them', () => {
  const world = aWorld();
  talk(world, '#Halley[1]').log.merge([line(1), line(2)]);
  const seen = seenIn(copyOf(world));
  assert.deepEqual(seen.me, {
    user: 'ada',
    head: 'e:9',
    networks: [{ name: 'libera', nick: 'ada', state: 'connected', trouble: '', buffers: [
      { name: '#Halley[1]', joined: true, topic: 'comets' },
      { name: 'vera', joined: false, topic: '' },
    ] }],
  });
  const next = new World();
  seen.fill(next);
  const network = next.networks.get('libera')!;
  const channel = network.buffers.get('#halley[1]')!; // by the network's own way of comparing names
  assert.equal(channel.key, 'libera/#halley[1]');
  assert.equal(channel.topic, 'comets');
  assert.deepEqual([...channel.log.all()].map((entry) => entry.text), ['line 1', 'line 2']);
  assert.equal(channel.loading, 'failed');
  assert.equal(next.attached, false);
});

test('of a talk the newest lines are kept, and only where they stand without a hole', () => {
  const world = aWorld();
  const buffer = talk(world, 'vera');
  buffer.log.merge(Array.from({ length: MOST_LINES + 50 }, (_, i) => line(i + 1)));
  buffer.log.append(makeEntry('info', 'no row of the log', 0));
  const kept = linesOf(buffer)!;
  assert.equal(kept.length, MOST_LINES);
  assert.equal(kept[kept.length - 1]!.text, `line ${MOST_LINES + 50}`);
  buffer.log.cutNewer(64);
  assert.equal(linesOf(buffer), null, 'a window further up is not the newest');
  buffer.log.clear();
  buffer.loading = 'no';
  assert.equal(linesOf(buffer), null, 'what was never read is no copy');
});

test('what was taken back is in no copy', () => {
  const world = aWorld();
  const buffer = talk(world, 'vera');
  buffer.log.merge([line(1, { msgid: 'a' }), line(2, { msgid: 'b' }), line(3)]);
  buffer.extras.redact('a', 'vera', '');
  assert.deepEqual(linesOf(buffer)!.map((entry) => entry.text), ['line 2', 'line 3']);
});

test('passwords are in no copy', () => {
  const world = aWorld();
  const service = talk(world, 'NickServ');
  service.log.merge([line(1, { own: true, text: 'identify hunter2' }), line(2, { text: 'You are now identified.' })]);
  assert.deepEqual(linesOf(service)!.map((entry) => entry.text), ['You are now identified.']);
  const own = talk(world, '*halley');
  own.log.merge([line(3, { own: true, text: 'passwd hunter2' })]);
  assert.equal(linesOf(own), null);
});
