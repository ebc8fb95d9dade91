// Atheme as the services of a network, for InspIRCd.
import { mkdir, writeFile } from 'node:fs/promises';

import { LINK_PASSWORD } from './ircds.mjs';
import { AS_SOMEBODY } from './own_network.mjs';

export const SERVICES = 'services.example';

const MODULES = ['backend/opensex', 'crypto/pbkdf2v2', 'nickserv/main', 'nickserv/identify', 'nickserv/register', 'nickserv/group', 'nickserv/set_core',
  'nickserv/enforce', 'saslserv/main', 'saslserv/plain', 'hostserv/main', 'hostserv/vhost'];
const BOTS = { nickserv: 'NickServ', saslserv: 'SaslServ', hostserv: 'HostServ' };

// `uplink`: the name of the server that listens at `linkPort` for it. `operator`: the account that may give others a vhost.
export async function atheme(stage, { linkPort, uplink, operator }) {
  const file = stage.path('atheme.conf');
  await mkdir(stage.path('atheme'));
  await writeFile(file, `
loadmodule "modules/protocol/inspircd";
${MODULES.map((name) => `loadmodule "modules/${name}";`).join('\n')}
serverinfo {
  name = "${SERVICES}"; desc = "real tests"; numeric = "00A"; recontime = 1; netname = "RealNet"; adminname = "real"; adminemail = "real@example.org";
  registeremail = "real@example.org"; loglevel = { error; info; }; maxlogins = 9; maxusers = 9; mdlimit = 30; emaillimit = 10; emailtime = 300;
  auth = none; casemapping = rfc1459;
};
uplink "${uplink}" { host = "127.0.0.1"; port = ${linkPort}; send_password = "${LINK_PASSWORD}"; receive_password = "${LINK_PASSWORD}"; };
${Object.entries(BOTS).map(([name, nick]) => `${name} { nick = "${nick}"; user = "${nick}"; host = "${SERVICES}"; real = "${nick}"; };`).join('\n')}
nickserv { maxnicks = 5; expire = 30; enforce_prefix = "Guest"; };
general { uflags = { hidemail; }; kline_time = 7; commit_interval = 5; };
operclass "host-giver" { privs { user:vhost; }; };
operator "${operator}" { operclass = "host-giver"; };
`);
  const [command, ...args] = [...AS_SOMEBODY, 'atheme-services', '-n', '-c', file, '-l', stage.path('atheme.log'), '-p', stage.path('atheme.pid'),
    '-D', stage.path('atheme')];
  return stage.run('atheme', command, args);
}

// Says something to one of its bots, and waits for what it answers.
export async function ask(client, bot, text, answer) {
  const from = client.said.lines.length;
  client.send(`PRIVMSG ${bot} :${text}`);
  return client.until(new RegExp(`^:${bot}!\\S+ NOTICE .*(${answer})`), { from });
}
