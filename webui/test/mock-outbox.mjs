// Halley's outbox, as far as the page needs it: lines wait for their network and channel, and go out once (halley-web(7)).

import { handleLine } from './mock-network.mjs';

const TALK = /^(?:@(\S+) )?(PRIVMSG|NOTICE) (\S+) :(.*)$/;

export class MockOutbox {
  constructor(mock) {
    this.mock = mock;
    this.lines = []; // { id, user, network, state, client, seq, command, time, target, text, line }
    this.last = 0;
  }

  frame({ id, user, line, ...rest }, state, more = {}) {
    return { event: 'said', outbox: id, ...rest, state, ...more };
  }

  /** What a stream of that user is told before it is ready. */
  open(user) {
    return this.lines.filter((each) => each.user === user).map((each) => this.frame(each, each.state === 'waiting' ? 'queued' : each.state));
  }

  /** True: it waits. */
  takes(user, { client, seq, network, line }) {
    const [, , command, target, text] = TALK.exec(line) ?? [];
    const { state, channels } = this.mock.world.networks[network];
    if (command === undefined || target === '*halley') return false;
    const away = state !== 'connected' || (target.startsWith('#') && this.lines.some((each) => each.network === network && each.target === target));
    if (!away || channels === undefined) return false;
    this.add({ user, network, state: 'waiting', client, seq, command, target, text, line });
    return true;
  }

  add(given) {
    const line = { id: (this.last += 1), time: new Date().toISOString(), ...given };
    this.lines.push(line);
    this.mock.send(this.frame(line, line.state === 'waiting' ? 'queued' : line.state));
    return line.id;
  }

  /** The network took it, or not. */
  settle(line, state, more) {
    this.lines = this.lines.filter((each) => each !== line);
    this.mock.send(this.frame(line, state, more));
  }

  send(line) {
    this.mock.sent.push({ network: line.network, line: line.line });
    this.mock.send(this.frame(line, 'sent'));
    handleLine(this.mock, line.network, line.line);
    this.settle(line, 'confirmed');
  }

  /** We are in that channel now. */
  joined(network, channel) {
    for (const line of this.lines.filter((each) => each.network === network && each.target === channel && each.state === 'waiting')) this.send(line);
  }

  /** What was asked about one of them; the status of the answer. */
  change(user, { id, do: what }) {
    const line = this.lines.find((each) => each.id === id && each.user === user);
    if (line === undefined) return 404;
    if (what === 'cancel') this.settle(line, 'cancelled');
    else if (line.state !== 'unknown') return 409;
    else this.send(line);
    return 204;
  }

  list(user) {
    return this.lines.filter((each) => each.user === user).map(({ user: _, line, ...rest }) => rest);
  }
}
