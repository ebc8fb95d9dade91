import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCompletion, startCompletion, type Sources } from '../../src/state/complete';
import type { Action, InputContext } from '../../src/state/actions';
import { parseInput } from '../../src/state/input';

const CHANNEL: InputContext = { kind: 'channel', target: '#c', joined: true, nick: 'me', chantypes: '#', statusSigns: '@+', limits: { modes: 3, topic: 20, kick: 0, away: 0, nick: 9 }, multiline: false };
const QUERY: InputContext = { ...CHANNEL, kind: 'query', target: 'vera', joined: false };
const SERVER: InputContext = { ...CHANNEL, kind: 'server', target: 'libera', joined: false };

function actions(text: string, context = CHANNEL): Action[] {
  const parsed = parseInput(text, context);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.actions;
}

function lines(text: string, context = CHANNEL): string[] {
  return actions(text, context).flatMap((action) => (action.type === 'send' ? [action.line] : []));
}

function refusal(text: string, context = CHANNEL): string {
  const parsed = parseInput(text, context);
  assert.ok(!parsed.ok, text);
  return parsed.error;
}

test('plain text, a leading slash said twice, and actions', () => {
  assert.deepEqual(lines('hello :there'), ['PRIVMSG #c :hello :there']);
  assert.deepEqual(lines('//etc/passwd'), ['PRIVMSG #c :/etc/passwd']);
  assert.deepEqual(lines('/ is a slash'), ['PRIVMSG #c :/ is a slash']);
  assert.deepEqual(lines('/me waves'), ['PRIVMSG #c :\x01ACTION waves\x01']);
  assert.deepEqual(lines('hi', QUERY), ['PRIVMSG vera :hi']);
  const [action] = actions('/me waves');
  assert.ok(action?.type === 'send');
  assert.deepEqual(action.echo, { target: '#c', audience: '', kind: 'action', text: 'waves' });
});

test('several lines behind a command are several messages, and only the first may command', () => {
  assert.deepEqual(lines('/me a\r\n\n  \nb\n/join #d'), ['PRIVMSG #c :\x01ACTION a\x01', 'PRIVMSG #c :b', 'PRIVMSG #c :/join #d']);
  assert.match(refusal(Array(40).fill('x').join('\n')), /40 lines/);
});

test('joining and leaving', () => {
  assert.deepEqual(lines('/join #d'), ['JOIN #d']);
  assert.deepEqual(lines('/j d,#e key', SERVER), ['JOIN #d,#e key']);
  assert.deepEqual(lines('/join'), ['JOIN #c']);
  assert.match(refusal('/join', SERVER), /Which channel/);
  assert.deepEqual(lines('/part'), ['PART #c']);
  assert.deepEqual(lines('/part #d so long'), ['PART #d :so long']);
  assert.deepEqual(lines('/part bye now'), ['PART #c :bye now']);
  assert.deepEqual(actions('/part', { ...CHANNEL, joined: false }), [{ type: 'close' }]);
  assert.deepEqual(actions('/close', QUERY), [{ type: 'close' }]);
});

test('talking to people', () => {
  assert.deepEqual(actions('/msg vera hi there'), [
    { type: 'open', target: 'vera' },
    { type: 'send', line: 'PRIVMSG vera :hi there', echo: { target: 'vera', audience: '', kind: 'message', text: 'hi there' } },
  ]);
  assert.deepEqual(lines('/msg #d hi'), ['PRIVMSG #d :hi']);
  assert.deepEqual(actions('/query vera'), [{ type: 'open', target: 'vera' }]);
  assert.match(refusal('/msg vera'), /Whom, and what/);
  assert.deepEqual(lines('/notice vera psst'), ['NOTICE vera :psst']);
});

