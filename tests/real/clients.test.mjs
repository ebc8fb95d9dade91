// Real IRC clients come in by every door: PASS and SASL, plain and TLS, several at once.
import assert from 'node:assert/strict';

import { ircds } from './lib/ircds.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { Irssi } from './lib/irssi.mjs';
import { attach, CHANNEL, PASSWORD, raise } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { WeeChat } from './lib/weechat.mjs';

const CLIENTS = { weechat: WeeChat, irssi: Irssi };

for (const [name, Client] of Object.entries(CLIENTS)) {
  for (const login of ['pass', 'sasl']) {
    for (const secure of [false, true]) {
      scene(`${name} logs in by ${login.toUpperCase()}${secure ? ' over TLS' : ''}, hears and is heard`, {}, async (stage) => {
        const { speaker, halley } = await raise(stage, ircds.inspircd);
        const client = await new Client(stage, name, {
          server: 'halley', port: secure ? halley.tlsPort : halley.ircPort, secure, login,
          user: `kit/real@${name}`, password: PASSWORD, nick: 'kit',
        }).start();
        await client.log(CHANNEL).until(/kit .*has joined/);
        speaker.send(`PRIVMSG ${CHANNEL} :can you hear me, ${name}?`);
        await client.log(CHANNEL).until(/can you hear me/);
        if (name === 'irssi') client.type(`/msg ${CHANNEL} loud and clear`);
        else await client.type(CHANNEL, 'loud and clear');
        await speaker.until(/PRIVMSG #comet :loud and clear/);
        await client.leave();
        await halley.stop();
      });
    }
  }
}

scene('what one client says the others see, once each', {}, async (stage) => {
  const { speaker, halley } = await raise(stage, ircds.inspircd);
  const [desk, phone] = [await attach(stage, halley, 'desk'), await attach(stage, halley, 'phone')];
  desk.send(`PRIVMSG ${CHANNEL} :from the desk`);
  await phone.until(/PRIVMSG #comet :from the desk/);
  await speaker.until(/PRIVMSG #comet :from the desk/);
  await phone.settle('phone');
  await desk.settle('desk');
  assert.equal(phone.said.matching(/from the desk/).length, 1);
  assert.equal(desk.said.matching(/from the desk/).length, 0, 'no echo without echo-message');
  await halley.stop();
});

scene('a wrong password is refused in words, and the door stays open for the right one', {}, async (stage) => {
  const { halley } = await raise(stage, ircds.inspircd);
  const stranger = await IrcClient.connect(stage, 'stranger', halley.ircPort);
  stranger.send('PASS kit/real:wrong');
  stranger.send('NICK kit');
  stranger.send('USER kit 0 * :kit');
  await stranger.until(/ 464 /);
  await stranger.closed;
  const friend = await IrcClient.connect(stage, 'friend', halley.ircPort);
  await friend.register('kit', { password: `kit/real:${PASSWORD}` });
  const lost = await IrcClient.connect(stage, 'lost', halley.ircPort);
  lost.send(`PASS kit/nowhere:${PASSWORD}`);
  lost.send('NICK kit');
  lost.send('USER kit 0 * :kit');
  await lost.until(/nowhere/);
  await lost.closed;
  await halley.stop();
});

scene('the network goes away and comes back: Halley rejoins and tells its clients', {}, async (stage) => {
  const { ircd, halley } = await raise(stage, ircds.inspircd);
  const client = await attach(stage, halley, 'client');
  await ircd.stop();
  await ircd.start();
  const speaker = await IrcClient.connect(stage, 'speaker again', ircd.port);
  await speaker.register('speaker');
  speaker.send(`JOIN ${CHANNEL}`);
  await speaker.until(/^:kit!\S+ JOIN|353 .*\bkit\b/);
  speaker.send(`PRIVMSG ${CHANNEL} :back again`);
  await client.until(/back again/);
  await halley.stop();
});
