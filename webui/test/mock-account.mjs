// What Halley's commands about an account do (POST /api/account), as far as the page uses them.

import { channel } from './mock-network.mjs';

function words(line) {
  const found = [];
  let word = null;
  let quoted = false;
  for (let i = 0; i < line.length; i += 1) {
    const sign = line[i];
    if (sign === "'") quoted = !quoted;
    else if (sign === '\\' && !quoted) sign_next();
    else if (sign === ' ' && !quoted) end();
    else word = (word ?? '') + sign;
    if (sign === "'") word ??= '';
    function sign_next() { word = (word ?? '') + line[(i += 1)]; }
  }
  end();
  return found;
  function end() {
    if (word !== null) found.push(word);
    word = null;
  }
}

const done = (text, json = {}) => ({ status: 0, text, json });
const refused = (text) => ({ status: 1, text });

function settings(args) {
  return Object.fromEntries(args.filter((arg) => /^[a-z-]+=/.test(arg)).map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]));
}

const COMMANDS = {
  'network add': (mock, [name, url, ...rest]) => {
    if (mock.world.networks[name] !== undefined) return refused(`you have a network ${name} already; choose another name`);
    const { nick = 'ada', join = '', ...more } = settings(rest);
    mock.world.networks[name] = { nick, state: 'connecting', title: name, url, settings: more, channels: {} };
    mock.setNetwork(name, 'connecting');
    mock.setNetwork(name, 'connected');
    for (const each of join.split(',').filter((one) => one !== '')) {
      mock.world.networks[name].channels[each] = channel(each, 'Welcome', [[nick, '']]);
      mock.emit(name, `:${nick}!ada@host.example JOIN ${each}`, [each]);
    }
    return done(`network ${name} added for ada`, { name });
  },
  'network show': (mock, [name]) => {
    const { nick, url = `ircs://${name}.example`, settings: more = {}, state } = mock.world.networks[name];
    return done('', { name, url, nick, realname: 'Ada', sasl: more.sasl ?? '', client_cert: more.sasl === 'external' ? 'ab12cd' : '', enabled: state !== 'disconnected' });
  },
  'network set': (mock, [name, ...rest]) => {
    const { nick, url, ...more } = settings(rest);
    Object.assign(mock.world.networks[name], { nick, url, settings: more });
    return done(`network ${name} changed`);
  },
  'network connect': (mock, [name]) => { mock.setNetwork(name, 'connected'); return done(''); },
  'network disconnect': (mock, [name]) => { mock.setNetwork(name, 'disconnected'); return done(''); },
  'network remove': (mock, [name]) => {
    delete mock.world.networks[name];
    mock.send({ event: 'network', network: name, state: 'removed', removed: true });
    return done('');
  },
  'device list': (mock) => done('', mock.devices),
  'device add': (mock, [name]) => {
    mock.devices.push({ name, token: true, seen: 'never' });
    const token = `halley_0123456789abcde${(15 + mock.tokens++).toString(16)}`;
    return done('', { user: 'ada', device: name, token, url: mock.ircHost === undefined ? null : `ircs://ada%40${name}:${token}@${mock.ircHost}` });
  },
  'device rename': (mock, [name, next]) => {
    if (mock.devices.some((each) => each.name === next)) return { status: 1, text: `ada has a device ${next} already` };
    mock.devices.find((each) => each.name === name).name = next;
    return done('');
  },
  'device revoke': (mock, [name]) => { mock.devices = mock.devices.filter((each) => each.name !== name); return done(''); },
  'session list': (mock) => done('', mock.webLogins),
  'session revoke': (mock, [id]) => { mock.webLogins = mock.webLogins.filter((each) => String(each.id) !== id); return done(''); },
};

export function runAccount(mock, line) {
  mock.account.push(line);
  const [group, verb, ...args] = words(line);
  const run = COMMANDS[`${group} ${verb}`];
  return run === undefined ? { status: 2, text: `there is no command ${group} ${verb}` } : run(mock, args);
}
