// Real reverse proxies between clients and Halley: with the settings of docs/proxies every transport gets through; with the worst
// ones each loses nothing and doubles nothing, or falls back to a poll that does.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';

import { login } from './lib/events.mjs';
import { Follower, logBehind } from './lib/follower.mjs';
import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { ircds } from './lib/ircds.mjs';
import { Browser } from './lib/page.mjs';
import { bad, good, tunnel, tunnels } from './lib/proxies.mjs';
import { CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene, scenes } from './lib/stage.mjs';
import { TRANSPORTS } from './lib/transports.mjs';

const TRUST = '\n[http]\ntrusted_proxies = ["127.0.0.1"]\n';

async function begin(stage, startProxy) {
  const { speaker, halley } = await raise(stage, ircds.ngircd, { extra: TRUST });
  const base = await startProxy(stage, halley);
  const { cookie, ...refused } = await login(base, 'kit', PASSWORD);
  assert.ok(cookie, JSON.stringify(refused));
  const after = (await (await fetch(`${base}/api/me`, { headers: { cookie } })).json()).head;
  const follow = (transport, options) => new Follower(stage, transport, {
    base, headers: { cookie, 'accept-encoding': 'gzip' }, after, ladder: [transport, 'poll'], ...options,
  });
  return { speaker, halley, base, cookie, after, follow };
}

// Logs in from another address of this machine.
async function loginFrom(localAddress, base) {
  const headers = { 'content-type': 'application/json', origin: base };
  const request = http.request(`${base}/api/login`, { method: 'POST', localAddress, headers, agent: false });
  request.end(JSON.stringify({ username: 'kit', password: PASSWORD }));
  const answer = await new Promise((resolve, reject) => { request.on('response', resolve).on('error', reject); });
  answer.resume();
  return { status: answer.statusCode, cookie: answer.headers['set-cookie']?.[0].split(';')[0] };
}

async function talk(speaker, followers, words) {
  for (const word of words) for (let number = 1; number <= 30; number++) speaker.send(`PRIVMSG ${CHANNEL} :${word} ${number}.`);
  const last = new RegExp(`:${words.at(-1)} 30\\.`);
  await Promise.all(followers.map((follower) => follower.until(last)));
}

async function assertAllHeard({ halley, cookie, after }, followers) {
  const logged = await logBehind(halley.origin, cookie, 'real', CHANNEL, after);
  for (const [index, follower] of followers.entries()) {
    follower.assertWhole(TRANSPORTS[index]);
    const heard = follower.events().filter(({ line }) => line.includes(` PRIVMSG ${CHANNEL} `)).map(({ id }) => id);
    assert.deepEqual(heard, logged.filter(({ line }) => line.includes(' PRIVMSG ')).map(({ id }) => id), TRANSPORTS[index]);
  }
}

async function getsThrough(stage, start) {
  const act = await begin(stage, start);
  const followers = TRANSPORTS.map((transport) => act.follow(transport));
  await talk(act.speaker, followers, ['one']);
  await talk(act.speaker, followers, ['two', 'three']);
  await assertAllHeard(act, followers);
  for (const [index, follower] of followers.entries()) assert.deepEqual([...follower.transports()], [TRANSPORTS[index]]);
  await act.halley.stop();
}

async function losesNothing(stage, start, name) {
  const act = await begin(stage, start);
  const followers = TRANSPORTS.map((transport) => act.follow(transport, { firstWord: 2500 }));
  await talk(act.speaker, followers, ['one']);
  // In the quiet that follows the proxy drops what is silent.
  await Promise.all(followers.map((follower) => follower.until(/^lost /)));
  await talk(act.speaker, followers, ['two']);
  await assertAllHeard(act, followers);
  // The oracle would see nothing if the settings kept nothing back.
  if (name === 'nginx') for (const follower of followers) assert.ok(follower.transports().has('poll'));
  await act.halley.stop();
}

