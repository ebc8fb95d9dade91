// A client pins the certificate that it shows (CLIENTCERT), and logs in by it from then on, over real TLS.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { Halley } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

// As halley(1) has it made.
async function makeCertificate(stage, name) {
  const file = stage.path(`${name}.pem`);
  const { code } = await stage.run('openssl', 'openssl', ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '3650', '-subj', `/CN=${name}`,
    '-keyout', file, '-out', file]).ended;
  assert.equal(code, 0);
  return readFile(file, 'utf8');
}

async function byCertificate(stage, name, halley, certificate) {
  const client = await IrcClient.connect(stage, name, halley.tlsPort, { secure: true, certificate });
  client.send('CAP LS 302');
  await client.until(/ LS .*sasl=\S*EXTERNAL/);
  client.send('CAP REQ :sasl soju.im/client-cert batch');
  await client.until(/ ACK /);
  client.send('AUTHENTICATE EXTERNAL');
  await client.until(/AUTHENTICATE \+/);
  client.send('AUTHENTICATE +');
  return client;
}

scene('a client pins its certificate, logs in by it, and takes it back', {}, async (stage) => {
  const certificate = await makeCertificate(stage, 'phone');
  const fingerprint = new X509Certificate(certificate).fingerprint512.replaceAll(':', '').toLowerCase();
  const halley = await Halley.prepare(stage);
  await halley.serve();
  await halley.addUser('kit', PASSWORD);

  const first = await IrcClient.connect(stage, 'by password', halley.tlsPort, { secure: true, certificate });
  await first.register('kit', { password: `kit@phone:${PASSWORD}` });
  first.send('CLIENTCERT CREATE phone');
  await first.until(/ CLIENTCERT CREATE$/);
  await first.quit();

  const second = await byCertificate(stage, 'by certificate', halley, certificate);
  await second.until(/ 903 /);
  second.send('CAP END');
  second.send('NICK kit');
  second.send('USER kit 0 * :kit');
  await second.until(/ 422 /);
  second.send('CLIENTCERT LIST');
  await second.until(/BATCH \+\S+ soju\.im\/client-cert$/);
  await second.until(new RegExp(` CLIENTCERT LIST ${fingerprint} name=phone time=\\S+Z ip=127\\.0\\.0\\.1$`));
  second.send(`CLIENTCERT DELETE ${fingerprint}`);
  await second.until(new RegExp(` CLIENTCERT DELETE ${fingerprint}$`));
  await second.settle('still-here');

  const third = await byCertificate(stage, 'no more', halley, certificate);
  await third.until(/ 904 /);
  await halley.stop();
});

scene('a device logs in with a certificate that was made for it', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  await halley.serve();
  await halley.addUser('kit', PASSWORD);
  const made = JSON.parse((await halley.must(['--json', 'device', 'add', 'kit', 'laptop', '--make-certificate'])).stdout);

  const client = await byCertificate(stage, 'by the new one', halley, made.certificate + made.key);
  await client.until(/ 903 /);
  client.send('CAP END');
  client.send('NICK kit');
  client.send('USER kit 0 * :kit');
  await client.until(/ 422 /);
  await client.quit();
  await halley.stop();
});
