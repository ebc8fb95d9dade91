import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, keptOr } from '../../src/worker/page';

interface Page {
  status: number;
  from: string;
}

const never = new Promise<never>(() => undefined);
const server = (status = 200): Promise<Page> => Promise.resolve({ status, from: 'server' });
const kept = (): Promise<Page | undefined> => Promise.resolve({ status: 200, from: 'kept' });
const nothing = (): Promise<Page | undefined> => Promise.resolve(undefined);

test('the page is the server’s whenever that answers', async () => {
  assert.equal((await answered({ fresh: server(), kept, late: never })).from, 'server');
  assert.equal((await answered({ fresh: server(421), kept, late: never })).from, 'server', 'what it refuses it refuses');
});

test('the kept page is shown where nobody answers, or only a proxy', async () => {
  assert.equal((await answered({ fresh: Promise.reject(new Error('no network')), kept, late: never })).from, 'kept');
  assert.equal((await answered({ fresh: server(502), kept, late: never })).from, 'kept');
  assert.equal((await answered({ fresh: never, kept, late: Promise.resolve() })).from, 'kept', 'a network that hangs');
});

test('without a kept page the server’s word stands, late or bad', async () => {
  assert.equal((await answered({ fresh: server(502), kept: nothing, late: never })).status, 502);
  await assert.rejects(answered({ fresh: Promise.reject(new Error('no network')), kept: nothing, late: never }), /no network/);
  const slow = new Promise<Page>((resolve) => setImmediate(() => resolve({ status: 200, from: 'server' })));
  assert.equal((await answered({ fresh: slow, kept: nothing, late: Promise.resolve() })).from, 'server');
});

test('a file comes from the server where what is kept cannot be read', async () => {
  const get = (from: () => Promise<Page | undefined>): Promise<string> => keptOr(from, server).then((page) => page.from);
  assert.equal(await get(kept), 'kept');
  assert.equal(await get(nothing), 'server');
  assert.equal(await get(() => Promise.reject(new Error('the disk is full'))), 'server');
});
