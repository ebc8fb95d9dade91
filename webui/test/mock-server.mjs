// The wire of halley-web(7) with a scripted network behind it: for working on the page and for its browser tests.
// No dependency, no clock of its own but Date.now(), everything in memory, loopback only.
//
//   node test/mock-server.mjs --port 8099 --chatter      then log in as ada / lovelace

import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { runAccount } from './mock-account.mjs';
import { readAssets, toSend } from './mock-assets.mjs';
import { handleLine, seedWorld } from './mock-network.mjs';
import { MockOutbox } from './mock-outbox.mjs';
import { greet, refuseUpgrade, socketOver, streamOver } from './mock-streams.mjs';
import { MockTickets } from './mock-tickets.mjs';
import { MockUploads } from './mock-uploads.mjs';

// As gateway/http/response.cpp has it.
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data: https:; connect-src 'self'; " +
  "manifest-src 'self'; media-src 'self'; worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; " +
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types halley";
/** A worker takes its policy from its own script's answer: as Halley serves the page's other files. */
const SCRIPT_CSP = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'";
const DATA_CSP = "default-src 'none'; frame-ancestors 'none'";
const HEARTBEAT_MS = 10_000;
const POLL_HOLD_MS = 25_000;
const USERS = { ada: 'lovelace', bob: 'byron' };

function number(id) {
  return Number(String(id).split(':')[1] ?? -1);
}

export class MockServer {
  constructor() {
    this.epoch = 'm1';
    this.nextId = 1000;
    this.log = []; // { id, prev, network, line, targets }
    this.logins = 0;
    this.streams = new Set();
    this.polls = new Set();
    this.sockets = new Set(); // became WebSockets: the server does not count them as its own
    this.sessions = new Map(); // token: user
    this.clients = new Map(); // command clients: { expected, answers }
    /** Raw lines that reached the network, in order: what a test counts. */
    this.sent = [];
    /** Typing notices, which are nothing that is said. */
    this.typing = [];
    /** Commands about the account, in order. */
    this.account = [];
    /** New ones, in order. */
    this.passwords = [];
    this.devices = [{ name: 'laptop', token: true, seen: '2026-05-01 12:00' }];
    this.tokens = 0; // given
    this.webLogins = [{ id: 7, agent: 'Firefox on Linux', address: '192.0.2.7', seen: '2026-05-01 12:00' }];
    /** Requests seen, as "METHOD path?query". */
    this.requests = [];
    this.rules = { loseAnswers: 0, refuseStreams: false, refuseUpgrades: false, muteNdjson: false, muteStreams: false, noCookies: false, muteWorkers: false, refuseCommands: null, dropFrames: 0, holdEcho: false, holdOpening: null };
    /** Channels that LIST tells. */
    this.listed = 250;
    this.outbox = new MockOutbox(this);
    this.uploads = new MockUploads();
    this.tickets = new MockTickets();
    /** What calls, and whom nobody hears: what is said by them is not kept. */
    this.kept_rules = [];
    /** Where notices go. */
    this.pushes = [];
    /** What is set for buffers: network, then target. */
    this.buffers = new Map();
    this.world = seedWorld();
    this.assets = readAssets();
    this.server = http.createServer((request, response) => this.route(request, response));
    this.server.on('upgrade', (request, socket) => this.upgrade(request, socket));
  }

  listen(port = 0) {
    return new Promise((resolve) => {
      this.server.listen(port, '127.0.0.1', () => {
        this.url = `http://127.0.0.1:${this.server.address().port}/`;
        this.beat = setInterval(() => this.heartbeat(), HEARTBEAT_MS);
        resolve(this.url);
      });
    });
  }

  /** Ends as a Halley that is stopped does; listen(port) brings it back at the same address. */
  get port() {
    return Number(new URL(this.url).port);
  }

  close() {
    clearInterval(this.beat);
    clearInterval(this.chatter);
    this.dropStreams();
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }

  get head() {
    return `${this.epoch}:${this.nextId - 1}`;
  }

