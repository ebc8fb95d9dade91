import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ignores } from '../../src/app/ignores';
import { Store } from '../../src/app/store';
import type { Api } from '../../src/transport/api';
import type { InputContext } from '../../src/state/actions';
import { COMMANDS, findCommand, usage } from '../../src/state/commands';
import { counterOf } from '../../src/state/counter';
import { findEmoji } from '../../src/state/emoji';
import { applyFrame, historyEntries } from '../../src/state/fold';
import { parseInput } from '../../src/state/input';
import { applyToken, defaultIsupport } from '../../src/state/isupport';
import { compileMask, matchesMask, toMask } from '../../src/state/masks';
import { suggest } from '../../src/state/suggest';
import { Changes, ensureBuffer, ensureNetwork, World } from '../../src/state/world';

const LIMITS = { modes: 3, topic: 20, kick: 10, away: 12, nick: 9 };
const CHANNEL: InputContext = { kind: 'channel', target: '#c', joined: true, nick: 'me', chantypes: '#', statusSigns: '@+', limits: LIMITS, multiline: false };

function lines(text: string, context = CHANNEL): string[] {
  const parsed = parseInput(text, context);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.actions.flatMap((action) => (action.type === 'send' ? [action.line] : []));
}

test('each command has its own names, a usage and a help', () => {
  const names = COMMANDS.flatMap(({ name, aliases }) => [name, ...aliases]);
  assert.equal(new Set(names).size, names.length);
  for (const command of COMMANDS) assert.ok(/^\/[a-z]+( |$)/.test(usage(command)), command.name);
  for (const name of 'list ignore ban kick op voice ns cs ctcp clear query away notice invite topic mode raw'.split(' ')) assert.ok(findCommand(name), name);
  assert.equal(findCommand('QUOTE')?.name, 'raw');
});

test('rights and bans, several at once, as many as the network takes', () => {
  assert.deepEqual(lines('/op ann bob'), ['MODE #c +oo ann bob']);
  assert.deepEqual(lines('/v a b c d'), ['MODE #c +vvv a b c', 'MODE #c +v d']);
  assert.deepEqual(lines('/deop #d ann'), ['MODE #d -o ann']);
  assert.deepEqual(lines('/ban'), ['MODE #c b']);
  assert.deepEqual(lines('/ban troll'), ['MODE #c +b troll!*@*']);
  assert.deepEqual(lines('/unban *@bad.example'), ['MODE #c -b *!*@bad.example']);
  assert.deepEqual(lines('/kb #d troll Enough now.'), ['MODE #d +b troll!*@*', 'KICK #d troll :Enough now.']);
  assert.ok(!parseInput('/op', CHANNEL).ok);
});

test('services, CTCP, and the rest', () => {
  assert.deepEqual(lines('/ns info'), ['PRIVMSG NickServ :info']);
  assert.deepEqual(lines('/cs op #c me'), ['PRIVMSG ChanServ :op #c me']);
  assert.deepEqual(lines('/ctcp vera version'), ['PRIVMSG vera :\x01VERSION\x01']);
  assert.deepEqual(lines('/cycle'), ['PART #c', 'JOIN #c']);
  assert.deepEqual(lines('/umode +i'), ['MODE me +i']);
  assert.deepEqual(lines('/list >100'), ['LIST >100']);
  const actions = (text: string) => { const parsed = parseInput(text, CHANNEL); return parsed.ok ? parsed.actions : []; };
  assert.deepEqual(actions('/list'), [{ type: 'channels' }]);
  assert.deepEqual(actions('/clear'), [{ type: 'clear' }]);
  assert.deepEqual(actions('/search a b'), [{ type: 'search', text: 'a b' }]);
  assert.deepEqual(actions('/ignore vera'), [{ type: 'ignore', mask: 'vera!*@*', on: true }]);
  assert.deepEqual(actions('/ignore'), [{ type: 'ignore', mask: '', on: true }]);
  assert.match(JSON.stringify(actions('/help kick')), /removes somebody/);
});

test('the network’s bounds are counted as they come near', () => {
  assert.equal(counterOf('short', CHANNEL), null);
  assert.match(counterOf('x'.repeat(400), CHANNEL)!.text, /^\d+ left$/);
  assert.equal(counterOf('x'.repeat(1000), CHANNEL)!.text, '3 messages');
  assert.equal(counterOf('a\nb', CHANNEL)!.text, '2 messages');
  assert.deepEqual(counterOf('/topic twenty-five bytes of it!', CHANNEL), { text: '4 too many', over: true });
  assert.deepEqual(counterOf('/nick nine_byte', CHANNEL), { text: '0 left', over: false });
  assert.equal(counterOf('/away ééééééé', CHANNEL)!.text, '2 too many');
  assert.equal(counterOf(Array(40).fill('x').join('\n'), CHANNEL)!.over, true);
  assert.equal(counterOf('/topic x', { ...CHANNEL, limits: { ...LIMITS, topic: 0 } }), null);
});

test('the bounds are what the network says', () => {
  const isupport = defaultIsupport();
  for (const token of ['MODES=4', 'TOPICLEN=390', 'KICKLEN=x', 'NICKLEN=30']) applyToken(isupport, token);
  assert.deepEqual(isupport.limits, { modes: 4, topic: 390, kick: 0, away: 0, nick: 30 });
  applyToken(isupport, 'MODES=');
  assert.equal(isupport.limits.modes, 20);
  applyToken(isupport, 'MODES=0');
  assert.equal(isupport.limits.modes, 3);
});

