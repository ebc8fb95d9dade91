// irssi on a terminal of its own, typed into, and read through its log files.
import { mkdir, writeFile } from 'node:fs/promises';

import { Terminal } from './terminal.mjs';

function quoted(value) {
  return `"${String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function block(values) {
  return Object.entries(values).map(([key, value]) => `${key} = ${quoted(value)};`).join(' ');
}

export class Irssi {
  constructor(stage, name, { server, address = '127.0.0.1', port, inside = [], secure = false, login, user, password, nick }) {
    Object.assign(this, { stage, name, server, inside, folder: stage.path(name) });
    const host = { address, port, chatnet: server, autoconnect: 'yes' };
    if (secure) Object.assign(host, { use_tls: 'yes', tls_verify: 'no' });
    if (login === 'pass') host.password = `${user}:${password}`;
    const chatnet = { type: 'IRC', nick };
    if (login === 'sasl') Object.assign(chatnet, { sasl_mechanism: 'PLAIN', sasl_username: user, sasl_password: password });
    this.config = `
servers = ( { ${block(host)} } );
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
    this.terminal = new Terminal(this.stage, this.name, `irssi --home=${this.folder}`, { inside: this.inside });
    return this;
  }

  // What it showed in a window: "#channel", "*nick", or the name of the server for its own.
  log(window) {
    const file = `${this.folder}/logs/${window.toLowerCase().replaceAll('*', '_')}.log`;
    this.logs ??= new Map();
    if (!this.logs.has(window)) {
      const follower = this.stage.run(`${this.name} ${window}`, 'tail', ['-s', '0.1', '-n', '+1', '-F', file]);
      this.logs.set(window, follower.said);
    }
    return this.logs.get(window);
  }

  type(text) {
    this.terminal.type(text);
  }

  say(target, text) {
    this.type(`/msg ${target} ${text}`);
  }

  async leave() {
    this.type('/quit');
    await this.terminal.ended;
  }

  async die() {
    await this.terminal.kill();
  }
}
