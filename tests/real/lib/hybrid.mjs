// ircd-hybrid. Debian's package cannot be installed beside ngircd's: script/bootstrap unpacks it, and here its files stand, for it alone,
// where it looks for them. It refuses to run as root.
import dgram from 'node:dgram';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { Ircd, LINK_PASSWORD, OPER, place } from './ircds.mjs';

const unpacked = fileURLToPath(new URL('../../../build/unpacked/ircd-hybrid', import.meta.url));
const MODULES = '/usr/lib/ircd-hybrid/modules';

// It asks for the name of each address that connects, and waits long for an answer. There is no way to forbid it, so here is somebody who
// knows no names, for the whole run: in a network that is the test's own, port 53 is free.
let nameless;
function answerNothing() {
  nameless ??= new Promise((resolve, reject) => {
    const server = dgram.createSocket('udp4');
    server.on('message', (question, from) => {
      question[2] = 0x81; // an answer
      question[3] = 0x83; // NXDOMAIN
      server.send(question, from.port, from.address);
    });
    server.once('error', reject).bind(53, () => resolve(server.unref()));
  });
  return nameless;
}

// It logs to a file or a pipe, and what a test reads is a socket: so a shell stands between. It dies with that.
function sandbox(stage, etc) {
  return ['sh', '-c', '"$@" | cat', 'sh', 'bwrap', '--die-with-parent', '--unshare-user', '--uid', '1000',
    '--ro-bind', '/usr/lib/x86_64-linux-gnu', '/usr/lib/x86_64-linux-gnu', '--ro-bind', '/usr/lib64', '/usr/lib64',
    '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64', '--ro-bind', etc, '/etc', '--ro-bind', '/proc', '/proc',
    '--dev', '/dev', '--tmpfs', '/run',
    '--ro-bind', `${unpacked}/usr/lib/ircd-hybrid`, '/usr/lib/ircd-hybrid', '--ro-bind', `${unpacked}/usr/sbin`, '/usr/sbin',
    '--bind', stage.folder, stage.folder];
}

function config(where) {
  const sid = where.name.startsWith('far') ? '2HY' : '1HY';
  return `
serverinfo { name = "${where.name}"; sid = "${sid}"; description = "real tests"; network_name = "RealNet"; hub = yes; max_nick_length = 30; };
admin { name = "real"; description = "real tests"; email = "real@example.org"; };
class { name = "all"; ping_time = 120 seconds; number_per_ip_local = 1000; number_per_ip_global = 1000; max_number = 1000;
  sendq = 8 megabytes; recvq = 8000 bytes; };
listen { host = "${where.address}"; port = ${where.port}, ${where.linkPort}; };
auth { user = "*@*"; class = "all"; flags = exceed_limit, can_flood; };
operator { name = "${OPER.name}"; user = "*@*"; password = "${OPER.password}"; encrypted = no; class = "all"; flags = connect, squit; };
${where.peers.map((peer) => `connect { name = "${peer.name}"; host = "127.0.0.1"; port = ${peer.linkPort}; send_password = "${LINK_PASSWORD}";
  accept_password = "${LINK_PASSWORD}"; encrypted = no; hub_mask = "*"; class = "all"; };`).join('\n')}
channel { default_join_flood_count = 0; };
general { disable_auth = yes; throttle_count = 1000; anti_nick_flood = no; default_floodcount = 0; };
modules { path = "${MODULES}"; path = "${MODULES}/autoload"; };
`;
}

// `resolver`: the address at which this process is for the server.
export async function hybrid(stage, { resolver = '127.0.0.1', ...options } = {}) {
  if (!existsSync(unpacked)) throw new Error(`${unpacked} is missing: script/bootstrap test puts it there`);
  const where = await place('ircd-hybrid', options);
  const file = stage.path(`${where.name}.conf`);
  await writeFile(file, config(where));
  const etc = stage.path(`${where.name}.etc`);
  await mkdir(etc);
  await writeFile(`${etc}/resolv.conf`, `nameserver ${resolver}\n`);
  await writeFile(`${etc}/services`, 'domain 53/udp\n'); // without it, it crashes
  await answerNothing();
  const bans = ['kline', 'xline', 'dline', 'resv'].flatMap((kind) => [`-${kind}file`, stage.path(`${where.name}.${kind}`)]);
  const [command, ...args] = [...sandbox(stage, etc), '/usr/sbin/ircd-hybrid', '-foreground', '-configfile', file, '-pidfile', '/run/ircd.pid',
    '-logfile', '/dev/stdout', ...bans];
  return new Ircd(stage, where, command, args, /Server ready/).start();
}
