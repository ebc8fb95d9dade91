// One browser for a test file, and a scene of its own for each test: `at` is filled anew.

import { after, afterEach, before, beforeEach } from 'node:test';
import { faultsOf, launch, Scene } from './scene.mjs';

export { until, untilTrue } from './scene.mjs';

/** { browser, scene, mock, context, page } */
export const at = {};

before(async () => {
  at.browser = await launch();
});

after(() => at.browser.close());

beforeEach(async () => {
  at.scene = new Scene(at.browser);
  at.mock = at.scene.mock;
  await at.mock.listen();
});

afterEach(() => at.scene.close());

function take(page) {
  at.page = page;
  at.context = at.scene.context;
}

export async function openPage(options = {}) {
  take(await at.scene.open(options));
}

export async function start(options = {}, buffer = '#halley') {
  at.scene.page = undefined;
  take(await at.scene.start(options, buffer));
}

export const open = (buffer) => at.scene.goTo(buffer);
export const message = (text) => at.scene.message(text);
export const say = (text) => at.scene.say(text);

/** The numbers at the ends of "line N" texts, in the order of the page. */
export function numbersShown() {
  return at.page.locator('.row.talk .text').evaluateAll((rows) =>
    rows.map((row) => /line (\d+)$/.exec(row.textContent)?.[1]).filter((found) => found !== undefined).map(Number));
}

export function inOrder(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Lines "line 1" to "line N", said before anybody looks. */
export function fillHistory(count, target = '#halley') {
  for (let i = 1; i <= count; i += 1) at.mock.say('libera', target, `nick${i % 7}`, `line ${i}`);
}

/** What axe-core finds against the page as it stands. */
export const faults = () => faultsOf(at.page);
