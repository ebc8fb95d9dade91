// Files in Chromium: pasted, dropped and chosen, their addresses in the field, what refuses them, and what is kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, faults, message, open, start, until } from './browser.mjs';

const field = () => at.page.locator('.composer textarea');
const draft = (wanted) => at.page.waitForFunction((text) => document.querySelector('.composer textarea').value === text, wanted);

/** As by the keyboard or the mouse, on whatever has the focus; `text`: what lies beside the file. */
function bring(kind, name, type, { content = 'pixels', text = '' } = {}) {
  return at.page.evaluate(([how, file, mime, inner, words]) => {
    const data = new DataTransfer();
    data.items.add(new File([inner], file, { type: mime }));
    if (words !== '') data.setData('text/plain', words);
    const target = document.activeElement ?? document.body;
    const options = { bubbles: true, cancelable: true };
    const event = how === 'paste' ? new ClipboardEvent('paste', { ...options, clipboardData: data }) : new DragEvent(how, { ...options, dataTransfer: data });
    target.dispatchEvent(event);
    return event.defaultPrevented;
  }, [kind, name, type, content, text]);
}

test('a picture that is pasted is sent to Halley, and its address said when its user says it', async () => {
  await start();
  await field().fill('look:');
  assert.equal(await bring('paste', 'sky.png', 'image/png'), true);
  await draft(`look: ${at.mock.url}upload/file1.png `);
  assert.deepEqual(at.mock.sent, []);
  assert.equal(at.mock.uploads.files[0].body.toString(), 'pixels');
  await field().press('Enter');
  await message('upload/file1.png').waitFor();
  assert.equal(await bring('paste', 'table.png', 'image/png', { text: 'a table' }), false, 'words win over a picture of them');
});

test('files that are dropped anywhere go one after the other, to the talk that was open then', async () => {
  await start();
  let go;
  at.mock.uploads.held = new Promise((resolve) => { go = resolve; });
  assert.equal(await bring('dragover', 'a.png', 'image/png'), true, 'the browser would open it in the place of the page');
  await bring('drop', 'a.png', 'image/png');
  await bring('drop', 'b', '');
  await at.page.getByText(/Sending a\.png \(6 B\): \d+ % 1 more waits\./).waitFor();
  assert.deepEqual(await faults(), []);
  await open('#cpp');
  go();
  await until(() => at.mock.uploads.files.length === 2);
  await at.page.getByRole('group', { name: 'Send a file' }).waitFor({ state: 'detached' });
  assert.equal(await field().inputValue(), '');
  await open('#halley');
  await draft(`${at.mock.url}upload/file1.png ${at.mock.url}upload/file2.bin `);
  assert.equal(at.mock.uploads.files[1].type, 'application/octet-stream');
});

test('what is refused says why, is tried again, or given up', async () => {
  await start();
  at.mock.uploads.refusal = { status: 413, error: 'quota', message: 'quota' };
  const chooser = at.page.waitForEvent('filechooser');
  await at.page.getByRole('button', { name: 'Send a file' }).click();
  await (await chooser).setFiles({ name: 'sky.png', mimeType: 'image/png', buffer: Buffer.from('pixels') });
  await at.page.getByText('sky.png: There is no room for it.').waitFor();
  await at.page.getByRole('button', { name: 'Try again' }).click();
  await draft(`${at.mock.url}upload/file1.png `);
  at.mock.uploads.refusal = { status: 403, error: 'no_uploads', message: 'no' };
  await bring('drop', 'b.png', 'image/png');
  await at.page.getByText('b.png: You may send no files here.').waitFor();
  await at.page.getByRole('button', { name: 'Give up' }).click();
  await at.page.getByText('b.png').waitFor({ state: 'detached' });
  const asked = at.mock.requests.filter((request) => request === 'POST /upload').length;
  await bring('drop', 'huge.bin', '', { content: 'x'.repeat(25 * 1024 * 1024 + 1) });
  await at.page.getByText('huge.bin: A file has 25 MiB at most.').waitFor();
  assert.equal(at.mock.requests.filter((request) => request === 'POST /upload').length, asked);
});

test('many lines become a file of text, and its address stands where they stood', async () => {
  await start();
  const text = Array.from({ length: 40 }, (_, i) => `row ${i}`).join('\n');
  await field().fill(text);
  await at.page.getByRole('button', { name: 'Send as a file' }).click();
  await draft(`${at.mock.url}upload/file1.txt `);
  assert.equal(at.mock.uploads.files[0].body.toString(), text);
});

test('files are listed in the settings and removed there', async () => {
  await start();
  await bring('paste', 'sky.png', 'image/png');
  await draft(`${at.mock.url}upload/file1.png `);
  await at.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await at.page.getByRole('menuitem', { name: /^Devices/ }).click();
  await at.page.getByRole('button', { name: 'Files', exact: true }).click();
  await at.page.getByRole('link', { name: 'file1.png' }).waitFor();
  assert.deepEqual(await faults(), []);
  await at.page.getByRole('button', { name: 'Remove file1.png' }).click();
  await at.page.getByRole('button', { name: 'Remove for good' }).click();
  await at.page.getByText('No files yet.').waitFor();
  assert.deepEqual(at.mock.uploads.files, []);
});
