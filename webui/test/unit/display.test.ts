import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEntry } from '../../src/state/entry';
import { describe, summarise } from '../../src/state/rows';
import { hostHint, isolated, mixesAlphabets, showNick, withoutTowers } from '../../src/text/display';

test('invisible letters in a name are spelled out', () => {
  assert.equal(showNick('ada'), 'ada');
  assert.equal(showNick('ad\u200ba'), 'ad‹200B›a');
  assert.equal(showNick('\u202eada'), '‹202E›ada');
  assert.equal(showNick('ada\u3164\u2800\ufe0f'), 'ada‹3164›‹2800›‹FE0F›');
  assert.equal(showNick('vera\u{e0041}'), 'vera‹E0041›');
  assert.equal(showNick('Ångström'), 'Ångström');
  assert.equal(showNick('fam👨‍👩‍👧ily❤️'), 'fam👨‍👩‍👧ily❤️');
});

test('towers of accents are cut down, words with accents are not', () => {
  const zalgo = `a${'\u0301'.repeat(40)}b`;
  assert.equal(withoutTowers(zalgo), `a${'\u0301'.repeat(3)}b`);
  for (const word of ['naïve', 'e\u0302\u0301', 'שָׁלוֹם', 'สวัสดี่', 'क्षेत्र']) assert.equal(withoutTowers(word), word);
  assert.equal(showNick(zalgo).length, 5);
});

test('in sentences a name turns nothing around it', () => {
  assert.equal(isolated('vera'), 'vera');
  const evil = '\u202etxt';
  for (const kind of ['join', 'part', 'quit', 'nick', 'kick', 'topic', 'mode'] as const) {
    const said = describe(makeEntry(kind, evil, 0, { nick: evil, target: evil }));
    assert.ok(!said.includes('\u202e') || kind === 'topic' || kind === 'mode', `${kind}: ${said}`);
    assert.equal(said.split('\u2068').length, said.split('\u2069').length, kind);
  }
  assert.ok(!summarise([makeEntry('join', '', 0, { nick: evil }), makeEntry('join', '', 0, { nick: 'b' })]).includes('\u202e'));
});

test('names of several alphabets are told', () => {
  assert.equal(mixesAlphabets('vеra'), true); // Cyrillic е
  for (const nick of ['vera', 'вера', 'Ångström', '名前', 'βeta'.slice(1)]) assert.equal(mixesAlphabets(nick), false, nick);
});

test('hosts that may be taken for others carry their plain form', () => {
  assert.equal(hostHint('https://аррӏе.com/x'), 'xn--80ak6aa92e.com');
  assert.equal(hostHint('https://pаypal.com'), 'xn--pypal-4ve.com');
  assert.match(hostHint('https://münchen.de') ?? '', /^xn--/);
  assert.equal(hostHint('https://президент.рф/'), null);
  assert.equal(hostHint('https://example.org/ä'), null);
  assert.equal(hostHint('mailto:a@b.org'), null);
  assert.match(hostHint('https://xn--80ak6aa92e.com/') ?? '', /^xn--/);
});
