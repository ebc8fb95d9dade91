// The page in a headless browser, used through what it tells people: roles, labels and names.
import { existsSync } from 'node:fs';

import { chromium, firefox } from 'playwright-core';

// As Debian has them; Firefox is spoken to by WebDriver BiDi.
const BROWSERS = {
  chromium: (executablePath) => chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] }),
  firefox: (executablePath) => firefox.launch({ executablePath, channel: 'moz-firefox' }),
};
const PROGRAMS = {
  chromium: process.env.CHROMIUM ?? '/usr/bin/chromium',
  firefox: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
};

export class Browser {
  static async open(stage, name = 'chromium') {
    const program = PROGRAMS[name];
    if (!existsSync(program)) throw new Error(`there is no ${program}: "script/bootstrap test" installs it, and ${name.toUpperCase()} names another one`);
    const browser = await BROWSERS[name](program);
    stage.atEnd(() => browser.close());
    return new Browser(stage, await browser.newContext());
  }

  constructor(stage, context) {
    this.stage = stage;
    this.context = context; // keeps cookies and storage, as a person's browser does between visits
    this.visits = 0;
  }

  // A tab at an address, and what it complains of.
  async tab(address) {
    const tab = await this.context.newPage();
    const said = this.stage.transcript(`browser ${++this.visits}`);
    tab.setDefaultTimeout(60_000);
    tab.on('console', (message) => said.push(`console ${message.type()}: ${message.text()}`));
    tab.on('pageerror', (error) => said.push(`page error: ${error}`));
    tab.on('requestfailed', (request) => said.push(`request failed: ${request.url()} ${request.failure()?.errorText}`));
    await tab.goto(address);
    return { tab, said };
  }

  async visit(origin) {
    const { tab, said } = await this.tab(origin);
    return new Page(tab, said);
  }
}

export class Page {
  constructor(tab, said) {
    this.tab = tab;
    this.said = said;
  }

  async login(user, password) {
    await this.tab.getByLabel('User name').fill(user);
    await this.tab.getByLabel('Password').fill(password);
    await this.tab.getByRole('button', { name: 'Log in' }).click();
    await this.sidebar().waitFor();
  }

  sidebar() {
    return this.tab.getByRole('navigation', { name: 'Networks and channels' });
  }

  async open(channel) {
    await this.sidebar().getByRole('listitem').filter({ hasText: channel }).getByRole('button').first().click();
    await this.tab.getByRole('main', { name: channel }).waitFor();
  }

  // What stands in the document of the open buffer, oldest first: [key, text] of each row. It holds a window of the rows.
  rows() {
    return this.tab.locator('main [role=article]').evaluateAll((rows) =>
      rows.flatMap((row) => {
        const text = row.querySelector('.text');
        return text ? [[row.getAttribute('data-key'), text.textContent]] : [];
      }));
  }

  async untilText(text) {
    await this.tab.locator('main [role=article] .text').filter({ hasText: text }).first().waitFor({ state: 'attached' });
  }

  // Scrolls up into history until the text stands there. All texts that were passed, oldest first, each row once.
  async textsUpTo(text) {
    const passed = new Map();
    let order = [];
    const oldest = this.tab.locator('main [role=article]').first();
    for (;;) {
      const fresh = (await this.rows()).filter(([key]) => !passed.has(key));
      for (const [key, said] of fresh) passed.set(key, said);
      order = [...fresh.map(([key]) => key), ...order];
      if (fresh.some(([, said]) => said.includes(text))) return order.map((key) => passed.get(key));
      const before = await oldest.getAttribute('data-key');
      await oldest.scrollIntoViewIfNeeded();
      await this.tab.waitForFunction(([key, selector]) =>
        document.querySelector(selector)?.getAttribute('data-key') !== key, [before, 'main [role=article]']);
    }
  }

  async say(text) {
    const box = this.tab.getByRole('main').getByRole('textbox');
    await box.fill(text);
    await box.press('Enter');
  }

  async leave() {
    await this.tab.close();
  }
}