test('what may follow is offered: commands with help, nicks, channels, emoji', () => {
  const names = { nicks: ['vera', 'Vesper', 'tycho'], channels: ['#halley', '#cpp'] };
  const labels = (text: string) => suggest(text, text.length, { ...names, emoji: findEmoji }).items.map(({ insert }) => insert);
  assert.deepEqual(labels('/ki'), ['/kick ', '/kickban ']);
  assert.equal(labels('/j')[0], '/join ');
  assert.deepEqual(labels('@ve'), ['vera: ', 'Vesper: ']);
  assert.deepEqual(labels('hi @ty'), ['tycho ']);
  assert.deepEqual(labels('see #ha'), ['#halley ']);
  assert.equal(labels('well :tad')[0], '🎉 ');
  for (const text of ['hello', 'at 10:30', ':s', '12:ab', '//etc', '/ x', '#halley', '']) assert.deepEqual(labels(text), [], text);
  assert.match(suggest('/kick ver', 9, names).usage, /^\/kick \[#CHANNEL\] NICK \[REASON\] – removes/);
  assert.ok(findEmoji('comet', 5).some(({ emoji }) => emoji === '☄️'));
});

test('masks of people', () => {
  assert.equal(toMask('ann'), 'ann!*@*');
  assert.equal(toMask('*@h'), '*!*@h');
  const source = { nick: 'Ann[x]', user: 'u', host: 'h.example' };
  for (const mask of ['ann{x}!*@*', '*!*@*.example', 'a??[x]!u@*', '*']) assert.ok(matchesMask([compileMask(mask)], source), mask);
  for (const mask of ['ann!*@*', '*!*@h', '?!*@*', 'ann.x.!*@*']) assert.ok(!matchesMask([compileMask(mask)], source), mask);
  // A mask made of stars takes no time.
  assert.ok(!matchesMask([compileMask(`${'*a'.repeat(4)}${'*'.repeat(200)}b`)], { nick: 'a'.repeat(100), user: 'a', host: 'a' }));
});

test('who is ignored is so at Halley, for all devices; what they said before is not shown', async () => {
  const world = new World();
  const network = ensureNetwork(world, 'n', new Changes());
  network.nick = 'me';
  const channel = ensureBuffer(network, '#c', new Changes());
  const store = new Store();
  store.world = world;
  const asked: string[] = [];
  const api = { resource: (method: string, path: string, body?: object) => Promise.resolve(asked.push(`${method} ${path} ${JSON.stringify(body ?? null)}`)) };
  const ignores = new Ignores({ store, api: api as unknown as Api });
  const tell = (...rules: object[]): Changes => {
    const changes = new Changes();
    applyFrame(world, { kind: 'rules', rules }, 0, changes);
    return changes;
  };
  const read = () => historyEntries(network, [
    { id: 'e:1', line: ':Troll!t@h PRIVMSG #c :me: hey' },
    { id: 'e:2', line: ':troll!t@h JOIN #c' },
    { id: 'e:3', line: ':me!m@h PRIVMSG #c :hello' },
  ]).map((entry) => entry.kind);
  assert.match(await ignores.change('', true), /nobody/);
  assert.match(await ignores.change('troll!*@*', true), /on any device/);
  assert.deepEqual(asked, ['POST rules {"kind":"ignore","match":"mask","pattern":"troll!*@*"}']);
  channel.loading = 'yes';
  const rule = { id: '1a2b', kind: 'ignore', match: 'mask', pattern: 'troll!*@*' };
  assert.ok(tell(rule, { id: '2', kind: 'highlight', match: 'word', pattern: 'comet' }).logs.has(channel));
  assert.equal(channel.loading, 'no', 'it is read anew');
  assert.deepEqual(read(), ['join', 'message']);
  channel.loading = 'yes';
  assert.ok(!tell(rule).logs.has(channel), 'nothing of it changed');
  assert.match(await ignores.change('TROLL!*@*', true), /already/);
  assert.match(await ignores.change('', true), /troll!\*@\*/);
  assert.match(await ignores.change('vera!*@*', false), /do not ignore/);
  assert.match(await ignores.change('troll!*@*', false), /hear/);
  assert.equal(asked[asked.length - 1], 'DELETE rules/1a2b null');
  assert.deepEqual(ensureNetwork(world, 'later', new Changes()).ignores, network.ignores);
  tell();
  assert.deepEqual(read(), ['message', 'join', 'message']);
});

test('what Halley says calls its user is marked, but what is said to them alone is so anyway', () => {
  const world = new World();
  const network = ensureNetwork(world, 'n', new Changes());
  network.nick = 'me';
  const lines = [':vera!v@h PRIVMSG #c :a comet', ':vera!v@h PRIVMSG me :a comet', ':me!m@h PRIVMSG #c :a comet', ':vera!v@h JOIN #c'];
  const entries = historyEntries(network, lines.map((line, i) => ({ id: `e:${i}`, line, called: true })));
  assert.deepEqual(entries.map(({ highlight }) => highlight), [true, false, false, false]);
  applyFrame(world, { kind: 'ready', id: 'e:1' }, 0, new Changes());
  const changes = new Changes();
  applyFrame(world, { kind: 'line', id: 'e:9', prev: null, network: 'n', line: lines[0]!, called: true }, 0, changes);
  assert.equal(changes.calls.length, 1);
});
