import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyMissing, forgetHistories, historyEntries, untold } from '../../src/state/fold';
import { ask } from '../../src/state/questions';
import { settleAll } from '../../src/state/said';
import * as world from '../../src/state/world';
import { toFrame, toSaid } from '../../src/transport/frames';
import { Scene } from './fold_scene';

test('names heard before the network said what it is are put right when it does', () => {
  const scene = new Scene();
  scene.frame({ event: 'snapshot' });
  scene.frame({ event: 'network', network: 'n', state: 'connecting', nick: 'me' });
  scene.frame({ event: 'ready' });
  scene.frame({ event: 'network', network: 'n', state: 'connected', nick: 'me' });
  assert.deepEqual(untold(scene.world).map((network) => network.name), ['n']);
  scene.event(':me!u@h JOIN #c[1]');
  scene.state(':s 353 me = #c[1] :@ann %half ~&@own +me ^kid', ':s 366 me #c[1] :End', ':s 353 me = #c[1] :!%two');
  scene.event(':bob!b@h PRIVMSG !chan :hi');
  applyMissing(
    scene.world,
    [':s 005 me PREFIX=(qaohv)~&@%+ CHANTYPES=#! CASEMAPPING=ascii :are supported', ':me JOIN #other'].map((line) => toFrame({ network: 'n', line })!),
    0,
    scene.changes,
  );
  assert.deepEqual(scene.signs('#c[1]'), { ann: '@', half: '%', own: '~&@', me: '+', '^kid': '' });
  assert.deepEqual(untold(scene.world), []);
  assert.equal(scene.network.buffers.has('#other'), false, 'all else comes over the stream');
  scene.event(':x!u@h PRIVMSG #c[1] :same page');
  assert.deepEqual(scene.texts('#c[1]'), ['join:', 'message:same page']);
  assert.equal(scene.buffer('#c[1]').key, 'n/#c[1]');
  assert.deepEqual(scene.changes.renamed.map(({ from }) => from), ['n/#c{1}']);
  scene.frame({ event: 'network', network: 'n', state: 'waiting', nick: 'me' });
  scene.frame({ event: 'network', network: 'n', state: 'connected', nick: 'me' });
  assert.equal(untold(scene.world).length, 1, 'after each connection anew');
});

test('a message of several lines has its lines, and what was cut for the wire is whole again', () => {
  const scene = new Scene().attach();
  scene.event('@halley/multiline :bob!b@h PRIVMSG #c :\x0304red\u2028second, \u2064whole');
  scene.event(':bob!b@h PRIVMSG #c :a separator\u2028typed');
  assert.deepEqual(scene.texts('#c').slice(-2), ['message:\x0304red\x0f\nsecond, whole', 'message:a separator\u2028typed']);
});

test('a snapshot tells state and is no news', () => {
  const scene = new Scene().attach();
  const buffer = scene.buffer();
  assert.equal(buffer.joined, true);
  assert.equal(buffer.topic, 'the topic');
  assert.equal(buffer.topicBy, 'ann');
  assert.deepEqual(scene.signs(), { ann: '@', bob: '+', me: '', cat: '@+', dan: '' });
  assert.equal(buffer.log.count, 0);
  assert.equal(buffer.unread, 0);
  assert.equal(scene.changes.joined.size, 0);
});

test('a second snapshot replaces the first', () => {
  const scene = new Scene().attach();
  scene.frame({ event: 'snapshot' });
  scene.state(':me!u@h JOIN #d', ':s 353 me = #d :me', ':s 366 me #d :End');
  scene.frame({ event: 'ready' });
  assert.equal(scene.buffer('#c').joined, false);
  assert.equal(scene.buffer('#c').members.size, 0);
  assert.equal(scene.buffer('#d').joined, true);
});

test('joins, parts, kicks and quits move people and are told', () => {
  const scene = new Scene().attach();
  scene.event(':eve!e@h JOIN #c');
  scene.event(':bob!b@h PART #c :bye');
  scene.event(':ann!a@h KICK #c cat :enough');
  scene.event(':DAN!d@h QUIT :ping timeout');
  assert.deepEqual(Object.keys(scene.signs()).sort(), ['ann', 'eve', 'me']);
  assert.deepEqual(scene.entries().map((entry) => entry.kind), ['join', 'part', 'kick', 'quit']);
  assert.equal(scene.entries()[2]!.target, 'cat');
  assert.equal(scene.buffer().unread, 0, 'comings and goings are no badge');
});

