import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportTalk, fileNameOf, textOf } from '../../src/app/export';
import { makeEntry } from '../../src/state/entry';
import { Changes, ensureBuffer } from '../../src/state/world';
import type { Api, HistoryPlace } from '../../src/transport/api';
import { Scene } from './fold_scene';

const { network } = new Scene().attach();
const buffer = ensureBuffer(network, '#c/d', new Changes());
const STORED = Array.from({ length: 1203 }, (_, i) => ({ id: `e:${i + 1}`, network: 'n', line: `@time=2026-05-01T12:00:00.000Z :vera!v@h PRIVMSG #c/d :line ${i + 1}`, called: false }));

/** A history whose pages are as long as was asked for. */
function apiOf(asked: (string | null)[], lines = STORED): Api {
  return {
    history: (_network: string, _target: string, place: HistoryPlace | null, limit: number) => {
      asked.push(place?.id ?? null);
      const end = place === null ? lines.length : lines.findIndex(({ id }) => id === place.id);
      const from = Math.max(0, end - limit);
      return Promise.resolve({ lines: lines.slice(from, end), more: from > 0 });
    },
  } as unknown as Api;
}

test('all of a talk is read, oldest first, as text and as lines of IRC', async () => {
  const asked: (string | null)[] = [];
  const counts: number[] = [];
  const found = await exportTalk(apiOf(asked), network, buffer, 'irc', (lines) => counts.push(lines) > 0);
  assert.deepEqual(found?.parts.join('').trimEnd().split('\n'), STORED.map(({ line }) => line));
  assert.deepEqual([found?.lines, found?.cut], [1203, false]);
  assert.deepEqual(asked, [null, 'e:704', 'e:204']);
  assert.deepEqual(counts, [500, 1000, 1203]);
  const text = await exportTalk(apiOf([]), network, buffer, 'text', () => true);
  assert.match(text!.parts.join(''), /^2026-05-01 \d\d:00:00 <vera> line 1\n[^]* <vera> line 1203\n$/);
});

test('who gives up gets nothing, and nothing more is asked; an empty talk is an empty file', async () => {
  const asked: (string | null)[] = [];
  assert.equal(await exportTalk(apiOf(asked), network, buffer, 'irc', () => false), null);
  assert.equal(asked.length, 1);
  assert.deepEqual(await exportTalk(apiOf([], []), network, buffer, 'text', () => true), { parts: [], lines: 0, cut: false });
});

test('a line of text is plain, whatever it holds; the file’s name is one on any disk', () => {
  const time = Date.UTC(2026, 4, 1, 12);
  assert.match(textOf(makeEntry('action', '\x02waves\x02', time, { nick: 've\u202era' })), / \* ve‹202E›ra waves$/);
  assert.match(textOf(makeEntry('quit', '\x0304bye', time, { nick: 'vera' })), / vera left the network \(bye\)$/);
  assert.match(textOf(makeEntry('notice', 'x', 0, { nick: 'vera' })), /^-{19} -vera- x$/);
  assert.equal(fileNameOf(buffer), 'n-#c_d.txt');
});
