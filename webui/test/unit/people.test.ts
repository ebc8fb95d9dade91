import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrangement } from '../../src/app/arrangement';
import { Memory } from '../../src/app/memory';
import { masksOf, modeLines, modesOf, refusalOf } from '../../src/state/channel_modes';
import { applyToken, defaultIsupport } from '../../src/state/isupport';
import { factsOf, hasMode, rightsIn, sharedChannels } from '../../src/state/people';
import { Changes, ensureBuffer, ensureNetwork, news, orderedBuffers, totals, World, type Buffer, type Gathered, type Network } from '../../src/state/world';
import { FakeStorage } from './fakes';

function answer(...lines: string[]): Gathered {
  return { rows: lines.map((line) => { const [code = '', ...params] = line.split('|'); return { code, params }; }), done: true };
}

function scene(): { world: World; network: Network; channel(name: string, members: Record<string, string>): Buffer } {
  const world = new World();
  const network = ensureNetwork(world, 'n', new Changes());
  network.nick = 'me';
  applyToken(network.isupport, 'PREFIX=(qaohv)~&@%+');
  const channel = (name: string, members: Record<string, string>): Buffer => {
    const buffer = ensureBuffer(network, name, new Changes());
    buffer.joined = true;
    for (const [nick, signs] of Object.entries(members)) buffer.members.set(nick, { nick, signs, away: false });
    return buffer;
  };
  return { world, network, channel };
}

test('WHOIS as facts, long lists of channels joined', () => {
  const facts = factsOf(answer('311|me|v|vera|host.example|*|Vera R.', '319|me|v|#a @#b', '319|me|v|#c', '317|me|v|90000|1', '330|me|v|vera_r|is logged in as', '671|me|v|is secure', '318|me|v|End'));
  assert.equal(facts.host, 'vera@host.example');
  assert.deepEqual(facts.rows.map(({ name, words }) => `${name}: ${words}`), [
    'Name: Vera R.', 'Address: vera@host.example', 'Channels: #a @#b #c', 'Idle: 1 day', 'Account: vera_r', 'Connection: encrypted',
  ]);
  assert.ok(factsOf(answer('401|me|v|No such nick', '318|me|v|End')).gone);
});

test('what one may do follows from one’s own highest rank', () => {
  const { network, channel } = scene();
  const rights = (signs: string) => rightsIn(network, channel('#c', { me: signs, vera: '+' }));
  assert.deepEqual(rights('@'), { op: true, moderate: true });
  assert.deepEqual(rights('~@'), { op: true, moderate: true });
  assert.deepEqual(rights('%'), { op: false, moderate: true });
  assert.deepEqual(rights('+'), { op: false, moderate: false });
  assert.deepEqual(rights(''), { op: false, moderate: false });
  assert.ok(hasMode(network, network.buffers.get('#c')!, 'VERA', 'v'));
  assert.ok(!hasMode(network, network.buffers.get('#c')!, 'vera', 'o'));
  channel('#d', { me: '' });
  assert.deepEqual(sharedChannels(network, 'Vera').map(({ name }) => name), ['#c']);
});

test('modes are read, and changed by as few lines as the network takes', () => {
  const isupport = defaultIsupport();
  const modes = modesOf(answer('324|me|#c|+ntkl|tail|20', '329|me|#c|1'), isupport)!;
  assert.deepEqual([[...modes.flags], modes.key, modes.limit], [['n', 't'], 'tail', '20']);
  assert.equal(modesOf(answer('482|me|#c|No'), isupport), null);
  const next = { flags: new Set(['n', 'm', 'i']), key: 'new', limit: '' };
  assert.deepEqual(modeLines('#c', modes, next, 3), ['MODE #c -t+m+i', 'MODE #c -k+k-l tail new']);
  assert.deepEqual(modeLines('#c', modes, modes, 3), []);
});

test('lists of masks, and why they are not told', () => {
  assert.deepEqual(masksOf(answer('367|me|#c|*!*@bad|op!o@h|1', '367|me|#c|troll!*@*', '368|me|#c|End'), 'b'), [{ mask: '*!*@bad', by: 'op' }, { mask: 'troll!*@*', by: '' }]);
  assert.deepEqual(masksOf(answer('728|me|#c|q|*!*@loud|op!o@h|1'), 'q'), [{ mask: '*!*@loud', by: 'op' }]);
  assert.equal(refusalOf(answer('482|me|#c|You are not an operator')), 'You are not an operator');
});

test('the list is arranged by its user, and keeps that', () => {
  const { world, network, channel } = scene();
  for (const name of ['#a', '#b', '#c', '#d']) channel(name, {});
  const memory = new Memory(new FakeStorage());
  const arrangement = new Arrangement();
  arrangement.belongTo(memory);
  const names = () => orderedBuffers(network).slice(1).map(({ name }) => name).join(' ');
  const named = (name: string) => network.buffers.get(name)!;
  arrangement.togglePin(named('#d'));
  assert.equal(names(), '#d #a #b #c');
  arrangement.move(network, named('#c'), -1);
  arrangement.move(network, named('#d'), 1);
  assert.equal(names(), '#d #a #c #b');
  channel('#aa', {});
  arrangement.apply(world);
  assert.equal(names(), '#d #a #c #b #aa', 'what is new stands last');
  arrangement.toggleMute(named('#a'));
  named('#a').unread = 5;
  named('#b').unread = 2;
  assert.deepEqual([news(named('#a')), totals(world).unread], [0, 2]);
  arrangement.rename('n/#d', 'n/#e');
  for (const buffer of network.buffers.values()) buffer.pinned = buffer.muted = false;
  const later = new Arrangement();
  later.belongTo(memory);
  later.apply(world);
  assert.equal(names(), '#d #a #c #b #aa');
  assert.ok(named('#a').muted);
});