test('a quit is told only where the person was, and in a talk with them', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h JOIN #d');
  scene.event(':bob!b@h PRIVMSG me :hi');
  scene.event(':bob!b@h QUIT :gone');
  assert.deepEqual(scene.texts('#c'), ['quit:gone']);
  assert.deepEqual(scene.texts('#d'), ['join:']);
  assert.deepEqual(scene.texts('bob'), ['message:hi', 'quit:gone']);
});

test('nick changes carry rank, and our own is followed', () => {
  const scene = new Scene().attach();
  scene.event(':cat!c@h NICK kit');
  scene.event(':me!u@h NICK us');
  assert.equal(scene.signs()['kit'], '@+');
  assert.equal(scene.network.nick, 'us');
  scene.event(':ann!a@h PRIVMSG #c :us: hello');
  assert.equal(scene.entries().pop()!.highlight, true);
});

test('a change of letters only keeps the member', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h NICK BOB');
  assert.equal(scene.signs()['BOB'], '+');
  assert.equal(scene.buffer().members.size, 5);
});

test('modes change signs in the order of the network', () => {
  const scene = new Scene().attach();
  scene.event(':ann!a@h MODE #c +o-v+l bob bob 10');
  scene.event(':ann!a@h MODE #c +v ann');
  assert.equal(scene.signs()['bob'], '@');
  assert.equal(scene.signs()['ann'], '@+');
});

test('topics', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h TOPIC #c :new one');
  assert.equal(scene.buffer().topic, 'new one');
  assert.equal(scene.buffer().topicBy, 'bob');
  scene.state(':s 331 me #c :No topic is set');
  assert.equal(scene.buffer().topic, '');
});

test('messages count as unread where nobody looks', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h JOIN #d');
  world.activate(scene.world, scene.buffer('#d'));
  scene.event(':ann!a@h PRIVMSG #c :one');
  scene.event(':ann!a@h PRIVMSG #c :ME: two');
  scene.event(':ann!a@h PRIVMSG #c :meanwhile');
  scene.event(':ann!a@h PRIVMSG #d :seen');
  const buffer = scene.buffer('#c');
  assert.deepEqual([buffer.unread, buffer.highlights], [3, 1]);
  assert.equal(buffer.divider, scene.entries('#c')[0]!.key);
  assert.equal(scene.buffer('#d').unread, 0);
  assert.deepEqual(world.totals(scene.world), { unread: 3, highlights: 1 });
  world.activate(scene.world, buffer);
  assert.equal(buffer.unread, 0);
  assert.notEqual(buffer.divider, null, 'the mark stays while one reads');
  world.activate(scene.world, scene.buffer('#d'));
  assert.equal(buffer.divider, null);
});

test('the open buffer collects unread lines while the page is hidden or one reads further up', () => {
  const scene = new Scene().attach();
  world.activate(scene.world, scene.buffer());
  world.setWatching(scene.world, false);
  scene.event(':ann!a@h PRIVMSG #c :one');
  assert.equal(scene.buffer().unread, 1);
  world.setWatching(scene.world, true);
  assert.equal(scene.buffer().unread, 0);
  world.setFollowing(scene.world, false);
  scene.event(':ann!a@h PRIVMSG #c :two');
  assert.equal(scene.buffer().unread, 1);
  world.setFollowing(scene.world, true);
  assert.equal(scene.buffer().unread, 0);
});

test('private talk opens a page by the other’s name, whoever speaks', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h PRIVMSG Zed :hello');
  scene.event(':zed!z@h PRIVMSG me :hello yourself');
  assert.deepEqual(scene.texts('zed'), ['message:hello', 'message:hello yourself']);
  assert.deepEqual(scene.entries('zed').map((entry) => entry.own), [true, false]);
  assert.equal(scene.buffer('zed').highlights, 1, 'every line in private is for us');
});

test('notices: servers on their own page, services where a talk is open, STATUSMSG in the channel', () => {
  const scene = new Scene().attach();
  scene.event(':irc.example NOTICE * :hostname found');
  scene.event(':NickServ!s@services NOTICE me :identify');
  scene.event(':me!u@h PRIVMSG NickServ :help');
  scene.event(':NickServ!s@services NOTICE me :here');
  scene.event(':ann!a@h NOTICE @#c :operators only');
  assert.equal(scene.entries()[0]!.audience, '@');
  assert.deepEqual([...scene.network.server.log.all()].map((entry) => entry.text), ['hostname found', 'identify']);
  assert.deepEqual(scene.texts('NickServ'), ['message:help', 'notice:here']);
  assert.deepEqual(scene.texts('#c'), ['notice:operators only']);
});

