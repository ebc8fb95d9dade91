// The built page's files, as the program carries them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** By address. */
export function readAssets() {
  const assets = new Map();
  for (const line of readFileSync(path.join(DIST, 'manifest.list'), 'utf8').split('\n')) {
    const [url, file, mime, keep] = line.split('\t');
    if (!url) continue;
    const packed = path.join(DIST, `${file}.br`);
    assets.set(url, { body: readFileSync(path.join(DIST, file)), packed: existsSync(packed) ? readFileSync(packed) : null, mime, keep });
  }
  return assets;
}

/** What goes to a browser: compressed where it takes that, as the program sends it. */
export function toSend({ body, packed }, request) {
  const taken = packed !== null && /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
  return taken ? { bytes: packed, coding: { 'content-encoding': 'br' } } : { bytes: body, coding: {} };
}
