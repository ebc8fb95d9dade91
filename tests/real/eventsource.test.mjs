// Halley's SSE as a browser's own EventSource reads it: what the web platform's tests ask of a server, with Chromium as the reader.
import assert from 'node:assert/strict';
import http from 'node:http';

import { login } from './lib/events.mjs';
import { ircds } from './lib/ircds.mjs';
import { Browser } from './lib/page.mjs';
import { CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { Wire } from './lib/wire.mjs';

// Runs in the page. All that an EventSource says is written down.
function follow(url) {
  const source = new EventSource(url);
  const heard = [];
  window.reader = { source, heard, states: [source.readyState], times: [] };
  const note = (what) => {
    window.reader.states.push(what, source.readyState);
    window.reader.times.push({ what, at: performance.now() });
  };
  source.onopen = () => note('open');
  source.onerror = () => note('error');
  source.onmessage = ({ data, lastEventId, origin, type }) => heard.push({ frame: JSON.parse(data), lastEventId, origin, type });
}

// A proxy that can be told to answer requests for streams by itself, and to drop those that are open.
class Gate {
  static async before(stage, port) {
    const gate = Object.assign(new Gate(), { port, status: 0, asked: 0, open: new Set() });
    const server = http.createServer((request, response) => gate.pass(request, response));
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    stage.atEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    gate.origin = `http://127.0.0.1:${server.address().port}`;
    return gate;
  }

  pass(request, response) {
    const stream = request.url.startsWith('/api/events');
    if (stream) this.asked += 1;
    if (stream && this.status !== 0) {
      response.writeHead(this.status, { 'content-type': 'text/event-stream' }).end();
      return;
    }
    const { method, url, headers } = request;
    const onward = http.request({ host: '127.0.0.1', port: this.port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      if (stream) this.open.add(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => {
      this.open.delete(response);
      onward.destroy();
    });
    request.pipe(onward);
  }

  cut() {
    for (const response of this.open) response.destroy();
  }
}

// A page of Halley's own origin, without the page's scripts, whose requests for streams are written down.
class Reader {
  static async open(stage, origin, cookie) {
    const browser = await Browser.open(stage);
    const [name, value] = cookie.split('=');
    await browser.context.addCookies([{ name, value, url: origin }]);
    const reader = new Reader();
    await browser.context.route(`${origin}/empty.html`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>empty</title>' }));
    const { tab } = await browser.tab(`${origin}/empty.html`);
    Object.assign(reader, { tab, asked: [] });
    tab.on('request', (request) => { if (request.url().includes('/api/events')) reader.asked.push(request); });
    return reader;
  }

  follow(url) {
    return this.tab.evaluate(follow, url);
  }

  // Until a frame whose JSON holds `part` has come.
  until(part) {
    return this.tab.waitForFunction((text) => window.reader.heard.some(({ frame }) => JSON.stringify(frame).includes(text)), part);
  }

  untilState(state) {
    return this.tab.waitForFunction((wanted) => window.reader.source.readyState === wanted, state);
  }

  heard() {
    return this.tab.evaluate(() => window.reader.heard);
  }

  async said() {
    return (await this.heard()).flatMap(({ frame }) => / PRIVMSG \S+ :([^]*)$/.exec(frame.line ?? '')?.[1] ?? []);
  }

  states() {
    return this.tab.evaluate(() => window.reader.states);
  }
}

async function begin(stage) {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const { cookie } = await login(halley.origin, 'kit', PASSWORD);
  const wire = await Wire.lay(stage, halley.httpPort);
  const origin = `http://127.0.0.1:${wire.port}`;
  const asked = []; // by the browser, as it came
  wire.server.on('connection', (near) => near.on('data', (bytes) => asked.push(bytes.toString('latin1'))));
  const reader = await Reader.open(stage, origin, cookie);
  const after = (await (await fetch(`${halley.origin}/api/me`, { headers: { cookie } })).json()).head;
  return { speaker, halley, cookie, wire, origin, asked, reader, after };
}

const STREAM = '/api/events?transport=sse';
const numbered = (word, count) => Array.from({ length: count }, (_, index) => `${word} ${index + 1}.`);

scene('an EventSource opens, and its messages say what they should', {}, async (stage) => {
  const { speaker, halley, origin, reader, after } = await begin(stage);
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('"event":"ready"');
  assert.deepEqual(await reader.states(), [0, 'open', 1]);
  const words = ['one', '\x02bold\x0f and \x0b\x0c\x1b\x1f\x7f', '\u0085next line', `${'x'.repeat(300)} long`, ': a colon first', 'data: like a field', 'id: 7', '\uFEFFa mark first', 'a\u2028line\u2029end', 'gr\u00fc\u00df \u{1F4AB}'];
  for (const word of words) speaker.send(`PRIVMSG ${CHANNEL} :${word}`);
  await reader.until(words.at(-1));
  assert.deepEqual(await reader.said(), words);
  let last = '';
  for (const { frame, lastEventId, origin: from, type } of await reader.heard()) {
    assert.equal(type, 'message');
    assert.equal(from, origin);
    if (frame.id) last = frame.id;
    assert.equal(lastEventId, last, 'a frame without an id leaves the last one');
  }
  assert.match(last, /^[^:]+:\d+$/);
  // Heartbeats are messages that change nothing.
  await reader.until('"event":"ping"');
  assert.equal((await reader.heard()).at(-1).lastEventId, last);
  await halley.stop();
});

scene('the bytes of a stream: its type, no byte order mark, retry, and a field a line', {}, async (stage) => {
  const { speaker, halley, cookie, after } = await begin(stage);
  const cut = new AbortController();
  const answer = await fetch(`${halley.origin}${STREAM}&after=${after}`, { headers: { cookie, accept: 'text/event-stream' }, signal: cut.signal });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/event-stream(;|$)/);
  assert.match(answer.headers.get('cache-control'), /no-store/);
  speaker.send(`PRIVMSG ${CHANNEL} :the last`);
  let text = '';
  for await (const bytes of answer.body) {
    text += Buffer.from(bytes).toString('latin1');
    if (/the last.*\n\n/.test(text)) break;
  }
  cut.abort();
  assert.ok(text.startsWith('retry: 1000\n\n'), text.slice(0, 40));
  assert.doesNotMatch(text, /\r/);
  for (const block of text.slice('retry: 1000\n\n'.length).split('\n\n').slice(0, -1)) assert.match(block, /^(id: [^\n]+\n)?data: \{[^\n]*\}$/);
  await halley.stop();
});

scene('an EventSource comes back by itself with its cursor: cut, restarted and killed, nothing is lost and nothing comes twice', {}, async (stage) => {
  const { speaker, halley, wire, asked, reader, after } = await begin(stage);
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('"event":"ready"');
  const said = [];
  const say = async (word) => {
    for (const text of numbered(word, 40)) said.push(text), speaker.send(`PRIVMSG ${CHANNEL} :${text}`);
    await reader.until(said.at(-1));
  };
  await say('whole');
  for (const word of ['cut', 'again']) {
    wire.cut();
    await say(word);
  }
  for (const [word, end] of [['restarted', () => halley.stop()], ['killed', () => halley.kill9()]]) {
    const before = speaker.said.lines.length;
    await end();
    await halley.serve();
    await speaker.until(/^:kit!\S+ JOIN/, { from: before });
    await say(word);
  }
  assert.deepEqual(await reader.said(), said);
  const heard = (await reader.heard()).map(({ frame }) => frame);
  let last = after;
  for (const event of heard.filter(({ id, line }) => id && line)) {
    assert.equal(event.prev, last, 'each event is behind the one before it');
    last = event.id;
  }
  assert.equal(heard.filter(({ event }) => event === 'reset' || event === 'snapshot').length, 0, 'its cursor was always known');
  // It asks for the address that it was given, and says in the header how far it got.
  const requests = asked.join('').split(/(?=GET \/api\/events)/).filter((text) => text.startsWith('GET /api/events'));
  assert.ok(requests.length >= 5, `${requests.length} requests`);
  for (const [index, request] of requests.entries()) {
    assert.ok(request.startsWith(`GET ${STREAM}&after=${after} HTTP/1.1\r\n`));
    assert.match(request, /\r\naccept: text\/event-stream\r\n/i);
    assert.match(request, /\r\ncache-control: no-(cache|store)\r\n/i);
    assert.equal(/\r\nlast-event-id: [^:\r]+:\d+\r\n/i.test(request), index > 0);
  }
  await halley.stop();
});

scene('an EventSource that was closed, logged out or never let in does not come back', {}, async (stage) => {
  const { speaker, halley, cookie, origin, reader, after } = await begin(stage);
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('"event":"ready"');
  // close(): at once, and for good.
  await reader.tab.evaluate(() => window.reader.source.close());
  assert.equal(await reader.tab.evaluate(() => window.reader.source.readyState), 2);
  speaker.send(`PRIVMSG ${CHANNEL} :unheard`);
  const [first] = reader.asked;
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('unheard');
  assert.equal(reader.asked.filter((request) => request !== first).length, 1);
  // What is not there, and what is refused, is no stream.
  for (const address of ['/api/nothing', '/healthz', '/api/events?transport=carrier-pigeon', `${STREAM}&after=nonsense`]) {
    await reader.follow(address);
    await reader.untilState(2);
    assert.deepEqual(await reader.states(), [0, 'error', 2], address);
  }
  // The login ends: the stream does, and what comes back is refused.
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('unheard');
  const logout = await fetch(`${origin}/api/logout`, { method: 'POST', headers: { cookie, origin } });
  assert.equal(logout.status, 204);
  await reader.until('"event":"end"');
  await reader.untilState(2);
  await halley.stop();
});

scene('an EventSource of another origin hears nothing', {}, async (stage) => {
  const { halley, origin, reader, after } = await begin(stage);
  const elsewhere = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>elsewhere</title>');
  });
  await new Promise((resolve) => { elsewhere.listen(0, '127.0.0.1', resolve); });
  stage.atEnd(() => elsewhere.close());
  await reader.tab.goto(`http://127.0.0.1:${elsewhere.address().port}/`);
  await reader.tab.evaluate((url) => {
    const source = new EventSource(url, { withCredentials: true });
    window.reader = { source, heard: [], states: [] };
    source.onmessage = ({ data }) => window.reader.heard.push({ frame: JSON.parse(data) });
  }, `${origin}${STREAM}&after=${after}`);
  await reader.untilState(2);
  assert.deepEqual(await reader.heard(), []);
  await halley.stop();
});

// WPT: eventsource/request-status-error; and 204, by which the specification has a server end it.
scene('an EventSource that is answered 204, or anything but 200, does not ask again; the next one goes on where it was', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const { cookie } = await login(halley.origin, 'kit', PASSWORD);
  const gate = await Gate.before(stage, halley.httpPort);
  const reader = await Reader.open(stage, gate.origin, cookie);
  let after = (await (await fetch(`${halley.origin}/api/me`, { headers: { cookie } })).json()).head;
  for (const status of [204, 205, 210, 299, 404, 410, 503]) {
    await reader.follow(`${STREAM}&after=${after}`);
    await reader.until('"event":"ready"');
    after = (await reader.heard()).at(-1).lastEventId;
    gate.status = status;
    gate.cut();
    await reader.untilState(2);
    const { asked } = gate;
    speaker.send(`PRIVMSG ${CHANNEL} :behind ${status}`);
    gate.status = 0;
    await reader.follow(`${STREAM}&after=${after}`);
    await reader.until(`behind ${status}`);
    assert.equal(gate.asked, asked + 1, `after ${status} only the new one has asked`);
    assert.deepEqual(await reader.said(), [`behind ${status}`]);
    after = (await reader.heard()).at(-1).lastEventId;
    await reader.tab.evaluate(() => window.reader.source.close());
  }
  await halley.stop();
});

