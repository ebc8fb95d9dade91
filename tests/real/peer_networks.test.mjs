// Real networks as Halley lives on them: two servers that split and are joined again, a link that dies under what is being said, and services
// that know an account, give it a host, and take a nick away.
// README.md's table of networks is what was seen here.
import assert from 'node:assert/strict';

import { Halley } from './lib/halley.mjs';
import { hybrid } from './lib/hybrid.mjs';
import { IrcClient } from './lib/irc_client.mjs';
import { ircds, Pair } from './lib/ircds.mjs';
import { Matrix } from './lib/matrix.mjs';
import { Link, ownNetwork } from './lib/own_network.mjs';
import { attach, CHANNEL, PASSWORD } from './lib/raise.mjs';
import { ask, atheme, SERVICES } from './lib/services.mjs';
import { freePort, scene, scenes } from './lib/stage.mjs';

await ownNetwork();

const NETWORKS = { ngircd: ircds.ngircd, InspIRCd: ircds.inspircd, 'ircd-hybrid': hybrid };
const [TALK, SPLIT, DEAD, SERVED] = ['hears, is heard', 'servers split and joined', 'said into a dead link', 'services'];
const matrix = new Matrix('tests/real/peer_networks.test.mjs', 'network', [TALK, SPLIT, DEAD, SERVED]);
const seen = new Map(Object.keys(NETWORKS).map((name) => [name, { [SERVED]: 'not tried' }]));
const SECRET = 'known-to-services';

async function arrive(stage, name, port, host) {
  const client = await IrcClient.connect(stage, name, port, { host });
  await client.register(name);
  client.send(`JOIN ${CHANNEL}`);
  await client.until(new RegExp(` 366 \\S+ ${CHANNEL} `));
  return client;
}

// `account`: whom services know it as.
async function halleyOn(stage, url, { nick = 'kit', account } = {}) {
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  const sasl = account ? ['--sasl', `plain:${account}`, '--sasl-password-stdin'] : [];
  await halley.must(['network', 'add', 'kit', 'real', url, '--nick', nick, '--join', CHANNEL, ...sasl], `${SECRET}\n`);
  return halley;
}

function say(client, text) {
  client.send(`PRIVMSG ${CHANNEL} :${text}`);
}

// Who is in the channel, as Halley says.
async function members(client) {
  const from = client.said.lines.length;
  client.send(`NAMES ${CHANNEL}`);
  await client.until(/ 366 /, { from });
  return client.said.matching(/ 353 /, from).flatMap((line) => line.split(' :')[1].trim().split(' ')).map((nick) => nick.replace(/^[@+]/, '')).sort();
}

// What a client that knows no server-time is told of when an old line was said.
const OLD = /^\[[-0-9]+ [:0-9]+\] /;

