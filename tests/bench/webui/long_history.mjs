// A channel with more lines than anybody would keep in memory: the mock server makes those that are asked for.

const SECOND = 1000;

export class LongHistory {
  /** `count` lines, one a second, the newest now. They are the past of a mock that has said nothing yet. */
  constructor(mock, network, target, count) {
    Object.assign(this, { network, target, count, epoch: mock.epoch, first: mock.nextId, began: Date.now() - count * SECOND });
    mock.nextId += count;
    const others = mock.history.bind(mock);
    mock.history = (url, response) => {
      const query = url.searchParams;
      if (query.get('network') !== network || query.get('target') !== target) return others(url, response);
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(this.page(query)));
    };
  }

  idOf(index) {
    return `${this.epoch}:${this.first + index}`;
  }

  timeOf(index) {
    return this.began + index * SECOND;
  }

  line(index) {
    const nick = `nick${index % 40}`;
    const tags = `time=${new Date(this.timeOf(index)).toISOString()};msgid=x${this.first + index}`;
    const line = `@${tags} :${nick}!${nick}@host.example PRIVMSG ${this.target} :line ${index}: ${'word '.repeat(index % 23)}`;
    return { id: this.idOf(index), network: this.network, line };
  }

  /** An id with its epoch, or a time in microseconds. */
  indexOf(place) {
    if (place.includes(':')) return Number(place.split(':')[1]) - this.first;
    return Math.ceil((Number(place) / 1000 - this.began) / SECOND);
  }

  page(query) {
    const limit = Number(query.get('limit') ?? 100);
    const by = ['before', 'after', 'around'].find((name) => query.has(name));
    const at = by === undefined ? this.count : this.indexOf(query.get(by));
    const from = { before: at - limit, after: at + 1, around: at - limit / 2 }[by ?? 'before'];
    const to = { before: at, after: at + 1 + limit, around: at + limit / 2 }[by ?? 'before'];
    const lines = [];
    for (let index = Math.max(0, Math.floor(from)); index < Math.min(this.count, to); index += 1) lines.push(this.line(index));
    return { lines, more: lines.length >= limit };
  }
}
