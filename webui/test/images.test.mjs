// Images that links lead to, in Chromium: off unless wanted, fetched by a click and by nothing else, and nothing moves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { at, faults, message, open, start } from './browser.mjs';

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  let crc = 0xffffffff;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(~crc >>> 0, body.length + 4);
  return out;
}

function png(width, height) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0], 8);
  const rows = Buffer.alloc((width + 1) * height, 0);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** Requests to everywhere else. */
let asked;
/** What an image's server does, once it is let. */
let serve;

async function begin(images = true, options = {}) {
  asked = [];
  serve = async (route) => route.fulfill({ contentType: 'image/png', body: png(600, 3000) });
  await start(options);
  await at.context.route((url) => url.origin !== new URL(at.mock.url).origin, async (route) => {
    asked.push(route.request());
    await serve(route);
  });
  if (images) await turn(/^Show images on a click$/);
}

async function turn(name) {
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menuitemcheckbox', { name }).click();
  await at.page.locator('#messages').waitFor();
}

const button = (name = /Show image/) => at.page.getByRole('button', { name });
const tops = () => at.page.locator('.row.talk').evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().top)));

test('images are off: no button, and the browser itself would fetch none from elsewhere', async () => {
  await begin(false);
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/m31.png');
  await message('look:').waitFor();
  assert.equal(await button().count(), 0);
  const refused = await at.page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => resolve(`${effectiveDirective} ${blockedURI}`));
    const image = new Image();
    image.onload = () => resolve('fetched');
    image.src = 'https://pictures.example/m31.png';
  }));
  assert.equal(refused, 'img-src https://pictures.example/m31.png');
  assert.deepEqual(asked, []);
  at.scene.problems.length = 0; // that one
});

test('once wanted, a click fetches an image, without a referrer, and another hides it', async () => {
  await begin();
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/nights/m31.png, and https://pictures.example/about');
  await message('look:').waitFor();
  await button().waitFor();
  assert.equal(asked.length, 0);
  assert.equal(await button().getAttribute('title'), 'It comes from pictures.example, which learns your address.');
  await button().focus();
  await at.page.keyboard.press('Enter');
  const image = at.page.getByRole('img', { name: 'Image m31.png' });
  await at.page.locator('.picture.here').waitFor();
  assert.deepEqual(asked.map((request) => request.url()), ['https://pictures.example/nights/m31.png']);
  assert.equal((await asked[0].allHeaders()).referer, undefined);
  assert.equal(await image.evaluate((element) => element.naturalHeight), 3000);
  const box = await image.boundingBox();
  assert.ok(box.height <= 320, `${box.height}`);
  assert.deepEqual(await faults(), []);
  await at.page.keyboard.press('Enter'); // the button is where it was
  await image.waitFor({ state: 'detached' });
  await button().waitFor();
  assert.equal(asked.length, 1);
});

test('the choice is kept, and taken back at once', async () => {
  await begin();
  await at.page.reload();
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/m31.png');
  await button().click();
  await at.page.locator('.picture.here').waitFor();
  await turn(/Show images on a click/);
  await at.page.locator('.pictures').waitFor({ state: 'detached' });
  await at.page.reload();
  await message('look:').waitFor();
  assert.equal(await button().count(), 0);
});

