import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, MOST_LINES, networksOf, nextStep, seenIn, type Copy, type Standings } from '../../src/app/copy';
import { makeEntry, type Entry } from '../../src/state/entry';
import { applyFrame } from '../../src/state/fold';
import { Changes, ensureBuffer, ensureNetwork, orderedBuffers, World, type Buffer } from '../../src/state/world';

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

/** The copy as it is after that step, which is taken for written. */
function keep(world: World, copy: Map<string, Entry[]>, standings: Standings): string[] {
  const step = nextStep(world, new Set(copy.keys()), standings);
  for (const key of step.drop) copy.delete(key);
  for (const [key, lines] of step.put) copy.set(key, lines);
  for (const [log, standing] of step.done) standings.set(log, standing);
  return [...copy.keys()].sort();
}

test('what was taken back leaves the copy also where its talk is not read any more', () => {
  const world = aWorld();
  const buffer = talk(world, 'vera');
  buffer.log.merge([line(1, { msgid: 'a' })]);
  const copy = new Map<string, Entry[]>();
  const standings: Standings = new WeakMap();
  keep(world, copy, standings);
  buffer.log.cutNewer(0);
  buffer.log.atEnd = false; // its reader is further up
  assert.deepEqual(keep(world, copy, standings), ['libera/vera'], 'what was read holds');
  buffer.extras.redact('a', 'vera', '');
  assert.deepEqual(keep(world, copy, standings), []);
});

test('of an earlier visit no lines are kept but those read again: what became of them meanwhile nobody heard', () => {
  const world = aWorld();
  talk(world, 'vera').log.merge([line(1)]);
  const copy = new Map([['libera/vera', [line(1), line(2)]], ['libera/#halley[1]', [line(3)]], ['gone/#x', [line(4)]]]);
  const standings: Standings = new WeakMap();
  assert.deepEqual(keep(world, copy, standings), ['libera/vera']);
  assert.deepEqual(copy.get('libera/vera')!.map((entry) => entry.text), ['line 1']);
  copy.set('libera/#halley[1]', [line(3)]);
  assert.deepEqual(keep(world, copy, standings), ['libera/#halley[1]', 'libera/vera'], 'another tab reads that now');
  const channel = world.networks.get('libera')!.buffers.get('#halley[1]')!;
  channel.log.clear(); // as a removal or a new snapshot does
  assert.deepEqual(keep(world, copy, standings), ['libera/vera']);
});

test('what is in the copy already is not written again, unless the copy lost it', () => {
  const world = aWorld();
  talk(world, 'vera').log.merge([line(1)]);
  const copy = new Map<string, Entry[]>();
  const standings: Standings = new WeakMap();
  assert.equal(nextStep(world, new Set(), standings).put.size, 1);
  assert.equal(nextStep(world, new Set(), standings).put.size, 1, 'a step that was not written is taken again');
  keep(world, copy, standings);
  assert.equal(nextStep(world, new Set(copy.keys()), standings).put.size, 0);
  assert.deepEqual(keep(world, new Map(), standings), ['libera/vera'], 'after a logout and a login');
});

test('without a network the list stands as its user arranged it', () => {
  const world = aWorld();
  const network = world.networks.get('libera')!;
  const apply = (...buffers: Record<string, unknown>[]): void => applyFrame(world, { kind: 'buffers', network: 'libera', whole: true, buffers }, 0, new Changes());
  apply({ target: 'vera', pinned: true }, { target: '#Halley[1]', muted: true, order: 3 }, { target: '*', notify: 'none' });
  const next = new World();
  seenIn(copyOf(world)).fill(next);
  const again = next.networks.get('libera')!;
  assert.deepEqual(orderedBuffers(again).map(({ name, set }) => [name, set]), orderedBuffers(network).map(({ name, set }) => [name, set]));
  assert.ok(again.buffers.get('vera')!.set.pinned);
});
