import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyToken, defaultIsupport, fold, orderSigns, parseModes } from '../../src/state/isupport';
import { lineTime, parseCtcp, parseLine } from '../../src/state/line';

test('tags, source, command and parameters', () => {
  const line = parseLine('@time=2024-11-02T10:00:00.123Z;msgid=a\\:b\\s\\\\c;+x :nick!user@host.example PRIVMSG #c :hello  there :)\r\n')!;
  assert.equal(line.tags.get('msgid'), 'a;b \\c');
  assert.equal(line.tags.get('+x'), '');
  assert.deepEqual([line.nick, line.user, line.host], ['nick', 'user', 'host.example']);
  assert.equal(line.command, 'PRIVMSG');
  assert.deepEqual(line.params, ['#c', 'hello  there :)']);
  assert.equal(lineTime(line, 0), Date.UTC(2024, 10, 2, 10, 0, 0, 123));
});

test('lines with less, and lines with nothing', () => {
  assert.deepEqual(parseLine('PING')!.params, []);
  assert.deepEqual(parseLine(':irc.example  001   me  :')!.params, ['me', '']);
  assert.equal(parseLine(':irc.example 001 me')!.nick, 'irc.example');
  assert.equal(parseLine('privmsg a b')!.command, 'PRIVMSG');
  for (const bad of ['', ' ', ':only.source', '@only=tags', '@a=b :c']) assert.equal(parseLine(bad), null, JSON.stringify(bad));
});

test('a backslash at the end of a tag is dropped, unknown escapes lose theirs', () => {
  const line = parseLine('@a=x\\;b=\\q\\ PING')!;
  assert.deepEqual([line.tags.get('a'), line.tags.get('b')], ['x', 'q']);
});

test('a time that is none falls back', () => {
  assert.equal(lineTime(parseLine('@time=soon PING')!, 7), 7);
  assert.equal(lineTime(parseLine('PING')!, 7), 7);
});

test('CTCP', () => {
  assert.deepEqual(parseCtcp('\x01ACTION waves a lot\x01'), { command: 'ACTION', text: 'waves a lot' });
  assert.deepEqual(parseCtcp('\x01VERSION\x01'), { command: 'VERSION', text: '' });
  assert.deepEqual(parseCtcp('\x01ACTION cut off'), { command: 'ACTION', text: 'cut off' });
  assert.equal(parseCtcp('plain'), null);
  assert.equal(parseCtcp('\x01'), null);
});

test('casemappings', () => {
  assert.equal(fold('Nick[A]^', 'rfc1459'), 'nick{a}~');
  assert.equal(fold('Nick[A]^', 'rfc1459-strict'), 'nick{a}^');
  assert.equal(fold('Nick[A]^', 'ascii'), 'nick[a]^');
  assert.equal(fold('ÄB', 'ascii'), 'Äb');
});

test('ISUPPORT tokens', () => {
  const support = defaultIsupport();
  for (const token of ['PREFIX=(qaohv)~&@%+', 'CHANTYPES=#', 'CASEMAPPING=ascii', 'CHANMODES=eIbq,k,flj,CF', 'NETWORK=A\\x20Net', 'STATUSMSG=@+', 'ODD']) {
    applyToken(support, token);
  }
  assert.equal(support.prefixSigns, '~&@%+');
  assert.equal(support.networkName, 'A Net');
  assert.equal(orderSigns('+@', support), '@+');
  applyToken(support, 'CASEMAPPING=klingon');
  assert.equal(support.casemapping, 'ascii');
  applyToken(support, 'PREFIX=');
  assert.equal(support.prefixModes, '');
});

test('modes take parameters as CHANMODES and PREFIX say', () => {
  const support = defaultIsupport();
  assert.deepEqual(parseModes(['+ov-l+k-b', 'ann', 'bob', 'key', '*!*@*'], support), [
    { add: true, mode: 'o', param: 'ann' },
    { add: true, mode: 'v', param: 'bob' },
    { add: false, mode: 'l', param: null },
    { add: true, mode: 'k', param: 'key' },
    { add: false, mode: 'b', param: '*!*@*' },
  ]);
  assert.deepEqual(parseModes(['+o'], support), [{ add: true, mode: 'o', param: null }]);
});
