// The finished program, as its users run it: a configuration file, `halley serve`, and the command line beside it.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from './stage.mjs';

const built = fileURLToPath(new URL('../../../build/halley', import.meta.url));
export const program = path.resolve(process.env.HALLEY ?? built);
if (!existsSync(program)) throw new Error(`${program} is missing: build it first, or set HALLEY`);

const SANITIZER = /Sanitizer|runtime error:/;

export class Halley {
  // `address`: where it listens, beside loopback; at the same ports.
  static async prepare(stage, { extra = '', address } = {}) {
    const halley = new Halley(stage);
    halley.addresses = ['127.0.0.1', ...(address ? [address] : [])];
    [halley.ircPort, halley.tlsPort, halley.httpPort] = [await freePort(), await freePort(), await freePort()];
    halley.origin = `http://127.0.0.1:${halley.httpPort}`;
    await halley.configure(extra);
    return halley;
  }

  constructor(stage) {
    this.stage = stage;
    this.config = stage.path('halley.toml');
    this.data = stage.path('data');
    this.starts = 0;
  }

  // Scenes are quick: nothing towards the network is held back.
  async configure(extra = '') {
    const listen = this.addresses.flatMap((address) =>
      [`irc://${address}:${this.ircPort}`, `ircs://${address}:${this.tlsPort}`, `http://${address}:${this.httpPort}`]);
    await writeFile(this.config, `
hostname = "halley.example"
data_dir = "${this.data}"
listen = ${JSON.stringify(listen)}

[upstream]
allow_private_hosts = true
connect_pacing = 0
reconnect_min = 1
reconnect_max = 2
rate = 0
${extra}
`);
  }

  launch() {
    this.child = this.stage.run(`halley ${++this.starts}`, program, ['serve', '--config', this.config]);
    return this.child;
  }

  async serve() {
    await this.launch().said.until(/\bready\b/);
    return this;
  }

  // Runs a command; what it prints and how it ends are the answer.
  async cli(args, input = '') {
    const child = this.stage.run(`halley ${args.join(' ')}`, program, ['--config', this.config, ...args], { input });
    const { code } = await child.ended;
    return { code, stdout: child.stdout, said: child.said.lines.join('\n') };
  }

  async must(args, input) {
    const answer = await this.cli(args, input);
    if (answer.code !== 0) throw new Error(`halley ${args.join(' ')} ended with ${answer.code}: ${answer.said}`);
    return answer;
  }

  async addUser(name, password) {
    await this.must(['user', 'add', name, '--password-stdin'], `${password}\n`);
  }

  async addNetwork(user, name, ircd, nick, channels) {
    await this.must(['network', 'add', user, name, ircd.url, '--nick', nick, '--join', channels]);
  }

  // As a power cut of the process: nothing is said, nothing is written.
  async kill9() {
    await this.child.stop('SIGKILL');
  }

  // The clean end, and the proof that no sanitizer had anything to say.
  async stop() {
    const { code, signal } = await this.child.stop('SIGTERM');
    if (code !== 0) throw new Error(`halley ended with ${code ?? signal} after SIGTERM`);
    const complaint = this.child.said.lines.find((line) => SANITIZER.test(line));
    if (complaint) throw new Error(complaint);
  }
}
