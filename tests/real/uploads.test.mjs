// Uploaded files through what may happen to them: cut in the middle, silent, posted twice, Halley stopped and killed meanwhile; and
// through backups, exports and imports. (A full disk and the clock of a stalled body: tests/dialogue/gateway_uploads.cpp.)
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

import { Halley } from './lib/halley.mjs';
import { PASSWORD } from './lib/raise.mjs';
import { scene } from './lib/stage.mjs';
import { Wire } from './lib/wire.mjs';

const SIZE = 3 << 20;

// A post of a file; `sent` bytes of it go out, and the rest when `finish` is called.
class Post {
  constructor(port, bytes, sent = bytes.length) {
    Object.assign(this, { bytes, sent });
    this.request = http.request({
      host: '127.0.0.1', port, method: 'POST', path: '/upload', agent: false,
      headers: { 'content-type': 'image/png', 'content-length': bytes.length, authorization: `Basic ${btoa(`kit:${PASSWORD}`)}` },
    });
    // Where the connection breaks there is no answer.
    this.answer = new Promise((resolve) => {
      this.request.on('response', (answer) => resolve(answer.resume())).on('error', () => resolve(undefined));
    });
    this.request.write(bytes.subarray(0, sent));
    if (sent === bytes.length) this.request.end();
  }

  finish() {
    this.request.end(this.bytes.subarray(this.sent));
  }

  // The address of the file.
  async done() {
    const answer = await this.answer;
    assert.equal(answer?.statusCode, 201);
    return `/${answer.headers.location}`;
  }
}

async function get(halley, address) {
  const answer = await fetch(`${halley.origin}${address}`);
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function files(halley) {
  const folder = path.join(halley.data, 'uploads');
  if (!existsSync(folder)) return [];
  return (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function until(what) {
  while (!await what()) await new Promise((resolve) => { setTimeout(resolve, 20); });
}

const isHalf = (name) => name.endsWith('.part');

async function begin(stage) {
  const halley = await (await Halley.prepare(stage)).serve();
  await halley.addUser('kit', PASSWORD);
  return halley;
}

scene('an upload that is cut, silent, stopped or killed in its middle leaves nothing, harms nothing, and can be posted again', {}, async (stage) => {
  const halley = await begin(stage);
  const kept = new Map(); // address -> bytes
  const post = async (bytes) => kept.set(await new Post(halley.httpPort, bytes).done(), bytes);
  await post(randomBytes(SIZE));
  const half = async (port, bytes) => {
    const begun = new Post(port, bytes, bytes.length / 2);
    await until(async () => (await files(halley)).some(isHalf));
    return begun;
  };
  const FAULTS = {
    cut: async (bytes) => {
      const wire = await Wire.lay(stage, halley.httpPort);
      const begun = await half(wire.port, bytes);
      wire.cut();
      assert.equal(await begun.answer, undefined);
      await until(async () => !(await files(halley)).some(isHalf));
    },
    // Nothing comes any more, and others are served meanwhile; then the rest comes.
    silent: async (bytes) => {
      const begun = await half(halley.httpPort, bytes);
      for (const [address, whole] of kept) assert.ok((await get(halley, address)).bytes.equals(whole));
      const second = await new Post(halley.httpPort, bytes).answer;
      assert.equal(second?.statusCode, 429, 'one file of a user at a time');
      begun.finish();
      kept.set(await begun.done(), bytes);
    },
    stopped: async (bytes) => {
      const begun = await half(halley.httpPort, bytes);
      await halley.stop();
      assert.equal(await begun.answer, undefined);
      await halley.serve();
    },
    killed: async (bytes) => {
      const begun = await half(halley.httpPort, bytes);
      await halley.kill9();
      assert.equal(await begun.answer, undefined);
      assert.ok((await files(halley)).some(isHalf));
      await halley.serve();
    },
    'answered, and killed at once': async (bytes) => {
      await post(bytes);
      await halley.kill9();
      await halley.serve();
    },
    // Whoever missed an answer posts once more: a file of its own, as it cannot be known whether it is the same one.
    'posted twice': async (bytes) => {
      await post(bytes);
      await post(bytes);
    },
  };
  for (const [fault, play] of Object.entries(FAULTS)) {
    const bytes = randomBytes(SIZE);
    await play(bytes);
    await post(bytes);
    assert.deepEqual((await files(halley)).sort(), [...kept.keys()].map((address) => address.slice('/upload/'.length)).sort(), fault);
    for (const [address, whole] of kept) {
      const { status, bytes: got } = await get(halley, address);
      assert.equal(status, 200, fault);
      assert.ok(got.equals(whole), `${fault}: ${address}`);
    }
    const list = JSON.parse((await halley.must(['upload', 'list', 'kit', '--json'])).stdout);
    assert.equal(list.length, kept.size, fault);
  }
  await halley.stop();
});

scene('files are in backups and exports, and are back under their addresses', {}, async (stage) => {
  const halley = await begin(stage);
  const bytes = randomBytes(SIZE);
  const address = await new Post(halley.httpPort, bytes).done();
  await halley.must(['backup', path.join(halley.data, 'backup.db')]);
  const exported = await halley.must(['export', 'kit', path.join(halley.data, 'kit.db')]);
  assert.match(exported.stdout, /1 uploaded file,/);
  const after = await new Post(halley.httpPort, randomBytes(1000)).done();

  await halley.stop();
  const old = stage.path('old');
  await rename(halley.data, old);
  await mkdir(halley.data, { mode: 0o700 });
  await copyFile(path.join(old, 'backup.db'), path.join(halley.data, 'halley.db'));
  await copyFile(path.join(old, 'halley.key'), path.join(halley.data, 'halley.key'));
  await halley.serve();
  assert.ok((await get(halley, address)).bytes.equals(bytes));
  assert.equal((await get(halley, after)).status, 404, 'it was uploaded behind the backup');

  // Beside the user it was made of, and when that one is gone.
  await halley.stop();
  await halley.must(['import', 'kit2', path.join(old, 'kit.db')]);
  await halley.serve();
  await halley.must(['user', 'remove', 'kit', '--yes']);
  await until(async () => (await files(halley)).length === 1);
  assert.ok((await get(halley, address)).bytes.equals(bytes));
  await halley.must(['user', 'remove', 'kit2', '--yes']);
  assert.equal((await get(halley, address)).status, 404);
  await halley.stop();
  await rm(old, { recursive: true });
});
