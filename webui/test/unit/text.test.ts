import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendedColour, stripFormat, toRuns } from '../../src/text/format';
import { findLinks } from '../../src/text/links';
import { toNodes } from '../../src/text/nodes';
import { splitText } from '../../src/text/split';
import { dayName } from '../../src/text/time';

function hrefs(text: string): string[] {
  return findLinks(text).map((found) => found.href);
}

test('plain text is one run without a style', () => {
  const runs = toRuns('hello');
  assert.equal(runs.length, 1);
  assert.equal(runs[0]!.style.bold, false);
});

test('toggles, nesting and reset', () => {
  const runs = toRuns('a\x02b\x1dc\x02d\x0fe\x1f\x1e\x11\x16f');
  assert.deepEqual(runs.map((run) => run.text), ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.deepEqual(runs.map((run) => run.style.bold), [false, true, true, false, false, false]);
  assert.deepEqual(runs.map((run) => run.style.italic), [false, false, true, true, false, false]);
  const last = runs[5]!.style;
  assert.deepEqual([last.underline, last.strike, last.mono, last.reverse], [true, true, true, true]);
});

test('colours: one or two digits, with and without a second, and what follows them', () => {
  const runs = toRuns('\x034red\x0312,01blue\x03\x0399plain\x0305,x\x031,123');
  assert.deepEqual(
    runs.map((run) => [run.text, run.style.fg, run.style.bg]),
    [
      ['red', 4, null],
      ['blue', 12, 1],
      ['plain', null, null],
      [',x', 5, null],
      ['3', 1, 12],
    ],
  );
});

test('hex colours', () => {
  const runs = toRuns('\x04ff8800,000000x\x04y\x04zz');
  assert.deepEqual(
    runs.map((run) => [run.text, run.style.fg, run.style.bg]),
    [
      ['x', '#ff8800', '#000000'],
      ['y', null, null],
      ['zz', null, null],
    ],
  );
});

test('the table of extended colours', () => {
  assert.equal(extendedColour(16), '#470000');
  assert.equal(extendedColour(52), '#ff0000');
  assert.equal(extendedColour(88), '#000000');
  assert.equal(extendedColour(98), '#ffffff');
});

test('stripping leaves the words', () => {
  assert.equal(stripFormat('\x02a\x0304,05b\x0f c'), 'ab c');
  assert.equal(stripFormat('3,4'), '3,4');
});

test('links end where the sentence goes on', () => {
  assert.deepEqual(hrefs('see https://a.example/x?y=1#z.'), ['https://a.example/x?y=1#z']);
  assert.deepEqual(hrefs('(https://a.example/b)'), ['https://a.example/b']);
  assert.deepEqual(hrefs('https://en.example/wiki/Halley_(comet)!'), ['https://en.example/wiki/Halley_(comet)']);
  assert.deepEqual(hrefs('"http://a.example", <https://b.example/>'), ['http://a.example', 'https://b.example/']);
  assert.deepEqual(hrefs('www.a.example/b'), ['https://www.a.example/b']);
  assert.deepEqual(hrefs('HTTPS://A.example'), ['HTTPS://A.example']);
});

test('what is no link stays text', () => {
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'https://', 'http:// x', 'a.example', 'xhttps//']) {
    assert.deepEqual(hrefs(text), [], text);
  }
});

test('channels are found, numbers and fragments are not', () => {
  assert.deepEqual(hrefs('join #halley, or (#c++)!'), ['#halley', '#c++']);
  assert.deepEqual(hrefs('issue #123 and a#b and https://a.example/#frag'), ['https://a.example/#frag']);
  assert.deepEqual(hrefs('come to ##physics, or ##'), ['##physics']);
});

test('nodes keep the style inside a link', () => {
  const nodes = toNodes('x https://a.ex\x02ample/\x02 y');
  assert.deepEqual(nodes.map((node) => node.type), ['text', 'link', 'text']);
  const link = nodes[1]!;
  assert.ok(link.type === 'link');
  assert.equal(link.href, 'https://a.example/');
  assert.deepEqual(link.parts.map((part) => [part.text, part.style.bold]), [['https://a.ex', false], ['ample/', true]]);
});

test('nodes lose no character', () => {
  const text = 'a \x0304b\x03 https://x.example/(y) #chan: www.z.example… (see #d).';
  const joined = toNodes(text)
    .map((node) => (node.type === 'text' ? node.text : node.parts.map((part) => part.text).join('')))
    .join('');
  assert.equal(joined, stripFormat(text));
});

test('long text is cut between words, within the bytes of a line, losing none', () => {
  const text = Array.from({ length: 300 }, (_, i) => `wörd${i}`).join(' ');
  const parts = splitText(text, '#channel', 'nick', false);
  assert.ok(parts.length > 3);
  assert.equal(parts.join(' '), text);
  const size = (line: string): number => new TextEncoder().encode(line).length;
  for (const part of parts) assert.ok(size(`:nick!0123456789@${'h'.repeat(63)} PRIVMSG #channel :${part}\r\n`) <= 512);
  const emoji = splitText('🌠'.repeat(400), '#c', 'n', true);
  assert.equal(emoji.join(''), '🌠'.repeat(400));
  assert.deepEqual(splitText('short', '#c', 'n', false), ['short']);
});

test('names of days', () => {
  const now = new Date(2024, 10, 2, 0, 30).getTime();
  assert.equal(dayName(now - 60_000, now), 'Today');
  assert.equal(dayName(now - 3_600_000, now), 'Yesterday');
  assert.match(dayName(new Date(2021, 0, 5).getTime(), now), /2021/);
});
