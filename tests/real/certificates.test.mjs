// A renewed certificate, handed over by docs/certificates/halley-renewed: who is connected stays, who comes gets the new one.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';

import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { Shell } from './lib/shell.mjs';
import { scene } from './lib/stage.mjs';

const hook = await readFile(fileURLToPath(new URL('../../docs/certificates/halley-renewed', import.meta.url)), 'utf8');

// As certbot lays a certificate out.
async function renew(stage, lineage) {
  const { code } = await stage.run('openssl', 'openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '30', '-subj', '/CN=irc.example.org',
    '-keyout', `${lineage}/privkey.pem`, '-out', `${lineage}/fullchain.pem`]).ended;
  assert.equal(code, 0);
}

const fingerprint = (port) => new Promise((resolve, reject) => {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  }).on('error', reject);
});

scene('a renewed certificate is taken by a reload, and nobody is disconnected', {}, async (stage) => {
  const lineage = stage.path('irc.example.org'), place = stage.path('etc');
  for (const folder of [lineage, place]) await mkdir(folder);
  const halley = await Halley.prepare(stage, { extra: `[tls]\ncert = "${place}/fullchain.pem"\nkey = "${place}/privkey.pem"\n` });
  const shell = await Shell.open(stage, halley);
  const owners = ' -o root -g halley'; // of a machine that has that group
  assert.ok(hook.includes(owners));
  const deploy = (name) => shell.run('halley-renewed', `RENEWED_LINEAGE=${name}\n${hook.replaceAll(owners, '').replaceAll('/etc/halley', place)}`);

  await renew(stage, lineage);
  await shell.run('before', `cp ${lineage}/*.pem ${place}/`);
  await halley.serve();
  await halley.addUser('kit', PASSWORD);
  const client = await IrcClient.connect(stage, 'client', halley.tlsPort, { secure: true });
  await client.register('kit', { password: `kit:${PASSWORD}` });
  const first = await fingerprint(halley.tlsPort);

  await renew(stage, lineage);
  await deploy(stage.path('elsewhere.example.org')); // another certificate of the same machine
  assert.equal(await fingerprint(halley.tlsPort), first);
  await deploy(lineage);
  assert.notEqual(await fingerprint(halley.tlsPort), first);
  await client.settle('still-here');
  await halley.stop();
});
