// What Chromium's traces say of the page's main thread, and small sums over measurements. Times are milliseconds.

const TRACED = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', '__metadata'];

export const quantile = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN;
export const median = (values) => quantile(values, 0.5);

/**
 * Tasks of the page's main thread in a trace: the thread that did most, as there is one page. `ms` is by the clock, `cpu` what
 * the task had of a processor: the difference is other programs' doing.
 */
function mainThread(buffer) {
  const { traceEvents } = JSON.parse(buffer.toString());
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid}.${tid}`));
  const threads = new Map();
  for (const { name, ph, pid, tid, ts, dur, tdur } of traceEvents) {
    if (ph !== 'X' || !/RunTask$/.test(name) || !mains.has(`${pid}.${tid}`)) continue;
    const key = `${pid}.${tid}`;
    if (!threads.has(key)) threads.set(key, []);
    threads.get(key).push({ ts: ts / 1000, ms: (dur ?? 0) / 1000, cpu: (tdur ?? dur ?? 0) / 1000 });
  }
  const sum = (tasks, what = 'ms') => tasks.reduce((all, task) => all + task[what], 0);
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
  return {
    longest: Math.max(0, ...outer.map((task) => task.ms)),
    longestCpu: Math.max(0, ...outer.map((task) => task.cpu)),
    over50: outer.filter((task) => task.ms > 50).length,
    busy: sum(outer) / span,
    busyCpu: sum(outer, 'cpu') / span,
  };
}

export async function traced(browser, page, run) {
  await browser.startTracing(page, { categories: TRACED });
  try {
    await run();
  } catch (error) {
    await browser.stopTracing();
    throw error;
  }
  return mainThread(await browser.stopTracing());
}

export const frames = (page, count) => page.evaluate(async (wanted) => {
  for (let i = 0; i < wanted; i += 1) await new Promise(requestAnimationFrame);
}, count);
