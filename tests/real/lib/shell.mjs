// The commands of a guide in a world that is not the reader's: `halley` is the program under test, systemctl starts and stops the
// test's own daemon, chown does nothing, and places of the system lead into the stage's folder.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

import { program } from './halley.mjs';

const PASSWORD = 'six words would be better';

// A terminal asks for a password; here it comes on standard input.
const HALLEY = `#!/bin/bash
case "$*" in
  *password*) ;;
  "user add "* | "user passwd "*) exec ${program} "$@" --password-stdin <<<"${PASSWORD}" ;;
  "user remove "* | "network remove "* | "device revoke "*) exec ${program} "$@" </dev/null ;;
esac
exec ${program} "$@"
`;

export class Shell {
  // `units`: services beside Halley that systemctl can be asked for, each with start() and stop() or with reload(); `name`: of this
  // machine, when a stage has several.
  static async open(stage, halley, { units = {}, name = '' } = {}) {
    const shell = new Shell(stage, halley, units, stage.path(`bin${name}`));
    await mkdir(shell.bin);
    await mkdir(stage.path('backups'), { recursive: true });
    shell.server = http.createServer((request, response) => {
      const [verb, unit] = request.url.slice(1).split('/');
      shell.serve(verb, unit).then(
        () => response.end(),
        (error) => { response.statusCode = 500; response.end(`${error}\n`); });
    });
    await new Promise((resolve) => { shell.server.listen(0, '127.0.0.1', resolve); });
    stage.atEnd(() => shell.server.close());
    await shell.tool('halley', HALLEY);
    await shell.tool('chown', '#!/bin/sh\n');
    await shell.tool('systemctl', `#!/bin/sh\nexec curl -sSf "http://127.0.0.1:${shell.server.address().port}/$1/$2"\n`);
    return shell;
  }

  constructor(stage, halley, units, bin) {
    Object.assign(this, { stage, halley, units, bin });
  }

  async tool(name, text) {
    const file = path.join(this.bin, name);
    await writeFile(file, text);
    await chmod(file, 0o755);
  }

  // What systemctl was asked for.
  async serve(verb, unit) {
    if (unit !== 'halley') return this.units[unit][verb]();
    if (verb === 'reload') {
      const from = this.halley.child.said.lines.length;
      this.halley.child.process.kill('SIGHUP');
      await this.halley.child.said.until(/reload|configuration/i, { from });
      return;
    }
    if (verb !== 'start') await this.halley.stop();
    if (verb !== 'stop') await this.halley.serve();
  }

  // Runs one block; it fails when a line of it fails.
  async run(name, text) {
    const here = text.replaceAll('/var/lib/halley', this.halley.data)
      .replaceAll('/etc/halley/halley.toml', this.halley.config)
      .replaceAll('/var/backups', this.stage.path('backups'))
      .replaceAll(/\/(var\/lib|etc)\/(znc|soju|thelounge)/g, (_, __, name) => this.stage.path(name))
      .replaceAll(/ircs:\/\/irc\.(libera\.chat|oftc\.net)/g, this.halley.network);
    const env = { ...process.env, PATH: `${this.bin}:${process.env.PATH}`, HALLEY_CONFIG: this.halley.config };
    const child = this.stage.run(name, 'bash', ['-euo', 'pipefail', '-c', here], { env, cwd: this.stage.folder });
    const { code } = await child.ended;
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${text}\n${child.said.lines.join('\n')}`);
    return child.stdout;
  }
}
