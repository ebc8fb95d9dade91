import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagesIn } from '../../src/text/images';

function found(text: string, page = 'https://irc.example/halley/'): string[] {
  return imagesIn(text, page).map(({ href }) => href);
}

test('a link leads to an image where its path ends so', () => {
  for (const end of ['jpg', 'jpeg', 'png', 'gif', 'webp', 'avif', 'PNG', 'png?w=100', 'jpg#top']) {
    assert.deepEqual(found(`see https://a.example/m31.${end} and more`), [`https://a.example/m31.${end}`], end);
  }
  for (const end of ['svg', 'html', 'mp4', 'png.html', 'pngx', 'png/', 'bmp', '?x=.png', '#.png']) assert.deepEqual(found(`https://a.example/m31.${end}`), [], end);
  assert.deepEqual(found('https://a.png and m31.png and a.jpg/ and #cat.png'), []);
});

test('formatting, punctuation and repetition change nothing about it', () => {
  assert.deepEqual(found('\x0304https://a.example/\x02m31\x02.png\x03, (https://a.example/m31.png) <www.b.example/x.jpg>'), [
    'https://a.example/m31.png',
    'https://www.b.example/x.jpg',
  ]);
});

test('only https is fetched from elsewhere, without a name and password, and of the own Halley only what was uploaded', () => {
  for (const href of ['http://a.example/m31.png', 'ftp://a.example/m31.png', 'irc://a.example/m31.png', 'https://ada:secret@a.example/m31.png', 'mailto:a@b.example/m31.png']) {
    assert.deepEqual(found(href), [], href);
  }
  assert.deepEqual(found('https://irc.example/halley/upload/AbC.png'), ['https://irc.example/halley/upload/AbC.png']);
  for (const place of ['api/x.png', 'upload.png', 'upload/../api/x.png', '../upload/x.png']) assert.deepEqual(found(`https://irc.example/halley/${place}`), [], place);
  assert.deepEqual(found('http://127.0.0.1:8067/upload/AbC.webp', 'http://127.0.0.1:8067/#/libera'), ['http://127.0.0.1:8067/upload/AbC.webp']);
  assert.deepEqual(found('http://127.0.0.1:8068/upload/AbC.webp', 'http://127.0.0.1:8067/'), []);
});

test('a line has eight at most, each with its name and host', () => {
  assert.equal(found(Array.from({ length: 50 }, (_, i) => `https://a.example/${i}.png`).join(' ')).length, 8);
  assert.deepEqual(imagesIn('https://a.example:8443/nights/m%2031.png?x', 'https://irc.example/'), [
    { href: 'https://a.example:8443/nights/m%2031.png?x', name: 'm%2031.png', host: 'a.example:8443' },
  ]);
});
