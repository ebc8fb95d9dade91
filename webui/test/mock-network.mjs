// The scripted network behind the mock server: who is there, what was said, and what it answers to a line.

export function channel(name, topic, members, joined = true) {
  return { name, topic, joined, members: new Map(members) };
}

const REGULARS = ['vera', 'tycho', 'kepler', 'caroline', 'messier', 'hypatia', 'edmond', 'annie', 'cecilia', 'galileo', 'jocelyn', 'subra', 'henrietta', 'copernicus'];

export function seedWorld() {
  const crowd = REGULARS.map((nick, index) => [nick, index === 0 ? '@' : index < 3 ? '+' : '']);
  return {
    networks: {
      libera: {
        nick: 'ada',
        state: 'connected',
        title: 'Libera.Chat',
        channels: {
          '#halley': channel('#halley', 'Halley, the bouncer that always comes back | next return 2061 | https://halley.example/notes', [['ada', '@'], ...crowd]),
          '#astronomy': channel('#astronomy', 'Clear skies. Be kind; paste long things elsewhere.', [['ada', ''], ...crowd.slice(3)]),
          '#cpp': channel('#cpp', '', [['ada', '+'], ...crowd.slice(0, 6)]),
          '#quiet': channel('#quiet', 'Nothing to see', [['ada', '']]),
        },
      },
      oftc: {
        nick: 'ada_',
        state: 'connecting',
        title: 'OFTC',
        channels: { '#debian': channel('#debian', '', [], false) },
      },
    },
  };
}

const TALK = [
  ['vera', 'Morning all. The 0.1 build survived the night: kill -9 every ten minutes and not one line lost.'],
  ['tycho', 'ada: did you see the numbers for replay? 600k lines a second on the little box'],
  ['ada', 'I did. I am still a bit suspicious of them, so I am counting every line by hand.'],
  ['ada', '(not really)'],
  ['caroline', 'Found something in the seeing data, notes at https://example.org/nights/2024-11-02?plot=all#fig3 (page two is the good one).'],
  ['kepler', 'that is \x02lovely\x02, and \x1dso\x1d much better than what we had \x0304last\x03 year'],
  ['hypatia', 'Could somebody look at #astronomy later? There is a question about \x11ffmpeg -i in.fits\x11 again'],
  ['\x01', 'waves from the balcony, where it is finally dark'],
  ['messier', 'I keep a list. Not-a-comet number 103, to be exact.'],
  ['vera', 'A longer one, to see how it wraps: what I like about keeping the log in one place is that nobody has to think about it. You close the laptop, the train goes into the tunnel, you open the laptop, and there it is, in order, once.'],
  ['edmond', '76 years is a fine heartbeat interval'],
  ['annie', 'спасибо! 🌠 ça marche aussi avec des accents — naïve, Ångström, Ελλάδα'],
  ['tycho', 'ada: ping me when the page has dark mode'],
  ['ada', 'It has. Follows the system, or the button at the bottom left.'],
];

function atMinutesAgo(minutes) {
  return Date.now() - minutes * 60_000;
}

/** Some days of talk, so that there is something to look at. */
export function seedTalk(mock) {
  const who = (nick) => `:${nick}!${nick}@host.example`;
  for (let i = 0; i < 400; i += 1) {
    const nick = REGULARS[(i * 7) % 5];
    mock.say('libera', '#halley', nick, `Earlier talk, line ${i + 1}: the sky was ${['clear', 'hazy', 'overcast', 'perfect'][i % 4]}.`, atMinutesAgo(3000 - i * 3));
  }
  let minutes = 95;
  for (const nick of ['jocelyn', 'subra', 'henrietta']) mock.emit('libera', `${who(nick)} JOIN #halley`, ['#halley'], atMinutesAgo(minutes));
  mock.emit('libera', `${who('galileo')} QUIT :Ping timeout`, ['#halley', '#astronomy'], atMinutesAgo(minutes));
  for (const [nick, text] of TALK) {
    minutes -= nick === 'ada' ? 1 : 6;
    if (nick === '\x01') mock.say('libera', '#halley', 'caroline', `\x01ACTION ${text}\x01`, atMinutesAgo(minutes));
    else mock.say('libera', '#halley', nick, text, atMinutesAgo(minutes));
  }
  mock.emit('libera', `${who('vera')} MODE #halley +v kepler`, ['#halley'], atMinutesAgo(4));
  mock.say('libera', '#astronomy', 'copernicus', 'Does it revolve, though?', atMinutesAgo(30));
  mock.say('libera', 'ada', 'vera', 'Do you have a minute for the release notes?', atMinutesAgo(20));
  mock.log[mock.log.length - 1].targets = ['vera'];
  mock.world.networks.libera.channels['vera'] = { name: 'vera', topic: '', joined: false, members: new Map() };
}

