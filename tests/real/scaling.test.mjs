// docs/scaling as it is, but for addresses: two linked ngircds, a Halley beside each, and HAProxy, which places users by the name
// that their client asks for. Who is on one machine talks with who is on the other, and reads what was missed.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { Shell } from './lib/shell.mjs';
import { freePort, scene } from './lib/stage.mjs';

const docs = fileURLToPath(new URL('../../docs/scaling/', import.meta.url));
const guide = await readFile(fileURLToPath(new URL('../../docs/guide/scaling.md', import.meta.url)), 'utf8');

// Writes an example into the stage's folder with this test's places in it.
async function place(stage, name, edits) {
  let text = await readFile(docs + name, 'utf8');
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `docs/scaling/${name} no longer holds "${from}"`);
    text = text.replaceAll(from, to);
  }
  await writeFile(stage.path(name), text);
  return stage.path(name);
}

// Machine a calls machine b, so b is there first.
async function ircServers(stage, ports) {
  const servers = {};
  for (const name of ['b', 'a']) {
    const call = name === 'a' ? [['Host = 192.0.2.2\nPort = 6667', `Host = 127.0.0.1\nPort = ${ports.b.ircd}`]] : [['Host = 192.0.2.1', 'Host = 127.0.0.1']];
    const me = name === 'a' ? '192.0.2.1' : '192.0.2.2';
    const file = await place(stage, `ngircd-${name}.conf`, [...call, ['Ports = 6667', `Ports = ${ports[name].ircd}`], [`Listen = ${me}`, 'Listen = 127.0.0.1']]);
    servers[name] = stage.run(`ngircd ${name}`, 'ngircd', ['-n', '-f', file]);
    await servers[name].said.until(/\bready\b/);
  }
  await servers.a.said.until(/Server "b\.irc\.example\.org" registered/);
}

async function machine(stage, name, ports, user) {
  const halley = new Halley(stage);
  const me = name === 'a' ? '192.0.2.1' : '192.0.2.2';
  halley.data = stage.path(`data-${name}`);
  halley.config = await place(stage, `halley-${name}.toml`, [
    ['"/var/lib/halley"', `"${halley.data}"`], [`ircs://${me}:6697`, `ircs://127.0.0.1:${ports.irc}`],
    [`https://${me}:8443`, `https://127.0.0.1:${ports.web}`], ['cert = ', '#cert = '], ['key = ', '#key = '],
  ]);
  await halley.serve();
  await halley.addUser(user, PASSWORD);
  await halley.addNetwork(user, 'community', { url: `irc://127.0.0.1:${ports.ircd}` }, user, '#comet');
  return halley;
}

async function proxy(stage, ports) {
  const front = { irc: await freePort(), web: await freePort() };
  const map = await place(stage, 'users.map', []);
  const edits = [['/etc/haproxy/users.map', map], ['bind :6697', `bind 127.0.0.1:${front.irc}`], ['bind :443', `bind 127.0.0.1:${front.web}`]];
  for (const [name, address] of [['a', '192.0.2.1'], ['b', '192.0.2.2']]) {
    edits.push([`${address}:6697`, `127.0.0.1:${ports[name].irc}`], [`${address}:8443`, `127.0.0.1:${ports[name].web}`]);
  }
  const config = await place(stage, 'haproxy.cfg', edits);
  let child;
  const start = async () => {
    child = stage.run('haproxy', 'haproxy', ['-db', '-f', config]);
    let ended = false;
    child.ended.then(() => { ended = true; });
    for (const port of [front.irc, front.web]) {
      while (!await new Promise((resolve) => {
        const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
        probe.on('error', () => setImmediate(resolve, false));
      })) assert.ok(!ended, 'haproxy ended');
    }
  };
  await start();
  const reload = async () => {
    await child.stop();
    await start();
  };
  return { ...front, map, reload };
}