test('actions and other CTCP', () => {
  const scene = new Scene().attach();
  scene.event(':ann!a@h PRIVMSG #c :\x01ACTION waves at me\x01');
  scene.event(':ann!a@h PRIVMSG #c :\x01VERSION\x01');
  assert.deepEqual(scene.texts(), ['action:waves at me', 'info:CTCP VERSION request']);
  assert.equal(scene.entries()[0]!.highlight, true);
});

test('an echo settles the grey copy, even without its colours, and once', () => {
  const scene = new Scene().attach();
  const buffer = scene.buffer();
  const item = (token: number, text: string): world.Pending => ({ token, kind: 'message', text, audience: '', line: '', time: 0, state: 'sent', error: '' });
  buffer.pending.push(item(1, 'same'), item(2, 'same'), item(3, '\x02bold\x02'));
  scene.event(':me!u@h PRIVMSG #c :same');
  assert.deepEqual(buffer.pending.map((each) => each.token), [2, 3]);
  scene.event(':me!u@h PRIVMSG #c :bold');
  assert.deepEqual(buffer.pending.map((each) => each.token), [2]);
  scene.event(':me!u@h PRIVMSG #c :said elsewhere');
  assert.deepEqual(buffer.pending.map((each) => each.token), [2]);
  assert.equal(buffer.log.count, 3);
  assert.equal(buffer.unread, 0);
});

test('an echo that the network has cut settles the copy that begins like it', () => {
  const scene = new Scene().attach();
  const buffer = scene.buffer();
  const item = (token: number, text: string): world.Pending => ({ token, kind: 'message', text, audience: '', line: '', time: 0, state: 'sent', error: '' });
  buffer.pending.push(item(1, 'another'), item(2, '\x02a long\x02 line, cut short'));
  scene.event(':me!u@h PRIVMSG #c :a long line, c');
  assert.deepEqual(buffer.pending.map((each) => each.token), [1]);
});

test('what was cancelled or is of unknown fate does not wait for its echo any more', () => {
  const scene = new Scene().attach();
  const buffer = scene.buffer();
  const item = (seq: number): world.Pending => ({
    token: seq, kind: 'message', text: `line ${seq}`, audience: '', line: '', time: 0, state: 'sent', error: '', number: { client: 'tab', seq },
  });
  buffer.pending.push(item(1), item(2), item(3));
  const said = (seq: number, state: string, client = 'tab'): void =>
    scene.frame({ event: 'said', network: 'n', outbox: 40 + seq, state, client, seq, command: 'PRIVMSG', target: '#c', text: '' });
  said(1, 'cancelled');
  said(2, 'unknown');
  said(3, 'sent', 'another');
  said(3, 'sent');
  assert.deepEqual(buffer.pending.map((each) => each.state), ['uncertain', 'sent']);
  assert.equal(scene.changes.waiting, true);
  assert.equal(toFrame({ event: 'said', network: 'n', state: 'cancelled' }), null); // of no line
});

test('what waits in Halley’s outbox, from wherever, stands in its talk until it is settled', () => {
  const scene = new Scene().attach();
  const buffer = scene.buffer();
  const said = (outbox: number, state: string, more: object = {}): void =>
    scene.frame({ event: 'said', network: 'n', outbox, state, command: 'PRIVMSG', time: '2026-11-26T05:00:00.000Z', target: '#c', text: `line ${outbox}`, ...more });
  const shown = (): string[] => buffer.pending.map(({ text, state, kind }) => `${kind} ${text} ${state}`);
  said(1, 'sent'); // another's, and on its way: it comes back by itself
  assert.deepEqual(shown(), []);
  said(1, 'queued');
  said(2, 'queued', { text: '\x01ACTION waves\x01' });
  said(3, 'unknown', { target: '@#c', client: 'tab', seq: 9 });
  said(4, 'queued', { command: 'NOTICE', target: 'stranger' });
  assert.deepEqual(shown(), ['message line 1 queued', 'action waves queued', 'message line 3 uncertain']);
  assert.equal(buffer.pending[2]!.audience, '@');
  assert.deepEqual(scene.world.networks.get('n')!.server.pending.map(({ line }) => line), ['NOTICE stranger :line 4']);
  said(1, 'sent');
  said(1, 'confirmed');
  said(2, 'refused', { message: 'Cannot send' });
  said(3, 'cancelled');
  assert.deepEqual(shown(), ['action waves failed']);
  assert.equal(buffer.pending[0]!.error, 'Cannot send');
  said(5, 'queued');
  settleAll(scene.world, [toSaid({ network: 'n', state: 'waiting', command: 'PRIVMSG', time: '', target: '#c', text: 'six' }, 6)!], scene.changes);
  assert.deepEqual(shown(), ['action waves failed', 'message six queued'], 'the fifth was settled while nobody heard');
  for (let i = 0; i < 2 * world.PENDING_BOUND; i += 1) said(100 + i, 'queued');
  assert.equal(buffer.pending.length, world.PENDING_BOUND);
});

