import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../src/state/questions';
import { applyFrame, historyEntries } from '../../src/state/fold';
import { Changes, World, type Network } from '../../src/state/world';
import { toFrame } from '../../src/transport/frames';

let id = 100;

function tell(world: World, ...values: unknown[]): void {
  for (const value of values) applyFrame(world, toFrame(value)!, 5000, new Changes());
}

function line(text: string, event = false): unknown {
  id += 1;
  return event ? { id: `e:${id}`, network: 'n', line: text } : { network: 'n', line: text };
}

function attached(): { world: World; network: Network } {
  const world = new World();
  tell(world, { event: 'snapshot' }, { event: 'network', network: 'n', state: 'connected', nick: 'ada' });
  tell(world, line(':ada!u@h JOIN #c'), { event: 'ready', id: 'e:100' });
  return { world, network: world.networks.get('n')! };
}

test('a nick right behind a colour code, or cut by one, is noticed', () => {
  const { network } = attached();
  for (const text of ['\x0304ada\x03: hi', '\x02ada\x02', 'hey \x0312,01ada', 'a\x02da?', '\x04ff0000ada']) {
    const [entry] = historyEntries(network, [{ id: 'e:1', line: `:vera!v@h PRIVMSG #c :${text}` }]);
    assert.equal(entry!.highlight, true, JSON.stringify(text));
  }
  const [other] = historyEntries(network, [{ id: 'e:1', line: ':vera!v@h PRIVMSG #c :\x0304adas' }]);
  assert.equal(other!.highlight, false);
});

test('who called us by an earlier nick called us', () => {
  const { world, network } = attached();
  tell(world, line(':ada!u@h NICK lovelace', true));
  assert.equal(network.nick, 'lovelace');
  const stored = [':v!v@h PRIVMSG #c :ada: hi', ':v!v@h PRIVMSG #c :lovelace: hi', ':v!v@h PRIVMSG #c :eve: hi'];
  const entries = historyEntries(network, stored.map((text, i) => ({ id: `e:${i}`, line: text })));
  assert.deepEqual(entries.map((entry) => entry.highlight), [true, true, false]);
  for (let i = 0; i < 20; i += 1) tell(world, line(`:${network.nick}!u@h NICK n${i}`, true));
  assert.equal(network.formerNicks.length, 8);
});

test('modes of a channel are told to who asked, and to nobody at a join', () => {
  const { world, network } = attached();
  const channel = network.buffers.get('#c')!;
  const rows = (): string[] => [...channel.log.all()].map((entry) => entry.text);
  tell(world, line(':s 324 ada #c +nt'));
  assert.deepEqual(rows(), []);
  ask(network, channel, 'MODE #c', 5000);
  tell(world, line(':s 324 ada #c +nt'), line(':s 329 ada #c 1700000000'), line(':s 324 ada #c +nt'));
  assert.equal(rows().filter((text) => text === 'Modes of #c: +nt').length, 1);
});

test('a connect that fails again and again is one row', () => {
  const { world, network } = attached();
  const fail = { event: 'network', network: 'n', state: 'waiting', trouble: 'refused' };
  for (let i = 0; i < 5; i += 1) tell(world, { event: 'network', network: 'n', state: 'connecting' }, fail);
  tell(world, { event: 'network', network: 'n', state: 'connecting' }, { ...fail, trouble: 'no route' });
  tell(world, { event: 'network', network: 'n', state: 'connected' });
  const rows = [...network.server.log.all()].map((entry) => entry.text);
  assert.deepEqual(rows.slice(-3), ['Not connected; trying again soon. (refused)', 'Not connected; trying again soon. (no route)', 'Connected.']);
});
