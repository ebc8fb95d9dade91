// catgirl on a terminal of its own, typed into, and read through its log files. It speaks TLS only.
import { mkdir, writeFile } from 'node:fs/promises';

import { Terminal } from './terminal.mjs';

const DAY_MS = 86_400_000;

export class Catgirl {
  constructor(stage, name, { address = '127.0.0.1', port, user, password, nick, inside = [] }) {
    Object.assign(this, { stage, name, inside, folder: stage.path(name), address, port });
    this.config = [`host = ${address}`, `port = ${port}`, `pass = ${user}:${password}`, `nick = ${nick}`, `user = ${nick}`,
      `trust = ${stage.path(`${name}.pem`)}`, 'log'].join('\n');
    this.env = { TZ: 'UTC', HOME: this.folder, XDG_DATA_HOME: `${this.folder}/data`, XDG_CONFIG_HOME: this.folder };
  }

  async start() {
    await mkdir(`${this.folder}/data`, { recursive: true });
    // As its manual says of servers whose certificate nobody signed.
    const [command, ...args] = [...this.inside, 'catgirl', '-o', '-h', this.address, '-p', String(this.port)];
    const asked = this.stage.run(`${this.name} -o`, command, args);
    await asked.ended;
    await writeFile(this.stage.path(`${this.name}.pem`), asked.stdout);
    await writeFile(this.stage.path(`${this.name}.conf`), `${this.config}\n`);
    this.terminal = new Terminal(this.stage, this.name, `catgirl ${this.stage.path(`${this.name}.conf`)}`, { inside: this.inside, env: this.env });
    return this;
  }

  // What it showed in a window. Its logs are in a folder with the name of the network, or of the host when that has none, and have
  // the names of their days; the run may see a midnight.
  log(window) {
    this.logs ??= new Map();
    if (!this.logs.has(window)) {
      const days = [0, DAY_MS].map((later) => new Date(Date.now() + later).toISOString().slice(0, 10));
      const files = days.map((day) => `${this.folder}/data/catgirl/log/${this.address}/${window}/${day}.log`);
      this.logs.set(window, this.stage.run(`${this.name} ${window}`, 'tail', ['-s', '0.1', '-q', '-n', '+1', '-F', ...files]).said);
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
