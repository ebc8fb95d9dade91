// How the mock server speaks to whoever follows events: an answer without an end (ndjson, SSE) or a WebSocket (RFC 6455), of
// which only what Halley needs is here: whole text messages to the browser; what that says is passed over, but for its close.

import { createHash } from 'node:crypto';

const FIRST_BEAT_MS = 1000;
const CLOSE = Buffer.from([0x88, 0x02, 0x03, 0xe8]); // 1000: a normal end

export function streamOver(response, sse) {
  response.writeHead(200, { 'content-type': sse ? 'text/event-stream' : 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  return {
    write: (frame) => response.write(sse ? `${frame.id ? `id: ${frame.id}\n` : ''}data: ${JSON.stringify(frame)}\n\n` : `${JSON.stringify(frame)}\n`),
    beat: () => response.write(sse ? 'data: {"event":"ping"}\n\n' : '\n'),
    end: () => response.destroy(),
    onClose: (run) => response.on('close', run),
  };
}

function textMessage(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.alloc(body.length < 65536 ? 4 : 10);
  if (body.length < 126) return Buffer.concat([head, body]);
  head[0] = 0x81;
  if (body.length < 65536) {
    head[1] = 126;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}

export function socketOver(request, socket) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.on('data', (bytes) => { if ((bytes[0] & 0x0f) === 8) socket.end(CLOSE); });
  const write = (frame) => socket.writable && socket.write(textMessage(JSON.stringify(frame)));
  return { write, beat: () => write({ event: 'ping' }), end: () => socket.destroy(), onClose: (run) => socket.on('close', run) };
}

/** What every stream begins with: a word at once, and one more that comes alone. */
export function greet(stream) {
  stream.write({ event: 'hello', time: new Date().toISOString() });
  const timer = setTimeout(() => stream.beat(), FIRST_BEAT_MS);
  stream.onClose(() => clearTimeout(timer));
}

/** A no to a handshake, as Halley or a proxy says it. */
export function refuseUpgrade(socket, status) {
  socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
