// The program among its neighbours: how it ends, and what it says when it cannot begin.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import net from 'node:net';

import { Halley } from './lib/halley.mjs';
import { ircds } from './lib/ircds.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { attach, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';

async function refusedStart(halley) {
  const child = halley.launch();
  const { code } = await child.ended;
  assert.equal(code, 1, 'refused');
  return child.said.lines.join('\n');
}

scene('SIGTERM: clients are told, the network is left, the files are whole', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.ngircd);
  const client = await attach(stage, halley, 'client');
  await halley.stop();
  await client.closed;
  await speaker.until(/^:kit!\S+ QUIT/);

  await halley.serve();
  await halley.stop();
});

scene('a port in use is named', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  const squatter = net.createServer().listen(halley.ircPort, '127.0.0.1');
  stage.atEnd(() => squatter.close());
  const said = await refusedStart(halley);
  assert.match(said, new RegExp(`${halley.ircPort}`));
  assert.match(said, /uses it already/);
});

scene('a second daemon on the same data is refused', {}, async (stage) => {
  const first = await (await Halley.prepare(stage)).serve();
  const second = await Halley.prepare(stage);
  const said = await refusedStart(second);
  assert.match(said, /running|in use|lock/i);
  await first.configure();
  await first.stop();
});

scene('an unknown key is named with its line and the nearest valid key', {}, async (stage) => {
  const halley = await Halley.prepare(stage, { extra: '\n[history]\nretention_dais = 3\n' });
  const said = await refusedStart(halley);
  assert.match(said, /halley\.toml:\d+/);
  assert.match(said, /retention_dais/);
  assert.match(said, /retention_days/);
});

scene('a value of the wrong type is refused', {}, async (stage) => {
  const halley = await Halley.prepare(stage, { extra: '\n[history]\nretention_days = "three"\n' });
  const said = await refusedStart(halley);
  assert.match(said, /halley\.toml:\d+/);
  assert.match(said, /retention_days/);
});

scene('a database of a newer version is left alone', {}, async (stage) => {
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  await halley.stop();
  const databases = (await stage.run('find', 'find', [halley.data, '-name', '*.db']).ended, stage.transcripts.at(-1).lines);
  assert.equal(databases.length, 1, 'one database');
  // The version that SQLite keeps in bytes 60 to 63 of the file, as PRAGMA user_version sets it.
  const bump = 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute("PRAGMA user_version=99999"); c.commit()';
  const { code } = await stage.run('bump', 'python3', ['-c', bump, databases[0]]).ended;
  assert.equal(code, 0);
  const said = await refusedStart(halley);
  assert.match(said, /newer/);
  assert.match(said, /99999|version/);
});

scene('the command line works without a daemon, and secrets are for the owner only', {}, async (stage) => {
  const halley = await Halley.prepare(stage);
  await halley.addUser('kit', PASSWORD);
  const listed = await halley.must(['user', 'list', '--json']);
  assert.match(listed.stdout, /"kit"/);
  assert.equal((await stat(halley.data)).mode & 0o077, 0, 'the data folder is closed to others');
  const twice = await halley.cli(['user', 'add', 'kit', '--password-stdin'], `${PASSWORD}\n`);
  assert.equal(twice.code, 1);
  assert.match(twice.said, /kit/);
  assert.equal((await halley.cli(['no-such-command'])).code, 2);
});

scene('rubbish from the network harms nobody', {}, async (stage) => {
  const rubbish = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from(':x 001 kit :hi\r\n\0\0\r\n:::: \r\n'), Buffer.alloc(100_000, 0xff), Buffer.from('\r\n')]));
    socket.write(':x 005 kit PREFIX=( CHANMODES=,,,,,, NICKLEN=99999999999999999999 :\r\n:x 353 kit\r\n:x MODE\r\n@;;;= :x JOIN\r\n');
  });
  await new Promise((resolve) => rubbish.listen(0, '127.0.0.1', resolve));
  stage.atEnd(() => rubbish.close());
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  await halley.addNetwork('kit', 'bad', { url: `irc://127.0.0.1:${rubbish.address().port}` }, 'kit', '#comet');
  const client = await IrcClient.connect(stage, 'client', halley.ircPort);
  await client.register('kit', { password: `kit/bad:${PASSWORD}` });
  await client.settle('alive');
  await halley.stop();
});
