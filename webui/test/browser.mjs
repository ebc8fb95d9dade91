// What the tests in Chromium share: a browser for the file, a mock server and a page for each test.
// CHROMIUM names another browser binary.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { chromium } from 'playwright-core';
import { MockServer } from './mock-server.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
const PATIENCE = 30_000;

/** Filled anew for each test: { browser, mock, context, page, problems }. */
export const at = {};

before(async () => {
  at.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
});

after(() => at.browser.close());

beforeEach(async () => {
  at.mock = new MockServer();
  await at.mock.listen();
});

afterEach(async () => {
  await at.context?.close();
  await at.mock.close();
  assert.deepEqual(at.problems, [], 'the page threw, or broke its content security policy');
});

export async function openPage(options = {}) {
  at.context = await at.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
  at.page = await at.context.newPage();
  at.page.setDefaultTimeout(PATIENCE);
  at.problems = [];
  at.page.on('pageerror', (error) => at.problems.push(error.message));
  at.page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) at.problems.push(message.text());
  });
  await at.page.goto(at.mock.url);
}

export async function logIn(name = 'ada', password = 'lovelace') {
  await at.page.getByLabel('User name').fill(name);
  await at.page.getByLabel('Password').fill(password);
  await at.page.getByRole('button', { name: 'Log in' }).click();
}

export async function open(buffer) {
  await at.page.locator(`[data-buffer="libera/${buffer}"]`).evaluate((button) => button.click());
  await at.page.getByRole('heading', { name: buffer, exact: true }).waitFor();
}

/** Logged in and attached: live lines arrive from here on. */
export async function start(options = {}, buffer = '#halley') {
  await openPage(options);
  await logIn();
  await at.page.locator('#messages').waitFor();
  await until(() => at.mock.streams.size === 1);
  await open(buffer);
}

/** Waits until the other side of the wire is in a state; the browser has its own waits. */
export async function until(condition) {
  const deadline = Date.now() + PATIENCE;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function message(text) {
  return at.page.locator('.row.talk:not(.pending)', { hasText: text });
}

export async function say(text) {
  await at.page.locator('.composer textarea').fill(text);
  await at.page.locator('.composer textarea').press('Enter');
}

/** The numbers at the ends of "line N" texts, in the order of the page. */
export function numbersShown() {
  return at.page.locator('.row.talk .text').evaluateAll((rows) =>
    rows.map((row) => /line (\d+)$/.exec(row.textContent)?.[1]).filter((found) => found !== undefined).map(Number));
}

export function inOrder(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Lines "line 1" to "line N" in #halley, said before anybody looks. */
export function fillHistory(count, target = '#halley') {
  for (let i = 1; i <= count; i += 1) at.mock.say('libera', target, `nick${i % 7}`, `line ${i}`);
}