async function knowsWhoSpeaks(stage, start) {
  const { speaker, halley } = await raise(stage, ircds.ngircd, { extra: TRUST });
  const base = await start(stage, halley);
  const { status, cookie } = await loginFrom('127.0.0.5', base);
  assert.equal(status, 204);
  const sessions = await halley.must(['session', 'list', 'kit', '--json']);
  assert.match(sessions.stdout, /127\.0\.0\.5/);
  const follower = new Follower(stage, 'websocket', { base, headers: { cookie }, ladder: ['websocket'] });
  await follower.until(/"event":"ready"/);
  speaker.send(`PRIVMSG ${CHANNEL} :through the tunnel`);
  await follower.until(/through the tunnel/);
  await halley.stop();
}

// The table of requests that are malformed or hide another one; a character is a byte, <TEXT*N> is TEXT, N times.
async function malformed() {
  const rows = JSON.parse(await readFile(new URL('../requests/malformed.json', import.meta.url), 'utf8'));
  return rows.map(({ name, bytes }) => [name, Buffer.from(bytes.replace(/<([^<>]*)\*(\d+)>/, (_, text, times) => text.repeat(Number(times))), 'latin1')]);
}

// All that comes until the proxy closes. Nothing more is said behind the bytes, so that it waits for no rest of a request.
function answerTo(port, bytes) {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes));
    socket.setEncoding('latin1');
    socket.on('data', (more) => { text += more; }).on('error', () => {}).on('close', () => resolve(text));
  });
}

// Whatever a proxy passes on or refuses: the next one who comes gets the answer to their own question.
async function desyncsNobody(stage, start) {
  const halley = await (await Halley.prepare(stage, { extra: TRUST })).serve();
  const base = await start(stage, halley);
  const { port } = new URL(base);
  const rows = await malformed();
  while (rows.length > 0) {
    const some = rows.splice(0, 25);
    const answers = await Promise.all(some.map(([, bytes]) => answerTo(port, bytes)));
    for (const [index, [name]] of some.entries()) assert.match(answers[index], /^(HTTP\/1\.[01] [1245]|$|[^H])/, name);
    for (let time = 0; time < 5; time++) {
      const next = await fetch(`${base}/healthz`);
      assert.equal(next.status, 200, `behind "${some[0][0]}" and what follows it`);
      assert.match(await next.text(), /^ok/);
    }
  }
  await halley.stop();
}

// An IRC client behind a proxy that says who speaks: the log has the client's own address.
async function knowsWhichClient(stage, send) {
  const { halley } = await raise(stage, ircds.ngircd, { extra: TRUST });
  const port = await tunnel(stage, halley.ircPort, send);
  const client = await IrcClient.connect(stage, 'client', port, { localAddress: '127.0.0.6' });
  await client.register('kit', { password: `kit/real:${PASSWORD}` });
  await halley.child.said.until(/login of kit from 127\.0\.0\.6 by password/);
  await halley.stop();
}

const of = (proxies, play) => Object.entries(proxies).map(([name, start]) => [name, (stage) => play(stage, start, name)]);

scenes('with the settings of docs/proxies every transport gets through', of(good, getsThrough));
scenes('with the worst settings nothing is lost, and nothing comes twice', of(bad, losesNothing));
scenes('behind a proxy no malformed or smuggling request takes somebody else\'s answer', of(good, desyncsNobody));
scenes('by the PROXY protocol Halley knows who speaks', of(tunnels, knowsWhoSpeaks));

scenes('by the PROXY protocol Halley knows which IRC client speaks',
  ['send-proxy', 'send-proxy-v2'].map((send) => [send, (stage) => knowsWhichClient(stage, send)]));

scene('the page works under a path, behind a proxy that keeps streams back', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd, { extra: TRUST });
  const base = await bad.nginx(stage, halley);
  const browser = await Browser.open(stage);
  const page = await browser.visit(`${base}/`);
  await page.login('kit', PASSWORD);
  await page.open(CHANNEL);
  speaker.send(`PRIVMSG ${CHANNEL} :through all that`);
  await page.untilText('through all that');
  await page.say('and back');
  await speaker.until(/PRIVMSG #comet :and back/);
  await halley.stop();
});