test('a rejection marks what waits as failed', () => {
  const scene = new Scene().attach();
  scene.buffer().pending.push({ token: 1, kind: 'message', text: 'x', audience: '', line: '', time: 0, state: 'sent', error: '' });
  scene.state(':s 404 me #c :Cannot send to channel');
  assert.equal(scene.buffer().pending[0]!.state, 'failed');
  assert.equal(scene.buffer().pending[0]!.error, 'Cannot send to channel');
  scene.state(':s 404 me #c :Cannot send to channel');
  assert.deepEqual(scene.texts(), ['error:#c Cannot send to channel'].map((text) => text.replace('#c ', '')));
});

test('leaving ourselves empties the channel but keeps the page', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h PART #c');
  assert.equal(scene.buffer().joined, false);
  assert.equal(scene.buffer().members.size, 0);
  scene.event(':me!u@h JOIN #c');
  assert.ok(scene.changes.joined.has(scene.buffer()));
  scene.state(':s 353 me = #c :me ann', ':s 366 me #c :End');
  scene.event(':ann!a@h KICK #c me :out');
  assert.equal(scene.buffer().joined, false);
});

test('the members of a list being sent are those at its end', () => {
  const scene = new Scene().attach();
  scene.state(':s 353 me = #c :me ann');
  scene.event(':ann!a@h PART #c');
  scene.state(':s 353 me = #c :eve', ':s 366 me #c :End');
  assert.deepEqual(Object.keys(scene.signs()).sort(), ['eve', 'me']);
});

test('answers go to the page where they were asked for, whatever page is looked at since', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h PRIVMSG me :hello');
  const asked = scene.buffer('bob');
  ask(scene.network, asked, 'WHOIS ann ann', 5000);
  ask(scene.network, asked, 'MOTD', 5000);
  world.activate(scene.world, scene.buffer());
  scene.state(':s 311 me ann a host.example * :Ann the astronomer', ':s 317 me ann 754 1700000000 :seconds idle', ':s 671 me Ann :is using TLS');
  scene.state(':s 375 me :- motd', ':s 372 me :- be kind', ':s 376 me :End', ':s 318 me ann :End');
  assert.deepEqual(scene.texts('bob').slice(1), [
    'info:ann is a@host.example (Ann the astronomer)', 'info:ann has been idle for 12 min', 'info:Ann is using TLS',
    'info:- motd', 'info:- be kind',
  ]);
  assert.equal(scene.network.questions.length, 0);
  scene.state(':s 372 me :- unasked', ':s 311 me ann a h * :unasked too');
  assert.deepEqual(scene.server().slice(-2), ['info:- unasked', 'info:ann is a@h (unasked too)']);
});

test('errors go where their command was given, else to the page they are about, else to the network’s', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h PRIVMSG me :hello');
  ask(scene.network, scene.buffer('bob'), 'JOIN #locked', 5000);
  ask(scene.network, scene.buffer('bob'), 'FROB x', 5000);
  scene.state(':s 473 me #locked :Cannot join channel (+i)', ':s 421 me FROB :Unknown command', ':s 482 me #c :You are not an operator');
  assert.deepEqual(scene.texts('bob').slice(1), ['error:#locked Cannot join channel (+i)', 'error:FROB Unknown command']);
  assert.deepEqual(scene.texts(), ['error:#c You are not an operator']);
  ask(scene.network, scene.buffer('bob'), 'CHATHISTORY LATEST', 5000);
  scene.state('FAIL CHATHISTORY BAD :No such thing', 'FAIL OTHER BAD :Unasked');
  assert.equal(scene.texts('bob').pop(), 'error:CHATHISTORY: No such thing');
  assert.equal(scene.server().pop(), 'error:OTHER: Unasked');
});

