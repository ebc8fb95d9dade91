// Builds the page into dist/: one script, one worker, one style sheet, icon and manifest, all named by their content, and
// dist/manifest.list, from which the binary takes what to serve and how. The same sources give the same bytes.

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');
/** What a first visit fetches, compressed: page, script, worker and style together. There are no fonts: the system's are used. */
const BUDGET = 80 * 1024;

const MIME = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

const LICENCES = ['preact', '@preact/signals', '@preact/signals-core'];

const COMMON = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  minify: true,
  target: ['es2020', 'chrome100', 'firefox100', 'safari15'],
  entryNames: '[name].[hash]',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
};

/** The worker that tabs share; the page is told its name. */
async function bundleHub() {
  const result = await esbuild.build({ ...COMMON, entryPoints: { hub: 'src/hub_worker.ts' }, format: 'iife' });
  return path.basename(Object.keys(result.metafile.outputs)[0]);
}

async function bundle(hub) {
  const result = await esbuild.build({
    ...COMMON,
    entryPoints: { app: 'src/main.tsx' },
    format: 'esm',
    define: { HUB_SCRIPT: JSON.stringify(hub) },
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const outputs = Object.keys(result.metafile.outputs).map((file) => path.basename(file));
  return { script: outputs.find((file) => file.endsWith('.js')), styles: outputs.find((file) => file.endsWith('.css')) };
}

async function putHashed(name, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}.${hash}${ext}`;
  await writeFile(path.join(dist, file), text);
  return file;
}

function fill(template, values) {
  return template.replace(/\{\{(\w+)\}\}/g, (_, key) => {
    if (values[key] === undefined) throw new Error(`nothing to put for {{${key}}}`);
    return values[key];
  });
}

async function licences() {
  const parts = ['The page that Halley serves contains these works of others.\n'];
  for (const name of LICENCES) {
    const text = await readFile(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    parts.push(`== ${name} ==\n\n${text.trim()}\n`);
  }
  return parts.join('\n');
}

/** Compressed copies beside each text file; the gateway picks by Accept-Encoding. */
async function compress(file) {
  const bytes = await readFile(path.join(dist, file));
  const br = zlib.brotliCompressSync(bytes, {
    params: {
      [zlib.constants.BROTLI_PARAM_QUALITY]: zlib.constants.BROTLI_MAX_QUALITY,
      [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  const gz = zlib.gzipSync(bytes, { level: 9 });
  await writeFile(path.join(dist, `${file}.br`), br);
  await writeFile(path.join(dist, `${file}.gz`), gz);
  return { raw: bytes.length, br: br.length };
}

async function main() {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const { script, styles } = await bundle(await bundleHub());
  const icon = await putHashed('icon.svg', await readFile(path.join(root, 'public/icon.svg'), 'utf8'));
  const manifest = await putHashed(
    'app.webmanifest',
    fill(await readFile(path.join(root, 'public/app.webmanifest'), 'utf8'), { icon }),
  );
  await putHashed('licences.txt', await licences());
  const comet_script = await putHashed('comet.js', await readFile(path.join(root, 'public/comet.js'), 'utf8'));
  const comet_styles = await putHashed('comet.css', await readFile(path.join(root, 'public/comet.css'), 'utf8'));
  for (const page of ['index.html', 'comet.html']) {
    const html = fill(await readFile(path.join(root, 'public', page), 'utf8'),
      { script, styles, icon, manifest, comet_script, comet_styles });
    await writeFile(path.join(dist, page), html);
  }

  const files = (await readdir(dist)).sort();
  const lines = [];
  let fetched = 0;
  for (const file of files) {
    const ext = path.extname(file);
    if (MIME[ext] === undefined) throw new Error(`no media type for ${file}`);
    const size = await compress(file);
    console.log(`${file.padEnd(30)} ${String(size.raw).padStart(8)} B  br ${String(size.br).padStart(7)} B`);
    if (['.html', '.js', '.css'].includes(ext) && !file.startsWith('comet')) fetched += size.br;
    const url = file === 'index.html' ? '/' : `/${file}`;
    lines.push([url, file, MIME[ext], ext === '.html' ? 'revalidate' : 'immutable'].join('\t'));
  }
  console.log(`${'page, script and style'.padEnd(43)} br ${String(fetched).padStart(7)} B of ${BUDGET}`);
  if (fetched > BUDGET) throw new Error(`the page is over ${BUDGET} bytes compressed`);
  await writeFile(path.join(dist, 'manifest.list'), `${lines.join('\n')}\n`);
}

await main();
