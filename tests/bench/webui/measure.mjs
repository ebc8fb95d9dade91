// Measures the built page in Chromium against the mock network of webui/test: what a first visit fetches, how soon there is
// something to read, opening, scrolling, finding a place, crowds, a netsplit, a flood, and what stays in memory. Times of the
// main thread are from Chromium's own traces; those "of the processor" are what it had of one, whatever else the machine did.
//
//   cd webui && npm ci && npm run bundle && node ../tests/bench/webui/measure.mjs [--rounds 5] [--lines 1000000] [--only flood,load]
//
// Writes a table to standard output, the median of all rounds, and to its place in the document that --document names.

import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as crowds from './crowds.mjs';
import { putInto, table } from './figures.mjs';
import * as loading from './loading.mjs';
import * as reading from './reading.mjs';

const WEBUI = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../webui');
const { launch, Scene } = await import(path.join(WEBUI, 'test/scene.mjs'));
const { channel, seedTalk } = await import(path.join(WEBUI, 'test/mock-network.mjs'));

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

const ROUNDS = Number(option('rounds', '5'));
const LINES = Number(option('lines', '1000000'));
const BENCHES = { ...loading, ...reading, ...crowds };
const ONCE = ['memory']; // it takes minutes, and the same

const only = option('only', '').split(',').filter((name) => name !== '');
const unknown = only.find((name) => BENCHES[name] === undefined);
if (unknown !== undefined) {
  console.error(`measure.mjs: there is no part '${unknown}'; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

const file = option('document', '');
if (file !== '' && only.length > 0) {
  console.error('measure.mjs: --document wants the figures of all parts: leave --only out');
  process.exit(2);
}

// What else it does tells how far to trust them.
const [load] = os.loadavg();
const busy = load < 0.5 ? 'otherwise idle' : `which did other things too (load ${load.toFixed(1)} of ${os.cpus().length} before this began)`;
const browser = await launch();
const runs = new Map();
try {
  for (const [name, run] of Object.entries(BENCHES)) {
    if (only.length > 0 && !only.includes(name)) continue;
    for (let round = 0; round < (ONCE.includes(name) ? 1 : ROUNDS); round += 1) {
      const scene = new Scene(browser);
      const figures = {};
      await run({ scene, browser, seedTalk, channel, lines: LINES, dist: path.join(WEBUI, 'dist') }, figures);
      await scene.close();
      for (const [figure, value] of Object.entries(figures)) runs.set(figure, [...(runs.get(figure) ?? []), value]);
    }
    console.error(`${name}: ${[...runs].map(([figure, values]) => `${figure} ${values.map((value) => +value.toFixed(2)).join(' ')}`).pop()}`);
  }
} finally {
  await browser.close();
}
const figures = Object.fromEntries(runs);
const text = `Last measured ${new Date().toISOString().slice(0, 10)} on ${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${busy}, Chromium ${browser.version()}.\n\n${table(figures)}`;
console.log(text);
if (file !== '') putInto(file, text);
