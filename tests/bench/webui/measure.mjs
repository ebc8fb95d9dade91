// Measures the built page in Chromium against the mock network of webui/test: what a first visit fetches, how soon there is
// something to read, switching, scrolling, a netsplit, a flood, and what stays in memory. Times of the main thread are from
// Chromium's own traces. For a quiet machine; the figures of a busy one are worth nothing.
//
//   cd webui && npm ci && npm run bundle && node ../tests/bench/webui/measure.mjs [--rounds 5] [--lines 100000] [--only flood]
//
// Writes a table to standard output, and all figures to the file that --json names.

import { readdirSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const WEBUI = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../webui');
const { launch, Scene } = await import(path.join(WEBUI, 'test/scene.mjs'));
const { seedTalk } = await import(path.join(WEBUI, 'test/mock-network.mjs'));

function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

const ROUNDS = Number(option('rounds', '5'));
const LINES = Number(option('lines', '100000'));
const TRACED = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'];
// A good 4G line, as Lighthouse has it, and a processor a quarter as fast as this one.
const SLOW = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };

const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN;
const median = (values) => quantile(values, 0.5);
const ms = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** Tasks of the page's main thread in a trace: the thread that did most, as there is one page. */
function mainThread(buffer) {
  const { traceEvents } = JSON.parse(buffer.toString());
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}.${tid}`));
  const threads = new Map();
  for (const { name, ph, pid, tid, ts, dur } of traceEvents) {
    if (ph !== 'X' || !/RunTask$/.test(name) || !mains.has(`${pid}.${tid}`)) continue;
    const key = `${pid}.${tid}`;
    if (!threads.has(key)) threads.set(key, []);
    threads.get(key).push({ ts: ts / 1000, ms: (dur ?? 0) / 1000 });
  }
  const sum = (tasks) => tasks.reduce((all, task) => all + task.ms, 0);
  const tasks = [...threads.values()].sort((a, b) => sum(b) - sum(a))[0] ?? [];
  // A task may be told twice, and hold others: only outermost ones count.
  const outer = [];
  for (const task of tasks.sort((a, b) => a.ts - b.ts || b.ms - a.ms)) {
    const last = outer[outer.length - 1];
    if (last === undefined || task.ts >= last.ts + last.ms) outer.push(task);
  }
  const [first] = outer;
  const last = outer[outer.length - 1];
  const span = first === undefined ? 1 : last.ts + last.ms - first.ts;
  return { longest: Math.max(0, ...outer.map((task) => task.ms)), over50: outer.filter((task) => task.ms > 50).length, busy: sum(outer) / span };
}

async function traced(browser, page, run) {
  await browser.startTracing(page, { categories: TRACED });
  try {
    await run();
  } catch (error) {
    await browser.stopTracing();
    throw error;
  }
  return mainThread(await browser.stopTracing());
}

const frames = (page, count) => page.evaluate(async (wanted) => {
  for (let i = 0; i < wanted; i += 1) await new Promise(requestAnimationFrame);
}, count);

/** What the page fetched until it could be read, as the gateway would send it. */
function fetched(mock) {
  const dist = path.join(WEBUI, 'dist');
  const asked = new Set(mock.requests.map((request) => request.split(' ')[1].slice(1)).map((file) => (file === '' ? 'index.html' : file)));
  return readdirSync(dist).filter((file) => asked.has(file) && /\.(html|js|css)$/.test(file)).reduce((sum, file) => sum + statSync(path.join(dist, `${file}.br`)).size, 0);
}

const WATCH = `addEventListener('DOMContentLoaded', () => {
  const look = () => { if (window.readable === undefined && document.querySelector('.row.talk') !== null) requestAnimationFrame(() => { window.readable ??= performance.now(); }); };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
});`;

const BENCHES = {
  async load(browser, figures) {
    for (const slow of [false, true]) {
      const paints = [];
      const reads = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const scene = new Scene(browser);
        const first = await scene.open();
        seedTalk(scene.mock);
        await scene.logIn();
        await scene.page.locator('#messages').waitFor();
        const cookies = await scene.context.cookies();
        await first.close();
        await scene.context.close();
        scene.context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
        await scene.context.addCookies(cookies);
        await scene.context.addInitScript(WATCH);
        const page = await scene.context.newPage();
        if (slow) {
          const wire = await scene.context.newCDPSession(page);
          await wire.send('Network.enable');
          await wire.send('Network.emulateNetworkConditions', SLOW);
          await wire.send('Emulation.setCPUThrottlingRate', { rate: 4 });
        }
        scene.mock.requests.length = 0;
        await page.goto(scene.mock.url);
        await page.waitForFunction(() => window.readable !== undefined);
        if (!slow) figures.fetched = fetched(scene.mock);
        reads.push(await page.evaluate(() => window.readable));
        paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN));
        await scene.close();
      }
      figures[slow ? 'slowPaint' : 'paint'] = median(paints);
      figures[slow ? 'slowReadable' : 'readable'] = median(reads);
    }
  },

  async switching(browser, figures) {
    const scene = new Scene(browser);
    seedTalk(scene.mock);
    const page = await scene.start({ viewport: { width: 1440, height: 900 } });
    for (const name of ['#cpp', '#astronomy', '#halley']) await scene.goTo(name);
    const taken = await page.evaluate(async () => {
      const found = [];
      for (let i = 0; i < 40; i += 1) {
        const key = `libera/${['#halley', '#astronomy', '#cpp'][i % 3]}`;
        const button = document.querySelector(`[data-buffer="${key}"]`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        const start = performance.now();
        button.click();
        await Promise.resolve();
        const script = performance.now() - start;
        await new Promise((resolve) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; channel.port2.postMessage(0); }));
        found.push({ script, frame: performance.now() - start });
      }
      return found;
    });
    figures.switchScript = quantile(taken.map(({ script }) => script), 0.95);
    figures.switchFrame = quantile(taken.map(({ frame }) => frame), 0.95);
    await scene.close();
  },

  async scrolling(browser, figures) {
    const scene = new Scene(browser);
    for (let i = 1; i <= LINES; i += 1) scene.mock.say('libera', '#halley', `nick${i % 40}`, `line ${i}: ${'word '.repeat(i % 23)}`, Date.now() - (LINES - i) * 1000);
    const page = await scene.start({ viewport: { width: 1440, height: 900 } });
    await scene.message(`line ${LINES}:`).waitFor();
    const gaps = await page.evaluate(async () => {
      const list = document.querySelector('#messages');
      const found = [];
      let last = await new Promise(requestAnimationFrame);
      for (let i = 0; i < 600; i += 1) {
        list.scrollTop -= 90;
        const now = await new Promise(requestAnimationFrame);
        found.push(now - last);
        last = now;
      }
      return found;
    });
    figures.scrollP95 = quantile(gaps, 0.95);
    await scene.close();
  },

  async netsplit(browser, figures) {
    const scene = new Scene(browser);
    const { members } = scene.mock.world.networks.libera.channels['#halley'];
    const crowd = Array.from({ length: 7000 }, (_, i) => `split${i}`);
    for (const nick of crowd) members.set(nick, '');
    const page = await scene.start({ viewport: { width: 1440, height: 900 } });
    scene.mock.say('libera', '#halley', 'vera', 'before');
    await scene.message('before').waitFor();
    const tasks = await traced(browser, page, async () => {
      for (const nick of crowd) scene.mock.emit('libera', `:${nick}!u@h QUIT :*.net *.split`, ['#halley']);
      for (const nick of crowd) scene.mock.emit('libera', `:${nick}!u@h JOIN #halley`, ['#halley']);
      scene.mock.say('libera', '#halley', 'vera', 'after');
      await scene.message('after').waitFor();
      await frames(page, 10);
    });
    figures.splitLongest = tasks.longest;
    figures.splitOver50 = tasks.over50;
    await scene.close();
  },

  async flood(browser, figures) {
    const scene = new Scene(browser);
    const page = await scene.start({ viewport: { width: 1440, height: 900 } });
    await page.evaluate(() => {
      window.taken = [];
      new PerformanceObserver((list) => { for (const { duration, interactionId } of list.getEntries()) if (interactionId > 0) window.taken.push(duration); }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    });
    let line = 0;
    const flood = setInterval(() => { for (let i = 0; i < 20; i += 1) scene.mock.say('libera', '#halley', `nick${line % 30}`, `line ${(line += 1)} of a flood of words`); }, 20);
    let keys = 0;
    const tasks = await traced(browser, page, async () => {
      await scene.field().focus();
      const end = Date.now() + 8000;
      while (Date.now() < end) {
        await page.keyboard.press('x');
        keys += 1;
        await frames(page, 12);
      }
    });
    clearInterval(flood);
    const taken = await page.evaluate(() => window.taken);
    // What took less than the least that is told took that, at most.
    figures.floodInput = quantile([...Array.from({ length: Math.max(0, keys - taken.length) }, () => 16), ...taken], 0.75);
    figures.floodBusy = tasks.busy;
    figures.floodLines = line;
    await scene.close();
  },

  async memory(browser, figures) {
    const scene = new Scene(browser);
    const page = await scene.start({ viewport: { width: 1440, height: 900 } });
    const wire = await scene.context.newCDPSession(page);
    for (let i = 1; i <= LINES; i += 1) {
      scene.mock.say('libera', ['#halley', '#cpp', '#astronomy'][i % 3], `nick${i % 40}`, `line ${i}`);
      if (i % 2000 === 0) await frames(page, 2);
    }
    scene.mock.say('libera', '#halley', 'vera', 'the last one');
    await scene.message('the last one').waitFor();
    await wire.send('HeapProfiler.collectGarbage');
    figures.heap = (await wire.send('Runtime.getHeapUsage')).usedSize;
    await scene.close();
  },
};