  /** One event: into the log, then to every stream. `targets` are the buffers whose history holds it. */
  emit(network, raw, targets, time = Date.now(), tags = `msgid=x${this.nextId}`) {
    const prev = this.head;
    const id = `${this.epoch}:${this.nextId++}`;
    const line = `@time=${new Date(time).toISOString()};${tags} ${raw}`;
    const frame = { id, prev, network, line, ...(this.isCalled(raw) ? { highlight: true } : {}) };
    this.log.push({ ...frame, time, targets: targets.map((target) => target.toLowerCase()) });
    if (this.rules.dropFrames > 0) this.rules.dropFrames -= 1;
    else this.send(frame);
    const joined = / JOIN (\S+)$/.exec(raw)?.[1];
    if (joined !== undefined && raw.startsWith(`:${this.world.networks[network].nick}!`)) this.outbox.joined(network, joined);
    return id;
  }

  /** Somebody says something. */
  say(network, target, nick, text, time) {
    if (this.isIgnored(nick)) return null;
    return this.emit(network, `:${nick}!${nick}@host.example PRIVMSG ${target} :${text}`, [target], time);
  }

  /** Lines without a row: answers to WHOIS and the like, states of networks. */
  tell(network, line) {
    this.send({ network, line });
  }

  setNetwork(network, state) {
    const nick = this.world.networks[network].nick;
    this.world.networks[network].state = state;
    this.send({ event: 'network', network, state, nick });
  }

  send(frame) {
    for (const stream of this.streams) stream.write(frame);
    for (const poll of [...this.polls]) poll.wake();
  }

  heartbeat() {
    for (const stream of this.streams) stream.beat();
  }

  dropStreams() {
    for (const stream of [...this.streams]) stream.end();
    for (const poll of [...this.polls]) poll.end();
  }

  // --- requests ---

