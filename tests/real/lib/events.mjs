// Halley's HTTP interface (halley-web(7)) as a program uses it: log in, follow the log over any transport, command.

export async function login(origin, username, password) {
  const answer = await fetch(`${origin}/api/login`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin: new URL(origin).origin }, body: JSON.stringify({ username, password }),
  });
  if (answer.status !== 204) return { status: answer.status, error: await answer.json() };
  return { status: 204, cookie: answer.headers.get('set-cookie').split(';')[0], whole: answer.headers.get('set-cookie') };
}

export function command(origin, cookie, body) {
  return fetch(`${origin}/api/commands`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin, cookie }, body: JSON.stringify(body),
  });
}

// One stream of frames. They are kept as JSON text in `frames`, a Transcript: one line each, whatever the transport.
export class Events {
  constructor(stage, name, { origin, cookie, transport, after }) {
    Object.assign(this, { origin, cookie, transport, after, frames: stage.transcript(name), cut: new AbortController() });
    stage.atEnd(() => this.close());
    this.ended = this.follow().catch((error) => this.frames.push(`# ended: ${error}`)).then(() => this.frames.end());
  }

  async ask() {
    const url = new URL(`${this.origin}/api/events?transport=${this.transport}`);
    if (this.after) url.searchParams.set('after', this.after);
    const answer = await fetch(url, { headers: { cookie: this.cookie }, signal: this.cut.signal });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer;
  }

  async follow() {
    if (this.transport === 'poll') return this.poll();
    const answer = await this.ask();
    let rest = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) this.take(this.transport === 'sse' ? /^data: ?(.*)$/.exec(line)?.[1] : line);
    }
    return undefined;
  }

  async poll() {
    for (;;) {
      for (const frame of await (await this.ask()).json()) this.take(JSON.stringify(frame));
    }
  }

  take(text) {
    if (!text?.startsWith('{')) return; // heartbeats
    const { id } = JSON.parse(text);
    if (id) this.after = id;
    this.frames.push(text);
  }

  // What was said, in the order in which it came.
  said() {
    return this.frames.lines.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text).line ?? '')
      .map((line) => / PRIVMSG \S+ :(.*)$/.exec(line)?.[1]).filter((text) => text !== undefined);
  }

  async close() {
    this.cut.abort();
    await this.ended;
  }
}