test('a channel list shows its first hundred rows and counts the rest; modes at a join are no news', () => {
  const scene = new Scene().attach();
  scene.state(':s 324 me #c +nt', ':s 329 me #c 1700000000');
  assert.deepEqual(scene.texts(), []);
  ask(scene.network, scene.buffer(), 'MODE #c', 5000);
  scene.state(':s 324 me #c +nt', ':s 329 me #c 1700000000');
  assert.deepEqual(scene.texts(), ['info:Modes of #c: +nt', 'info:#c was made on 2023-11-14']);
  ask(scene.network, scene.buffer(), 'LIST', 5000);
  scene.state(':s 321 me Channel :Users Name');
  for (let i = 0; i < 250; i += 1) scene.state(`:s 322 me #x${i} 3 :topic`);
  scene.state(':s 323 me :End of LIST');
  assert.equal(scene.texts().length, 2 + 100 + 1);
  assert.match(scene.texts().pop()!, /250 channels listed. 150 are not shown/);
});

test('what no page asked for and no handler knows still appears', () => {
  const scene = new Scene().attach();
  scene.state(
    ':oper!o@h WALLOPS :maintenance at noon',
    ':irc.example NOTICE $* :to all of the server',
    ':irc NOTICE me :from a server without a dot',
    ':irc.example GLOBOPS :something new',
    ':irc.example 999 me :an unknown number',
    ':ann!a@h PRIVMSG me :\x01VERSION\x01',
    ':s 353 me = #elsewhere :@ann bob',
  );
  assert.deepEqual(scene.server(), [
    'notice:WALLOPS: maintenance at noon',
    'notice:to all of the server',
    'notice:from a server without a dot',
    'info:irc.example: GLOBOPS something new',
    'info:an unknown number',
    'info:CTCP VERSION request',
    'info:In #elsewhere: @ann bob',
  ]);
  assert.equal(scene.network.buffers.size, 1, 'and opens no talk');
  assert.equal(scene.network.server.unread, 3);
});

test('a line that the network refuses after it was said is marked, the newest one first', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h PRIVMSG #c :heard');
  scene.state(':s 404 me #other :not here');
  scene.event(':me!u@h PRIVMSG #c :one');
  scene.event(':me!u@h PRIVMSG #c :two');
  scene.state(':s 404 me #c :Cannot send (+m)', 'FAIL PRIVMSG CANNOT_SEND #c :Nor that');
  assert.deepEqual(scene.entries().map((entry) => entry.refused), ['', 'Nor that', 'Cannot send (+m)']);
  assert.deepEqual(scene.changes.refused.map(({ why }) => why), ['Cannot send (+m)', 'Nor that']);
  for (const code of ['486', '531']) {
    scene.event(':me!u@h PRIVMSG vera :psst');
    scene.state(`:s ${code} me vera :They do not want to hear you`);
    assert.equal(scene.entries('vera').pop()!.refused, 'They do not want to hear you');
  }
  ask(scene.network, scene.buffer(), 'WHOIS vera vera', 5000);
  scene.state(':s 401 me vera :No such nick');
  assert.equal(scene.texts().pop(), 'error:vera No such nick', 'an answer to a question refuses nothing');
});

test('network states', () => {
  const scene = new Scene().attach();
  scene.frame({ event: 'network', network: 'n', state: 'waiting', nick: 'me', trouble: 'connection refused' });
  assert.equal(scene.network.state, 'waiting');
  assert.equal(scene.network.trouble, 'connection refused');
  assert.equal(scene.buffer().members.size, 0);
  assert.equal([...scene.network.server.log.all()].pop()!.text, 'Not connected; trying again soon. (connection refused)');
  scene.frame({ event: 'network', network: 'other', state: 'registering' });
  assert.equal(scene.world.networks.get('other')!.state, 'connecting');
  world.activate(scene.world, scene.buffer());
  scene.frame({ event: 'network', network: 'n', state: 'removed', removed: true });
  assert.equal(scene.world.networks.has('n'), false);
  assert.equal(scene.world.active, null);
});

