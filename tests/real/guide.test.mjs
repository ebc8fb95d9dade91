// The user guide: each block marked `sh` runs, in the order of its page, in a world of its own; each link leads somewhere, and each
// command that is named exists.
import assert from 'node:assert/strict';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Halley, program } from './lib/halley.mjs';
import { ircds } from './lib/ircds.mjs';
import { Shell } from './lib/shell.mjs';
import { scene, scenes } from './lib/stage.mjs';

const guide = fileURLToPath(new URL('../../docs/guide/', import.meta.url));
const pages = (await readdir(guide)).filter((name) => name.endsWith('.md')).sort();
const texts = new Map(await Promise.all(pages.map(async (name) => [name, await readFile(guide + name, 'utf8')])));

const blocks = (text, kind) => [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter((match) => match[1] === kind).map((match) => match[2]);

// What other programs left behind. Their networks are switched off, or lead nowhere.
const FROM_ZNC = `mkdir -p /var/lib/znc/configs '/var/lib/znc/users/ada/moddata/log/libera/#halley'
cat >/var/lib/znc/configs/znc.conf <<'END'
Version = 1.8.2
<User ada>
  Nick = ada
  <Network libera>
    IRCConnectEnabled = false
    Server = irc.example.org +6697
    <Chan #halley>
    </Chan>
  </Network>
  <Pass password>
    Hash = 2fcd04f343f9a587a0e611137300536d73582580ddfeaf19429a9a1b59a037f6
    Method = sha256
    Salt = salt!;1
  </Pass>
</User>
END
echo '[12:34:56] <ben> hello' >'/var/lib/znc/users/ada/moddata/log/libera/#halley/2024-01-31.log'`;
const FROM_SOJU = `mkdir -p '/var/lib/soju/logs/ben/libera/#halley'
echo '[12:34:56] <ada> hello' >'/var/lib/soju/logs/ben/libera/#halley/2024-01-31.log'
python3 - <<'END'
import sqlite3
db = sqlite3.connect('/var/lib/soju/main.db')
db.executescript('''
CREATE TABLE User (id INTEGER PRIMARY KEY, username TEXT, password TEXT);
CREATE TABLE Network (id INTEGER PRIMARY KEY, name TEXT, user INTEGER, addr TEXT, nick TEXT, username TEXT, realname TEXT, pass TEXT,
  sasl_mechanism TEXT, sasl_plain_username TEXT, sasl_plain_password TEXT, enabled INTEGER);
CREATE TABLE Channel (id INTEGER PRIMARY KEY, network INTEGER, name TEXT, key TEXT);
INSERT INTO User VALUES (3, 'ben', '');
INSERT INTO Network (id, name, user, addr, nick, enabled) VALUES (5, 'libera', 3, 'irc.example.org', 'ben', 0);
''')
db.close()
END`;
const FROM_THE_LOUNGE = `mkdir -p /etc/thelounge/users
echo '{"networks": [{"uuid": "u-1", "name": "libera", "host": "127.0.0.1", "port": 1, "nick": "cem"}]}' >/etc/thelounge/users/cem.json`;
const FROM_A_CLIENT = `mkdir -p /var/lib/halley/irclogs/libera
printf '2024-01-31 12:35:00\\tben\\tthe telescope is set up\\n' >'/var/lib/halley/irclogs/libera/irc.libera.#halley.weechatlog'`;

// What a page takes for granted, which the pages before it have made.
const BEFORE = {
  'backup.md': ['halley user add kit --admin', 'halley network add kit libera ircs://irc.libera.chat --nick kit'],
  'browsers.md': ['halley user add kit --admin'],
  'clients.md': ['halley user add kit --admin', 'halley network add kit libera ircs://irc.libera.chat --nick kit'],
  'moving.md': [FROM_ZNC, FROM_SOJU, FROM_THE_LOUNGE, FROM_A_CLIENT],
  'privacy.md': ['halley user add ann --admin', 'halley user add kit', 'halley network add kit libera ircs://irc.libera.chat --nick kit'],
  'troubleshooting.md': ['halley user add kit --admin', 'halley network add kit libera ircs://irc.libera.chat --nick kit'],
};

async function follow(stage, name) {
  const ircd = await ircds.ngircd(stage);
  const halley = await (await Halley.prepare(stage)).serve();
  halley.network = ircd.url;
  const shell = await Shell.open(stage, halley);
  await shell.run(`before ${name}`, (BEFORE[name] ?? []).join('\n'));
  for (const block of blocks(texts.get(name), 'sh')) await shell.run(name, block);
  await halley.stop();
}

const runnable = pages.filter((name) => blocks(texts.get(name), 'sh').length > 0);
scenes('each command of the guide runs', runnable.map((name) => [name, (stage) => follow(stage, name)]));

test('the index has each page, and each link leads somewhere', async () => {
  for (const name of pages) {
    if (name !== 'README.md') assert.ok(texts.get('README.md').includes(`](${name})`), `${name} is not in the index`);
    for (const [, target] of texts.get(name).matchAll(/\]\(([^)#]+)\)/g)) await stat(guide + target);
    assert.equal(texts.get(name).match(/^```$/gm)?.length ?? 0, texts.get(name).match(/^```\w+$/gm)?.length ?? 0, `${name}: a block without a mark`);
  }
});

scene('each command that the guide names exists', {}, async (stage) => {
  const help = stage.run('help', program, ['help']);
  await help.ended;
  const known = new Set(help.stdout.split('\n').map((line) => /^  ([a-z-]+(?: [a-z-]+)?)/.exec(line)?.[1]).filter(Boolean));
  const firsts = new Set([...known].map((command) => command.split(' ')[0]));
  const knows = (line) => {
    const words = line.split(/\s+/);
    return known.has(`${words[0]} ${words[1]}`) || known.has(words[0]) || !firsts.has(words[0]);
  };
  for (const [name, text] of texts) {
    for (const [, line] of text.matchAll(/(?:^|[`|&] ?|# )halley ([a-z][^`\n]*)/gm)) {
      assert.ok(firsts.has(line.split(/\s+/)[0]) && knows(line), `${name}: halley ${line}`);
    }
    for (const [, line] of text.matchAll(/\/msg \*halley ([a-z][^`\n]*)/g)) assert.ok(knows(line), `${name}: /msg *halley ${line}`);
  }
});

scene('what the package configures is a configuration', {}, async (stage) => {
  const file = fileURLToPath(new URL('../../packaging/halley.toml', import.meta.url));
  for (const uncommented of [false, true]) {
    const text = await readFile(file, 'utf8');
    const halley = await Halley.prepare(stage);
    await writeFile(halley.config, uncommented ? text.replaceAll(/^#(?=[a-z[])/gm, '').replaceAll(/^(cert|key) = .*$/gm, '') : text);
    const { code, said } = await halley.cli(['--data', halley.data, 'config', 'check']);
    assert.equal(code, 0, said);
  }
});
