// irssi on a terminal of its own (script(1) makes one), typed into, and read through its log files.
import { mkdir, writeFile } from 'node:fs/promises';

function quoted(value) {
  return `"${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function block(values) {
  return Object.entries(values).map(([key, value]) => `${key} = ${quoted(value)};`).join(' ');
}

export class Irssi {
  constructor(stage, name, { server, port, secure = false, login, user, password, nick }) {
    Object.assign(this, { stage, name, server, folder: stage.path(name) });
    const address = { address: '127.0.0.1', port, chatnet: server, autoconnect: 'yes' };
    if (secure) Object.assign(address, { use_tls: 'yes', tls_verify: 'no' });
    if (login === 'pass') address.password = `${user}:${password}`;
    const chatnet = { type: 'IRC', nick };
    if (login === 'sasl') Object.assign(chatnet, { sasl_mechanism: 'PLAIN', sasl_username: user, sasl_password: password });
    this.config = `
servers = ( { ${block(address)} } );
chatnets = { ${server} = { ${block(chatnet)} }; };
settings = {
  core = { ${block({ nick, user_name: nick, real_name: nick })} };
  "fe-common/core" = { ${block({ autolog: 'yes', autolog_path: `${this.folder}/logs/$0.log`, autolog_level: 'all -clientcrap' })} };
};
`;
  }

  async start() {
    await mkdir(`${this.folder}/logs`, { recursive: true });
    await writeFile(`${this.folder}/config`, this.config);
    this.child = this.stage.run(this.name, 'script', ['-q', '-f', '-e', '-c', `irssi --home=${this.folder}`, '/dev/null'],
      { input: null, env: { ...process.env, TERM: 'xterm', LINES: '40', COLUMNS: '120' } });
    return this;
  }

  // What it showed in a window: "#channel", or the name of the server for its own.
  log(window) {
    this.logs ??= new Map();
    if (!this.logs.has(window)) {
      const follower = this.stage.run(`${this.name} ${window}`, 'tail', ['-n', '+1', '-F', `${this.folder}/logs/${window.toLowerCase()}.log`]);
      this.logs.set(window, follower.said);
    }
    return this.logs.get(window);
  }

  type(text) {
    this.child.process.stdin.write(`${text}\r`);
  }

  async leave() {
    this.type('/quit');
    await this.child.ended;
  }
}
