import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findLinks } from '../../src/text/links';

const DATA = path.join(process.env['HALLEY_WEBUI'] ?? '.', 'test/data/links');

function shown(text: string): string[] {
  return findLinks(text).filter((found) => found.type === 'link').map((found) => text.slice(found.start, found.end));
}

function lines(file: string): string[] {
  return readFileSync(path.join(DATA, file), 'utf8').split('\n').map((line) => line.replace(/^%.*/, '').replace(/ % .*/, '').trim());
}

test('addresses begin and end where linkify-it’s fixtures say', () => {
  const all = lines('links.txt');
  let checked = 0;
  for (let i = 0; i < all.length; i += 1) {
    const line = all[i]!;
    if (line === '') continue;
    const wanted = all[i + 1] ? all[i + 1]! : line;
    if (all[i + 1]) i += 1;
    assert.equal(shown(line)[0], wanted, line);
    checked += 1;
  }
  assert.ok(checked > 100, `${checked}`);
});

test('what is no address in linkify-it’s fixtures stays text', () => {
  for (const line of lines('not_links.txt')) assert.deepEqual(shown(line), [], line);
});

test('full-width punctuation, backtick and pipe never belong to an address', () => {
  for (const end of ['。', '，', '）', '…', '`', '|', '」', '！', '？', '；']) {
    assert.deepEqual(shown(`见 https://a.example/b${end}然后`), ['https://a.example/b'], end);
    assert.deepEqual(shown(`见 https://a.example${end}然后`), ['https://a.example'], end);
    assert.deepEqual(shown(`（www.a.com${end}然后`), ['www.a.com'], end);
  }
  assert.deepEqual(shown('`https://a.example/x`|https://b.example'), ['https://a.example/x', 'https://b.example']);
});

test('schemes of ours, and addresses without one', () => {
  const hrefs = findLinks('ircs://irc.libera.chat/#halley irc://h.example:6667 a@b.org //c.org d.org javascript:alert(1) data:text/html,x').map((found) => found.href);
  assert.deepEqual(hrefs, ['ircs://irc.libera.chat/#halley', 'irc://h.example:6667', 'mailto:a@b.org', 'https://c.org', 'https://d.org']);
});

test('hostile texts end', () => {
  for (const part of ['[', '(', '"', 'a.', 'http://', 'a@', '//', '-', '#', 'http://a(', "'a", 'a-', '1.']) {
    assert.ok(Array.isArray(findLinks(`http://a.b/${part.repeat(8000)}`)), part);
    assert.ok(Array.isArray(findLinks(part.repeat(8000))), part);
  }
});