test('topic, nick, whois, names, mode, kick, raw', () => {
  assert.deepEqual(lines('/topic'), ['TOPIC #c']);
  assert.deepEqual(lines('/topic new topic'), ['TOPIC #c :new topic']);
  assert.deepEqual(lines('/topic #d other'), ['TOPIC #d :other']);
  assert.deepEqual(lines('/nick vera_'), ['NICK vera_']);
  assert.deepEqual(lines('/whois vera'), ['WHOIS vera vera']);
  assert.deepEqual(lines('/whois', QUERY), ['WHOIS vera vera']);
  assert.deepEqual(actions('/names'), [{ type: 'names', target: '#c' }, { type: 'send', line: 'NAMES #c' }]);
  assert.deepEqual(lines('/mode +o vera'), ['MODE #c +o vera']);
  assert.deepEqual(lines('/mode #d +m'), ['MODE #d +m']);
  assert.deepEqual(lines('/kick vera Enough.'), ['KICK #c vera :Enough.']);
  assert.deepEqual(lines('/raw VERSION irc.example'), ['VERSION irc.example']);
  assert.deepEqual(lines('/QUOTE PING x'), ['PING x']);
});

test('what cannot be done is said', () => {
  assert.match(refusal('/frobnicate now'), /no command \/frobnicate/);
  assert.match(refusal('/quit'), /stays on IRC/);
  assert.match(refusal('hello', SERVER), /network’s own page/);
  assert.match(refusal('hello', { ...CHANNEL, joined: false }), /not in #c/);
  assert.match(refusal('/topic x', SERVER), /needs a channel/);
});

test('nothing typed can smuggle a second line', () => {
  for (const line of [...lines('/msg vera a\rJOIN #evil'), ...lines('/raw A\nB')]) assert.doesNotMatch(line, /[\r\n]/);
});

const SOURCES: Sources = { nicks: ['vera', 'Vesper', 'tycho'], channels: ['#halley', '#cpp'], commands: ['join', 'me', 'msg'] };

test('completion of nicks goes round, with a colon at the start only', () => {
  const first = startCompletion('ve', 2, SOURCES)!;
  assert.deepEqual([first.text, first.caret], ['vera: ', 6]);
  const second = nextCompletion(first.cycle, 1);
  assert.equal(second.text, 'Vesper: ');
  assert.equal(nextCompletion(second.cycle, 1).text, 'vera: ');
  assert.equal(nextCompletion(first.cycle, -1).text, 'Vesper: ');
  const middle = startCompletion('hello ve and more', 8, SOURCES)!;
  assert.deepEqual([middle.text, middle.caret], ['hello vera and more', 11]);
});

test('completion of channels and commands', () => {
  assert.equal(startCompletion('see #h', 6, SOURCES)!.text, 'see #halley ');
  assert.equal(startCompletion('/m', 2, SOURCES)!.text, '/me ');
  assert.equal(startCompletion('@ty', 3, SOURCES)!.text, 'tycho: ');
  assert.equal(startCompletion('', 0, SOURCES), null);
  assert.equal(startCompletion('zzz', 3, SOURCES), null);
});

test('what is for the operators of a channel alone goes to its page, and says so', () => {
  for (const text of ['/msg @#c psst', '/notice +#c psst']) {
    const all = actions(text);
    assert.equal(all.length, 1, 'no page opens');
    const [action] = all;
    assert.ok(action?.type === 'send' && action.echo !== undefined);
    assert.equal(action.echo.target, '#c');
    assert.equal(action.echo.audience, text.includes('@') ? '@' : '+');
  }
  assert.deepEqual(lines('/msg @#c psst'), ['PRIVMSG @#c :psst']);
  assert.match(refusal('/query @#c'), /With whom/);
  assert.deepEqual(actions('/msg @nick hi')[0], { type: 'open', target: '@nick' });
});

test('what people know of other clients: quiet, version, and words for servers', () => {
  assert.deepEqual(lines('/quiet vera'), ['MODE #c +q vera!*@*']);
  assert.deepEqual(lines('/quiet'), ['MODE #c q']);
  assert.deepEqual(lines('/unquiet #d vera'), ['MODE #d -q vera!*@*']);
  assert.deepEqual(lines('/version vera'), ['PRIVMSG vera :\x01VERSION\x01']);
  assert.deepEqual(lines('/version', SERVER), ['VERSION']);
  assert.deepEqual(lines('/lusers'), ['LUSERS']);
  assert.deepEqual(lines('/STATS u irc.example.org'), ['STATS u irc.example.org']);
  assert.deepEqual(lines('/wallops going down at eight'), ['WALLOPS :going down at eight']);
  assert.deepEqual(lines('/kill spammer no more'), ['KILL spammer :no more']);
  assert.match(refusal('/constructor'), /no command/);
});
