import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listedChannels, listTrouble, sift } from '../../src/state/channel_list';
import { applyFrame } from '../../src/state/fold';
import { best, score } from '../../src/state/match';
import { ask } from '../../src/state/questions';
import { markedWords, markParts, parseSearch } from '../../src/state/search_query';
import { switchItems } from '../../src/state/switch_items';
import { Changes, ensureBuffer, ensureNetwork, World, type Gathered } from '../../src/state/world';

const NOW = new Date(2024, 4, 10, 15, 30).getTime();

function query(text: string) {
  const parsed = parseSearch(text, NOW);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.query;
}

test('words and filters of a search are told apart', () => {
  assert.deepEqual(query('clear "night sky" from:@vera in:#c on:libera comet* has:link'), {
    words: 'clear "night sky" comet*', from: 'vera', place: '#c', network: 'libera', before: null, after: null, link: true,
  });
  assert.equal(query('at 10:30 http://x.org FROM:vera').words, 'at 10:30 http://x.org');
  assert.equal(query('"from:vera"').words, '"from:vera"');
  assert.equal(query('from:').words, 'from:');
});

test('days begin at the reader’s midnight, and what is no day is told', () => {
  assert.equal(query('after:2024-05-01').after, new Date(2024, 4, 1).getTime());
  assert.equal(query('before:today').before, new Date(2024, 4, 10).getTime());
  assert.equal(query('before:yesterday').before, new Date(2024, 4, 9).getTime());
  for (const text of ['before:soon', 'after:2024-02-31', 'after:2024-13-01', 'has:dog']) assert.ok(!parseSearch(text, NOW).ok, text);
});

test('words are marked where they stand, whatever signs they hold', () => {
  assert.deepEqual(markedWords(query('Sky "a b" c++ comet* from:x')), ['sky', 'a', 'b', 'c++', 'comet']);
  assert.deepEqual(markParts('The SKY is c++ sky', ['sky', 'c++']), ['The ', 'SKY', ' is ', 'c++', ' ', 'sky', '']);
  assert.deepEqual(markParts('plain', []), ['plain']);
});

test('the earlier and the more whole, the better', () => {
  const names = ['#comet-watch', '#income', '#comet', '#x-comet', '#clock-meet', '#other'];
  assert.deepEqual(best('comet', names, (name) => name, 9), ['#comet', '#comet-watch', '#x-comet', '#clock-meet']);
  assert.equal(score('zz', '#comet'), 0);
  assert.ok(score('#com', '#comet') > score('#com', 'telecom'));
});

function scene(): { world: World; told(line: string): Changes } {
  const world = new World();
  const changes = new Changes();
  const network = ensureNetwork(world, 'n', changes);
  network.nick = 'me';
  for (const name of ['#halley', '#comets', 'vera']) ensureBuffer(network, name, changes);
  return {
    world,
    told: (line) => {
      const came = new Changes();
      applyFrame(world, { kind: 'line', id: null, prev: null, network: 'n', line }, NOW, came);
      return came;
    },
  };
}

test('the switcher offers what calls first, then pages, a channel to join, a search', () => {
  const { world } = scene();
  const network = world.networks.get('n')!;
  network.buffers.get('vera')!.unread = network.buffers.get('vera')!.highlights = 1;
  world.active = network.buffers.get('#halley')!;
  const keys = (typed: string): string[] => switchItems(world, typed, [{ name: 'join', help: 'joins a channel' as const }, { name: 'me', help: 'joins a channel' as const }]).map(({ key }) => key);
  assert.equal(keys('')[0], 'n/vera');
  assert.ok(!keys('').includes('n/#halley'));
  assert.equal(keys('com')[0], 'n/#comets');
  assert.equal(keys('com').pop(), 'search');
  assert.ok(keys('#new').includes('join'));
  assert.ok(!keys('#halley').includes('join'));
  assert.deepEqual(keys('/jo'), ['/join']);
});

test('gathered answers go to who asked, and to no page', () => {
  const { world, told } = scene();
  const network = world.networks.get('n')!;
  const list: Gathered = { rows: [], done: false };
  ask(network, network.server, 'LIST', NOW, list);
  assert.ok(told(':s 321 me Channel :Users').answers);
  told(':s 322 me #b 5 :The \x02b\x02 topic');
  told(':s 322 me #a 9 :');
  told(':s 322 me #c 5 :x');
  assert.ok(!list.done);
  told(':s 323 me :End');
  assert.ok(list.done);
  assert.equal(network.server.log.count, 0);
  const channels = listedChannels(list, 0);
  assert.deepEqual(sift(channels, '').map(({ name }) => name), ['#a', '#b', '#c']);
  assert.deepEqual(sift(channels, 'TOPIC b').map(({ name }) => name), ['#b']);
  assert.equal(listTrouble(list), '');
  told(':s 322 me #late 1 :x');
  assert.equal(network.server.log.count, 1, 'a row that nobody asked for still appears');
});

test('answers to MODE go to the question they answer, not to a change that was asked for before', () => {
  const { world, told } = scene();
  const network = world.networks.get('n')!;
  const modes: Gathered = { rows: [], done: false };
  const bans: Gathered = { rows: [], done: false };
  ask(network, network.server, 'MODE #halley +m', NOW);
  ask(network, network.server, 'MODE #halley +b troll!*@*', NOW);
  ask(network, network.server, 'MODE #halley', NOW, modes);
  ask(network, network.server, 'MODE #halley b', NOW, bans);
  told(':s 367 me #halley *!*@bad op 1');
  told(':s 324 me #halley +nt');
  told(':s 368 me #halley :End');
  assert.deepEqual([modes.rows.length, modes.done, bans.rows.length, bans.done], [1, true, 2, true]);
  told(':s 329 me #halley 1700000000');
  assert.equal(network.buffers.get('#halley')!.log.count, 0);
});

test('a network that does not list says why, and only what was asked is taken for the answer', () => {
  const { world, told } = scene();
  const network = world.networks.get('n')!;
  const list: Gathered = { rows: [], done: false };
  ask(network, network.server, 'LIST', NOW, list);
  told(':s 263 me WHOIS :Try later');
  assert.ok(!list.done);
  told(':s 263 me LIST :This command could not be completed because it has been used recently');
  assert.ok(list.done);
  assert.match(listTrouble(list), /used recently/);
});
