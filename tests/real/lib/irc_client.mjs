// A bare IRC client: a socket, its lines, and the few commands that scenes need. It answers PING by itself.
import net from 'node:net';
import tls from 'node:tls';

export class IrcClient {
  // `certificate`: its own, with the key, both in one PEM text.
  static async connect(stage, name, port, { host = '127.0.0.1', secure = false, name: servername, localAddress, certificate } = {}) {
    const socket = secure
      ? tls.connect({ port, host, servername, rejectUnauthorized: false, cert: certificate, key: certificate })
      : net.connect({ port, host, localAddress });
    await new Promise((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', resolve).once('error', reject);
    });
    return new IrcClient(stage, name, socket);
  }

  constructor(stage, name, socket) {
    this.socket = socket;
    this.said = stage.transcript(name);
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      const from = this.said.lines.length;
      this.said.feed(text);
      for (const line of this.said.lines.slice(from)) {
        if (line.startsWith('PING')) this.send(line.replace('PING', 'PONG'));
      }
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.said.end();
        resolve();
      });
    });
    stage.atEnd(() => socket.destroy());
  }

  send(line) {
    this.socket.write(`${line}\r\n`);
  }

  until(pattern, options) {
    return this.said.until(pattern, options);
  }

  async register(nick, { user = nick, password } = {}) {
    if (password) this.send(`PASS :${password}`);
    this.send(`NICK ${nick}`);
    this.send(`USER ${user} 0 * :${nick}`);
    await this.until(/ 001 /);
  }

  async join(channel) {
    this.send(`JOIN ${channel}`);
    await this.until(new RegExp(` 366 \\S+ ${channel} `));
  }

  // Returns when the server has read everything sent so far.
  async settle(token) {
    this.send(`PING :${token}`);
    await this.until(new RegExp(`PONG .*${token}`));
  }

  async quit() {
    this.socket.end('QUIT :gone\r\n');
    await this.closed;
  }
}
