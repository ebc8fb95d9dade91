// A program on a terminal of its own, which script(1) makes.
import { readFile } from 'node:fs/promises';

export class Terminal {
  // `inside`: what stands before a command that is to run in another namespace.
  constructor(stage, name, command, { inside = [], env = {} }) {
    this.pidFile = stage.path(`${name}.pid`);
    const [program, ...args] = [...inside, 'script', '-q', '-f', '-e', '-c', `echo $$ >${this.pidFile}; exec ${command}`, '/dev/null'];
    this.child = stage.run(name, program, args,
      { input: null, env: { ...process.env, TERM: 'xterm', LINES: '40', COLUMNS: '120', ...env } });
  }

  type(text) {
    this.child.process.stdin.write(`${text}\r`);
  }

  get ended() {
    return this.child.ended;
  }

  // The program, and not script(1) alone: that would be a hang-up, and time to say goodbye.
  async kill() {
    process.kill(Number(await readFile(this.pidFile, 'utf8')), 'SIGKILL');
    await this.ended;
  }
}
