// Halley under a service manager: what it is told, the watchdog, and sockets that were open before.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Halley, program } from './lib/halley.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { freePort, scene } from './lib/stage.mjs';

const MANAGER = fileURLToPath(new URL('./lib/service_manager.py', import.meta.url));

// Orders for it go by `order`; what it says is `said`.
async function manage(stage, halley, ports) {
  const child = stage.run('service manager', 'python3', [MANAGER, '400000', ...ports.map(String), '--', program, 'serve', '--config', halley.config],
    { input: null });
  await child.said.until(/^listening$/);
  return { said: child.said, order: (word) => child.process.stdin.write(`${word}\n`) };
}

scene('the service manager is told of readiness, reloads, the end, and all the while that it goes on', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  const { said, order } = await manage(stage, halley, []);
  order('start');
  await said.until(/^told READY=1$/);
  await said.untilCount(/^told WATCHDOG=1$/, 5);
  const from = said.lines.length;
  order('SIGHUP');
  await said.until(/^told RELOADING=1 MONOTONIC_USEC=\d+$/, { from });
  await said.until(/^told READY=1$/, { from });
  await writeFile(halley.config, 'lisen = []\n');
  const later = said.lines.length;
  order('SIGHUP');
  await said.until(/not reloaded: .*lisen/, { from: later });
  await said.until(/^told READY=1$/, { from: later }); // with what it had before
  order('SIGTERM');
  await said.until(/^told STOPPING=1$/);
  await said.until(/^ended 0$/);
});

scene('sockets of the service manager: whoever comes while nobody serves them waits, and is served', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  await halley.addUser('kit', PASSWORD);
  const { said, order } = await manage(stage, halley, [halley.ircPort, halley.httpPort]);
  for (const visit of [1, 2]) {
    const early = await IrcClient.connect(stage, `early ${visit}`, halley.ircPort);
    const page = fetch(`${halley.origin}/healthz`, { headers: { connection: 'close' } });
    const from = said.lines.length;
    order('start');
    await early.register('kit', { password: `kit:${PASSWORD}` });
    assert.equal((await page).status, 200);
    await said.until(new RegExp(`listening on irc://127\\.0\\.0\\.1:${halley.ircPort}$`), { from });
    const own = await IrcClient.connect(stage, `TLS ${visit}`, halley.tlsPort, { secure: true }); // opened by Halley itself
    await own.register('kit', { password: `kit:${PASSWORD}` });
    order('SIGTERM');
    await said.until(/^ended 0$/, { from });
  }
});

scene('a socket that the configuration does not name ends the start, and is named', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  const stray = await freePort();
  const { said, order } = await manage(stage, halley, [halley.ircPort, stray]);
  order('start');
  await said.until(new RegExp(`the service manager listens on 127\\.0\\.0\\.1:${stray}, which "listen" does not name`));
  await said.until(/^ended 1$/);
});
