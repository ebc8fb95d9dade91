// Clients that know no extension see all networks on one connection: two real servers, WeeChat and irssi.
import { Halley } from './lib/halley.mjs';
import { ircds } from './lib/ircds.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { Irssi } from './lib/irssi.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { WeeChat } from './lib/weechat.mjs';

const CLIENTS = { weechat: WeeChat, irssi: Irssi };

// Somebody in a channel of a network of its own, and Halley's user there.
async function network(stage, halley, name, channel, speaker) {
  const ircd = await ircds.ngircd(stage);
  const there = await IrcClient.connect(stage, speaker, ircd.port);
  await there.register(speaker);
  await there.join(channel);
  await halley.addNetwork('kit', name, ircd, `kit${name[0]}`, channel);
  await there.until(new RegExp(`^:kit${name[0]}!\\S+ JOIN`));
  return there;
}

for (const [name, Client] of Object.entries(CLIENTS)) {
  scene(`${name} is in channels of two networks on one connection, hears and is heard in both`, {}, async (stage) => {
    const halley = await (await Halley.prepare(stage)).serve();
    await halley.addUser('kit', PASSWORD);
    const bob = await network(stage, halley, 'hub', '#one', 'bob');
    const carl = await network(stage, halley, 'sat', '#two', 'carl');
    const client = await new Client(stage, name, {
      server: 'halley', port: halley.ircPort, login: 'pass', user: `kit/*@${name}`, password: PASSWORD, nick: 'kit',
    }).start();
    const type = (window, text) => (name === 'irssi' ? client.type(text) : client.type(window, text));
    // Both write '_' for the '/' in the name of a log.
    const log = (channel, of) => client.log(`${channel}_${of}`);
    await log('#one', 'hub').until(/kit .*has joined/);
    await log('#two', 'sat').until(/kit .*has joined/);
    bob.send('PRIVMSG #one :hello from the hub');
    await log('#one', 'hub').until(/bob\/hub.*hello from the hub/);
    carl.send('PRIVMSG #two :hello from the satellite');
    await log('#two', 'sat').until(/carl\/sat.*hello from the satellite/);
    await type('server', '/msg #one/hub hello hub');
    await bob.until(/^:kith!\S+ PRIVMSG #one :hello hub/);
    await type('server', '/msg #two/sat hello satellite');
    await carl.until(/^:kits!\S+ PRIVMSG #two :hello satellite/);
    await type('server', '/join #three/sat');
    await log('#three', 'sat').until(/kit .*has joined/);
    await client.leave();
    bob.send('PRIVMSG #one :said while you were away');
    bob.send('PING :said');
    await bob.until(/PONG/);
    await client.start();
    await log('#one', 'hub').until(/said while you were away/);
    await client.leave();
    await halley.stop();
  });
}
