// Several lines as one message: what goes so, what does not, and what becomes of it on networks that do not take it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, InputContext } from '../../src/state/actions';
import { counterOf } from '../../src/state/counter';
import { messagesIn, parseInput } from '../../src/state/input';
import type { Pending } from '../../src/state/world';
import { Scene } from './fold_scene';

const CHANNEL: InputContext = {
  kind: 'channel', target: '#c', joined: true, nick: 'me', chantypes: '#', statusSigns: '@+', multiline: false,
  limits: { modes: 3, topic: 0, kick: 0, away: 0, nick: 9 },
};

function actions(text: string, more: Partial<InputContext> = {}, apart = false): Action[] {
  const parsed = parseInput(text, { ...CHANNEL, ...more }, apart);
  return parsed.ok ? parsed.actions : [];
}

function sent(text: string, more: Partial<InputContext> = {}, apart = false): string[] {
  return actions(text, more, apart).flatMap((action) => (action.type === 'send' ? [action.line] : []));
}

test('lines go as one message, their blank ones among them, and are counted for networks that take each for itself', () => {
  const [action] = actions('\n \na\r\n\n  b \n/join #d\n\n');
  assert.ok(action?.type === 'send');
  assert.equal(action.line, '@halley/multiline PRIVMSG #c :a\u2028\u2028  b\u2028/join #d');
  assert.deepEqual(action.echo, { target: '#c', audience: '', kind: 'message', text: 'a\x0f\n\x0f\n  b\x0f\n/join #d', lines: 3 });
  assert.deepEqual([messagesIn([action], false), messagesIn([action], true)], [3, 1]);
  assert.deepEqual(counterOf('a\nb', CHANNEL), { text: '2 messages', over: false });
  assert.equal(counterOf('a\nb', { ...CHANNEL, multiline: true }), null);
});

test('what is no such message goes line by line', () => {
  assert.deepEqual(sent('a\nb', {}, true), ['PRIVMSG #c :a', 'PRIVMSG #c :b']);
  assert.deepEqual(sent('/me a\nb'), ['PRIVMSG #c :\x01ACTION a\x01', 'PRIVMSG #c :b']);
  assert.deepEqual(sent('a'), ['PRIVMSG #c :a']);
  assert.deepEqual(sent('//a\nb'), ['@halley/multiline PRIVMSG #c :/a\u2028b']);
  assert.deepEqual(sent('help\nidentify secret', { kind: 'query', target: 'NickServ' }), ['PRIVMSG NickServ :help', 'PRIVMSG NickServ :identify secret']);
  assert.deepEqual(sent('help\nstatus', { kind: 'query', target: '*halley' }), ['PRIVMSG *halley :help', 'PRIVMSG *halley :status']);
  assert.equal(sent(`${'x'.repeat(390)}\n`.repeat(11)).length, 11, 'more than 4096 bytes');
  assert.equal(sent(Array(33).fill('x').join('\n')).length, 0, 'more lines than can be said at once');
  assert.deepEqual(sent('a\u2028b\nc'), ['@halley/multiline PRIVMSG #c :a b\u2028c'], 'what stands between lines may not stand in one');
  assert.deepEqual(actions('a\nb', { joined: false }), []);
  assert.deepEqual(actions('a\nb', { kind: 'server' }), []);
});

test('a network on which such a message is seen takes it', () => {
  const scene = new Scene().attach();
  assert.equal(scene.network.multiline, false);
  scene.event('@halley/multiline :bob!b@h PRIVMSG #c :one\u2028two\u2064 and a half');
  assert.equal(scene.network.multiline, true);
  assert.deepEqual(scene.texts(), ['message:one\x0f\ntwo and a half']);
});

function waiting(scene: Scene): string[] {
  return scene.buffer().pending.map(({ text, line, state }) => `${state} ${text} [${line}]`);
}

function said(outbox: number, text: string, state = 'queued'): unknown {
  return { event: 'said', network: 'n', outbox, state, client: 'tab', seq: 3, command: 'PRIVMSG', target: '#c', text, time: '2026-11-27T12:00:00.000Z' };
}

test('what waits for its network line by line is shown so; what another device holds as one goes again as one', () => {
  const scene = new Scene().attach();
  const item: Pending = {
    token: 1, kind: 'message', text: 'a\x0f\nb', audience: '', line: '@halley/multiline PRIVMSG #c :a\u2028b', time: 0, state: 'sent', error: '',
    number: { client: 'tab', seq: 3 },
  };
  scene.buffer().pending.push(item);
  scene.frame(said(7, 'a'));
  scene.frame(said(8, 'b'));
  assert.deepEqual(waiting(scene), ['queued a [PRIVMSG #c :a]', 'queued b [PRIVMSG #c :b]']);
  scene.frame({ ...(said(9, 'c\u2028d') as object), client: 'other' });
  assert.equal(waiting(scene)[2], 'queued c\x0f\nd [@halley/multiline PRIVMSG #c :c\u2028d]');
  for (const outbox of [7, 8, 9]) scene.frame(said(outbox, '', 'confirmed'));
  assert.deepEqual(waiting(scene), []);
});
