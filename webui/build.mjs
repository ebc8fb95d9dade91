// Builds the page into dist/: scripts, workers, style sheets, icon and manifest, named by their content but for the service
// worker, and dist/manifest.list, from which the binary takes what to serve and how. The same sources give the same bytes.

import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(root, 'dist');
/**
 * What a first visit fetches, compressed: page, script, worker and style together, and the words of the language that needs
 * most. There are no fonts: the system's are used. What is fetched when it is first opened has a bound of its own.
 */
const BUDGET = 80 * 1024;
const LATER = 44 * 1024;

const MIME = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.png': 'image/png',
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
  target: ['chrome100', 'firefox100', 'safari15'],
  entryNames: '[name].[hash]',
  legalComments: 'none',
  charset: 'utf8',
  metafile: true,
};

/** The name of a key in a built table of words, as src/words/words.ts looks it up. */
function nameOfKey(key) {
  let value = 2166136261;
  for (let i = 0; i < key.length; i += 1) value = Math.imul(value ^ key.charCodeAt(i), 16777619);
  return (value >>> 8).toString(36);
}

/** Tables of words without their English. */
const words = {
  name: 'words',
  setup(build) {
    build.onLoad({ filter: /src[/\\]words[/\\]de(_more)?\.ts$/ }, async ({ path: file }) => {
      const { code } = await esbuild.transform(await readFile(file, 'utf8'), { loader: 'ts', format: 'esm' });
      const [[name, table]] = Object.entries(await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`));
      const named = Object.fromEntries(Object.entries(table).map(([key, text]) => [nameOfKey(key), text]));
      return { contents: `export const ${name} = ${JSON.stringify(named)};`, loader: 'js' };
    });
  },
};

/**
 * What comes later imports all of the start, which runs already: so what both need lies in one script, which compresses better
 * than a piece for each set of those who need it.
 */
const together = {
  name: 'together',
  setup(build) {
    build.onLoad({ filter: /src[/\\](views[/\\]more|app[/\\]afterwards)\.ts$/ }, async ({ path: file }) => {
      const start = JSON.stringify(path.join(root, 'src/start.tsx'));
      return { contents: `${await readFile(file, 'utf8')}\nimport ${start};\n`, loader: 'ts' };
    });
  },
};

/** The worker that tabs share, and the tab that leads in its place; the page is told its name. */
async function bundleHub() {
  const result = await esbuild.build({ ...COMMON, entryPoints: { hub: 'src/hub_worker.ts' }, format: 'esm' });
  return path.basename(Object.keys(result.metafile.outputs)[0]);
}

/** What a copy of talks in a browser depends on: one of another format is not read (src/app/copy_store.ts). */
async function formatOfCopies() {
  const hash = createHash('sha256');
  for (const file of ['app/copy.ts', 'state/entry.ts', 'state/isupport.ts', 'state/buffer_set.ts']) hash.update(await readFile(path.join(root, 'src', file)));
  return hash.digest('hex').slice(0, 8);
}

/** The service worker knows all files of this build: what it keeps, it keeps together. */
async function bundleServiceWorker(script, icon) {
  const files = (await readdir(dist)).filter((file) => !/^(comet|licences|index|icon-512)/.test(file)).sort();
  const shell = ['./', ...files];
  const build = createHash('sha256').update(shell.join()).update(await readFile(path.join(dist, 'index.html'))).digest('hex').slice(0, 8).toUpperCase();
  await esbuild.build({
    ...COMMON,
    entryPoints: { sw: 'src/sw.ts' },
    entryNames: '[name]',
    format: 'iife',
    define: { SHELL: JSON.stringify(shell), PAGE_SCRIPT: JSON.stringify(script), ICON: JSON.stringify(icon), BUILD: JSON.stringify(build) },
  });
}

/** What asks before the page's own script is there. */
async function bundleEarly() {
  const result = await esbuild.build({ ...COMMON, entryPoints: { early: 'src/early.ts' }, format: 'iife' });
  return path.basename(Object.keys(result.metafile.outputs)[0]);
}

/** Styles of what is opened seldom; they come with its script. */
async function bundleMoreStyles() {
  const result = await esbuild.build({ ...COMMON, entryPoints: { more: 'src/styles/more.css' } });
  return path.basename(Object.keys(result.metafile.outputs)[0]);
}

async function bundle(hub, more_styles) {
  const result = await esbuild.build({
    ...COMMON,
    entryPoints: { app: 'src/main.ts' },
    format: 'esm',
    splitting: true,
    plugins: [words, together],
    chunkNames: '[name].[hash]',
    define: { HUB_SCRIPT: JSON.stringify(hub), MORE_STYLES: JSON.stringify(more_styles), COPY_FORMAT: JSON.stringify(await formatOfCopies()) },
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  const { outputs } = result.metafile;
  const name = (file) => path.basename(file);
  const entry = Object.keys(outputs).find((file) => outputs[file].entryPoint === 'src/main.ts');
  /** What a script cannot begin without, and what that cannot. */
  const needs = (file) => outputs[file].imports.filter(({ kind }) => kind === 'import-statement').flatMap(({ path: each }) => [each, ...needs(each)]);
  const later = (entryPoint) => name(Object.keys(outputs).find((file) => outputs[file].entryPoint === entryPoint));
  return {
    script: name(entry),
    styles: name(outputs[entry].cssBundle),
    shared: [...new Set(needs(entry))].map(name),
    german: later('src/words/de.ts'),
  };
}

/** `content`: text or bytes. */
async function putHashed(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}.${hash}${ext}`;
  await writeFile(path.join(dist, file), content);
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
  const hub = await bundleHub();
  const { script, styles, shared, german } = await bundle(hub, await bundleMoreStyles());
  const early = await bundleEarly();
  const preload = shared.map((file) => `<link rel="modulepreload" href="${file}">`).join('\n');
  const icon = await putHashed('icon.svg', await readFile(path.join(root, 'public/icon.svg'), 'utf8'));
  const icon_180 = await putHashed('icon-180.png', await readFile(path.join(root, 'public/icon-180.png')));
  const icon_512 = await putHashed('icon-512.png', await readFile(path.join(root, 'public/icon-512.png')));
  const manifest = await putHashed(
    'app.webmanifest',
    fill(await readFile(path.join(root, 'public/app.webmanifest'), 'utf8'), { icon, icon_512 }),
  );
  await putHashed('licences.txt', await licences());
  const comet_script = await putHashed('comet.js', await readFile(path.join(root, 'public/comet.js'), 'utf8'));
  const comet_styles = await putHashed('comet.css', await readFile(path.join(root, 'public/comet.css'), 'utf8'));
  for (const page of ['index.html', 'comet.html']) {
    const html = fill(await readFile(path.join(root, 'public', page), 'utf8'),
      { script, early, styles, preload, icon, icon_180, manifest, comet_script, comet_styles });
    await writeFile(path.join(dist, page), html);
  }
  await bundleServiceWorker(script, icon_180);

  const files = (await readdir(dist)).sort();
  const lines = [];
  const first = new Set(['index.html', hub, early, script, styles, german, ...shared]);
  let fetched = 0;
  let later = 0;
  for (const file of files) {
    const ext = path.extname(file);
    if (MIME[ext] === undefined) throw new Error(`no media type for ${file}`);
    const size = ext === '.png' ? { raw: (await stat(path.join(dist, file))).size, br: 0 } : await compress(file);
    console.log(`${file.padEnd(30)} ${String(size.raw).padStart(8)} B  br ${String(size.br).padStart(7)} B`);
    if (first.has(file)) fetched += size.br;
    else if (['.js', '.css'].includes(ext) && !file.startsWith('comet')) later += size.br;
    const url = file === 'index.html' ? '/' : `/${file}`;
    lines.push([url, file, MIME[ext], ext === '.html' || file === 'sw.js' ? 'revalidate' : 'immutable'].join('\t'));
  }
  console.log(`${'page, script and style'.padEnd(43)} br ${String(fetched).padStart(7)} B of ${BUDGET}`);
  console.log(`${'what comes when it is opened'.padEnd(43)} br ${String(later).padStart(7)} B of ${LATER}`);
  if (later > LATER) throw new Error(`what comes later is over ${LATER} bytes compressed`);
  if (fetched > BUDGET) throw new Error(`the page is over ${BUDGET} bytes compressed`);
  await writeFile(path.join(dist, 'manifest.list'), `${lines.join('\n')}\n`);
}

await main();
