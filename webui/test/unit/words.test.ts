// The words of the page: all of them in the table, none of them loose in a view.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, test } from 'node:test';
import type TS from 'typescript';
import { describe as describeEntry, summarise } from '../../src/state/rows';
import { makeEntry } from '../../src/state/entry';
import { dayName, setLocale } from '../../src/text/time';
import { de as first } from '../../src/words/de';
import { de_more as later } from '../../src/words/de_more';
import { bindLocale, languageOf, speakLanguage } from '../../src/words/load';
import { n, nameOfKey, said, speak, t, type Table } from '../../src/words/words';

const ts = createRequire(path.join(process.env['HALLEY_WEBUI']!, 'package.json'))('typescript') as typeof TS;
const SOURCES = path.join(process.env['HALLEY_WEBUI']!, 'src');
const ATTRIBUTES = /^(aria-label|aria-description|title|placeholder|label|alt|empty)$/;
/** Names, and what is typed as it stands, in any language. */
const de = { ...first, ...later };
const FREE = new Set(['Halley', 'Ctrl K', '#halley', 'sha-256']);

after(() => speak(null));

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const file = path.join(folder, name);
    if (statSync(file).isDirectory()) yield* files(file);
    else if (/\.tsx?$/.test(name)) yield file;
  }
}

function parse(file: string): TS.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
}

function walk(node: TS.Node, visit: (node: TS.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function literals(node: TS.Node | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...literals(node.whenTrue), ...literals(node.whenFalse)] : [];
}

test('no literal text stands in a view', () => {
  const found: string[] = [];
  const note = (file: string, text: string): void => {
    const plain = text.replace(/\s+/g, ' ').trim();
    if (/\p{L}{2}/u.test(plain) && !FREE.has(plain)) found.push(`${path.basename(file)}: ${plain}`);
  };
  for (const file of files(path.join(SOURCES, 'views'))) {
    walk(parse(file), (node) => {
      if (ts.isJsxText(node)) note(file, node.text);
      if (ts.isJsxAttribute(node) && ATTRIBUTES.test(node.name.getText())) {
        const value = node.initializer;
        if (value !== undefined && ts.isStringLiteral(value)) note(file, value.text);
        const inner = value !== undefined && ts.isJsxExpression(value) ? value.expression : undefined;
        for (const text of literals(inner)) note(file, text);
        if (inner !== undefined && ts.isTemplateExpression(inner)) note(file, inner.head.text + inner.templateSpans.map((span) => span.literal.text).join(' '));
      }
      // Words within an expression that is shown as it stands.
      if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) for (const text of literals(node.expression)) note(file, text);
    });
  }
  assert.deepEqual(found, []);
});

test('what is said to a person, anywhere, goes through the table', () => {
  const found: string[] = [];
  for (const file of files(SOURCES)) {
    walk(parse(file), (node) => {
      if (!ts.isCallExpression(node)) return;
      const called = node.expression.getText();
      if (!/(^|\.)(refuse|toast|setError|addInfo|sayInfo)$/.test(called)) return;
      for (const argument of node.arguments) {
        for (const text of literals(argument)) if (/ /.test(text)) found.push(`${path.basename(file)}: ${text}`);
        if (ts.isTemplateExpression(argument) && / \p{L}/u.test(argument.getText())) found.push(`${path.basename(file)}: ${argument.getText()}`);
      }
    });
  }
  assert.deepEqual(found, []);
});

test('the table has no row that nothing says, the same gaps in both languages, and a name for each', () => {
  const used = new Set<string>();
  for (const file of files(SOURCES)) {
    if (file.includes(`${path.sep}words${path.sep}`)) continue;
    walk(parse(file), (node) => {
      if (!ts.isCallExpression(node) || !/^[tnw]$/.test(node.expression.getText())) return;
      const keys = node.expression.getText() === 'n' ? node.arguments.slice(1, 3) : node.arguments.slice(0, 1);
      for (const key of keys) for (const text of literals(key)) used.add(text);
    });
  }
  assert.deepEqual(Object.keys(later).filter((key) => key in first), []);
  assert.deepEqual(Object.keys(de).filter((key) => !used.has(key)), []);
  assert.deepEqual([...used].filter((key) => !(key in de)), []);
  const gaps = (text: string): string => (text.match(/\{\d\}/g) ?? []).sort().join();
  for (const [key, text] of Object.entries(de)) assert.equal(gaps(text), gaps(key), key);
  assert.equal(new Set(Object.keys(de).map(nameOfKey)).size, Object.keys(de).length);
});

test('words are filled in, counted, and drawn from the table by text or by name', () => {
  assert.equal(t('invited {0} to {1}', '{1}', '#c'), 'invited {1} to #c');
  assert.equal(n(1, '1 new message', '{0} new messages'), '1 new message');
  speak({ [nameOfKey('{0} new messages')]: '{0} neue' } as unknown as Table);
  assert.equal(n(3, '1 new message', '{0} new messages'), '3 neue');
  speak(de);
  assert.equal(t('Log out'), 'Abmelden');
  assert.equal(said('Too many lines wait to be sent. Wait until the connection is back.'), de['Too many lines wait to be sent. Wait until the connection is back.']);
  assert.equal(said('What a server says in its own words.'), 'What a server says in its own words.');
  assert.equal(describeEntry(makeEntry('join', '', 0, { nick: 'vera' })), 'gekommen: vera');
  const cameAndWent = ['ada', 'vera', 'tycho'].map((nick) => makeEntry('join', '', 0, { nick })).concat(makeEntry('quit', 'bye', 0, { nick: 'kepler' }));
  assert.equal(summarise(cameAndWent).replace(/[\u2066-\u2069]/g, ''), 'gekommen: ada, vera und tycho · gegangen: kepler');
  speak(null);
  assert.equal(t('Log out'), 'Log out');
});

test('the language is the chosen one, else the first of the browser’s that the page speaks; days follow it', async () => {
  bindLocale(setLocale);
  assert.equal(languageOf('auto', ['fr-FR', 'de-AT', 'en']), 'de');
  assert.equal(languageOf('auto', ['fr-FR']), 'en');
  assert.equal(languageOf('en', ['de']), 'en');
  assert.equal(await speakLanguage('de', ['de-DE']), true);
  assert.equal(dayName(Date.UTC(2024, 4, 1, 12), Date.UTC(2024, 5, 1, 12)), 'Mittwoch, 1. Mai');
  assert.equal(await speakLanguage('en', ['en-GB']), true);
  assert.equal(dayName(Date.UTC(2024, 4, 1, 12), Date.UTC(2024, 5, 1, 12)), 'Wednesday 1 May');
});
