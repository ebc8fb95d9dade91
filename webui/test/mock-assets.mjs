// The built page's files, as the program carries them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** By address. */
export function readAssets() {
  const assets = new Map();
  for (const line of readFileSync(path.join(DIST, 'manifest.list'), 'utf8').split('\n')) {
    const [url, file, mime, keep] = line.split('\t');
    if (url) assets.set(url, { body: readFileSync(path.join(DIST, file)), mime, keep });
  }
  return assets;
}
