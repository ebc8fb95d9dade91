// Files that users send, as halley-web(7) has them.

const TYPES = { 'image/png': 'png', 'text/plain': 'txt' };

export class MockUploads {
  files = []; // { name, bytes, time, type, body }
  /** Answered instead, once: { status, error, message }. */
  refusal = null;
  /** Nothing is answered until it is resolved. */
  held = null;

  /** True when the request was for a file. */
  async serve(url, request, response, user) {
    if (url.pathname === '/upload' && request.method === 'POST') await this.take(request, response, user);
    else if (url.pathname.startsWith('/upload/')) this.give(url.pathname.slice('/upload/'.length), response);
    else if (url.pathname.startsWith('/api/uploads')) this.list(url, request, response, user);
    else return false;
    return true;
  }

  async take(request, response, user) {
    const parts = [];
    for await (const part of request) parts.push(part);
    await this.held;
    const { refusal } = this;
    this.refusal = null;
    if (user === undefined) return answer(response, 401, { error: 'unauthorized', message: 'Log in first.' });
    if (refusal !== null) return answer(response, refusal.status, { error: refusal.error, message: refusal.message });
    const type = request.headers['content-type'];
    const name = `file${this.files.length + 1}.${TYPES[type] ?? 'bin'}`;
    const body = Buffer.concat(parts);
    this.files.push({ name, bytes: body.length, time: `2026-05-01 12:0${this.files.length}`, type, body });
    answer(response, 201, { url: `upload/${name}` });
  }

  give(name, response) {
    const file = this.files.find((each) => each.name === name);
    if (file === undefined) return answer(response, 404, { error: 'not_found', message: 'There is no file of that name.' });
    response.writeHead(200, { 'content-type': file.type });
    response.end(file.body);
  }

  list(url, request, response, user) {
    if (user === undefined) return answer(response, 401, { error: 'unauthorized', message: 'Log in first.' });
    if (request.method === 'DELETE') this.files = this.files.filter(({ name }) => url.pathname !== `/api/uploads/${name}`);
    answer(response, 200, this.files.map(({ name, bytes, time }) => ({ name, bytes, time })));
  }
}

function answer(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