test('nothing moves when an image is here or fails; who follows the talk still does', async () => {
  await begin();
  for (let i = 0; i < 40; i += 1) at.mock.say('libera', '#halley', `nick${i % 7}`, `line ${i}`);
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/m31.png https://pictures.example/gone.png');
  at.mock.say('libera', '#halley', 'tycho', 'the end');
  await message('the end').waitFor();
  const waiting = [];
  serve = (route) => new Promise((resolve) => waiting.push(() => route.fulfill(/gone/.test(route.request().url()) ? { status: 404 } : { contentType: 'image/png', body: png(40, 30) }).then(resolve)));
  await button('Show image m31.png').click();
  await button('Show image gone.png').click();
  await at.page.waitForFunction(() => document.querySelectorAll('.picture.fetching').length === 2);
  await at.page.waitForFunction(() => {
    const list = document.querySelector('#messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
  });
  const before = await tops();
  while (waiting.length < 2) await at.page.evaluate(() => new Promise(requestAnimationFrame));
  for (const answer of waiting) await answer();
  await at.page.locator('.picture.here').waitFor();
  await at.page.getByText('The image could not be loaded.').waitFor();
  assert.deepEqual(await tops(), before);
  assert.equal(await at.page.getByRole('button', { name: 'To the latest' }).count(), 0);
});

test('who reads further up keeps their place when they show an image there', async () => {
  for (let i = 0; i < 60; i += 1) at.mock.say('libera', '#halley', `nick${i % 7}`, i === 20 ? 'look: https://pictures.example/m31.png' : `line ${i}`);
  await begin();
  await button().scrollIntoViewIfNeeded();
  await at.page.getByRole('button', { name: 'To the latest' }).waitFor();
  const top = () => message('look:').evaluate((row) => Math.round(row.getBoundingClientRect().top));
  const before = await top();
  await button().click();
  await at.page.locator('.picture.here').waitFor();
  assert.equal(await top(), before);
  at.mock.say('libera', '#halley', 'vera', 'meanwhile');
  await at.page.getByRole('button', { name: 'New messages' }).waitFor();
  assert.equal(await top(), before);
});

test('an image is bounded by the column of a phone, and copied talk has no words of its button', async () => {
  await begin(false, { viewport: { width: 390, height: 844 } });
  await at.page.evaluate(() => window.localStorage.setItem('halley.images', 'on'));
  await at.page.reload();
  serve = (route) => route.fulfill({ contentType: 'image/png', body: png(4000, 50) });
  at.mock.say('libera', '#halley', 'vera', `look: https://pictures.example/${'m'.repeat(300)}.png https://pictures.example/m31.png`);
  at.mock.say('libera', '#halley', 'tycho', 'fine');
  await message('fine').waitFor();
  for (let i = 0; i < 2; i += 1) await button(/^Show image/).first().click();
  await at.page.waitForFunction(() => document.querySelectorAll('.picture.here').length === 2);
  const list = await at.page.locator('#messages').boundingBox();
  for (const each of await at.page.locator('.picture, .show-image').all()) {
    const box = await each.boundingBox();
    assert.ok(box.x >= list.x && box.x + box.width <= list.x + list.width, JSON.stringify(box));
  }
  assert.deepEqual(await faults(), []);
  const copied = await at.page.evaluate(() => {
    const rows = [...document.querySelectorAll('.row.talk')].slice(-2);
    document.getSelection().setBaseAndExtent(rows[0], 0, rows[1], rows[1].childNodes.length);
    const data = new DataTransfer();
    document.querySelector('#messages').dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
    return data.getData('text/plain');
  });
  assert.match(copied, /m31\.png\n.*<tycho> fine$/);
});

test('turning to another channel and back fetches nothing', async () => {
  await begin();
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/m31.png');
  await button().click();
  await at.page.locator('.picture.here').waitFor();
  await open('#cpp');
  await open('#halley');
  await button().waitFor();
  assert.equal(await at.page.locator('.picture').count(), 0);
  assert.equal(asked.length, 1);
});

test('hostile addresses and names show nothing but what they are', async () => {
  await begin();
  serve = async (route) => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.broken=1"><script>parent.broken=1</script></svg>' });
  at.mock.say('libera', '#halley', 'vera', 'look: https://pictures.example/%22onerror=%22alert(1).png https://pictures.example/\u202eevil.png javascript:alert(1).png data:image/png;base64,AA.png https://pictures.example/<img/src=x>.png');
  await message('look:').waitFor();
  const buttons = await button().count();
  assert.ok(buttons > 0);
  for (let i = 0; i < buttons; i += 1) await button(/^Show image/).first().click();
  await at.page.waitForFunction((count) => document.querySelectorAll('.picture:not(.fetching)').length === count, buttons);
  assert.equal(await at.page.evaluate(() => window.broken), undefined);
  assert.equal(asked.length, buttons);
  assert.ok(asked.every((request) => new URL(request.url()).host === 'pictures.example'), 'only what was clicked');
  assert.equal(await at.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
});
