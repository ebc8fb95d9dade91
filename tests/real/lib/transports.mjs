// Frames of /api/events over each transport of halley-web(7), as they come, by Node's own http alone.
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { pipeline } from 'node:stream';
import zlib from 'node:zlib';

export const TRANSPORTS = ['websocket', 'ndjson', 'sse', 'iframe', 'poll'];

export class Refused extends Error {
  constructor(status, text) {
    super(`${status} ${text}`);
    this.status = status;
  }
}

// Resolves with { answer } or, where a WebSocket was asked for and given, with { socket, head }.
function ask(url, headers, signal) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent: false, signal });
    request.once('error', reject);
    request.once('response', (answer) => resolve({ answer }));
    request.once('upgrade', (answer, socket, head) => resolve({ socket, head }));
  });
}

// The text of an answer as it comes, whatever a proxy made of it.
function chunksOf(answer) {
  if (answer.headers['content-encoding'] !== 'gzip') return answer.setEncoding('utf8');
  const plain = zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  pipeline(answer, plain, () => {}); // an error of one is an error of the other
  return plain.setEncoding('utf8');
}

async function textOf(answer) {
  let text = '';
  for await (const chunk of chunksOf(answer)) text += chunk;
  return text;
}

// How one line of each transport is read; undefined: it holds no frame.
const READ = {
  ndjson: (line) => (line === '' ? undefined : line),
  sse: (line) => /^data: ?(.*)$/.exec(line)?.[1],
  iframe: (line) => /<script[^>]*>parent\.halley\((.*)\)<\/script>$/.exec(line)?.[1],
};

async function* framesOfLines(transport, answer, word) {
  let rest = '';
  for await (const chunk of chunksOf(answer)) {
    word();
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const text = READ[transport](line);
      if (text !== undefined) yield JSON.parse(text);
    }
  }
}

// One whole frame from the front of `bytes` (RFC 6455 section 5.2), or undefined. Those of a server are not masked.
function takeFrame(bytes) {
  if (bytes.length < 2) return undefined;
  let [size, at] = [bytes[1] & 127, 2];
  if (size === 126) {
    if (bytes.length < 4) return undefined;
    [size, at] = [bytes.readUInt16BE(2), 4];
  } else if (size === 127) {
    if (bytes.length < 10) return undefined;
    [size, at] = [Number(bytes.readBigUInt64BE(2)), 10];
  }
  if (bytes.length < at + size) return undefined;
  return { opcode: bytes[0] & 15, payload: bytes.subarray(at, at + size), rest: bytes.subarray(at + size) };
}

function masked(opcode, payload) {
  const mask = randomBytes(4);
  const hidden = payload.map((byte, index) => byte ^ mask[index % 4]);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, hidden]);
}

async function* framesOfSocket(socket, head, word, signal) {
  signal?.addEventListener('abort', () => socket.destroy());
  let bytes = head;
  for (;;) {
    for (let frame = takeFrame(bytes); frame; frame = takeFrame(bytes)) {
      bytes = frame.rest;
      if (frame.opcode === 1) yield JSON.parse(frame.payload.toString('utf8'));
      if (frame.opcode === 9) socket.write(masked(10, frame.payload));
      if (frame.opcode === 8) {
        socket.end(masked(8, frame.payload));
        return;
      }
    }
    const chunk = socket.read() ?? await new Promise((resolve, reject) => {
      const hear = () => { settle(); resolve(Buffer.alloc(0)); };
      const end = () => { settle(); resolve(null); };
      const fail = (error) => { settle(); reject(error); };
      const settle = () => socket.off('readable', hear).off('end', end).off('close', end).off('error', fail);
      socket.on('readable', hear).on('end', end).on('close', end).on('error', fail);
      if (socket.destroyed || socket.readableEnded) end();
    });
    if (chunk === null) return;
    word();
    bytes = Buffer.concat([bytes, chunk]);
  }
}

// `base` is the address of Halley, maybe with a path. `word` is called whenever bytes come. Throws Refused.
export async function* framesOf(transport, base, { headers, after, client, signal, word = () => {} }) {
  const url = new URL(`${base}/api/events`);
  if (transport !== 'websocket') url.searchParams.set('transport', transport);
  if (client) url.searchParams.set('client', client);
  if (after) url.searchParams.set('after', after);
  const upgrade = transport !== 'websocket' ? {} : {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  };
  const { answer, socket, head } = await ask(url, { ...headers, ...upgrade }, signal);
  if (socket) {
    yield* framesOfSocket(socket, head, word, signal);
    return;
  }
  if (answer.statusCode !== 200 || transport === 'websocket') throw new Refused(answer.statusCode, await textOf(answer));
  if (transport === 'poll') yield* JSON.parse(await textOf(answer));
  else yield* framesOfLines(transport, answer, word);
}
