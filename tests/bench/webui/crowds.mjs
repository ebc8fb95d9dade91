// Many people, and many words at once.

import { frames, quantile, traced } from './trace.mjs';

const VIEWPORT = { viewport: { width: 1440, height: 900 } };

function crowd(mock, name, size) {
  const { members } = mock.world.networks.libera.channels[name];
  const nicks = Array.from({ length: size }, (_, i) => `split${i}`);
  for (const nick of nicks) members.set(nick, '');
  return nicks;
}

/** A channel of 7,000: a visit that begins there, opening it, its list of members scrolled and filtered. */
export async function members({ scene, browser }, figures) {
  crowd(scene.mock, '#halley', 7000);
  scene.mock.say('libera', '#halley', 'vera', 'in the crowd');
  const page = await scene.start(VIEWPORT);
  await scene.message('in the crowd').waitFor();
  const again = await traced(browser, page, async () => {
    await page.reload();
    await scene.message('in the crowd').waitFor();
    await frames(page, 30);
  });
  figures.crowdVisit = again.longestCpu;
  const used = await traced(browser, page, async () => {
    for (const name of ['#cpp', '#halley', '#quiet', '#halley']) {
      await scene.goTo(name);
      await frames(page, 5);
    }
    await page.getByLabel('Filter members').fill('split699');
    await page.getByText('split6991', { exact: true }).waitFor();
    await page.getByLabel('Filter members').fill('');
    await frames(page, 5);
  });
  figures.crowdUsed = used.longestCpu;
}

export async function netsplit({ scene, browser }, figures) {
  const gone = crowd(scene.mock, '#halley', 7000);
  const page = await scene.start(VIEWPORT);
  scene.mock.say('libera', '#halley', 'vera', 'before');
  await scene.message('before').waitFor();
  const tasks = await traced(browser, page, async () => {
    for (const nick of gone) scene.mock.emit('libera', `:${nick}!u@h QUIT :*.net *.split`, ['#halley']);
    for (const nick of gone) scene.mock.emit('libera', `:${nick}!u@h JOIN #halley`, ['#halley']);
    scene.mock.say('libera', '#halley', 'vera', 'after');
    await scene.message('after').waitFor();
    await frames(page, 10);
  });
  figures.splitLongest = tasks.longest;
  figures.splitLongestCpu = tasks.longestCpu;
  figures.splitOver50 = tasks.over50;
}

export async function flood({ scene, browser }, figures) {
  const page = await scene.start(VIEWPORT);
  await page.evaluate(() => {
    window.taken = [];
    new PerformanceObserver((list) => { for (const { duration, interactionId } of list.getEntries()) if (interactionId > 0) window.taken.push(duration); }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  let line = 0;
  const began = performance.now();
  // What is due by the clock: a timer that comes late makes up for it.
  const source = setInterval(() => { while (line < performance.now() - began) scene.mock.say('libera', '#halley', `nick${line % 30}`, `line ${(line += 1)} of a flood of words`); }, 20);
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
  clearInterval(source);
  figures.floodLines = line / ((performance.now() - began) / 1000);
  const taken = await page.evaluate(() => window.taken);
  // What took less than the least that is told took that, at most.
  figures.floodInput = quantile([...Array.from({ length: Math.max(0, keys - taken.length) }, () => 16), ...taken], 0.75);
  figures.floodBusy = tasks.busy;
  figures.floodBusyCpu = tasks.busyCpu;
}

/** What the page, and the worker that holds its stream, keep after all have been looked at and so many lines have come. */
export async function memory({ scene, browser, channel, lines }, figures) {
  const { channels } = scene.mock.world.networks.libera;
  const names = Array.from({ length: 100 }, (_, i) => `#room${i}`);
  for (const name of names) channels[name] = channel(name, 'A place', [['ada', ''], ...Array.from({ length: 30 }, (_, i) => [`nick${i}`, ''])]);
  const page = await scene.start(VIEWPORT);
  const wire = await scene.context.newCDPSession(page);
  // The mock server need not remember them.
  scene.mock.log.push = () => 0;
  for (let i = 1; i <= lines; i += 1) {
    scene.mock.say('libera', names[i % 100], `nick${i % 30}`, `line ${i} of what people say in a place like this one`);
    if (i % 2000 === 0) await frames(page, 2);
    if (i % Math.ceil(lines / 100) === 0) await scene.goTo(names[(i / Math.ceil(lines / 100)) % 100]);
  }
  await scene.goTo('#room0');
  scene.mock.say('libera', '#room0', 'vera', 'the last one');
  await scene.message('the last one').waitFor();
  await wire.send('HeapProfiler.collectGarbage');
  figures.heap = (await wire.send('Runtime.getHeapUsage')).usedSize;
  figures.lines = lines;
  figures.hubHeap = await workerHeap(browser);
}

async function workerHeap(browser) {
  const wire = await browser.newBrowserCDPSession();
  const { targetInfos } = await wire.send('Target.getTargets');
  const worker = targetInfos.find(({ type }) => type === 'shared_worker');
  if (worker === undefined) throw new Error('no shared worker runs: the page would hold the stream itself');
  const { sessionId } = await wire.send('Target.attachToTarget', { targetId: worker.targetId, flatten: false });
  const ask = (id, method) => new Promise((resolve) => {
    const hear = ({ sessionId: from, message }) => {
      const answer = JSON.parse(message);
      if (from !== sessionId || answer.id !== id) return;
      wire.off('Target.receivedMessageFromTarget', hear);
      resolve(answer.result);
    };
    wire.on('Target.receivedMessageFromTarget', hear);
    void wire.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
  });
  await ask(1, 'HeapProfiler.collectGarbage');
  return (await ask(2, 'Runtime.getHeapUsage')).usedSize;
}
