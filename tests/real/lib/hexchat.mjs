// HexChat on a screen that nobody sees (Xvfb). A script of HexChat's own reads what is to be typed from a file; what was shown is
// read from its log files.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';

import { AS_SOMEBODY } from './own_network.mjs';

const TYPIST = (file) => `
hexchat.register('typist', '1', 'types what a file says')
local done = 0
hexchat.hook_timer(50, function()
  local file = io.open('${file}')
  if not file then return true end
  file:seek('set', done)
  for line in file:lines() do
    done = done + #line + 1
    hexchat.command(line)
  end
  file:close()
  return true
end)
`;

export class HexChat {
  constructor(stage, name, { address = '127.0.0.1', port, user, password, nick, inside = [] }) {
    Object.assign(this, { stage, name, inside, folder: stage.path(name), typed: stage.path(name, 'typed') });
    this.login = `server ${address} ${port} ${user}:${password}`;
    this.settings = { gui_slist_skip: 1, gui_join_dialog: 0, irc_logging: 1, irc_logmask: '%c.log', irc_nick1: nick, irc_user_name: nick,
      irc_real_name: nick, stamp_log: 0, text_replay: 0, net_auto_reconnect: 0, gui_quit_dialog: 0, identd_server: 0 };
  }

  async start() {
    await mkdir(`${this.folder}/addons`, { recursive: true });
    await writeFile(`${this.folder}/hexchat.conf`, Object.entries(this.settings).map(([key, value]) => `${key} = ${value}\n`).join(''));
    await writeFile(`${this.folder}/addons/typist.lua`, TYPIST(this.typed));
    await writeFile(this.typed, '');
    this.screen ??= await this.openScreen();
    const [command, ...args] = [...this.inside, ...AS_SOMEBODY, 'hexchat', '--cfgdir', this.folder];
    const env = { ...process.env, DISPLAY: this.screen, HOME: this.folder, XDG_RUNTIME_DIR: this.folder, NO_AT_BRIDGE: '1', GSETTINGS_BACKEND: 'memory',
      DBUS_SESSION_BUS_ADDRESS: 'disabled:' };
    this.child = this.stage.run(this.name, command, args, { env });
    await this.type(this.login);
    return this;
  }

  async openScreen() {
    const xvfb = this.stage.run('Xvfb', 'Xvfb', ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '800x600x24']);
    return `:${(await xvfb.said.until(/^\d+$/)).trim()}`;
  }

  // What it showed in a window.
  log(window) {
    this.logs ??= new Map();
    if (!this.logs.has(window)) {
      this.logs.set(window, this.stage.run(`${this.name} ${window}`, 'tail', ['-s', '0.1', '-n', '+1', '-F', `${this.folder}/logs/${window}.log`]).said);
    }
    return this.logs.get(window);
  }

  async type(text) {
    await appendFile(this.typed, `${text}\n`);
  }

  async say(target, text) {
    await this.type(`msg ${target} ${text}`);
  }

  async leave() {
    await this.type('quit');
    await this.type('killall');
    await this.child.ended;
  }

  async die() {
    await this.child.stop('SIGKILL');
  }
}
