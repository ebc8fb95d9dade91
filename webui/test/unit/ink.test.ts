import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN, toRuns } from '../../src/text/format';
import { contrast, DARK_PAPER, inkDistance, inkOf, LIGHT_PAPER, nickInk, NickInks, READABLE, TOLD_APART } from '../../src/text/ink';

test('contrast is that of WCAG', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.ok(Math.abs(contrast('#ff0000', '#ffffff') - 3.998) < 0.01);
});

test('every pair of mIRC colours can be read, on both themes, reversed or not', () => {
  for (let fg = 0; fg <= 98; fg += 1) {
    for (const reverse of [false, true]) {
      for (let bg = 0; bg <= 98; bg += 1) {
        const found = inkOf({ ...PLAIN, fg, bg, reverse })!;
        assert.ok(contrast(found.css['color']!, found.css['background-color']!) >= READABLE, `${fg},${bg}`);
      }
    }
    const alone = inkOf({ ...PLAIN, fg })!.css;
    assert.ok(contrast(alone['--l']!, LIGHT_PAPER) >= READABLE && contrast(alone['--d']!, DARK_PAPER) >= READABLE, `${fg}`);
    const behind = inkOf({ ...PLAIN, bg: fg })!.css;
    assert.ok(contrast(behind['color']!, behind['background-color']!) >= READABLE, `bg ${fg}`);
  }
});

test('hex colours too; what can be read is left as it is', () => {
  const [run] = toRuns('\x04777777,888888x');
  const { css } = inkOf(run!.style)!;
  assert.ok(contrast(css['color']!, css['background-color']!) >= READABLE);
  const white = inkOf(toRuns('\x0300,04x')[0]!.style)!.css;
  assert.equal(white['color'], '#ffffff');
  assert.match(white['background-color']!, /^#[d-f].0000$/);
  assert.deepEqual(inkOf(toRuns('\x0300,01x')[0]!.style)!.css, { 'background-color': '#000000', color: '#ffffff' });
  assert.equal(inkOf(PLAIN), null);
});

test('nick colours are steady, ignore tails, can be read, and seldom meet', () => {
  assert.deepEqual(nickInk('vera'), nickInk('Vera_'));
  assert.deepEqual(nickInk('___'), nickInk('___'));
  const seen = new Map<string, number>();
  for (let i = 0; i < 300; i += 1) {
    const ink = nickInk(`nick${i * 7}`);
    assert.ok(contrast(ink['--l']!, LIGHT_PAPER) >= READABLE && contrast(ink['--d']!, DARK_PAPER) >= READABLE);
    seen.set(ink['--l']!, (seen.get(ink['--l']!) ?? 0) + 1);
  }
  assert.ok(seen.size > 220, `${seen.size} colours for 300 nicks`);
  const crowd = ['vera', 'tycho', 'kepler', 'caroline', 'messier', 'hypatia', 'edmond', 'annie', 'cecilia', 'galileo', 'jocelyn', 'subra', 'henrietta', 'copernicus'];
  assert.equal(new Set(crowd.map((nick) => nickInk(nick)['--l'])).size, crowd.length);
});

test('whoever talks beside another in one place can be told apart from them, on both themes', () => {
  for (let crowd = 0; crowd < 200; crowd += 1) {
    const inks = new NickInks();
    const given: Record<string, string>[] = [];
    for (let i = 0; i < 12; i += 1) {
      const ink = inks.of(`c${crowd}n${i * 31}`);
      assert.ok(contrast(ink['--l']!, LIGHT_PAPER) >= READABLE && contrast(ink['--d']!, DARK_PAPER) >= READABLE);
      for (const other of given) assert.ok(inkDistance(ink, other) >= TOLD_APART, `${crowd}: ${JSON.stringify([ink, other])}`);
      given.push(ink);
    }
  }
});

test('a colour stays for as long as the page lives; who stands alone has the one they have everywhere', () => {
  const inks = new NickInks();
  const nicks = Array.from({ length: 60 }, (_, i) => `nick${i}`);
  const first = nicks.map((nick) => inks.of(nick));
  assert.deepEqual(nicks.map((nick) => inks.of(`${nick}_`)), first);
  assert.deepEqual(nicks.map((nick) => inks.peek(nick)), first);
  assert.deepEqual(inks.peek('somebody'), nickInk('somebody'));
  assert.deepEqual(first[0], nickInk('nick0'));
  // A crowd that is larger than all that is kept ends somewhere too.
  for (let i = 0; i < 3000; i += 1) inks.of(`many${i}`);
});
