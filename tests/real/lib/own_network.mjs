// A network that is the test's own: the file goes on in a fresh namespace, whose loopback it shares with nobody, and has links there
// that it can take down. Root is not needed where the kernel lets users have namespaces of their own.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const MARK = 'HALLEY_TEST_OWN_NETWORK';

async function run(...args) {
  try {
    await promisify(execFile)(args[0], args.slice(1));
  } catch (error) {
    throw new Error(`${args.join(' ')}: ${error.stderr || error.message}`);
  }
}

// Called before anything else of a test file. Outside of the namespace it does not return: the process becomes the one that waits
// for the run inside, and ends as that does.
export async function ownNetwork() {
  if (process.env[MARK]) {
    await run('ip', 'link', 'set', 'lo', 'up');
    return;
  }
  const rights = process.getuid() === 0 ? [] : ['--map-root-user'];
  const inside = spawn('unshare', [...rights, '--net', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => inside.kill(signal));
  process.exit(await new Promise((resolve, reject) => {
    inside.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  }));
}

// Before a command: for programs that refuse to run as root, which everybody is inside, or then want to be another whom the namespace does not
// have. Files are theirs as before.
export const SOMEBODY = 1000;
export const AS_SOMEBODY = process.env[MARK] ? ['unshare', '--user', `--map-user=${SOMEBODY}`, `--map-group=${SOMEBODY}`] : [];

let made = 0;

// A pair of interfaces, one of them in another namespace, `there`, where a peer runs.
// `inside`: what stands before a command that is to run there.
export class Link {
  // `beside`: a link to the same namespace.
  static async make(stage, { beside } = {}) {
    const link = new Link(++made);
    link.keeper = beside?.keeper ?? await Link.keep(stage, `namespace ${link.number}`);
    link.inside = ['nsenter', '--target', link.keeper, '--net'];
    await run('ip', 'link', 'add', link.hereName, 'type', 'veth', 'peer', 'name', link.thereName, 'netns', link.keeper);
    await run('ip', 'address', 'add', `${link.here}/30`, 'dev', link.hereName);
    await run('ip', 'link', 'set', link.hereName, 'up');
    await run(...link.inside, 'ip', 'link', 'set', 'lo', 'up');
    await run(...link.inside, 'ip', 'address', 'add', `${link.there}/30`, 'dev', link.thereName);
    await link.up();
    return link;
  }

  // A process that has a namespace until its input ends, as it does when the test goes.
  static async keep(stage, name) {
    const keeper = stage.run(name, 'unshare', ['--net', 'sh', '-c', 'echo ready; exec cat'], { input: null });
    await keeper.said.until(/ready/);
    return String(keeper.process.pid);
  }

  constructor(number) {
    Object.assign(this, { number, hereName: `here${number}`, thereName: `there${number}` });
    [this.here, this.there] = [`10.77.${number}.1`, `10.77.${number}.2`];
  }

  // Nothing passes, and neither end's connections are told.
  async down() {
    await run(...this.inside, 'ip', 'link', 'set', this.thereName, 'down');
  }

  async up() {
    await run(...this.inside, 'ip', 'link', 'set', this.thereName, 'up');
  }
}
