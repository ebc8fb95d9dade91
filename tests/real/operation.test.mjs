// What who runs Halley looks at: health, metrics and their dashboard, the access log, and how it ends under load.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { promisify } from 'node:util';

import { login } from './lib/events.mjs';
import { Follower } from './lib/follower.mjs';
import { Halley } from './lib/halley.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { parseMetrics } from './lib/prometheus.mjs';
import { scene } from './lib/stage.mjs';

const run = promisify(execFile);

async function begin(stage, options) {
  const halley = await (await Halley.prepare(stage, options)).serve();
  await halley.addUser('kit', PASSWORD);
  return { halley, ...await login(halley.origin, 'kit', PASSWORD) };
}

scene('metrics are in the format, and the dashboard asks for none that is not there', {}, async (stage) => {
  const { halley, cookie } = await begin(stage);
  const follower = new Follower(stage, 'sse', { base: halley.origin, headers: { cookie }, ladder: ['sse'] });
  await follower.until(/"event":"ready"/);
  assert.equal((await login(halley.origin, 'kit', 'not the password')).cookie, undefined);
  const version = /^halley (\S+)/i.exec((await halley.must(['version'])).stdout)[1];
  const answer = await fetch(`${halley.origin}/metrics`);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const metrics = parseMetrics(await answer.text());
  assert.equal(metrics.get('halley_users').samples.get(''), 1);
  assert.equal(metrics.get('halley_http_streams').samples.get('transport="sse"'), 1);
  assert.equal(metrics.get('halley_build_info').samples.get(`version="${version}"`), 1);
  assert.ok(metrics.get('process_resident_memory_bytes').samples.get('') > 1_000_000);
  assert.ok(metrics.get('halley_tls_certificate_expires_seconds').samples.get('') > Date.now() / 1000);
  assert.equal(metrics.get('halley_logins_refused_total').samples.get(''), 1);
  assert.ok(metrics.get('halley_http_responses_total').samples.get('status="2xx"') >= 1);

  const dashboard = JSON.parse(await readFile(new URL('../../docs/grafana.json', import.meta.url), 'utf8'));
  const asked = new Set();
  for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
    for (const name of expr.match(/(?:halley|process)_\w+/g)) asked.add(name);
    for (const [, name] of expr.matchAll(/rate\((halley_\w+)/g)) assert.equal(metrics.get(name)?.type, 'counter', `rate of ${name}`);
    for (const [, label, name] of expr.matchAll(/by \((\w+)\) \((?:rate\()?(halley_\w+)/g)) {
      for (const labels of metrics.get(name).samples.keys()) assert.match(labels, new RegExp(`^${label}="`), `${name} by ${label}`);
    }
  }
  for (const name of asked) assert.ok(metrics.has(name), `the dashboard asks for ${name}`);
  assert.deepEqual([...metrics.keys()].filter((name) => !asked.has(name)), [], 'the dashboard shows all');
  assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  await halley.stop();
});

scene('health says how late the loop is, how far the store and in which state the networks', {}, async (stage) => {
  const { halley } = await begin(stage);
  await halley.must(['network', 'add', 'kit', 'nowhere', 'irc://127.0.0.1:1', '--nick', 'kit']);
  const [ok, ...lines] = (await (await fetch(`${halley.origin}/healthz`)).text()).trimEnd().split('\n');
  assert.equal(ok, 'ok');
  const health = Object.fromEntries(lines.map((line) => /^(\w+): (\d+)$/.exec(line)?.slice(1)));
  assert.deepEqual(Object.keys(health), ['loop_late_ms', 'store_waiting_bytes', 'store_group_us', 'networks_disabled', 'networks_waiting',
    'networks_connecting', 'networks_registering', 'networks_connected']);
  const networks = Object.entries(health).filter(([name]) => name.startsWith('networks_')).reduce((sum, [, count]) => sum + Number(count), 0);
  assert.equal(networks, 1);
  assert.equal(await (await fetch(`${halley.origin}/healthz`, { headers: { 'x-forwarded-for': '192.0.2.1' } })).text(), 'ok\n');
  await halley.stop();
});

scene('the access log has a line for each answer, and its name is the answer\'s', {}, async (stage) => {
  const { halley, cookie } = await begin(stage, { extra: '\n[http]\naccess_log = true\n' });
  const answer = await fetch(`${halley.origin}/api/me?secret`, { headers: { cookie } });
  const id = answer.headers.get('x-request-id');
  assert.match(id, /^[\w.-]+$/);
  const line = await halley.child.said.until(/GET \/api\/me/);
  assert.match(line, new RegExp(`web: 127\\.0\\.0\\.1 GET /api/me 200 \\d+ B \\d+ ms ${id}$`));
  assert.equal(halley.child.said.matching(/secret/).length, 0);
  await halley.stop();
});

scene('SIGTERM: what is being asked is answered, streams are told to come back', {}, async (stage) => {
  const { halley, cookie } = await begin(stage);
  const follower = new Follower(stage, 'ndjson', { base: halley.origin, headers: { cookie }, ladder: ['ndjson'] });
  await follower.until(/"event":"ready"/);
  // A wrong password takes its time: the hash is being computed when the signal comes.
  const asking = http.request(`${halley.origin}/api/login`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin: halley.origin }, agent: new http.Agent({ keepAlive: true }),
  });
  const answered = new Promise((resolve, reject) => { asking.on('response', resolve).on('error', reject); });
  asking.end(JSON.stringify({ username: 'kit', password: 'wrong' }));
  await new Promise((resolve) => { asking.on('finish', resolve); });
  await fetch(`${halley.origin}/healthz`); // what was sent before has been read by now
  const stopped = halley.stop();
  const answer = await answered;
  assert.ok([401, 429].includes(answer.statusCode), `${answer.statusCode}`);
  answer.resume();
  await stopped;
  await follower.until(/"event":"end".*come back/);
  await follower.until(/^lost ndjson it ended/);
  await halley.serve();
  await follower.child.said.untilCount(/"event":"ready"/, 2);
  await halley.stop();
});

scene('a disk that takes nothing is said in the log and by status, and so is its end; nothing is lost', {}, async (stage) => {
  const { halley } = await begin(stage);
  const limit = (size) => run('prlimit', ['--pid', `${halley.child.process.pid}`, `--fsize=${size}:`]);
  await limit(4096); // to the writes behind it, what a full disk is
  const adding = halley.must(['network', 'add', 'kit', 'meanwhile', 'irc://irc.example']);
  await halley.child.said.until(/error.*trouble with the disk: \S/);
  assert.match(JSON.parse((await halley.must(['status', '--json'])).stdout).store.trouble, /\S/);
  await limit('unlimited');
  await adding; // it was not answered before it was written
  await halley.child.said.until(/the disk is well again, and all is written/);
  await halley.kill9();
  await halley.serve();
  assert.match((await halley.must(['network', 'list', 'kit'])).stdout, /meanwhile/);
  await halley.stop();
});
