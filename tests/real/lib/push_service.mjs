// A push service on loopback, and the device behind it: a https server that checks who pushes (RFC 8292) and decrypts
// what it is given (RFC 8291) with node's own crypto.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';

const hmac = (key, ...parts) => crypto.createHmac('sha256', key).update(Buffer.concat(parts)).digest();
const text = (words, ...bytes) => Buffer.concat([Buffer.from(words), Buffer.from(bytes)]);

export class PushService {
  static async open(stage) {
    const service = new PushService(stage);
    await new Promise((resolve) => service.server.listen(0, '127.0.0.1', resolve));
    service.origin = `https://localhost:${service.server.address().port}`;
    return service;
  }

  constructor(stage) {
    const [key, cert] = [stage.path('push.key'), stage.path('push.crt')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    this.certificate = cert; // whom Halley is to trust
    this.device = crypto.createECDH('prime256v1');
    this.device.generateKeys();
    this.secret = crypto.randomBytes(16);
    this.p256dh = this.device.getPublicKey('base64url');
    this.auth = this.secret.toString('base64url');
    this.pushed = stage.transcript('push service'); // the lines that the device has got
    this.headers = [];
    this.status = 201;
    this.server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, answer) => {
      const pieces = [];
      request.on('data', (piece) => pieces.push(piece)).on('end', () => {
        this.headers.push(request.headers);
        this.pushed.push(this.open(Buffer.concat(pieces)));
        answer.writeHead(this.status).end();
      });
    });
    stage.atEnd(() => this.server.close());
  }

  open(body) {
    const sender = body.subarray(21, 86);
    const key = hmac(this.secret, this.device.computeSecret(sender));
    const input = hmac(key, text('WebPush: info', 0), this.device.getPublicKey(), sender, text('', 1));
    const record = hmac(body.subarray(0, 16), input);
    const decipher = crypto.createDecipheriv('aes-128-gcm', hmac(record, text('Content-Encoding: aes128gcm', 0, 1)).subarray(0, 16),
      hmac(record, text('Content-Encoding: nonce', 0, 1)).subarray(0, 12));
    decipher.setAuthTag(body.subarray(-16));
    const plain = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
    return plain.subarray(0, plain.lastIndexOf(2)).toString();
  }

  // The claims of who pushed, whose signature is by the key of `vapid`.
  claims(headers, vapid) {
    const [, token, key] = /^vapid t=([^,]+), k=(\S+)$/.exec(headers.authorization);
    if (key !== vapid) throw new Error(`pushed with the key ${key}`);
    const point = Buffer.from(key, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    const signer = crypto.createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
    const [head, claims, signature] = token.split('.');
    const good = crypto.verify('sha256', Buffer.from(`${head}.${claims}`), { key: signer, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'));
    if (!good) throw new Error('the signature is not by that key');
    return JSON.parse(Buffer.from(claims, 'base64url'));
  }
}
