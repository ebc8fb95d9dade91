// Web Push from the finished program, in its sandbox: over TLS to a service on loopback, which checks and decrypts.
import assert from 'node:assert/strict';

import { login } from './lib/events.mjs';
import { ircds } from './lib/ircds.mjs';
import { PushService } from './lib/push_service.mjs';
import { attach, CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

async function raiseWithService(stage, extra = '') {
  const service = await PushService.open(stage);
  process.env.SSL_CERT_FILE = service.certificate; // for the Halley that is started now
  stage.atEnd(() => delete process.env.SSL_CERT_FILE);
  return { service, ...await raise(stage, ircds.ngircd, { extra }) };
}

async function subscribe(stage, halley, service) {
  const phone = await attach(stage, halley, 'phone');
  phone.send('WEBPUSH VAPIDPUBKEY');
  const vapid = (await phone.until(/WEBPUSH VAPIDPUBKEY/)).split(' ').at(-1);
  phone.send(`WEBPUSH REGISTER ${service.origin}/phone p256dh=${service.p256dh};auth=${service.auth}`);
  await phone.until(/WEBPUSH REGISTER https:/);
  await phone.quit();
  return vapid;
}

scene('a highlight is pushed to an IRC client and a browser that are away, read once closes it, and gone is gone', {}, async (stage) => {
  const { service, speaker, halley } = await raiseWithService(stage, '\n[push]\nallow_private_hosts = true\n');
  const vapid = await subscribe(stage, halley, service);
  const { cookie } = await login(halley.origin, 'kit', PASSWORD);
  const headers = { Cookie: cookie, Origin: halley.origin, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ endpoint: `${service.origin}/page`, p256dh: service.p256dh, auth: service.auth });
  const made = await fetch(`${halley.origin}/api/push`, { method: 'POST', headers, body });
  assert.equal(made.status, 201);

  await halley.kill9(); // subscriptions are durable when they are answered
  const before = speaker.said.lines.length;
  await halley.serve();
  await speaker.until(/^:kit!\S+ JOIN/, { from: before });
  speaker.send(`PRIVMSG ${CHANNEL} :nothing for anybody`);
  speaker.send(`PRIVMSG ${CHANNEL} :kit: are you there?`);
  await service.pushed.untilCount(/(^| ):speaker!\S+ PRIVMSG #comet :kit: are you there\?$/, 2);
  await service.pushed.until(/;halley\/network=real /);
  assert.equal(service.pushed.matching(/nothing/).length, 0);
  const claims = service.claims(service.headers[0], vapid);
  assert.equal(claims.aud, service.origin);
  assert.equal(claims.sub, 'mailto:postmaster@halley.example');
  assert.equal(service.headers[0].urgency, 'high');

  const desk = await attach(stage, halley, 'desk');
  desk.send(`MARKREAD ${CHANNEL} timestamp=${new Date().toISOString()}`);
  await service.pushed.untilCount(/ ?:halley.example MARKREAD #comet timestamp=/, 2);

  service.status = 410;
  speaker.send(`PRIVMSG ${CHANNEL} :kit: again`);
  await service.pushed.untilCount(/kit: again$/, 2);
  let listed;
  do listed = await halley.must(['push', 'list', 'kit', '--json']); while (JSON.parse(listed.stdout).length > 0);
  await halley.stop();
});

scene('a service on a private network gets nothing unless the administrator allows it', {}, async (stage) => {
  const { service, speaker, halley } = await raiseWithService(stage);
  await subscribe(stage, halley, service);
  speaker.send(`PRIVMSG ${CHANNEL} :kit: are you there?`);
  let listed;
  do [listed] = JSON.parse((await halley.must(['push', 'list', 'kit', '--json'])).stdout); while (!listed.trouble);
  assert.match(listed.trouble, /is private, and those are refused here.*\[push\] allow_private_hosts/);
  assert.equal(service.headers.length, 0);
  await halley.stop();
});
