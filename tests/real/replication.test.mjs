// Litestream beside Halley, as docs/guide/backup.md and docs/litestream.yml have it: it alone copies the write-ahead log back, again and
// again while lines come, without ever losing its place; what it restores is whole.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { ircds } from './lib/ircds.mjs';
import { CHANNEL, raise } from './lib/raise.mjs';
import { Shell } from './lib/shell.mjs';
import { scene } from './lib/stage.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
// It comes with npm, as Debian has none; for other machines it is not published.
const litestream = here('./node_modules/@flydotio/litestream-linux-x64/litestream');
const ROUNDS = 12, LINES = 60;

const guide = await readFile(here('../../docs/guide/backup.md'), 'utf8');
const [begin, restore] = [...guide.matchAll(/^```litestream\n([\s\S]*?)^```$/gm)].map((match) => match[1]);

// A service that systemctl starts and stops.
function unit(stage, config) {
  let child;
  return {
    start: async () => {
      child = stage.run('litestream', litestream, ['replicate', '-config', config]);
      await child.said.until(/initialized db/);
    },
    stop: () => child.stop(), // it sends what is left first
    said: () => child.said,
  };
}

async function configured(stage, halley) {
  const text = await readFile(here('../../docs/litestream.yml'), 'utf8');
  const config = stage.path('litestream.yml');
  // Twenty pages in place of a thousand: many checkpoints in a short while.
  await writeFile(config, text.replace('/var/lib/halley', halley.data).replace('/var/backups', stage.path('backups'))
    .replace('    replicas:', '    min-checkpoint-page-count: 20\n    replicas:'));
  return config;
}

const options = { skip: existsSync(litestream) ? false : 'Litestream is not here: npm has it for x86-64 alone' };
scene('Litestream replicates a Halley at work, and what it restores is whole', options, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const setting = /^```text\n(\[history\]\nreplicated = true\n)```$/m.exec(guide)[1];
  await halley.configure(setting);
  const service = unit(stage, await configured(stage, halley));
  const shell = await Shell.open(stage, halley, { units: { litestream: service } });
  await shell.tool('litestream', `#!/bin/sh\nexec ${litestream} "$@"\n`);
  await shell.run('backup.md', begin);
  await service.said().until(/new generation/); // it has begun: what comes now is copied as it goes on
  await speaker.said.untilCount(/^:kit!\S+ JOIN/, 2);

  const heard = async () => {
    const { stdout } = await halley.must(['history', 'kit', 'real', CHANNEL, '--limit', '1000', '--json']);
    return JSON.parse(stdout);
  };
  for (let round = 1; round <= ROUNDS; round++) {
    for (let line = 1; line <= LINES; line++) speaker.send(`PRIVMSG ${CHANNEL} :round ${round} line ${line} ${'x'.repeat(200)}`);
    await speaker.settle(`round-${round}`);
    await halley.must(['search', 'kit', `"round ${round} line"`]); // has them written to the database
  }
  const before = JSON.stringify(await heard());
  assert.match(before, new RegExp(`round ${ROUNDS} line ${LINES} `));
  assert.equal(service.said().matching(/new generation/).length, 1, 'it never lost its place');
  assert.equal(service.said().matching(/level=ERROR/).length, 0);

  await shell.run('backup.md', restore);
  const after = JSON.stringify(await heard());
  for (let round = 1; round <= ROUNDS; round++) {
    for (let line = 1; line <= LINES; line++) assert.ok(after.includes(`round ${round} line ${line} `), `round ${round} line ${line}`);
  }
  await halley.stop();
  await service.stop();
});
