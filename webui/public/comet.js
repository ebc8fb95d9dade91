// The page as it was in 2006: a frame that never ends brings what is said, and forms carry what is typed (halley-web(7),
// transport=iframe). It asks of a browser scripts of 2009 and nothing newer, and is served as it is written here.
'use strict';

var SILENCE = 25000; // ms; a word comes at least every 15 s
var PATIENCE = 30000; // ms for the answer to a post
var MOST_LINES = 500; // of a buffer
var MOST_NODES = 20; // of the frame's document, which grows for ever
var client = 'comet.' + Math.random().toString(36).slice(2) + new Date().getTime().toString(36);
var seq = 1;
var waiting = []; // commands, the first of which is on its way
var posting = null; // the frame and timer of the post that is on its way
var stream = null; // the frame that never ends
var cursor = ''; // the id of the last event, or of the state
var exact = false; // ... and the next event's prev must name it
var watch = 0, again = 0, wait = 1000;
var pause = 1000, posted = 0; // before a post is tried again, and the timer of that
var networks = {}; // name -> { nick, types }
var buffers = {}; // key -> { network, name, topic, members, lines, asked, fresh }
var shown = '';
var user = ''; // whose page this is; Halley refuses what names another
var inside = false;

function el(id) { return document.getElementById(id); }
function show(id, yes) { el(id).hidden = !yes; }
function say(text) { el('state').textContent = text; }

// --- IRC ---
function parse(line) {
  var message = { tags: {}, nick: '', command: '', params: [] }, rest = line, at;
  function word() {
    at = rest.indexOf(' ');
    var one = at < 0 ? rest : rest.slice(0, at);
    rest = at < 0 ? '' : rest.slice(at).replace(/^ +/, '');
    return one;
  }
  if (rest.charAt(0) === '@') {
    word().slice(1).split(';').forEach(function (tag) {
      at = tag.indexOf('=');
      message.tags[at < 0 ? tag : tag.slice(0, at)] = at < 0 ? '' : tag.slice(at + 1);
    });
  }
  if (rest.charAt(0) === ':') message.nick = word().slice(1).split('!')[0];
  message.command = word().toUpperCase();
  while (rest !== '') {
    if (rest.charAt(0) === ':') { message.params.push(rest.slice(1)); break; }
    message.params.push(word());
  }
  return message;
}
function lower(name) { return name.toLowerCase(); }
function network(name) { return networks[name] || (networks[name] = { nick: '', types: '#&' }); }
function isChannel(net, name) { return name !== '' && network(net).types.indexOf(name.charAt(0)) >= 0; }
function isMe(net, nick) { return lower(network(net).nick) === lower(nick); }
function plain(text) {
  return text.replace(/\x03(\d{1,2}(,\d{1,2})?)?|\x04[0-9a-fA-F]{6}|[\x02\x0f\x11\x16\x1d\x1e\x1f]/g, '');
}

