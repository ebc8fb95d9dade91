// A tone for what is for its user: off at first, one for all tabs, none for what somebody reads or does not want announced.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, message, open, start, untilTrue } from './browser.mjs';

/** Stands for the browser's sound: what was begun is noted, and sounds when time() has passed it. */
const SOUND = () => {
  window.tones = [];
  window.AudioContext = class {
    currentTime = 0;
    destination = {};
    tone = { notes: [], heard: true, end: null };

    constructor() {
      window.tones.push(this.tone);
    }

    createGain() {
      const ramp = { value: 1, setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
      return { gain: ramp, connect() {}, disconnect: () => { this.tone.heard = false; } };
    }

    createOscillator() {
      const frequency = { value: 0 };
      return { frequency, connect() {}, start: (from) => this.tone.notes.push([frequency.value, from]), stop() {} };
    }

    createConstantSource() {
      const source = { onended: null, connect() {}, start() {}, stop: () => { this.tone.end = () => source.onended?.(); } };
      return source;
    }

    close() {
      this.tone.closed = true;
      return Promise.resolve();
    }
  };
};

const tones = (page = at.page) => page.evaluate(() => window.tones.filter(({ heard, notes }) => heard && notes.length > 0).length);
const sounding = (count, page = at.page) => untilTrue(page, (wanted) => window.tones.filter(({ heard }) => heard).length === wanted, count);
const hushed = (page = at.page) => page.evaluate(() => { for (const tone of window.tones) if (!tone.closed) tone.end?.(); });

/** Something that is for her, elsewhere than she looks; done when its badge is there. */
async function call(text, buffer = '#cpp', page = at.page) {
  at.mock.say('libera', buffer, 'vera', text);
  await page.locator(`[data-buffer="libera/${buffer}"] .badge`).waitFor();
}

async function begin() {
  await start({}, '#halley');
  await at.context.addInitScript(SOUND);
  await at.page.reload();
  await at.page.locator('#messages').waitFor();
  await open('#halley');
  await at.page.locator('.composer textarea').click();
  // What follows the talk comes behind all else.
  await untilTrue(at.page, () => performance.getEntriesByType('resource').some(({ name }) => /afterwards\./.test(name)));
}

async function turnOn(page = at.page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'A sound for what is for me' }).click();
}

test('nothing sounds before it is asked for; then what is for her does, but not what she reads, or wants no word of', async () => {
  await begin();
  await call('ada: one');
  assert.equal(await tones(), 0);
  await turnOn();
  assert.equal(await tones(), 1, 'whoever turns it on hears it');
  assert.deepEqual((await at.page.evaluate(() => window.tones[0].notes)).map(([pitch]) => Math.round(pitch)), [880, 1175]);
  await hushed();
  await call('ada: two');
  await sounding(2);
  await hushed();
  at.mock.say('libera', '#halley', 'vera', 'ada: she reads this');
  await message('she reads this').waitFor();
  at.mock.say('libera', '#cpp', 'vera', 'not for her');
  at.mock.setBuffer({ pathname: '/api/buffers/libera/%23cpp' }, { muted: true }, { writeHead() {}, end() {} });
  await at.page.locator('[data-buffer="libera/#cpp"].muted-buffer').waitFor();
  at.mock.say('libera', '#cpp', 'vera', 'ada: in a muted channel');
  at.mock.setBuffer({ pathname: '/api/buffers/libera/%23cpp' }, { muted: false, notify: 'none' }, { writeHead() {}, end() {} });
  await at.page.locator('[data-buffer="libera/#cpp"]:not(.muted-buffer)').waitFor();
  at.mock.say('libera', '#cpp', 'vera', 'ada: of which she wants no word');
  at.mock.setBuffer({ pathname: '/api/buffers/libera/%23cpp' }, { notify: 'all' }, { writeHead() {}, end() {} });
  at.mock.say('libera', '#cpp', 'vera', 'anything at all');
  await sounding(3);
  await hushed();
  await turnOn();
  await call('ada: off again', '#astronomy');
  assert.equal(await tones(), 3);
});

test('many tabs make one tone, and much at once one; a tab that shows the line silences the others', async () => {
  await begin();
  await turnOn();
  await hushed();
  const other = await at.scene.tab();
  await other.locator('#messages').waitFor();
  await at.scene.goTo('#halley', other);
  await other.locator('.composer textarea').click();
  await untilTrue(other, () => performance.getEntriesByType('resource').some(({ name }) => /afterwards\./.test(name)));
  for (let i = 1; i <= 5; i += 1) at.mock.say('libera', '#cpp', 'vera', `ada: line ${i}`);
  for (const page of [at.page, other]) await page.locator('[data-buffer="libera/#cpp"] .badge', { hasText: '5' }).waitFor();
  await untilTrue(at.page, async () => (await navigator.locks.query()).held.some(({ name }) => name.endsWith(' sound')));
  assert.equal((await tones()) - 1 + (await tones(other)), 1);
  for (const page of [at.page, other]) await hushed(page);
  await untilTrue(at.page, async () => !(await navigator.locks.query()).held.some(({ name }) => name.endsWith(' sound')));
  // She looks at it in the other tab: it is read there before the tone begins here.
  await at.scene.goTo('#cpp', other);
  await other.bringToFront();
  const before = (await tones()) + (await tones(other));
  at.mock.say('libera', '#cpp', 'vera', 'ada: read at once');
  await at.scene.message('read at once', other).waitFor();
  await at.page.locator('[data-buffer="libera/#cpp"] .badge').waitFor({ state: 'detached' });
  assert.equal((await tones()) + (await tones(other)), before);
});