  async route(request, response) {
    const url = new URL(request.url, this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    try {
      const { session, user } = this.whose(request);
      if (await this.uploads.serve(url, request, response, user)) return;
      if (!url.pathname.startsWith('/api/')) return this.asset(url, response);
      if (await this.tickets.serve(url, request, response, user, (name) => this.enter(name, response))) return;
      if (url.pathname === '/api/login') return await this.login(request, response);
      if (user === undefined) return refuse(response, 401, 'unauthorized', 'Log in first.');
      if (url.pathname === '/api/logout') return this.logout(session, response);
      if (url.pathname === '/api/me') return answer(response, 200, this.me(user));
      if (url.pathname === '/api/version') return answer(response, 200, { version: '9.9.9' });
      if (url.pathname === '/api/account') return answer(response, 200, runAccount(this, (await body(request)).line));
      if (url.pathname === '/api/account/password') return this.password(await body(request), response);
      if (url.pathname === '/api/events') return this.events(url, user, request, response);
      if (url.pathname === '/api/commands') return await this.command(user, request, response);
      if (url.pathname === '/api/outbox') return await this.outboxes(user, request, response);
      if (url.pathname === '/api/history') return this.history(url, response);
      if (url.pathname.startsWith('/api/push')) return await this.push(url, request, response);
      if (url.pathname.startsWith('/api/rules')) return await this.rule(url, request, response);
      if (url.pathname.startsWith('/api/buffers/')) return this.setBuffer(url, await body(request), response);
      if (url.pathname === '/api/search') return this.search(url, response);
      return refuse(response, 404, 'not_found', 'There is nothing at this address.');
    } catch (error) {
      return refuse(response, 500, 'broken', String(error));
    }
  }

  whose(request) {
    const session = /halley=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    return { session, user: this.sessions.get(session) };
  }

  asset(url, response) {
    const asset = this.assets.get(url.pathname);
    if (asset === undefined) return refuse(response, 404, 'not_found', 'There is nothing at this address.');
    const { bytes, coding } = toSend(asset, response.req);
    response.writeHead(200, {
      ...coding,
      'content-type': asset.mime,
      'cache-control': asset.keep === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': this.policyOf(asset.mime),
      'x-content-type-options': 'nosniff',
    });
    response.end(bytes);
  }

  policyOf(mime) {
    if (mime.startsWith('text/html')) return CSP;
    return mime.startsWith('text/javascript') && !this.rules.muteWorkers ? SCRIPT_CSP : DATA_CSP;
  }

  async login(request, response) {
    const { username, password } = await body(request);
    if (USERS[username] !== password) {
      return refuse(response, 401, 'wrong_login', 'User name or password is wrong. Check both and try again.');
    }
    this.enter(username, response);
  }

  enter(username, response) {
    this.logins += 1;
    const token = `s${this.logins}`;
    this.sessions.set(token, username);
    response.writeHead(204, this.rules.noCookies ? {} : { 'set-cookie': `halley=${token}; HttpOnly; SameSite=Strict; Path=/` });
    response.end();
  }

  /** Ends all logins but the one that asks, which goes on under a new cookie. */
  password({ current, password }, response) {
    if (current !== USERS.ada) return refuse(response, 401, 'wrong_login', 'User name or password is wrong. Check both and try again.');
    if (password.length < 6) return refuse(response, 409, 'refused', 'a password has six characters at least');
    this.passwords.push(password);
    this.sessions.clear();
    this.dropStreams();
    this.sessions.set('renewed', 'ada');
    response.writeHead(204, { 'set-cookie': 'halley=renewed; HttpOnly; SameSite=Strict; Path=/' });
    response.end();
  }

  logout(token, response) {
    this.sessions.delete(token);
    response.writeHead(204);
    response.end();
    this.dropStreams();
  }

  me(user) {
    const networks = Object.entries(this.world.networks).map(([name, network]) => ({
      name,
      nick: network.nick,
      state: network.state,
      buffers: Object.values(network.channels).map((channel) => ({ name: channel.name, joined: channel.joined })),
    }));
    return { user, networks, head: this.head };
  }

  history(url, response) {
    const query = url.searchParams;
    const target = (query.get('target') ?? '').toLowerCase();
    const limit = Math.min(500, Number(query.get('limit') ?? 100));
    const all = this.log.filter((entry) => entry.network === query.get('network') && entry.targets.includes(target));
    const answers = {
      before: (id) => all.filter((entry) => number(entry.id) < id).slice(-limit),
      after: (id) => all.filter((entry) => number(entry.id) > id).slice(0, limit),
      around: (id) => {
        const at = all.findIndex((entry) => number(entry.id) >= id);
        const from = Math.max(0, (at < 0 ? all.length : at) - Math.floor(limit / 2));
        return all.slice(from, from + limit);
      },
    };
    const by = Object.keys(answers).find((name) => query.has(name));
    const found = by === undefined ? all.slice(-limit) : answers[by](this.placeOf(query.get(by), all));
    answer(response, 200, { lines: found.map(({ id, network, line, highlight }) => ({ id, network, line, highlight })), more: found.length === limit });
  }

  /** An id with its epoch; without one it is a time in microseconds, as ids of Halley are. */
  placeOf(text, entries) {
    if (text.includes(':')) return number(text);
    const later = entries.find((entry) => entry.time * 1000 >= Number(text));
    return later === undefined ? this.nextId : number(later.id);
  }

  search(url, response) {
    const query = url.searchParams;
    const words = (query.get('q') ?? '').toLowerCase().match(/"[^"]*"|\S+/g) ?? [];
    const limit = Number(query.get('limit') ?? 50);
    const bound = (name) => (query.has(name) ? (query.get(name).includes('T') ? { time: Date.parse(query.get(name)) } : { id: number(query.get(name)) }) : null);
    const before = bound('before');
    const after = bound('after');
    const fits = (entry) => {
      const text = (/ (?:PRIVMSG|NOTICE|TOPIC) \S+ :(.*)$/.exec(entry.line)?.[1] ?? '').toLowerCase();
      const nick = /:([^! ]+)!/.exec(entry.line)?.[1] ?? '';
      return text !== '' &&
        words.every((word) => text.includes(word.replace(/["*]/g, ''))) &&
        (!query.has('network') || entry.network === query.get('network')) &&
        (!query.has('target') || entry.targets.includes(query.get('target').toLowerCase())) &&
        (!query.has('from') || nick.toLowerCase() === query.get('from').toLowerCase()) &&
        (before === null || (before.id === undefined ? entry.time < before.time : number(entry.id) < before.id)) &&
        (after === null || entry.time >= after.time);
    };
    if (words.length === 0) return refuse(response, 400, 'bad_query', 'q holds the words to look for, at most 500 bytes.');
    const all = this.log.filter(fits).reverse();
    const lines = all.slice(0, limit).map(({ id, network, line, targets }) => ({ id, network, line, target: targets[0] ?? '' }));
    const more = all.length > limit;
    answer(response, 200, more ? { lines, more, before: lines[lines.length - 1].id } : { lines, more });
  }

  /** As a client of any kind sets it. */
  setBuffer(url, given, response) {
    const [network, target] = url.pathname.slice('/api/buffers/'.length).split('/').map(decodeURIComponent);
    const sets = this.buffers.get(network) ?? new Map();
    this.buffers.set(network, sets);
    const set = { target, retention: null, muted: false, pinned: false, order: null, notify: '', detached: false, ...sets.get(target) };
    for (const [name, value] of Object.entries(given)) set[name] = value === '' && ['retention', 'order'].includes(name) ? null : value;
    sets.set(target, set);
    this.send({ event: 'buffers', network, buffers: [set] });
    answer(response, 200, { target });
  }

  async push(url, request, response) {
    if (request.method === 'GET') {
      const subscriptions = this.pushes.map(({ id, body: { endpoint } }) => ({ id, endpoint: new URL(endpoint).origin, here: true, created: '2026-11-26T12:00:00Z', sent: '' }));
      return answer(response, 200, { vapid: 'BVAPID', subscriptions });
    }
    if (request.method === 'POST') {
      const id = this.pushes.length + 1;
      this.pushes.push({ id, body: await body(request) });
      return answer(response, 201, { id });
    }
    this.pushes = this.pushes.filter(({ id }) => id !== Number(url.pathname.split('/').pop()));
    response.writeHead(204);
    response.end();
  }

  async rule(url, request, response) {
    if (request.method === 'GET') return answer(response, 200, this.kept_rules);
    const id = url.pathname.split('/').pop();
    const added = request.method === 'POST' ? { id: String(this.nextId), ...(await body(request)) } : null;
    this.kept_rules = added === null ? this.kept_rules.filter((rule) => rule.id !== id) : [...this.kept_rules, added];
    this.send(this.tellRules());
    answer(response, added === null ? 200 : 201, added ?? { id });
  }

  tellRules() {
    return { event: 'rules', rules: this.kept_rules };
  }

  /** Of masks only what a test needs: a nick with any host; of words any part of the text. */
  isIgnored(nick) {
    return this.kept_rules.some(({ kind, pattern }) => kind === 'ignore' && pattern.toLowerCase() === `${nick.toLowerCase()}!*@*`);
  }

  isCalled(text) {
    return this.kept_rules.some(({ kind, pattern }) => kind === 'highlight' && text.includes(pattern));
  }

  /** All that is set, before each ready. */
  tellBuffers() {
    return [this.tellRules(), ...Object.keys(this.world.networks).map((network) => ({ event: 'buffers', network, whole: true, buffers: [...(this.buffers.get(network)?.values() ?? [])] }))];
  }

  async outboxes(user, request, response) {
    if (request.method === 'GET') return answer(response, 200, { lines: this.outbox.list(user) });
    const status = this.outbox.change(user, await body(request));
    if (status !== 204) return refuse(response, status, status === 404 ? 'unknown_line' : 'too_late', 'it is on its way already');
    response.writeHead(204);
    response.end();
  }

  async command(user, request, response) {
    const given = await body(request);
    const { client, seq, network, line } = given;
    const notice = /^@\+typing=/.test(line);
    if (this.rules.refuseCommands !== null) {
      return refuse(response, this.rules.refuseCommands.status, this.rules.refuseCommands.error, this.rules.refuseCommands.message);
    }
    const known = this.clients.get(client) ?? { expected: 1, answers: new Map() };
    this.clients.set(client, known);
    if (!known.answers.has(seq)) {
      if (seq !== known.expected) return answer(response, 409, { error: 'hole', message: 'A command is missing.', expected: known.expected });
      known.expected += 1;
      known.answers.set(seq, { seq, result: '' });
      if (!this.outbox.takes(user, given)) {
        (notice ? this.typing : this.sent).push({ network, line });
        if (!this.rules.holdEcho) handleLine(this, network, line);
      }
    }
    if (this.rules.loseAnswers > 0 && !notice) {
      this.rules.loseAnswers -= 1;
      request.socket.destroy();
      return;
    }
    answer(response, 200, known.answers.get(seq));
  }

  // --- the event stream ---

  /** Frames a client gets on attaching: a snapshot, or what it missed. */
  opening(after, user) {
    if (after === null) {
      return [{ event: 'snapshot' }, ...this.snapshot(), ...this.tellBuffers(), ...this.outbox.open(user), this.ready()];
    }
    if (!after.startsWith(`${this.epoch}:`)) {
      return [{ event: 'reset' }, { event: 'snapshot' }, ...this.snapshot(), ...this.tellBuffers(), ...this.outbox.open(user), this.ready()];
    }
    const missed = this.log.filter((entry) => number(entry.id) > number(after));
    return [...missed.map(({ id, prev, network, line, highlight }) => ({ id, prev, network, line, highlight })), ...this.tellBuffers(), ...this.outbox.open(user), this.ready()];
  }

  ready() {
    return { event: 'ready', id: this.head };
  }

  snapshot() {
    const frames = [];
    for (const [name, network] of Object.entries(this.world.networks)) {
      const tell = (line) => frames.push({ network: name, line });
      frames.push({ event: 'network', network: name, state: network.state, nick: network.nick });
      if (network.state !== 'connected') continue;
      tell(`:irc.example 005 ${network.nick} CASEMAPPING=ascii CHANTYPES=# PREFIX=(ohv)@%+ CHANMODES=b,k,l,imnpst NETWORK=${network.title} :are supported`);
      for (const channel of Object.values(network.channels)) {
        if (!channel.joined) continue;
        tell(`:${network.nick}!ada@host.example JOIN ${channel.name}`);
        tell(`:irc.example 332 ${network.nick} ${channel.name} :${channel.topic}`);
        tell(`:irc.example 333 ${network.nick} ${channel.name} vera 1700000000`);
        const names = [...channel.members].map(([nick, signs]) => signs + nick);
        for (let i = 0; i < names.length; i += 30) tell(`:irc.example 353 ${network.nick} = ${channel.name} :${names.slice(i, i + 30).join(' ')}`);
        tell(`:irc.example 366 ${network.nick} ${channel.name} :End of names`);
        if (channel.readUpTo !== undefined) tell(`:irc.example MARKREAD ${channel.name} timestamp=${channel.readUpTo}`);
      }
    }
    return frames;
  }

  events(url, user, request, response) {
    if (this.rules.refuseStreams) return request.socket.destroy();
    const after = url.searchParams.get('after');
    const transport = url.searchParams.get('transport') ?? 'ndjson';
    if (transport === 'poll') return this.poll(after, user, response, url.searchParams.get('wait') !== '0');
    const stream = streamOver(response, transport === 'sse');
    // A proxy that gathers: nothing of it comes through.
    if (!this.rules.muteStreams && !(transport === 'ndjson' && this.rules.muteNdjson)) this.attach(after, user, stream);
  }

  upgrade(request, socket) {
    const url = new URL(request.url, this.url);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    socket.on('error', () => undefined); // whoever is cut off says so
    if (this.rules.refuseStreams || this.rules.refuseUpgrades) return refuseUpgrade(socket, 400);
    const { user } = this.whose(request);
    if (user === undefined || url.pathname !== '/api/events') return refuseUpgrade(socket, user === undefined ? 401 : 404);
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    const stream = socketOver(request, socket);
    if (!this.rules.muteStreams) this.attach(url.searchParams.get('after'), user, stream);
  }

  attach(after, user, stream) {
    const open = () => {
      greet(stream);
      for (const frame of this.opening(after, user)) stream.write(frame);
      this.streams.add(stream);
    };
    if (this.rules.holdOpening === null) open();
    else this.rules.holdOpening.push(open);
    stream.onClose(() => this.streams.delete(stream));
  }

  poll(after, user, response, waits) {
    const frames = this.opening(after, user);
    if (after === null || !waits || frames.some((frame) => frame.id !== undefined && frame.event === undefined)) return answer(response, 200, frames);
    const finish = (values) => {
      clearTimeout(poll.timer);
      this.polls.delete(poll);
      if (!response.writableEnded) answer(response, 200, values);
    };
    const poll = {
      wake: () => finish(this.opening(after, user)),
      end: () => { this.polls.delete(poll); clearTimeout(poll.timer); response.destroy(); },
      timer: setTimeout(() => finish([]), POLL_HOLD_MS),
    };
    this.polls.add(poll);
    response.on('close', () => { this.polls.delete(poll); clearTimeout(poll.timer); });
  }
}

function answer(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function refuse(response, status, error, message) {
  answer(response, status, { error, message });
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8') || '{}');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { startChatter, seedTalk } = await import('./mock-network.mjs');
  const mock = new MockServer();
  const at = process.argv.indexOf('--port');
  seedTalk(mock);
  await mock.listen(at > 0 ? Number(process.argv[at + 1]) : 0);
  if (process.argv.includes('--chatter')) startChatter(mock);
  console.log(`${mock.url}  ada / lovelace`);
}