// The guide's "Moving somebody", each line on its machine.
async function move(stage, front, ports, a, b) {
  const options = (name) => ({ name, units: { haproxy: front } });
  const shells = { a: await Shell.open(stage, a, options('-a')), b: await Shell.open(stage, b, options('-b')), proxy: await Shell.open(stage, a, options('-proxy')) };
  await shells.a.tool('scp', `#!/bin/sh\nexec cp "$1" "${stage.path('moved.db')}"\n`);
  const lines = /^```moving\n([\s\S]*?)^```$/m.exec(guide)[1].trimEnd().split('\n');
  for (const line of lines) {
    const [, machine, command] = /^(a|b|proxy)# (.*)$/.exec(line);
    await shells[machine].run(line, command.replaceAll('/srv/ada.db', machine === 'a' ? '/srv/ada.db' : stage.path('moved.db'))
      .replaceAll('/etc/haproxy/users.map', front.map).replaceAll('192.0.2.2:6667', `127.0.0.1:${ports.b.ircd}`));
  }
}

async function attach(stage, front, user, device) {
  const client = await IrcClient.connect(stage, `${user} on ${device}`, front.irc, { secure: true, name: `${user}.irc.example.org` });
  await client.register(user, { user: `${user}/community@${device}`, password: PASSWORD });
  await client.until(/ 366 \S+ #comet /);
  return client;
}

// The cookie of a login through the proxy under a user's own name; null: refused.
function webLogin(front, user) {
  const name = `${user}.irc.example.org`;
  return new Promise((resolve, reject) => {
    const request = https.request({
      host: '127.0.0.1', port: front.web, servername: name, path: '/api/login', method: 'POST', rejectUnauthorized: false,
      headers: { host: name, origin: `https://${name}`, 'content-type': 'application/json' },
    }, (answer) => { answer.resume(); resolve(answer.statusCode); });
    request.on('error', reject).end(JSON.stringify({ username: user, password: PASSWORD }));
  });
}

scene('two linked ircds, a Halley beside each, users placed by name', {}, async (stage) => {
  const ports = {};
  for (const name of ['a', 'b']) ports[name] = { ircd: await freePort(), irc: await freePort(), web: await freePort() };
  await ircServers(stage, ports);
  const a = await machine(stage, 'a', ports.a, 'ada');
  const b = await machine(stage, 'b', ports.b, 'bob');
  const front = await proxy(stage, ports);

  const ada = await attach(stage, front, 'ada', 'laptop');
  const bob = await attach(stage, front, 'bob', 'laptop');
  await ada.until(/:bob!\S+ JOIN|353 .*\bbob\b/);
  ada.send('PRIVMSG #comet :seen from the other machine');
  await bob.until(/:ada!\S+ PRIVMSG #comet :seen from the other machine/);
  await bob.quit();
  ada.send('PRIVMSG #comet :while bob was away');
  await ada.settle('said');
  const back = await attach(stage, front, 'bob', 'laptop');
  await back.until(/PRIVMSG #comet :.*while bob was away/);
  back.send('PRIVMSG ada :thanks');
  await ada.until(/:bob!\S+ PRIVMSG ada :thanks/);

  assert.equal(await webLogin(front, 'ada'), 204);
  assert.equal(await webLogin(front, 'bob'), 204);
  // Each machine knows its own users alone.
  assert.doesNotMatch((await a.must(['user', 'list'])).stdout, /bob/);
  assert.doesNotMatch((await b.must(['user', 'list'])).stdout, /ada/);

  await move(stage, front, ports, a, b);
  assert.doesNotMatch((await a.must(['user', 'list'])).stdout, /ada/);
  assert.match((await b.must(['history', 'ada', 'community', '#comet'])).stdout, /seen from the other machine/);
  const moved = await attach(stage, front, 'ada', 'laptop');
  const bobAgain = await attach(stage, front, 'bob', 'laptop'); // a restart of machine b has ended the other
  moved.send('PRIVMSG #comet :from my new home');
  await bobAgain.until(/:ada!\S+ PRIVMSG #comet :from my new home/);
  assert.equal(await webLogin(front, 'ada'), 204);
  await a.stop();
  await b.stop();
});