// --- Buffers ---
function buffer(net, name) {
  var key = net + ' ' + lower(name);
  if (!buffers[key]) {
    buffers[key] = { key: key, network: net, name: name, topic: '', members: {}, lines: [], asked: false, fresh: 0 };
    list();
    if (shown === '' || (buffers[shown].name === '' && isChannel(net, name))) look(key);
  }
  return buffers[key];
}
function list() {
  var where = el('where');
  where.textContent = '';
  Object.keys(buffers).sort().forEach(function (key) {
    var option = document.createElement('option'), b = buffers[key];
    option.value = key;
    option.textContent = b.network + ' ' + b.name + (b.fresh > 0 ? ' (' + b.fresh + ')' : '');
    option.selected = key === shown;
    where.appendChild(option);
  });
}
function row(line) {
  var item = document.createElement('li'), time = document.createElement('time'), who = document.createElement('b');
  item.className = line.kind;
  time.textContent = line.time.toTimeString().slice(0, 5);
  item.appendChild(time);
  item.appendChild(document.createTextNode(' '));
  if (line.nick !== '') {
    who.textContent = line.kind === 'action' ? '* ' + line.nick : line.nick;
    item.appendChild(who);
    item.appendChild(document.createTextNode(' '));
  }
  item.appendChild(document.createTextNode(line.text));
  return item;
}
function draw() {
  var log = el('log'), b = buffers[shown];
  log.textContent = '';
  b.lines.forEach(function (line) { log.appendChild(row(line)); });
  log.scrollTop = log.scrollHeight;
  el('topic').textContent = b.topic;
}
function look(key) {
  shown = key;
  buffers[key].fresh = 0;
  list();
  draw();
  if (exact) recall(buffers[key]);
}
function add(b, line) {
  var log = el('log'), low = log.scrollTop + log.clientHeight >= log.scrollHeight - 40;
  b.lines.push(line);
  if (b.lines.length > MOST_LINES) b.lines.shift();
  if (b.key === shown) {
    log.appendChild(row(line));
    if (log.childNodes.length > MOST_LINES) log.removeChild(log.firstChild);
    if (low) log.scrollTop = log.scrollHeight;
  } else if (line.kind === 'talk' || line.kind === 'action') {
    b.fresh += 1;
    list();
  }
}
function tell(text) {
  if (shown === '') say(text);
  else add(buffers[shown], { id: '', kind: 'error', nick: '', time: new Date(), text: text });
}

