// What most scenes begin with: an ircd, somebody who talks there, and Halley in the same channel for the user kit.
import { Halley } from './halley.mjs';
import { IrcClient } from './irc_client.mjs';

export const PASSWORD = 'correct-horse';
export const CHANNEL = '#comet';

export async function raise(stage, startIrcd, options) {
  const ircd = await startIrcd(stage);
  const speaker = await IrcClient.connect(stage, 'speaker', ircd.port);
  await speaker.register('speaker');
  await speaker.join(CHANNEL);
  const halley = await (await Halley.prepare(stage, options)).serve();
  await halley.addUser('kit', PASSWORD);
  await halley.addNetwork('kit', 'real', ircd, 'kit', CHANNEL);
  await speaker.until(/^:kit!\S+ JOIN/);
  return { ircd, speaker, halley };
}

// A bare client of Halley's, in and settled.
export async function attach(stage, halley, device, nick = 'kit') {
  const client = await IrcClient.connect(stage, device, halley.ircPort);
  await client.register(nick, { password: `kit/real@${device}:${PASSWORD}` });
  await client.until(new RegExp(` 366 \\S+ ${CHANNEL} `));
  return client;
}