function texts(client) {
  return client.said.matching(/ PRIVMSG #comet /).map((line) => line.slice(line.indexOf(' :') + 2).replace(OLD, ''));
}

// A device that comes now is shown all that was said, each line once.
async function assertKept(stage, halley, said) {
  const late = await attach(stage, halley, 'late');
  await late.until(new RegExp(said.at(-1)));
  assert.deepEqual(texts(late), said);
}

async function splitAndJoined(stage, name) {
  const pair = await Pair.start(stage, name.toLowerCase(), NETWORKS[name]);
  const here = await arrive(stage, 'here', pair.near.port);
  await pair.rule(here);
  const there = await arrive(stage, 'there', pair.far.port);
  pair.join();
  await here.until(/^:there!\S+ JOIN/);
  const halley = await halleyOn(stage, pair.near.url);
  await there.until(/^:kit!\S+ JOIN/);
  const client = await attach(stage, halley, 'client');
  say(there, 'hello over there');
  await client.until(/hello over there/);
  say(client, 'hello back');
  await there.until(/hello back/);
  seen.get(name)[TALK] = 'yes';
  assert.deepEqual(await members(client), ['here', 'kit', 'there']);

  pair.split();
  await client.until(/^:there!\S+ QUIT/);
  await there.until(/^:kit!\S+ QUIT/);
  say(there, 'is nobody here?');
  await there.settle('alone');
  say(here, 'they are gone');
  await client.until(/they are gone/);
  assert.deepEqual(await members(client), ['here', 'kit']);

  const from = client.said.lines.length;
  pair.join();
  await client.until(/^:there!\S+ JOIN/, { from });
  say(there, 'back again');
  await client.until(/back again/);
  assert.deepEqual(await members(client), ['here', 'kit', 'there']);
  await assertKept(stage, halley, ['hello over there', 'hello back', 'they are gone', 'back again']);
  await halley.stop();
  seen.get(name)[SPLIT] = 'members right, each line once';
}

// The network's machine dies with the link, as in a power cut: nothing tells Halley. What was said into it goes out once, when both are back.
async function deadLink(stage, name) {
  const link = await Link.make(stage);
  const bypass = await Link.make(stage, { beside: link });
  const ircd = await NETWORKS[name](stage, { address: '0.0.0.0', probed: bypass.there, inside: link.inside, resolver: bypass.here });
  const speaker = await arrive(stage, 'speaker', ircd.port, bypass.there);
  const halley = await halleyOn(stage, `irc://${link.there}:${ircd.port}`);
  await speaker.until(/^:kit!\S+ JOIN/);
  const client = await attach(stage, halley, 'client');
  say(speaker, 'still there?');
  await client.until(/still there/);

  await link.down();
  say(client, 'yes, I am');
  await client.settle('said');
  await ircd.stop();
  await ircd.start();
  const again = await arrive(stage, 'speaker', ircd.port, bypass.there);
  await link.up();
  await again.until(/yes, I am/);
  say(again, 'welcome back');
  await client.until(/welcome back/);
  await again.settle('heard');
  assert.deepEqual(texts(again), ['yes, I am']);
  await assertKept(stage, halley, ['still there?', 'yes, I am', 'welcome back']);
  await halley.stop();
  seen.get(name)[DEAD] = 'goes out once, when it is back';
}

async function whois(client, nick) {
  const from = client.said.lines.length;
  client.send(`WHOIS ${nick}`);
  await client.until(/ 318 /, { from });
  return client.said.lines.slice(from);
}

// InspIRCd with Atheme. Halley logs in as kit by SASL under a nick that is another's, is given a vhost, and has the nick taken away.
async function served(stage) {
  const linkPort = await freePort();
  const ircd = await ircds.inspircd(stage, { linkPort, peers: [{ name: SERVICES, linkPort: await freePort(), services: true }] });
  const services = await atheme(stage, { linkPort, uplink: ircd.name, operator: 'owner' });
  await services.said.until(/finished synching/);
  const owner = await arrive(stage, 'owner', ircd.port);
  await ask(owner, 'NickServ', `REGISTER ${SECRET} owner@example.org`, 'is now registered');
  owner.send('NICK wanted');
  await ask(owner, 'NickServ', 'GROUP', 'is now registered');
  owner.send('NICK owner');
  const founder = await arrive(stage, 'kit', ircd.port);
  await ask(founder, 'NickServ', `REGISTER ${SECRET} kit@example.org`, 'is now registered');
  await founder.quit();

  const halley = await halleyOn(stage, ircd.url, { nick: 'wanted', account: 'kit' });
  await owner.until(/^:wanted!\S+ JOIN/);
  assert.match((await whois(owner, 'wanted')).join('\n'), / 330 owner wanted kit /, 'logged in by SASL');
  const client = await attach(stage, halley, 'client', 'wanted');

  await ask(owner, 'HostServ', 'VHOST kit kit.vhost.example', 'Assigned');
  await client.until(/ 396 wanted kit\.vhost\.example /);
  const second = await attach(stage, halley, 'second', 'wanted');
  await second.until(/^:wanted!\S+@kit\.vhost\.example JOIN #comet/);

  owner.send('PRIVMSG NickServ :RELEASE wanted');
  const [, guest] = /^:wanted!\S+ NICK :?(Guest\d+)/.exec(await client.until(/^:wanted!\S+ NICK /));
  await second.until(new RegExp(`^:wanted!\\S+ NICK :?${guest}`));
  say(client, 'it is still me');
  await owner.until(new RegExp(`^:${guest}!\\S+@kit\\.vhost\\.example PRIVMSG ${CHANNEL} :it is still me`));
  assert.deepEqual(await members(client), [guest, 'owner'].sort());
  const third = await attach(stage, halley, 'third', guest);
  await third.until(new RegExp(` 001 ${guest} `));
  await halley.stop();
  seen.get('InspIRCd')[SERVED] = 'Atheme: SASL, vhost, forced rename';
}

scenes('networks split, die, and come back', Object.keys(NETWORKS).flatMap((name) => [
  [`${name}: two servers`, (stage) => splitAndJoined(stage, name)],
  [`${name}: a dead link`, (stage) => deadLink(stage, name)],
]).concat([['InspIRCd: services', served]]));

scene('README.md says the same of networks', {}, () => {
  for (const [name, cells] of seen) matrix.put(name, cells);
  return matrix.settle(Object.keys(NETWORKS));
});
