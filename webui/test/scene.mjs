// A browser before a mock server, for the tests of the built page: opens pages, logs in, speaks, and waits.
// CHROMIUM names another browser binary.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { MockServer } from './mock-server.mjs';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
export const PATIENCE = 30_000;

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
}

/** Waits until the other side of the wire is in a state; the browser has its own waits. */
export async function until(condition) {
  const deadline = Date.now() + PATIENCE;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same for what only the page can tell, by a function that takes its time there. */
export async function untilTrue(page, condition, argument) {
  const deadline = Date.now() + PATIENCE;
  while (!(await page.evaluate(condition, argument))) {
    assert.ok(Date.now() < deadline, `waited in vain for ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against a page as it stands. */
export async function faultsOf(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  assert.ok(found.passes.length > 10, 'axe-core looked at the page');
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(' | ')}`);
}

export class Scene {
  mock = new MockServer();
  problems = [];

  constructor(browser) {
    this.browser = browser;
  }

  async open(options = {}) {
    if (this.mock.url === undefined) await this.mock.listen();
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', serviceWorkers: 'block', ...options });
    return this.tab();
  }

  async tab(path = '') {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) this.problems.push(message.text());
    });
    this.page ??= page;
    await page.goto(this.mock.url + path);
    return page;
  }

  async logIn(page = this.page, name = 'ada', password = 'lovelace') {
    await page.getByLabel('User name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  }

  /** Logged in and attached: live lines arrive from here on. */
  async start(options = {}, buffer = '#halley') {
    const page = await this.open(options);
    await this.logIn();
    await page.locator('#messages').waitFor();
    await this.attached();
    await this.goTo(buffer);
    return page;
  }

  attached(streams = 1) {
    return until(() => this.mock.streams.size === streams);
  }

  async goTo(buffer, page = this.page) {
    await page.locator(`[data-buffer="libera/${buffer}"]`).evaluate((button) => button.click());
    await page.getByRole('heading', { name: buffer, exact: true }).waitFor();
  }

  message(text, page = this.page) {
    return page.locator('.row.talk:not(.pending)', { hasText: text });
  }

  async say(text, page = this.page) {
    await page.locator('.composer textarea').fill(text);
    await page.locator('.composer textarea').press('Enter');
  }

  field(page = this.page) {
    return page.locator('.composer textarea');
  }

  async close() {
    await this.context?.close();
    await this.mock.close();
    assert.deepEqual(this.problems, [], 'the page threw, or broke its content security policy');
  }
}