// WPT: eventsource/format-field-retry.
scene('an EventSource comes back after the second that Halley names, not before', {}, async (stage) => {
  const { halley, wire, reader, after } = await begin(stage);
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('"event":"ready"');
  wire.cut();
  await reader.tab.waitForFunction(() => window.reader.times.length >= 3);
  const [, error, open] = await reader.tab.evaluate(() => window.reader.times);
  assert.deepEqual([error.what, open.what], ['error', 'open']);
  assert.ok(open.at - error.at >= 950, `${open.at - error.at} ms`);
  await halley.stop();
});

// WPT: eventsource/format-utf-8, format-newlines and format-field-parsing, as far as a server has them in its hands.
scene('an EventSource reads the same, byte by byte', {}, async (stage) => {
  const { speaker, halley, wire, reader, after } = await begin(stage);
  wire.chop();
  await reader.follow(`${STREAM}&after=${after}`);
  await reader.until('"event":"ready"');
  const words = ['gr\u00fc\u00df \u{1F4AB}', '\uFEFFa mark first', `${'\u4e16\u754c'.repeat(40)} end`];
  for (const word of words) speaker.send(`PRIVMSG ${CHANNEL} :${word}`);
  await reader.until(words.at(-1));
  assert.deepEqual(await reader.said(), words);
  await halley.stop();
});
