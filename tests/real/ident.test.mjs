// A network that asks whose a connection is (RFC 1413) hears it from Halley, and oidentd reads it in its file.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';

import { Halley } from './lib/halley.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { freePort, scene } from './lib/stage.mjs';

async function ask(port, question) {
  const socket = net.connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  socket.write(`${question}\r\n`);
  let answer = '';
  for await (const text of socket) answer += text;
  return answer;
}

scene('a connection is its user\'s for whoever is at its other end, until it is over', {}, async (stage) => {
  const identPort = await freePort();
  const file = stage.path('oidentd', 'oidentd.conf');
  const halley = await Halley.prepare(stage, { extra: `oidentd_file = "${file}"` });
  await mkdir(stage.path('oidentd'));
  const config = await readFile(halley.config, 'utf8');
  await writeFile(halley.config, config.replace('listen = [', `listen = ["ident://127.0.0.1:${identPort}", `));
  const network = net.createServer();
  await new Promise((resolve) => { network.listen(0, '127.0.0.1', resolve); });
  stage.atEnd(() => new Promise((resolve) => { network.close(resolve); }));
  const link = new Promise((resolve) => { network.once('connection', resolve); });
  await halley.serve();
  await halley.addUser('kit', PASSWORD);
  await halley.must(['network', 'add', 'kit', 'real', `irc://127.0.0.1:${network.address().port}`, '--nick', 'kitty']);
  const socket = await link;
  socket.on('error', () => {});
  stage.atEnd(() => socket.destroy());
  const ports = `${socket.remotePort} , ${socket.localPort}`;
  assert.equal(await ask(identPort, ports), `${ports} : USERID : UNIX : kit\r\n`);
  assert.equal(await ask(identPort, '1, 2'), '1 , 2 : ERROR : NO-USER\r\n');
  const line = `to 127.0.0.1 fport ${socket.localPort} from 127.0.0.1 lport ${socket.remotePort} { reply "kit" }`;
  while (!(await readFile(file, 'utf8')).includes(line)) await new Promise((resolve) => { setImmediate(resolve); });
  await halley.must(['network', 'disconnect', 'kit', 'real']);
  await new Promise((resolve) => { socket.once('close', resolve).resume(); });
  assert.equal(await ask(identPort, ports), `${ports} : ERROR : NO-USER\r\n`);
  await halley.stop();
});
