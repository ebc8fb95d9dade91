// weechat-headless as somebody uses it: commands go in through its FIFO, what it showed is read from its own log files.
import { mkdir, open } from 'node:fs/promises';

// Login ways: 'pass' sends PASS user/network@device:password, 'sasl' logs in with SASL PLAIN.
function serverOptions({ login, user, password, nick }) {
  const common = { nicks: nick, autoconnect: 'off', autoreconnect_delay: '1', anti_flood_prio_high: '0', anti_flood_prio_low: '0' };
  if (login === 'none') return common;
  if (login === 'pass') return { ...common, password: `${user}:${password}` };
  return { ...common, sasl_mechanism: 'plain', sasl_username: user, sasl_password: password };
}

export class WeeChat {
  // `server` names the connection in WeeChat, and so the log files; the folder outlives restarts.
  constructor(stage, name, { server, address = '127.0.0.1', port, inside = [], secure = false, ...login }) {
    Object.assign(this, { stage, name, server, inside, folder: stage.path(name), fifo: stage.path(name, 'fifo') });
    const options = serverOptions(login);
    this.setup = [
      '/set logger.file.flush_delay 0',
      '/set logger.look.backlog 0',
      '/set logger.file.time_format ""',
      `/set fifo.file.path ${this.fifo}`,
      '/set irc.look.smart_filter off',
      `/server add ${server} ${address}/${port}${secure ? ' -ssl -nossl_verify' : ''}`,
      ...Object.entries(options).map(([key, value]) => `/set irc.server.${server}.${key} "${value}"`),
    ];
  }

  async start() {
    await mkdir(this.folder, { recursive: true });
    const commands = [...this.setup, '/fifo enable', `/connect ${this.server}`];
    const [program, ...args] = [...this.inside, 'weechat-headless'];
    this.child = this.stage.run(this.name, program, [...args, '--stdout', '--dir', this.folder,
      ...commands.flatMap((command) => ['--run-command', command])]);
    return this;
  }

  // What it showed in a buffer ("#channel", or "server" for the server's own), over all its starts.
  log(buffer) {
    const part = buffer === 'server' ? `server.${this.server}` : `${this.server}.${buffer}`;
    const file = `${this.folder}/logs/irc.${part.toLowerCase()}.weechatlog`;
    this.logs ??= new Map();
    if (!this.logs.has(buffer)) {
      const follower = this.stage.run(`${this.name} ${buffer}`, 'tail', ['-s', '0.1', '-n', '+1', '-F', file]);
      this.logs.set(buffer, follower.said);
    }
    return this.logs.get(buffer);
  }

  // Types into a buffer.
  async type(buffer, text) {
    const full = buffer === 'server' ? `irc.server.${this.server}` : `irc.${this.server}.${buffer}`;
    const pipe = await open(this.fifo, 'a');
    await pipe.write(`${full} *${text}\n`);
    await pipe.close();
  }

  async say(target, text) {
    await this.type('server', `/msg ${target} ${text}`);
  }

  // Leaves as a person does, with /quit.
  async leave() {
    await this.type('server', '/quit');
    await this.child.ended;
  }

  async die() {
    await this.child.stop('SIGKILL');
  }
}
