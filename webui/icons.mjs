// Draws the icons that are not SVG, from public/icon.svg, by Chromium: run by hand when that changes, and commit the results.
// They have no corners of their own: systems cut them out (maskable; apple-touch-icon).

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './test/scene.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'public');
/** The drawing keeps to the middle, where no mask reaches. */
const INSET = 0.1;

const svg = await readFile(path.join(folder, 'icon.svg'), 'utf8');
const browser = await launch();
for (const size of [180, 512]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const drawn = svg.replace('<svg ', `<svg style="position:absolute;inset:${size * INSET}px" width="${size * (1 - 2 * INSET)}" height="${size * (1 - 2 * INSET)}" `);
  await page.setContent(`<body style="margin:0;background:#16204a">${drawn}</body>`);
  await writeFile(path.join(folder, `icon-${size}.png`), await page.screenshot());
}
await browser.close();
