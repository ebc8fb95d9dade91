// The HTTP interface of the finished program: programs follow the log over each transport, browsers are let in, the rest is refused.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

import { command, Events, login } from './lib/events.mjs';
import { Halley } from './lib/halley.mjs';
import { ircds } from './lib/ircds.mjs';
import { CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { framesOf, TRANSPORTS } from './lib/transports.mjs';

async function raiseAndLogIn(stage) {
  const raised = await raise(stage, ircds.ngircd);
  const { origin } = raised.halley;
  return { ...raised, origin, cookie: (await login(origin, 'kit', PASSWORD)).cookie };
}

// Bytes to the HTTP port as they are; all that comes back until it closes.
async function raw(port, bytes) {
  const socket = net.connect(port, '127.0.0.1');
  socket.end(bytes);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => { answer += text; }).on('error', () => {});
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
}

function get(url, headers = {}) {
  return new Promise((resolve, reject) => {
    http.get(url, { headers }, (answer) => answer.resume().on('end', () => resolve(answer))).on('error', reject);
  });
}

for (const transport of ['ndjson', 'sse', 'poll']) {
  scene(`${transport}: a program that was away gets exactly what it missed, also after a kill`, {}, async (stage) => {
    const { speaker, halley, origin, cookie } = await raiseAndLogIn(stage);
    const first = new Events(stage, 'first', { origin, cookie, transport });
    await first.frames.until(/"event":"snapshot"/);
    await first.frames.until(/"event":"ready"/);
    speaker.send(`PRIVMSG ${CHANNEL} :one`);
    await first.frames.until(/PRIVMSG #comet :one/);
    await first.close();

    for (const word of ['two', 'three']) speaker.send(`PRIVMSG ${CHANNEL} :${word}`);
    const second = new Events(stage, 'second', { origin, cookie, transport, after: first.after });
    await second.frames.until(/PRIVMSG #comet :three/);
    assert.deepEqual(second.said(), ['two', 'three']);
    assert.equal(second.frames.matching(/"event":"(snapshot|reset)"/).length, 0, 'the cursor was known');
    await halley.kill9();
    await second.close();

    const before = speaker.said.lines.length;
    await halley.serve();
    await speaker.until(/^:kit!\S+ JOIN/, { from: before });
    speaker.send(`PRIVMSG ${CHANNEL} :four`);
    const third = new Events(stage, 'third', { origin, cookie, transport, after: second.after });
    await third.frames.until(/PRIVMSG #comet :four/);
    assert.deepEqual(third.said(), ['four'], 'the login and the cursor outlive the kill');
    await third.close();
    await halley.stop();
  });
}

// A way from each transport to each other one: 20 changes.
const CHANGES = [TRANSPORTS[0], ...[1, 2, 3, 4].flatMap((step) => TRANSPORTS.map((_, index) => TRANSPORTS[(step * (index + 1)) % TRANSPORTS.length]))];

scene('a client changes from any transport to any other in mid-sentence', {}, async (stage) => {
  const { speaker, halley, origin, cookie } = await raiseAndLogIn(stage);
  let after = (await (await fetch(`${origin}/api/me`, { headers: { cookie } })).json()).head;
  const heard = [];
  let said = 0;
  for (const transport of CHANGES) {
    for (let end = said + 3; said < end;) speaker.send(`PRIVMSG ${CHANNEL} :word ${++said}.`);
    // One of the three is left to whatever comes next. A poll is asked again until it has brought the others.
    const last = `word ${said - 1}.`;
    while (heard.at(-1) !== last) {
      const cut = new AbortController();
      for await (const frame of framesOf(transport, origin, { headers: { cookie }, after, signal: cut.signal })) {
        assert.ok(!['reset', 'snapshot'].includes(frame.event), 'the cursor is known');
        if (!frame.line || !frame.id) continue;
        assert.equal(frame.prev, after, `${transport}: each event is behind the one before it`);
        after = frame.id;
        heard.push(...frame.line.match(/(?<= PRIVMSG #comet :)word \d+\.$/) ?? []);
        if (heard.at(-1) === last) break;
      }
      cut.abort();
    }
  }
  assert.equal(new Set(CHANGES.slice(1).map((to, index) => `${CHANGES[index]} ${to}`)).size, 20);
  assert.deepEqual(heard, Array.from({ length: said - 1 }, (_, index) => `word ${index + 1}.`));
  await halley.stop();
});

scene('a command goes out once, however often it is sent', {}, async (stage) => {
  const { speaker, halley, origin, cookie } = await raiseAndLogIn(stage);
  const body = { client: 'c1', seq: 1, network: 'real', line: `PRIVMSG ${CHANNEL} :just once` };
  const [first, again] = [await command(origin, cookie, body), await command(origin, cookie, body)];
  assert.deepEqual([first.status, again.status], [200, 200]);
  assert.deepEqual(await first.json(), await again.json());
  const hole = await command(origin, cookie, { ...body, seq: 7 });
  assert.equal(hole.status, 409);
  assert.equal((await hole.json()).expected, 2);
  await command(origin, cookie, { ...body, seq: 2, line: `PRIVMSG ${CHANNEL} :and then` });
  await speaker.until(/PRIVMSG #comet :and then/);
  assert.equal(speaker.said.matching(/just once/).length, 1);
  await halley.stop();
});

scene('history answers by page, oldest first', {}, async (stage) => {
  const { speaker, halley, origin, cookie } = await raiseAndLogIn(stage);
  const events = new Events(stage, 'events', { origin, cookie, transport: 'ndjson' });
  await events.frames.until(/"event":"ready"/);
  for (let number = 1; number <= 30; number++) speaker.send(`PRIVMSG ${CHANNEL} :number ${number}.`);
  await events.frames.until(/number 30\./);
  await events.close();
  const page = async (query) => {
    const answer = await fetch(`${origin}/api/history?network=real&target=${encodeURIComponent(CHANNEL)}&${query}`, { headers: { cookie } });
    assert.equal(answer.status, 200);
    return JSON.stringify(await answer.json()).match(/number \d+\./g);
  };
  const numbered = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => `number ${from + index}.`);
  assert.deepEqual(await page('limit=10'), numbered(21, 30));
  await halley.stop();
});

scene('who is not let in is told why', {}, async (stage) => {
  const { halley, origin, cookie } = await raiseAndLogIn(stage);
  const wrong = await login(origin, 'kit', 'wrong');
  assert.equal(wrong.status, 401);
  assert.ok(wrong.error.error && wrong.error.message);
  assert.equal((await fetch(`${origin}/api/me`)).status, 401);
  assert.equal((await fetch(`${origin}/api/me`, { headers: { cookie: 'halley=nonsense' } })).status, 401);
  const foreign = await fetch(`${origin}/api/commands`, {
    method: 'POST', body: '{}', headers: { cookie, origin: 'https://evil.example', 'content-type': 'application/json' },
  });
  assert.equal(foreign.status, 403);
  const right = await login(origin, 'kit', PASSWORD);
  assert.match(right.whole, /HttpOnly/i);
  assert.match(right.whole, /SameSite=Strict/i);
  const gone = await fetch(`${origin}/api/logout`, { method: 'POST', headers: { cookie: right.cookie, origin } });
  assert.equal(gone.status, 204);
  assert.equal((await fetch(`${origin}/api/me`, { headers: { cookie: right.cookie } })).status, 401);
  await halley.stop();
});

scene('the page is compressed, kept by browsers, and let run nothing foreign', {}, async (stage) => {
  const halley = await (await Halley.prepare(stage)).serve();
  const page = await get(halley.origin, { 'accept-encoding': 'br, gzip' });
  assert.equal(page.statusCode, 200);
  assert.match(page.headers['content-type'], /text\/html/);
  assert.match(page.headers['content-encoding'] ?? '', /br|gzip/);
  assert.ok(page.headers['content-security-policy']);
  const html = await (await fetch(halley.origin)).text();
  const script = /src="([^"]+\.js)"/.exec(html)[1];
  const answer = await get(new URL(script, halley.origin), { 'accept-encoding': 'gzip' });
  assert.equal(answer.headers['content-encoding'], 'gzip');
  assert.match(answer.headers['cache-control'], /immutable/);
  assert.equal((await fetch(`${halley.origin}/healthz`)).status, 200);
  await halley.stop();
});

const BAD = {
  'a bare LF': 'GET /healthz HTTP/1.1\nHost: x\n\n',
  'no Host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'two Hosts': 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'both lengths': 'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a folded header': 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n',
  'NUL': 'GET /healthz HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n',
  rubbish: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
};

scene('malformed requests get 400 and an end, large ones a refusal', {}, async (stage) => {
  const halley = await (await Halley.prepare(stage)).serve();
  for (const [name, bytes] of Object.entries(BAD)) {
    assert.match(await raw(halley.httpPort, Buffer.from(bytes, 'latin1')), /^HTTP\/1\.1 400 /, name);
  }
  const long = `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1 << 20)}\r\n\r\n`;
  assert.match(await raw(halley.httpPort, long), /^(HTTP\/1\.1 4\d\d |$)/);
  const body = `POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n`;
  assert.match(await raw(halley.httpPort, body), /^HTTP\/1\.1 4\d\d /);
  assert.equal((await fetch(`${halley.origin}/healthz`)).status, 200);
  await halley.stop();
});
