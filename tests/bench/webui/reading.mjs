// Opening, reading and finding one's way: each function fills in figures of one run.

import { LongHistory } from './long_history.mjs';
import { quantile, traced } from './trace.mjs';

const VIEWPORT = { viewport: { width: 1440, height: 900 } };
const LINES = 1_000_000;

/** Clicks buffers, one after the other: what each click costs in script, and until its frame is out. */
function click(page, names) {
  return page.evaluate(async (all) => {
    const found = [];
    for (const name of all) {
      const button = document.querySelector(`[data-buffer="libera/${name}"]`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const start = performance.now();
      button.click();
      await Promise.resolve();
      const script = performance.now() - start;
      await new Promise((resolve) => requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = resolve; channel.port2.postMessage(0); }));
      const frame = performance.now() - start;
      while (document.querySelector('.row.talk') === null) await new Promise(requestAnimationFrame);
      found.push({ script, frame });
    }
    return found;
  }, names);
}

export async function opening({ scene, seedTalk, channel, browser }, figures) {
  seedTalk(scene.mock);
  const { channels } = scene.mock.world.networks.libera;
  const names = Array.from({ length: 40 }, (_, i) => `#open${i}`);
  for (const name of names) {
    channels[name] = channel(name, 'A place', [['ada', ''], ['vera', '@']]);
    for (let i = 0; i < 100; i += 1) scene.mock.say('libera', name, `nick${i % 7}`, `line ${i}: ${'word '.repeat(i % 23)}`, Date.now() - (100 - i) * 60_000);
  }
  const page = await scene.start(VIEWPORT);
  let opened;
  const tasks = await traced(browser, page, async () => { opened = await click(page, names); });
  figures.openScript = quantile(opened.map(({ script }) => script), 0.95);
  figures.openFrame = quantile(opened.map(({ frame }) => frame), 0.95);
  figures.openLongest = tasks.longestCpu;
  const switched = await click(page, Array.from({ length: 40 }, (_, i) => names[i % 3]));
  figures.switchScript = quantile(switched.map(({ script }) => script), 0.95);
  figures.switchFrame = quantile(switched.map(({ frame }) => frame), 0.95);
}

/** Wheels up or down through the open channel: what lies between frames. */
function wheel(page, pixels, count) {
  return page.evaluate(async ([step, wanted]) => {
    const list = document.querySelector('#messages');
    const found = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < wanted; i += 1) {
      list.scrollTop += step;
      const now = await new Promise(requestAnimationFrame);
      found.push(now - last);
      last = now;
    }
    return found;
  }, [pixels, count]);
}

/** A line's own address: until it stands in view. */
async function reach(page, history, index) {
  return page.evaluate(async ([hash, key]) => {
    const start = performance.now();
    window.location.hash = hash;
    for (;;) {
      await new Promise(requestAnimationFrame);
      const row = document.querySelector(`#messages [data-key="${key}"]`);
      const box = row?.getBoundingClientRect();
      const list = document.querySelector('#messages').getBoundingClientRect();
      if (box !== undefined && box.bottom > list.top && box.top < list.bottom) return performance.now() - start;
      if (performance.now() - start > 10_000) throw new Error(`${hash} is not reached`);
    }
  }, [`#/libera/%23halley/${encodeURIComponent(history.idOf(index))}`, history.idOf(index)]);
}

/** Anywhere in a million lines: up from the newest, and both ways from places all over it. */
export async function scrolling({ scene, browser }, figures) {
  const history = new LongHistory(scene.mock, 'libera', '#halley', LINES);
  const page = await scene.start(VIEWPORT);
  await scene.message(`line ${LINES - 1}:`).waitFor();
  const gaps = [];
  const tasks = await traced(browser, page, async () => {
    gaps.push(...await wheel(page, -90, 300));
    for (const part of [0.02, 0.3, 0.7]) {
      await reach(page, history, Math.floor(LINES * part));
      gaps.push(...await wheel(page, -90, 150), ...await wheel(page, 90, 300));
    }
  });
  figures.scrollP95 = quantile(gaps, 0.95);
  figures.scrollLongest = tasks.longestCpu;
  figures.scrollBusy = tasks.busyCpu;
}

/** The first line of a day, by the dialog that asks for one. */
async function reachDay(page, history, day) {
  await page.getByRole('button', { name: 'More about #halley' }).click();
  await page.getByRole('menuitem', { name: 'Jump to a day…' }).click();
  await page.locator('dialog input[type=date]').waitFor();
  return page.evaluate(async ([text, midnight]) => {
    const field = document.querySelector('dialog input[type=date]');
    field.value = text;
    const start = performance.now();
    field.form.requestSubmit();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const row = document.querySelector(`#messages [data-key="${midnight}"]`);
      const box = row?.getBoundingClientRect();
      const list = document.querySelector('#messages').getBoundingClientRect();
      if (box !== undefined && box.bottom > list.top && box.top < list.bottom) return performance.now() - start;
      if (performance.now() - start > 10_000) throw new Error(`${text} is not reached`);
    }
  }, [day.text, history.idOf(history.indexOf(String(day.time * 1000)))]);
}

export async function jumping({ scene }, figures) {
  const history = new LongHistory(scene.mock, 'libera', '#halley', LINES);
  const page = await scene.start(VIEWPORT);
  await scene.message(`line ${LINES - 1}:`).waitFor();
  const taken = [];
  for (let i = 1; i <= 20; i += 1) taken.push(await reach(page, history, Math.floor((LINES * ((i * 7) % 20)) / 20) + 137 * i));
  figures.jumpLine = quantile(taken, 0.95);
  const days = [];
  for (let back = 1; back <= 10; back += 1) {
    const midnight = new Date();
    midnight.setDate(midnight.getDate() - back);
    midnight.setHours(0, 0, 0, 0);
    const text = [midnight.getFullYear(), midnight.getMonth() + 1, midnight.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
    days.push(await reachDay(page, history, { text, time: midnight.getTime() }));
  }
  figures.jumpDay = quantile(days, 0.95);
}
