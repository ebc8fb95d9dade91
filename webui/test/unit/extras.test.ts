import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEntry, type Entry, type EntryKind } from '../../src/state/entry';
import { escapeTag, Extras, MOST_KINDS, MOST_LINES, noteExtra, tag } from '../../src/state/extras';
import { applyFrame, historyEntries, noteExtras } from '../../src/state/fold';
import { Folder, type Folding } from '../../src/state/folding';
import { parseLine } from '../../src/state/line';
import { Log } from '../../src/state/log';
import { layRows } from '../../src/state/rows';
import { Changes, ensureBuffer, ensureNetwork, World } from '../../src/state/world';
import { planFolded } from '../../src/views/plan';
import { countQuiet, rowsOf, Shown } from '../../src/views/shown';

const MINUTE = 60_000;

function scene() {
  const world = new World();
  const network = ensureNetwork(world, 'n', new Changes());
  network.nick = 'me';
  const buffer = ensureBuffer(network, '#c', new Changes());
  let id = 0;
  const told = (line: string, now = 1000): Changes => {
    const changes = new Changes();
    id += 1;
    applyFrame(world, { kind: 'line', id: /PRIVMSG/.test(line) ? `e:${id}` : null, prev: null, network: 'n', line }, now, changes);
    return changes;
  };
  return { world, network, buffer, told };
}

test('answers, reactions and what was taken back belong to the line they name', () => {
  const { buffer, told } = scene();
  told('@msgid=a :vera!v@h PRIVMSG #c :first');
  told('@msgid=b;+draft/reply=a :tycho!t@h PRIVMSG #c :second');
  const before = buffer.log.named('a');
  assert.equal(buffer.log.named('b')?.reply, 'a');
  assert.ok(told('@+draft/react=👍;+draft/reply=a :tycho!t@h TAGMSG #c').logs.has(buffer));
  assert.notEqual(buffer.log.named('a'), before, 'its row is drawn again');
  told('@+react=👍;+reply=a :me!m@h TAGMSG #c');
  assert.deepEqual([...buffer.extras.reactions.get('a')!.get('👍')!], ['tycho', 'me']);
  told('@+draft/unreact=👍;+reply=a :me!m@h TAGMSG #c');
  assert.deepEqual([...buffer.extras.reactions.get('a')!.get('👍')!], ['tycho']);
  told(':op!o@h REDACT #c b :spam');
  assert.deepEqual(buffer.extras.redacted.get('b'), { by: 'op', why: 'spam' });
});

test('the same from history, for lines of any page', () => {
  const { network, buffer } = scene();
  const lines = ['@msgid=a :vera!v@h PRIVMSG #c :TAGMSG', '@+react=❤️;+reply=a :x!x@h TAGMSG #c', ':op!o@h REDACT #c z'].map((line, at) => ({ id: `e:${at}`, line }));
  noteExtras(buffer, lines);
  assert.equal(historyEntries(network, lines).length, 1);
  assert.ok(buffer.extras.reactions.get('a')!.has('❤️'));
  assert.ok(buffer.extras.redacted.has('z'));
});

test('who types is known for some seconds, until they say it', () => {
  const { buffer, told } = scene();
  assert.ok(told('@+typing=active :vera!v@h TAGMSG #c', 1000).typing);
  assert.deepEqual(buffer.extras.typingAt(6000), ['vera']);
  assert.deepEqual(buffer.extras.typingAt(8000), []);
  told('@+typing=active :vera!v@h TAGMSG #c', 9000);
  assert.ok(told(':vera!v@h PRIVMSG #c :there', 9500).typing);
  assert.deepEqual(buffer.extras.typingAt(9600), []);
  told('@+typing=active :me!m@h TAGMSG #c', 9000);
  assert.deepEqual(buffer.extras.typingAt(9600), []);
  assert.equal(told('@+typing=active :stranger!s@h TAGMSG me').list, false, 'no page opens for it');
});

test('what strangers can make many or long is bounded', () => {
  const extras = new Extras();
  for (let i = 0; i < 2 * MOST_LINES; i += 1) extras.react(`m${i}`, 'x', '👍');
  assert.equal(extras.reactions.size, MOST_LINES);
  for (let i = 0; i < 100; i += 1) extras.react('one', 'x', `r${i}`);
  assert.equal(extras.reactions.get('one')!.size, MOST_KINDS);
  assert.ok(!extras.react('one', 'x', 'y'.repeat(100)));
  for (let i = 0; i < 1000; i += 1) extras.types(`n${i}`, 'active', 0);
  assert.ok(extras.typingAt(1).length <= 20);
  assert.equal(noteExtra(extras, parseLine(':x!x@h TAGMSG #c')!), '');
});

test('a tag’s value comes back as it was', () => {
  const value = 'a;b c\\d\n';
  assert.equal(tag(parseLine(`@+reply=${escapeTag(value)} PING x`)!, 'reply'), value);
});

let keys = 0;

function entry(kind: EntryKind, nick: string, minutes: number, more: Partial<Entry> = {}): Entry {
  keys += 1;
  return makeEntry(kind, 'x', 1e12 + minutes * MINUTE, { nick, key: `e:${keys}`, id: `e:${keys}`, ...more });
}

function shown(folding: Folding, entries: Entry[]): string[] {
  const folder = new Folder(folding);
  return entries.filter((each) => folder.shows(each)).map((each) => `${each.kind} ${each.nick}`);
}

test('only those who spoke a while before come and go in sight; modes and own ways always do', () => {
  const entries = [
    entry('join', 'lurker', 0), entry('message', 'vera', 1), entry('quit', 'lurker', 2), entry('nick', 'vera', 3, { target: 'vera_' }), entry('quit', 'vera_', 4),
    entry('mode', 'op', 5), entry('join', 'me', 6, { own: true }), entry('join', 'vera', 90),
  ];
  assert.equal(shown('all', entries).length, entries.length);
  assert.deepEqual(shown('spoke', entries), ['message vera', 'nick vera', 'quit vera_', 'mode op', 'join me']);
  assert.deepEqual(shown('none', entries), ['message vera', 'mode op']);
});

test('what is left out leaves no gaps, and is not counted on to fill the screen', () => {
  const log = new Log();
  for (let i = 0; i < 640; i += 1) log.append(i % 64 === 0 ? entry('message', 'vera', i) : entry('quit', `n${i}`, i));
  const view = new Shown();
  while (view.up(log));
  const rows = planFolded(log, view.chunks(log), null, 'none').flatMap((plan) => layRows(plan.entries, plan.before, null));
  assert.deepEqual(rows.filter((row) => row.type !== 'day').map((row) => row.type), Array(10).fill('talk'));
  countQuiet('none');
  assert.equal(log.chunks.reduce((sum, chunk) => sum + rowsOf(chunk), 0), 10);
  countQuiet('all');
  assert.equal(log.chunks.reduce((sum, chunk) => sum + rowsOf(chunk), 0), 20);
});