// What a message adds to which buffers: [[buffer, text, kind, nick]].
function places(net, m) {
  var first = m.params[0] || '', last = plain(m.params[m.params.length - 1] || ''), action;
  function members() {
    return Object.keys(buffers).map(function (key) { return buffers[key]; }).filter(function (b) {
      return b.network === net && Object.prototype.hasOwnProperty.call(b.members, lower(m.nick));
    });
  }
  function everywhere(text) { return members().map(function (b) { return [b, text, 'event', '']; }); }
  function here(name, text) { return [[buffer(net, name), text, 'event', '']]; }
  switch (m.command) {
    case 'PRIVMSG':
    case 'NOTICE':
      action = /^\x01ACTION ([^\x01]*)\x01?$/.exec(last);
      if (!isChannel(net, first)) first = isMe(net, m.nick) ? first : m.nick.indexOf('.') >= 0 ? '' : m.nick;
      return [[buffer(net, first), action ? action[1] : last,
        action ? 'action' : m.command === 'NOTICE' ? 'notice' : 'talk', m.nick]];
    case 'JOIN': return here(first, m.nick + ' has joined');
    case 'PART': return here(first, m.nick + ' has left');
    case 'KICK': return here(first, m.params[1] + ' was kicked by ' + m.nick);
    case 'TOPIC': return here(first, m.nick + ' set the topic: ' + last);
    case 'QUIT': return everywhere(m.nick + ' has quit: ' + last);
    case 'NICK': return everywhere(m.nick + ' is now ' + last);
    case 'MODE': return isChannel(net, first) ? here(first, m.nick + ' set ' + m.params.slice(1).join(' ')) : [];
    default: return [];
  }
}
// What a message changes. False: nothing that is kept here.
function change(net, m) {
  var p = m.params, nick = lower(m.nick);
  if (m.command === '005') {
    p.forEach(function (token) { if (/^CHANTYPES=./.test(token)) network(net).types = token.slice(10); });
  } else if (m.command === 'JOIN') buffer(net, p[0]).members[nick] = 1;
  else if (m.command === 'PART') delete buffer(net, p[0]).members[nick];
  else if (m.command === 'KICK') delete buffer(net, p[0]).members[lower(p[1] || '')];
  else if (m.command === '332') topic(buffer(net, p[1]), p[2]);
  else if (m.command === 'TOPIC') topic(buffer(net, p[0]), p[1]);
  else if (m.command === '353') {
    (p[3] || '').split(' ').forEach(function (name) { buffer(net, p[2]).members[lower(name.replace(/^[^\w[\]\\`^{|}]+/, ''))] = 1; });
  } else if (m.command === 'QUIT' || m.command === 'NICK') {
    Object.keys(buffers).forEach(function (key) {
      if (buffers[key].network !== net || !buffers[key].members[nick]) return;
      delete buffers[key].members[nick];
      if (m.command === 'NICK') buffers[key].members[lower(p[0])] = 1;
    });
  } else return false;
  return true;
}
function topic(b, text) {
  b.topic = plain(text || '');
  if (b.key === shown) el('topic').textContent = b.topic;
}
function line(frame) {
  var m = parse(frame.line), time = m.tags.time ? new Date(m.tags.time) : new Date();
  if (frame.id) {
    places(frame.network, m).forEach(function (place) {
      add(place[0], { id: frame.id, kind: place[2], nick: place[3], time: time, text: place[1] });
    });
  }
  if (change(frame.network || '', m) || frame.id || /^3(33|66)$|^TAGMSG$/.test(m.command)) return;
  // An answer, which is in no log: it is for whoever looks.
  if (shown !== '') add(buffers[shown], { id: '', kind: 'notice', nick: '', time: time, text: plain(m.params.slice(1).join(' ')) });
}

// What was said before this page came: what is behind the cursor comes by the stream.
function recall(b) {
  if (b.asked) return;
  b.asked = true;
  get('api/history?limit=100&network=' + encodeURIComponent(b.network) + '&target=' + encodeURIComponent(b.name), function (status, answer) {
    var known = {}, older = [];
    if (status !== 200) { b.asked = false; return; }
    b.lines.forEach(function (one) { known[one.id] = 1; });
    answer.lines.forEach(function (one) {
      var m = parse(one.line);
      if (known[one.id] || isNewer(number(one.id), number(cursor))) return;
      places(one.network, m).forEach(function (place) {
        if (place[0] === b) older.push({ id: one.id, kind: place[2], nick: place[3], time: new Date(m.tags.time), text: place[1] });
      });
    });
    b.lines = older.concat(b.lines).slice(-MOST_LINES);
    if (b.key === shown) draw();
  });
}
function get(url, then) {
  var ask = new XMLHttpRequest();
  ask.open('GET', url);
  ask.onreadystatechange = function () {
    var answer = null;
    if (ask.readyState !== 4) return;
    try { answer = JSON.parse(ask.responseText); } catch (error) { answer = { lines: [] }; }
    then(ask.status, answer);
  };
  ask.send();
}

// --- The frame that never ends ---
function number(id) { return id.slice(id.lastIndexOf(':') + 1); }
function isNewer(a, b) { return a.length !== b.length ? a.length > b.length : a > b; }
function isBlank(frame) {
  try { return frame.contentWindow.location.href === 'about:blank'; } catch (error) { return false; }
}
// `ended` is called when a document has come to its end, or none would come.
function newFrame(name, src, ended) {
  var frame = document.createElement('iframe');
  frame.name = name; // before it stands in the page: some browsers look only then
  frame.title = 'not shown';
  frame.hidden = true;
  if (src !== '') frame.src = src;
  frame.addEventListener('load', function () { if (frame.parentNode && !isBlank(frame)) ended(); });
  document.body.appendChild(frame);
  return frame;
}
function drop(frame) { if (frame && frame.parentNode) frame.parentNode.removeChild(frame); }
function follow() {
  var after = cursor === '' ? '' : '&after=' + encodeURIComponent(cursor);
  clearTimeout(again);
  drop(stream);
  stream = newFrame('stream', 'api/events?transport=iframe&user=' + encodeURIComponent(user) + '&client=' + client + after, function () {
    lost('The line was cut; trying again.');
  });
  alive();
}
function alive() {
  clearTimeout(watch);
  watch = setTimeout(function () { lost('Nothing was heard for long; trying again.'); }, SILENCE);
}
function lost(why) {
  clearTimeout(watch);
  clearTimeout(again);
  drop(stream);
  stream = null;
  if (!inside) return;
  say(why);
  again = setTimeout(function () {
    get('api/me', function (status, answer) {
      if (status === 401) leaveForGood('Log in again.');
      else if (status === 200 && inside && answer.user !== user) another();
      else if (status === 200 && inside) follow();
      else lost(why); // not every browser says of a frame that nobody answered
    });
  }, wait * (0.5 + Math.random() / 2));
  wait = Math.min(wait * 2, 30000);
}
function prune() {
  var body = stream && stream.contentWindow && stream.contentWindow.document.body;
  while (body && body.childNodes.length > MOST_NODES) body.removeChild(body.firstChild);
}
function mark(frame) {
  if (frame.event === 'network') {
    network(frame.network).nick = frame.nick;
    buffer(frame.network, '');
    if (frame.trouble) say(frame.network + ': ' + frame.trouble);
  } else if (frame.event === 'snapshot') {
    Object.keys(buffers).forEach(function (key) { buffers[key].members = {}; });
  } else if (frame.event === 'reset') {
    cursor = '';
    exact = false;
  } else if (frame.event === 'ready') {
    if (!exact || isNewer(number(frame.id), number(cursor))) cursor = frame.id;
    exact = true;
    wait = 1000;
    say('Connected');
    if (shown !== '') recall(buffers[shown]);
  } else if (frame.event === 'end') {
    say(frame.message);
  }
}
window.halley = function (frame) {
  if (frame.event === 'answer') { answered(frame); return; }
  if (!inside) return;
  alive();
  prune();
  if (frame.event) { mark(frame); return; }
  if (frame.id) {
    if (exact && !isNewer(number(frame.id), number(cursor))) return; // seen
    if (exact && frame.prev && frame.prev !== cursor) { follow(); return; } // a hole: what is missing is asked for
    cursor = frame.id;
    exact = true;
  }
  line(frame);
};

// --- Forms ---
// Sends a form into a frame of its own, whose document calls halley() with the answer.
var asking = null; // what to do with the answer
function send(form, then) {
  var frame, over = false;
  function finish(answer) {
    if (over) return;
    over = true;
    clearTimeout(posting.timer);
    posting = null;
    setTimeout(function () { drop(frame); }, 0); // it is still running its script
    then(answer);
  }
  frame = newFrame('answer' + new Date().getTime(), '', function () { finish(null); }); // it said nothing
  posting = { timer: setTimeout(function () { finish(null); }, PATIENCE) };
  asking = finish;
  form.target = frame.name;
  form.submit();
}
function answered(frame) {
  if (asking) asking(frame);
}
function post() {
  var form = el('post'), command = waiting[0];
  if (posting || posted || waiting.length === 0 || !inside) return;
  form.user.value = user;
  form.client.value = client;
  form.seq.value = seq;
  form.network.value = command.network;
  form.line.value = command.line;
  send(form, function (answer) {
    var status = answer ? answer.status : 0, body = (answer && answer.body) || {};
    if (status === 200) {
      pause = 1000;
      seq += 1;
      waiting.shift();
      if (body.result !== '') tell(body.result);
    } else if (body.error === 'other_user') {
      another();
      return;
    } else if (status === 409) {
      seq = body.expected;
      later();
      return;
    } else if (status === 401) {
      leaveForGood('Log in again.');
      return;
    } else if (status === 400) {
      waiting.shift(); // the number is not used up
      tell(body.message);
    } else { // no answer, or no room: the same again, which does nothing twice
      later();
      return;
    }
    post();
  });
}
// Tries the same again, each time later: a server that will not have it is not asked without end.
function later() {
  posted = setTimeout(function () { posted = 0; post(); }, pause * (0.5 + Math.random() / 2));
  pause = Math.min(pause * 2, 30000);
}
function command(text) {
  var b = buffers[shown], words = /^\/(\S+) ?(.*)$/.exec(text), verb, rest, msg;
  if (!words || text.slice(0, 2) === '//') return 'PRIVMSG ' + b.name + ' :' + text.replace(/^\/\//, '/');
  verb = words[1].toUpperCase();
  rest = words[2];
  if (verb === 'ME') return 'PRIVMSG ' + b.name + ' :\x01ACTION ' + rest + '\x01';
  msg = /^(\S+) (.+)$/.exec(rest);
  if (verb === 'MSG' && msg) return 'PRIVMSG ' + msg[1] + ' :' + msg[2];
  if (verb === 'PART' && rest === '') return 'PART ' + b.name;
  if (verb === 'TOPIC') return 'TOPIC ' + b.name + (rest === '' ? '' : ' :' + rest);
  return verb + (rest === '' ? '' : ' ' + rest);
}

// --- Coming and going ---
// What the page of today keeps in this browser goes with the login (src/app/forget.ts): the copy of talks, notices, and where they are sent.
function forget() {
  try { indexedDB.deleteDatabase('halley ' + location.pathname.replace(/[^\/]*$/, '')); } catch (error) { /* there is none */ }
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.getRegistration().then(function (registration) {
    if (!registration || !registration.pushManager) return;
    registration.getNotifications().then(function (shown) { shown.forEach(function (notice) { notice.close(); }); });
    registration.pushManager.getSubscription().then(function (subscription) { if (subscription) subscription.unsubscribe(); });
  });
}
function leaveForGood(why) { forget(); leave(why); }
// Somebody else has logged in in this browser: nothing of the one before is theirs.
function another() { leaveForGood(''); begin(); }
function enter(name) {
  inside = true;
  user = name;
  el('leave').user.value = name;
  show('enter', false);
  show('room', true);
  show('leave', true);
  say('Connecting');
  follow();
  post();
  el('text').focus();
}
function leave(why) {
  inside = false;
  clearTimeout(watch);
  clearTimeout(again);
  clearTimeout(posted);
  posted = 0;
  drop(stream);
  stream = null;
  cursor = shown = '';
  exact = false;
  networks = {};
  buffers = {};
  waiting = [];
  el('log').textContent = '';
  show('room', false);
  show('leave', false);
  show('enter', true);
  say(why);
  el('username').focus();
}
function onSubmit(id, act) {
  el(id).onsubmit = function () { act(); return false; };
}
onSubmit('enter', function () {
  if (posting) return;
  say('Logging in');
  send(el('enter'), function (answer) {
    el('password').value = '';
    if (answer && answer.status === 204) begin('Log in again.');
    else say(answer && answer.body ? answer.body.message : 'There was no answer; try again.');
  });
});
onSubmit('leave', function () {
  if (posting) return;
  send(el('leave'), function (answer) {
    if (answer && (answer.status === 204 || answer.status === 401)) leaveForGood('');
    else if (answer && answer.status === 409) another();
    else say('There was no answer; try again.');
  });
});
onSubmit('say', function () {
  var text = el('text').value;
  if (text === '' || shown === '') return;
  if (buffers[shown].name === '' && text.charAt(0) !== '/') { tell('Choose a channel first, or /join one.'); return; }
  el('text').value = '';
  waiting.push({ network: buffers[shown].network, line: command(text) });
  post();
});
el('where').onchange = function () { look(el('where').value); };
function begin(why) {
  get('api/me', function (status, answer) {
    if (status === 200) enter(answer.user);
    else if (status === 401) leaveForGood(why || '');
    else leave('Halley does not answer; try again.');
  });
}
// Behind the load of the page, so that no browser shows it as loading for ever.
if (document.readyState === 'complete') begin();
else window.onload = function () { begin(); };