test('away is kept with the member', () => {
  const scene = new Scene().attach();
  scene.event(':ann!a@h AWAY :lunch');
  assert.equal(scene.buffer().members.get('ann')!.away, true);
  scene.event(':ann!a@h AWAY');
  assert.equal(scene.buffer().members.get('ann')!.away, false);
  scene.state(':s 306 me :You are away');
  assert.equal(scene.network.away, true);
});

test('a read marker says how far another client has read, and that the server keeps them', () => {
  const scene = new Scene().attach();
  scene.event('@time=2024-01-01T00:00:00Z :ann!a@h PRIVMSG #c :one');
  assert.equal(scene.world.keepsMarkers, false);
  scene.state(':s MARKREAD #c *', ':s MARKREAD #c timestamp=2024-01-01T00:00:01Z', ':s MARKREAD #elsewhere timestamp=2024-01-01T00:00:01Z');
  assert.equal(scene.world.keepsMarkers, true);
  assert.deepEqual(scene.changes.marks, [{ buffer: scene.buffer(), time: Date.parse('2024-01-01T00:00:01Z') }]);
});

test('history becomes the same entries, and live lines are not doubled', () => {
  const scene = new Scene().attach();
  scene.event(':ann!a@h PRIVMSG #c :live');
  const page = historyEntries(scene.network, [
    { id: 'e:90', line: '@time=2024-01-01T00:00:00Z :ann!a@h PRIVMSG #c :old' },
    { id: 'e:91', line: ':bob!b@h NICK rob' },
    { id: 'e:101', line: ':ann!a@h PRIVMSG #c :live' },
    { id: 'e:102', line: 'garbage' },
  ]);
  assert.equal(scene.buffer().log.merge(page), 2);
  assert.deepEqual(scene.texts(), ['message:old', 'nick:', 'message:live']);
});

test('a reset empties what was read', () => {
  const scene = new Scene().attach();
  scene.event(':ann!a@h PRIVMSG #c :live');
  scene.buffer().loading = 'yes';
  forgetHistories(scene.world, scene.changes);
  assert.equal(scene.buffer().log.count, 0);
  assert.equal(scene.buffer().loading, 'no');
});

test('rubbish changes nothing and throws nothing', () => {
  const scene = new Scene().attach();
  const before = scene.signs();
  for (const line of ['', ' ', ':x', 'MODE', 'KICK', 'JOIN', 'PART', 'NICK', ':a NICK', 'TOPIC', '353', '366 me', ':s 332', 'MARKREAD', 'KICK #c', 'MODE #c', ':s 353 me = #nowhere :a b', '@=;;= PRIVMSG']) {
    scene.event(line);
    scene.state(line);
  }
  assert.deepEqual(scene.signs(), before);
});

test('a private talk follows its partner to another nick', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h PRIVMSG me :hello');
  scene.event(':bob!b@h NICK :robert');
  const talk = scene.buffer('robert');
  assert.equal(world.findBuffer(scene.network, 'bob'), null);
  assert.deepEqual([talk.name, talk.key], ['robert', 'n/robert']);
  assert.deepEqual(scene.texts('robert'), ['message:hello', 'nick:']);
  assert.equal(talk.unread, 1);
  scene.event(':robert!b@h NICK :Robert');
  assert.equal(scene.buffer('robert').name, 'Robert', 'only the case changed');
  assert.deepEqual(scene.changes.renamed.map(({ from, buffer }) => [from, buffer.key]), [['n/bob', 'n/robert']]);
});

test('a partner who takes a nick with which we talk already brings both talks together', () => {
  const scene = new Scene().attach();
  scene.event(':bob!b@h PRIVMSG me :one');
  scene.event(':bob_!b@h PRIVMSG me :two');
  const old = scene.buffer('bob_');
  world.activate(scene.world, old);
  scene.event(':bob_!b@h NICK bob');
  assert.equal(world.findBuffer(scene.network, 'bob_'), null);
  assert.deepEqual(scene.texts('bob'), ['message:one', 'message:two', 'nick:']);
  assert.equal(scene.world.active, scene.buffer('bob'));
  assert.equal(scene.changes.renamed.at(-1)!.gone, old);
});

test('our own new nick moves no talk, not even one with ourselves', () => {
  const scene = new Scene().attach();
  scene.event(':me!u@h PRIVMSG me :note to self');
  scene.event(':me!u@h NICK :myself');
  assert.ok(world.findBuffer(scene.network, 'me') !== null);
});
