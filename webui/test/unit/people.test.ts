import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arrangement } from '../../src/app/arrangement';
import { Memory } from '../../src/app/memory';
import { Store } from '../../src/app/store';
import { applyFrame } from '../../src/state/fold';
import type { Api } from '../../src/transport/api';
import type { Frame } from '../../src/transport/frames';
import { masksOf, modeLines, modesOf, refusalOf } from '../../src/state/channel_modes';
import { applyToken, defaultIsupport } from '../../src/state/isupport';
import { factsOf, hasMode, rightsIn, sharedChannels, sharedWith } from '../../src/state/people';
import { Changes, ensureBuffer, ensureNetwork, news, orderedBuffers, totals, World, type Buffer, type Gathered, type Network } from '../../src/state/world';
import { FakeStorage, settle } from './fakes';

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

test('channels where both are stand in one place of a card, whatever rank they have there', () => {
  const { network, channel } = scene();
  for (const name of ['#a', '#b', '&local']) channel(name, { vera: '' });
  const channels = (list: string) => factsOf(answer(`319|me|vera|${list}`), sharedWith(network, 'vera')).rows.map(({ name, words }) => `${name}: ${words}`);
  assert.deepEqual(channels('@#A ~&@#b @&local &local'), []);
  assert.deepEqual(channels('@#a +#c ##a &other'), ['Other channels: +#c ##a &other']);
  assert.deepEqual(channels('#c'), ['Channels: #c']);
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

/** A Halley that keeps what is set, or refuses it. */
function keeper(world: World): { arrangement: Arrangement; asked: string[]; toasts: string[]; refuse: { why: string } } {
  const asked: string[] = [];
  const toasts: string[] = [];
  const refuse = { why: '' };
  const resource = (method: string, path: string, body?: object): Promise<unknown> => {
    asked.push(`${method} ${path} ${JSON.stringify(body)}`);
    return refuse.why === '' ? Promise.resolve({}) : Promise.reject(new Error(refuse.why));
  };
  const store = new Store();
  store.world = world;
  const arrangement = new Arrangement({ store, api: { resource } as unknown as Api, toast: (text) => toasts.push(text) });
  return { arrangement, asked, toasts, refuse };
}

const settings = (whole: boolean, ...buffers: Record<string, unknown>[]): Frame => ({ kind: 'buffers', network: 'n', whole, buffers });

test('the list is arranged by its user, who is obeyed at once', async () => {
  const { world, network, channel } = scene();
  for (const name of ['#a', '#b', '#c', '#d']) channel(name, {});
  const { arrangement, asked, toasts, refuse } = keeper(world);
  const names = (): string => orderedBuffers(network).slice(1).map(({ name }) => name).join(' ');
  const named = (name: string): Buffer => network.buffers.get(name)!;
  arrangement.change(named('#d'), { pinned: true });
  assert.equal(names(), '#d #a #b #c');
  arrangement.move(network, named('#c'), -1);
  arrangement.move(network, named('#d'), 1);
  assert.equal(names(), '#d #a #c #b');
  channel('#aa', {});
  assert.equal(names(), '#d #a #c #b #aa', 'what has no place stands behind what has one');
  arrangement.move(network, named('#a'), 1);
  assert.equal(names(), '#d #c #a #b #aa');
  arrangement.change(named('#a'), { muted: true });
  named('#a').unread = 5;
  named('#b').unread = 2;
  assert.deepEqual([news(named('#a')), totals(world).unread], [0, 2]);
  await settle();
  assert.equal(asked[0], 'PATCH buffers/n/%23d {"pinned":true}');
  refuse.why = 'the disk is full';
  arrangement.change(named('#b'), { pinned: true });
  assert.equal(names(), '#b #d #c #a #aa');
  await settle();
  assert.equal(names(), '#d #c #a #b #aa', 'what is refused is taken back');
  assert.deepEqual(toasts, ['the disk is full']);
  arrangement.change(network.server, { retention: null });
  await settle();
  assert.equal(asked[asked.length - 1], 'PATCH buffers/n/* {"retention":""}');
});

test('what Halley has not answered yet holds, whatever it tells meanwhile; what it refuses is taken back', async () => {
  const { world, network, channel } = scene();
  for (const name of ['#a', '#b', '#c', '#d', '#e']) channel(name, {});
  const answers: { path: string; body: object; done(): void; fail(): void }[] = [];
  const store = new Store();
  store.world = world;
  const resource = (_: string, path: string, body?: object): Promise<unknown> =>
    new Promise((resolve, reject) => answers.push({ path, body: body!, done: () => resolve({}), fail: () => reject(new Error('no')) }));
  const arrangement = new Arrangement({ store, api: { resource } as unknown as Api, toast: () => undefined });
  const names = (): string => orderedBuffers(network).slice(1).map(({ name }) => name).join(' ');
  const tell = (...buffers: Record<string, unknown>[]): void => applyFrame(world, settings(false, ...buffers), 0, new Changes());
  const e = network.buffers.get('#e')!;
  arrangement.move(network, e, -1);
  await settle();
  tell({ target: '#a', order: 0 });
  assert.equal(names(), '#a #b #c #e #d', 'the echo of the first change leaves the others');
  arrangement.move(network, e, -1);
  assert.equal(names(), '#a #b #e #c #d');
  for (let at = 0; at < answers.length; at += 1) {
    const { path, body, done } = answers[at]!;
    if (at % 2 === 0) tell({ target: decodeURIComponent(path.split('/')[2]!), ...body }); // else its frame is late
    done();
    await settle();
    assert.equal(names(), '#a #b #e #c #d');
  }
  assert.deepEqual(e.unanswered, []);
  arrangement.change(e, { muted: true });
  arrangement.change(e, { pinned: true });
  for (let at = answers.length - 1; at < answers.length; at += 1) {
    await settle();
    answers[at]!.fail();
    await settle();
  }
  assert.deepEqual([e.set.muted, e.set.pinned, names()], [false, false, '#a #b #e #c #d']);
});

test('what is set elsewhere holds here, for what has a page and for what gets one', () => {
  const { world, network, channel } = scene();
  const apply = (frame: Frame): Changes => {
    const changes = new Changes();
    applyFrame(world, frame, 0, changes);
    return changes;
  };
  const a = channel('#A', {});
  const set = { target: '#a', muted: true, pinned: false, order: 3, notify: 'none', detached: true, retention: null, new_one: 1 };
  assert.ok(apply(settings(true, set, { target: '#b[1]', pinned: true }, { target: '*', notify: 'all' })).list);
  assert.deepEqual(a.set, { muted: true, pinned: false, order: 3, notify: 'none', detached: true, retention: null });
  assert.equal(network.server.set.notify, 'all');
  assert.ok(channel('#B{1}', {}).set.pinned, 'by the network’s way of comparing names');
  apply(settings(false, { target: '#c', order: 1 }));
  assert.ok(a.set.muted, 'others stay as they are');
  apply(settings(true));
  assert.deepEqual([a.set.muted, network.server.set.notify], [false, '']);
});

test('a talk that was removed elsewhere goes; a channel one is in stays, without what was said', () => {
  const { world, network, channel } = scene();
  const a = channel('#a', {});
  a.loading = 'yes';
  ensureBuffer(network, 'vera', new Changes());
  world.active = network.buffers.get('vera')!;
  applyFrame(world, settings(false, { target: 'VERA', removed: true }, { target: '#a', removed: true }), 0, new Changes());
  assert.deepEqual([...network.buffers.keys()], ['#a']);
  assert.equal(world.active, null);
  assert.equal(a.loading, 'no');
  assert.equal(a.log.clears, 1, 'no copy keeps it');
});

test('networks are folded away in this browser', () => {
  const { world, network } = scene();
  const memory = new Memory(new FakeStorage());
  const { arrangement } = keeper(world);
  arrangement.belongTo(memory);
  arrangement.toggleFold(network);
  assert.ok(network.folded);
  network.folded = false;
  const later = keeper(world).arrangement;
  later.belongTo(memory);
  later.apply(world);
  assert.ok(network.folded);
  later.toggleFold(network);
  assert.ok(!network.folded);
});