/** [what, figure, as text, what it should be at most] */
const ROWS = [
  ['fetched by a first visit, compressed', 'fetched', (value) => `${value} bytes`, '81,920 bytes'],
  ['first paint', 'paint', ms, '200 ms'],
  ['channel readable', 'readable', ms, '400 ms'],
  ['first paint, 4G and a quarter of the processor', 'slowPaint', ms, ''],
  ['channel readable, likewise', 'slowReadable', ms, '1.2 s'],
  ['switching channels, script, p95', 'switchScript', ms, '16 ms'],
  ['... to the frame, p95', 'switchFrame', ms, '50 ms'],
  [`scrolling up ${LINES} lines, between frames, p95`, 'scrollP95', ms, '16.7 ms'],
  ['netsplit and rejoin of 7,000, longest task', 'splitLongest', ms, '50 ms'],
  ['... tasks over 50 ms', 'splitOver50', String, '0'],
  ['flood of 1,000 lines/s, key to paint, p75', 'floodInput', ms, '40 ms'],
  ['... main thread busy', 'floodBusy', (value) => `${Math.round(value * 100)} %`, '60 %'],
  [`heap after ${LINES} lines`, 'heap', (value) => `${(value / 1e6).toFixed(1)} MB`, '30 MB'],
];

const only = option('only', '');
const browser = await launch();
const figures = {};
try {
  for (const [name, run] of Object.entries(BENCHES)) if (only === '' || only === name) await run(browser, figures);
} finally {
  await browser.close();
}
const machine = `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, load ${os.loadavg()[0].toFixed(1)}, Chromium ${browser.version()}`;
console.log(`${machine}\n\n| what | measured | wanted |\n|---|---|---|`);
for (const [what, name, show, wanted] of ROWS) if (figures[name] !== undefined) console.log(`| ${what} | ${show(figures[name])} | ${wanted} |`);
const file = option('json', '');
if (file !== '') writeFileSync(file, `${JSON.stringify({ machine, ...figures }, null, 2)}\n`);
