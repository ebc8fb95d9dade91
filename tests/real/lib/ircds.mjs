// Real IRC servers on loopback, each with a configuration of its own.
import { writeFile } from 'node:fs/promises';
import net from 'node:net';

import { freePort } from './stage.mjs';

const root = process.getuid() === 0;

async function reachable(port) {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => { probe.destroy(); resolve(true); });
    probe.once('error', () => resolve(false));
  });
}

class Ircd {
  constructor(stage, name, port, command, args, ready) {
    Object.assign(this, { stage, name, port, command, args, ready });
    this.url = `irc://127.0.0.1:${port}`;
  }

  async start() {
    this.child = this.stage.run(this.name, this.command, this.args, { cwd: this.stage.folder });
    await this.child.said.until(this.ready);
    if (!await reachable(this.port)) throw new Error(`${this.name} says it is ready, and port ${this.port} is closed`);
    return this;
  }

  async stop() {
    await this.child.stop('SIGKILL');
  }
}

async function ngircd(stage) {
  const port = await freePort();
  const file = stage.path('ngircd.conf');
  await writeFile(file, `
[Global]
Name = irc.ngircd.example
Info = real tests
AdminInfo1 = real tests
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = hello
[Limits]
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
`);
  return new Ircd(stage, 'ngircd', port, 'ngircd', ['-n', '-f', file], /\bready\b/).start();
}

async function inspircd(stage) {
  const port = await freePort();
  const file = stage.path('inspircd.conf');
  const modules = ['cap', 'ircv3', 'ircv3_accounttag', 'ircv3_batch', 'ircv3_capnotify', 'ircv3_chghost', 'ircv3_ctctags',
    'ircv3_echomessage', 'ircv3_invitenotify', 'ircv3_labeledresponse', 'ircv3_msgid', 'ircv3_servertime', 'namesx', 'uhnames'];
  await writeFile(file, `
<server name="irc.inspircd.example" description="real tests" network="RealNet">
<admin name="real" nick="real" email="real@example.org">
<bind address="127.0.0.1" port="${port}" type="clients">
<power diepass="${port}" restartpass="${port}">
<connect allow="*" timeout="60" threshold="1000000" commandrate="1000000" fakelag="no" pingfreq="120" hardsendq="8M" softsendq="8M"
         recvq="1M" localmax="100" globalmax="100" maxconnwarn="no" resolvehostnames="no" useident="no">
<dns server="127.0.0.1" timeout="1">
<pid file="${stage.path('inspircd.pid')}">
<options splitwhois="no">
<performance netbuffersize="10240">
${modules.map((name) => `<module name="${name}">`).join('\n')}
`);
  const args = ['--nofork', ...(root ? ['--runasroot'] : []), '--config', file];
  return new Ircd(stage, 'inspircd', port, 'inspircd', args, /now running/).start();
}

export const ircds = { ngircd, inspircd };
