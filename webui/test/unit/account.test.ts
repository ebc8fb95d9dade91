import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Account, addLine, setLine, type NetworkDraft } from '../../src/app/account';
import { qrCode } from '../../src/text/qr';
import { quote } from '../../src/text/quote';
import { Api } from '../../src/transport/api';
import { FakeEnv, settle } from './fakes';

const DRAFT: NetworkDraft = { name: 'libera', url: 'ircs://irc.libera.chat', nick: 'ada', realname: '', saslHow: 'plain', saslAccount: '', saslPassword: 'left over', join: '#a,#b key' };

test('words of a command survive whatever is in them', () => {
  assert.equal(quote('ircs://irc.libera.chat:6697'), 'ircs://irc.libera.chat:6697');
  assert.equal(quote("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(quote(''), "''");
  assert.equal(addLine(DRAFT), "network add libera ircs://irc.libera.chat nick=ada join='#a,#b key'");
  const sasl = { ...DRAFT, saslAccount: 'ada', saslPassword: 'x y', join: '' };
  assert.equal(setLine(sasl, true), "network set libera url=ircs://irc.libera.chat nick=ada sasl=plain:ada sasl-password='x y'");
  assert.equal(setLine({ ...sasl, saslPassword: '' }, true), 'network set libera url=ircs://irc.libera.chat nick=ada sasl=plain:ada');
  assert.equal(setLine({ ...sasl, saslHow: 'scram' }, true), "network set libera url=ircs://irc.libera.chat nick=ada sasl=scram:ada sasl-password='x y'");
  assert.equal(setLine({ ...sasl, saslHow: 'external' }, false), 'network set libera url=ircs://irc.libera.chat nick=ada sasl=external');
  assert.equal(setLine({ ...DRAFT, join: '' }, true), 'network set libera url=ircs://irc.libera.chat nick=ada sasl=none');
});

test('what is refused is said in the words of the server; odd answers do no harm', async () => {
  const env = new FakeEnv();
  const account = new Account(new Api(env));
  const refused = account.addDevice('phone');
  env.last.answer(200, { status: 1, text: 'a device is called phone already' });
  await assert.rejects(refused, /called phone already/);
  const list = account.logins();
  env.last.answer(200, { status: 0, text: '', json: [{ id: 3, agent: 'x' }, null, 7] });
  assert.deepEqual(await list, [{ id: '3', agent: 'x', address: '', seen: '' }]);
  const shown = account.network('libera');
  assert.deepEqual(env.last.body, { line: 'network show libera' });
  env.last.answer(200, { status: 0, text: '', json: { url: 'ircs://a', nick: 'n', sasl: 'plain:ada' } });
  assert.deepEqual(await shown, { url: 'ircs://a', nick: 'n', realname: '', saslHow: 'plain', saslAccount: 'ada', certificate: '', enabled: true });
  await settle();
});

/** Made once and read by a decoder: whatever changes them must be read by one again. */
const READ: [text: string, size: number, hash: string][] = [
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 14), 21, 'a0d719d3df22ed98'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 26), 25, '3f5474d7f99dcd59'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 40), 29, '2bf214cb98b9d290'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 62), 33, 'de721798af6a06f2'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 84), 37, 'd88b4a89feef66e6'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 106), 41, '3691a17384a10964'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 122), 45, 'b9cb1c361eced450'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 152), 49, '70207dcea9541618'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 180), 53, 'b7da2e3b501bae88'],
  ['ircs://ada:halley_abcDEF@irc.example.org:6697/'.repeat(6).slice(0, 213), 57, '7ddb5b0f2cb5bbaf'],
];

test('QR codes: those that a decoder has read, in every version; what is too long is none', () => {
  const made = READ.map(([text]) => {
    const grid = qrCode(text)!;
    return [text, grid.length, createHash('sha256').update(grid.map((row) => row.map(Number).join('')).join()).digest('hex').slice(0, 16)];
  });
  assert.deepEqual(made, READ);
  assert.equal(qrCode('x'.repeat(214)), null);
});