const CHATTER = ['Anyone observing tonight?', 'ada: look up!', 'The forecast says clear after eleven.', 'Merged.', 'https://example.org/comets is up again', 'I will be on the roof.'];

export function startChatter(mock) {
  let i = 0;
  mock.chatter = setInterval(() => {
    i += 1;
    const target = ['#halley', '#astronomy', '#cpp'][i % 3];
    mock.say('libera', target, REGULARS[i % 9], CHATTER[i % CHATTER.length]);
  }, 4000);
}

// --- what the network does with a line from us ---

const COMMANDS = {
  PRIVMSG: (mock, network, own, [target, text]) => {
    if (target === '*halley') mock.tell(network, `:*halley!halley@halley NOTICE ${own.nick} :${text.split(' ')[0]}: done.`);
    else if (target === 'nobody') mock.tell(network, `:irc.example 401 ${own.nick} nobody :No such nick`);
    else mock.emit(network, `${own.mask} PRIVMSG ${target} :${text}`, [target]);
    // As Halley does: what was said is kept when it is sent, and refused afterwards.
    if (text.includes('refuse me')) mock.tell(network, `:irc.example 404 ${own.nick} ${target} :Cannot send to channel (+m)`);
  },
  NOTICE: (mock, network, own, [target, text]) => mock.emit(network, `${own.mask} NOTICE ${target} :${text}`, [target]),
  JOIN: (mock, network, own, [name]) => {
    const channels = mock.world.networks[network].channels;
    const joined = (channels[name] ??= channel(name, 'A new place', [['vera', '@'], ['tycho', '']]));
    joined.joined = true;
    joined.members.set(own.nick, '');
    mock.emit(network, `${own.mask} JOIN ${name}`, [name]);
    mock.tell(network, `:irc.example 332 ${own.nick} ${name} :${joined.topic}`);
    mock.tell(network, `:irc.example 353 ${own.nick} = ${name} :${[...joined.members].map(([nick, signs]) => signs + nick).join(' ')}`);
    mock.tell(network, `:irc.example 366 ${own.nick} ${name} :End of names`);
  },
  PART: (mock, network, own, [name, reason = '']) => {
    mock.world.networks[network].channels[name].joined = false;
    mock.emit(network, `${own.mask} PART ${name} :${reason}`, [name]);
  },
  TOPIC: (mock, network, own, [name, topic]) => {
    mock.world.networks[network].channels[name].topic = topic;
    mock.emit(network, `${own.mask} TOPIC ${name} :${topic}`, [name]);
  },
  NICK: (mock, network, own, [next]) => {
    const channels = Object.values(mock.world.networks[network].channels);
    mock.world.networks[network].nick = next;
    for (const each of channels) {
      const signs = each.members.get(own.nick);
      each.members.delete(own.nick);
      if (signs !== undefined) each.members.set(next, signs);
    }
    mock.emit(network, `${own.mask} NICK ${next}`, channels.map((each) => each.name));
  },
  MODE: (mock, network, own, [name, letters = '', ...args]) => {
    const channel = mock.world.networks[network].channels[name];
    const bans = (channel.bans ??= new Set());
    const modes = (channel.modes ??= new Map([['n', ''], ['t', '']]));
    if (letters === '') {
      const list = [...modes];
      mock.tell(network, `:irc.example 324 ${own.nick} ${name} +${list.map(([mode]) => mode).join('')} ${list.map(([, arg]) => arg).join(' ')}`.trim());
      mock.tell(network, `:irc.example 329 ${own.nick} ${name} 1700000000`);
      return;
    }
    if (/^\+?b$/.test(letters) && args.length === 0) {
      for (const mask of bans) mock.tell(network, `:irc.example 367 ${own.nick} ${name} ${mask} ${own.nick}!ada@host.example 1700000000`);
      mock.tell(network, `:irc.example 368 ${own.nick} ${name} :End of channel ban list`);
      return;
    }
    let add = true;
    const rest = [...args];
    for (const letter of letters) {
      if (letter === '+' || letter === '-') add = letter === '+';
      else if (letter === 'b') (add ? bans.add(rest.shift()) : bans.delete(rest.shift()));
      else if ('ohv'.includes(letter)) rest.shift();
      else if (add) modes.set(letter, 'kl'.includes(letter) ? rest.shift() : '');
      else modes.delete(letter);
    }
    mock.emit(network, `${own.mask} MODE ${name} ${[letters, ...args].join(' ')}`, [name]);
  },
  KICK: (mock, network, own, [name, nick, why = '']) => {
    mock.world.networks[network].channels[name].members.delete(nick);
    mock.emit(network, `${own.mask} KICK ${name} ${nick} :${why}`, [name]);
  },
  INVITE: (mock, network, own, [nick, name]) => mock.tell(network, `:irc.example 341 ${own.nick} ${nick} ${name}`),
  TAGMSG: () => undefined,
  WHOIS: (mock, network, own, [nick]) => {
    mock.tell(network, `:irc.example 311 ${own.nick} ${nick} ${nick} host.example * :${nick} the astronomer`);
    mock.tell(network, `:irc.example 312 ${own.nick} ${nick} irc.example :Somewhere in Europe`);
    mock.tell(network, `:irc.example 317 ${own.nick} ${nick} 754 1700000000 :seconds idle, signon time`);
    mock.tell(network, `:irc.example 318 ${own.nick} ${nick} :End of WHOIS`);
  },
  LIST: (mock, network, own) => {
    mock.tell(network, `:irc.example 321 ${own.nick} Channel :Users Name`);
    for (let i = 1; i <= mock.listed; i += 1) mock.tell(network, `:irc.example 322 ${own.nick} #c${i} ${i} :Channel ${i}`);
    mock.tell(network, `:irc.example 323 ${own.nick} :End of LIST`);
  },
  MOTD: (mock, network, own) => {
    mock.tell(network, `:irc.example 375 ${own.nick} :- Message of the day`);
    mock.tell(network, `:irc.example 372 ${own.nick} :- Be kind.`);
    mock.tell(network, `:irc.example 376 ${own.nick} :End of MOTD`);
  },
  NAMES: (mock, network, own, [name]) => {
    const members = mock.world.networks[network].channels[name]?.members ?? new Map();
    mock.tell(network, `:irc.example 353 ${own.nick} = ${name} :${[...members].map(([nick, signs]) => signs + nick).join(' ')}`);
    mock.tell(network, `:irc.example 366 ${own.nick} ${name} :End of names`);
  },
};

function params(text) {
  const at = text.indexOf(' :');
  const middle = (at < 0 ? text : text.slice(0, at)).split(' ').filter((part) => part !== '');
  return at < 0 ? middle : [...middle, text.slice(at + 2)];
}

/** A message of several lines: as one where the network takes it, else without its blank lines. */
function several(mock, network, own, [target, text], whole) {
  for (const each of whole ? [text] : text.split('\u2028').filter((one) => one.trim() !== '')) {
    mock.emit(network, `${own.mask} PRIVMSG ${target} :${each}`, [target], Date.now(), `msgid=x${mock.nextId}${whole ? ';halley/multiline' : ''}`);
  }
}

export function handleLine(mock, network, line) {
  const [command, ...rest] = params(line.replace(/^@\S+ /, '')); // client tags are for others
  const { nick, multiline } = mock.world.networks[network];
  const own = { nick, mask: `:${nick}!ada@host.example` };
  if (/^@\S*halley\/multiline/.test(line)) return several(mock, network, own, rest, multiline === true);
  const run = COMMANDS[command.toUpperCase()];
  if (run !== undefined) run(mock, network, own, rest);
  else mock.tell(network, `:irc.example 421 ${nick} ${command} :Unknown command`);
}
