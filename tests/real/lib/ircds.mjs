// Real IRC servers, each with a configuration of its own: on loopback, or wherever `inside` and `address` say (own_network.mjs).
import { writeFile } from 'node:fs/promises';
import net from 'node:net';

import { AS_SOMEBODY, SOMEBODY } from './own_network.mjs';
import { freePort } from './stage.mjs';

const root = process.getuid() === 0;

// Who says OPER with these may split and join servers.
export const OPER = { name: 'op', password: 'op-and-down' };
export const LINK_PASSWORD = 'linked';

async function reachable(port, address) {
  return new Promise((resolve) => {
    const probe = net.connect(port, address);
    probe.once('connect', () => { probe.destroy(); resolve(true); });
    probe.once('error', () => resolve(false));
  });
}

export class Ircd {
  constructor(stage, where, command, args, ready) {
    Object.assign(this, { stage, name: where.name, port: where.port, probed: where.probed, ready, words: [...where.inside, command, ...args] });
    this.url = `irc://${where.probed}:${where.port}`;
  }

  async start() {
    const [command, ...args] = this.words;
    this.child = this.stage.run(this.name, command, args, { cwd: this.stage.folder });
    await this.child.said.until(this.ready);
    if (!await reachable(this.port, this.probed)) throw new Error(`${this.name} says it is ready, and port ${this.port} is closed`);
    return this;
  }

  async stop() {
    await this.child.stop('SIGKILL');
  }
}

// Where a server is and what it is called. `peers`: the servers that it may be linked to, by name and `linkPort`, the one that they listen
// at for servers. `probed`: the address that it is reached at from here, if it listens at more than that.
export async function place(kind, { name = `irc.${kind}.example`, address = '127.0.0.1', probed = address, inside = [], port, linkPort, peers = [] } = {}) {
  return { name, address, probed, inside, peers, port: port ?? await freePort(), linkPort: linkPort ?? await freePort() };
}

async function ngircd(stage, options) {
  const where = await place('ngircd', options);
  const file = stage.path(`${where.name}.conf`);
  await writeFile(file, `
[Global]
Name = ${where.name}
Info = real tests
AdminInfo1 = real tests
Listen = ${where.address}
Ports = ${where.port}${where.peers.length > 0 ? `, ${where.linkPort}` : ''}
MotdPhrase = hello
${AS_SOMEBODY.length > 0 ? `ServerUID = ${SOMEBODY}\nServerGID = ${SOMEBODY}` : ''}
[Limits]
ConnectRetry = 5
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
[Operator]
Name = ${OPER.name}
Password = ${OPER.password}
${where.peers.map((peer) => `
[Server]
Name = ${peer.name}
Host = 127.0.0.1
Port = ${peer.linkPort}
MyPassword = ${LINK_PASSWORD}
PeerPassword = ${LINK_PASSWORD}
Passive = yes`).join('\n')}
`);
  const [command, ...args] = [...AS_SOMEBODY, 'ngircd', '-n', '-f', file];
  return new Ircd(stage, where, command, args, /\bready\b/).start();
}

async function inspircd(stage, options) {
  const where = await place('inspircd', options);
  const file = stage.path(`${where.name}.conf`);
  const modules = ['cap', 'ircv3', 'ircv3_accounttag', 'ircv3_batch', 'ircv3_capnotify', 'ircv3_chghost', 'ircv3_ctctags',
    'ircv3_echomessage', 'ircv3_invitenotify', 'ircv3_labeledresponse', 'ircv3_msgid', 'ircv3_servertime', 'namesx', 'uhnames',
    ...(where.peers.length > 0 ? ['spanningtree', 'services_account'] : []), ...(where.peers.some((peer) => peer.services) ? ['sasl', 'chghost', 'svshold'] : [])];
  await writeFile(file, `
<server name="${where.name}" description="real tests" network="RealNet">
<admin name="real" nick="real" email="real@example.org">
<bind address="${where.address}" port="${where.port}" type="clients">
${where.peers.length > 0 ? `<bind address="${where.address}" port="${where.linkPort}" type="servers">` : ''}
${where.peers.map((peer) => `<link name="${peer.name}" ipaddr="127.0.0.1" port="${peer.linkPort}" allowmask="127.0.0.0/8"
  sendpass="${LINK_PASSWORD}" recvpass="${LINK_PASSWORD}">${peer.services ? `
<uline server="${peer.name}" silent="yes"><sasl target="${peer.name}">` : ''}`).join('\n')}
<class name="all" commands="*" privs="*" usermodes="*" chanmodes="*" snomasks="*">
<type name="op" classes="all">
<oper name="${OPER.name}" password="${OPER.password}" host="*@*" type="op">
<power diepass="${where.port}" restartpass="${where.port}">
<connect allow="*" timeout="60" threshold="1000000" commandrate="1000000" fakelag="no" pingfreq="120" hardsendq="8M" softsendq="8M"
         recvq="1M" localmax="100" globalmax="100" maxconnwarn="no" resolvehostnames="no" useident="no">
<dns server="127.0.0.1" timeout="1">
<pid file="${stage.path(`${where.name}.pid`)}">
<options splitwhois="no">
<performance netbuffersize="10240">
${modules.map((name) => `<module name="${name}">`).join('\n')}
`);
  const args = ['--nofork', ...(root ? ['--runasroot'] : []), '--config', file];
  return new Ircd(stage, where, 'inspircd', args, /now running/).start();
}

export const ircds = { ngircd, inspircd };

// Two servers of a kind, which an operator of the first one joins and splits.
export class Pair {
  static async start(stage, kind, startIrcd) {
    const pair = new Pair();
    const [near, far] = await Promise.all(['near', 'far'].map(async (side) =>
      ({ name: `${side}.${kind}.example`, port: await freePort(), linkPort: await freePort() })));
    pair.near = await startIrcd(stage, { ...near, peers: [far] });
    pair.far = await startIrcd(stage, { ...far, peers: [near] });
    pair.farLinkPort = far.linkPort;
    return pair;
  }

  // `operator`: an IrcClient on the near server.
  async rule(operator) {
    this.operator = operator;
    operator.send(`OPER ${OPER.name} ${OPER.password}`);
    await operator.until(/ 381 /);
  }

  join() {
    this.operator.send(`CONNECT ${this.far.name} ${this.farLinkPort}`);
  }

  split() {
    this.operator.send(`SQUIT ${this.far.name} :split`);
  }
}
