import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admin } from '../../src/app/admin';
import { Api } from '../../src/transport/api';
import { FakeEnv, settle } from './fakes';

test('administrators: bounds of a user are read and set by name, a line is said to all', async () => {
  const env = new FakeEnv();
  const admin = new Admin(new Api(env));
  const users = admin.users();
  env.last.answer(200, [{ name: 'bob', retention_days: 30, upload_quota: null, created: '2026-05-01T12:00:00Z' }]);
  assert.deepEqual(await users, [{ name: 'bob', admin: false, enabled: true, networks: 0, created: '2026-05-01', days: '30', quota: '' }]);
  const set = admin.set('bob', { 'upload-quota': '7' });
  assert.match(env.last.url, /users\/bob$/);
  assert.deepEqual(env.last.body, { 'upload-quota': '7' });
  env.last.answer(200, {});
  await set;
  const said = admin.notice('at eight');
  assert.deepEqual(env.last.body, { text: 'at eight' });
  env.last.answer(200, { users: 2 });
  assert.equal(await said, 2);
  const refused = admin.notice('');
  env.last.answer(400, { error: 'usage', message: 'a notice is one line' });
  await assert.rejects(refused, /one line/);
  await settle();
});
