import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandQueue, type Outcome } from '../../src/transport/commands';
import { LONGEST_QUEUE } from '../../src/transport/bounds';
import { FakeEnv, settle } from './fakes';

function begin(): { env: FakeEnv; queue: CommandQueue; outcomes: Outcome[]; said: { unauthorized: number; another: number; stuck: boolean } } {
  const env = new FakeEnv();
  const said = { unauthorized: 0, another: 0, stuck: false };
  const queue = new CommandQueue(env, 'client-1', {
    unauthorized: () => {
      said.unauthorized += 1;
    },
    another: () => {
      said.another += 1;
    },
    waiting: (_, stuck) => {
      said.stuck = stuck;
    },
  }, 'ada');
  return { env, queue, outcomes: [], said };
}

function ok(env: FakeEnv): Promise<void> {
  env.last.answer(200, { seq: env.last.body['seq'], result: '' });
  return settle();
}

test('commands go one at a time, in order, numbered from one', async () => {
  const { env, queue, outcomes } = begin();
  for (const line of ['a', 'b', 'c']) queue.send({ network: 'n', line: line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  assert.equal(env.requests.length, 1);
  assert.deepEqual(env.last.body, { client: 'client-1', seq: 1, network: 'n', line: 'a' });
  await ok(env);
  assert.deepEqual(env.last.body, { client: 'client-1', seq: 2, network: 'n', line: 'b' });
  await ok(env);
  await ok(env);
  assert.equal(env.requests.length, 3);
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done', 'done', 'done']);
});

test('a lost answer brings the same number again, and no other before it', async () => {
  const { env, queue, outcomes, said } = begin();
  queue.send({ network: 'n', line: 'a', outcome: (outcome) => outcomes.push(outcome) });
  queue.send({ network: 'n', line: 'b', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.fail();
  await settle();
  assert.equal(said.stuck, true);
  await env.pass(1000);
  assert.equal(env.requests.length, 2);
  assert.equal(env.last.body['seq'], 1);
  assert.equal(env.last.body['line'], 'a');
  await ok(env);
  assert.equal(env.last.body['seq'], 2);
  await ok(env);
  assert.equal(said.stuck, false);
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done', 'done']);
});

test('an answer cut short counts as lost', async () => {
  const { env, queue } = begin();
  queue.send({ network: 'n', line: 'a', outcome: () => undefined });
  await settle();
  env.last.answer(200, '{"seq":1,"res');
  await settle();
  await env.pass(1000);
  assert.equal(env.last.body['seq'], 1);
  assert.equal(env.requests.length, 2);
});

test('a request without any answer is given up and repeated', async () => {
  const { env, queue } = begin();
  queue.send({ network: 'n', line: 'a', outcome: () => undefined });
  await settle();
  await env.pass(20_000);
  assert.equal(env.requests[0]!.aborted, true);
  await env.pass(1000);
  assert.equal(env.last.body['seq'], 1);
  assert.equal(env.requests.length, 2);
});

test('a gateway in trouble (502) is retried; its own refusal is final', async () => {
  const { env, queue, outcomes } = begin();
  queue.send({ network: 'n', line: 'a', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.answer(502, '<html>bad gateway</html>');
  await settle();
  await env.pass(1000);
  assert.equal(env.last.body['seq'], 1);
  env.last.answer(503, { error: 'not_connected', message: 'libera is not connected.' });
  await settle();
  assert.deepEqual(outcomes, [{ kind: 'refused', message: 'libera is not connected.' }]);
});

test('after a refusal the next number is tried, and 409 corrects it at no cost', async () => {
  const { env, queue, outcomes } = begin();
  queue.send({ network: 'n', line: 'bad', outcome: (outcome) => outcomes.push(outcome) });
  queue.send({ network: 'n', line: 'good', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.answer(400, { error: 'bad_line', message: 'This is no IRC line.' });
  await settle();
  assert.deepEqual([env.last.body['seq'], env.last.body['line']], [2, 'good']);
  env.last.answer(409, { error: 'hole', message: '', expected: 1 });
  await settle();
  assert.deepEqual([env.last.body['seq'], env.last.body['line']], [1, 'good']);
  await ok(env);
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['refused', 'done']);
});

test('a server that forgot us gets first tries under new numbers', async () => {
  const { env, queue, outcomes } = begin();
  for (const line of ['a', 'b', 'c']) queue.send({ network: 'n', line: line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  await ok(env);
  await ok(env);
  env.last.answer(409, { error: 'hole', message: '', expected: 1 });
  await settle();
  assert.deepEqual([env.last.body['seq'], env.last.body['line']], [1, 'c']);
  await ok(env);
  assert.equal(outcomes.length, 3);
});

test('a command tried before a server forgot us is not repeated: the person decides', async () => {
  const { env, queue, outcomes } = begin();
  for (const line of ['a', 'b', 'c']) queue.send({ network: 'n', line: line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  await ok(env);
  env.last.fail();
  await settle();
  await env.pass(1000);
  assert.equal(env.last.body['line'], 'b');
  env.last.answer(409, { error: 'hole', message: '', expected: 1 });
  await settle();
  assert.equal(outcomes[1]!.kind, 'uncertain');
  assert.deepEqual([env.last.body['seq'], env.last.body['line']], [1, 'c']);
});

test('a retry that the server is past counts as done', async () => {
  const { env, queue, outcomes } = begin();
  queue.send({ network: 'n', line: 'a', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.fail();
  await settle();
  await env.pass(1000);
  env.last.answer(409, { error: 'hole', message: '', expected: 2 });
  await settle();
  assert.equal(outcomes[0]!.kind, 'done');
  queue.send({ network: 'n', line: 'b', outcome: () => undefined });
  await settle();
  assert.equal(env.last.body['seq'], 2);
});

test('a wrong number after a refusal and a lost try is still no doubt', async () => {
  const { env, queue, outcomes } = begin();
  for (const line of ['a', 'bad', 'c']) queue.send({ network: 'n', line: line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  await ok(env);
  env.last.answer(400, { error: 'bad_line', message: 'no' });
  await settle();
  assert.equal(env.last.body['seq'], 3);
  env.last.fail();
  await settle();
  await env.pass(1000);
  // The server never used up number 2, so it cannot have done 3.
  env.last.answer(409, { error: 'hole', message: '', expected: 2 });
  await settle();
  assert.deepEqual([env.last.body['seq'], env.last.body['line']], [2, 'c']);
  await ok(env);
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done', 'refused', 'done']);
});

test('words in an answer are a refusal, and use up the number', async () => {
  const { env, queue, outcomes } = begin();
  for (const line of ['a', 'b']) queue.send({ network: 'n', line: line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.answer(200, { seq: 1, result: 'not connected to n: nothing was sent' });
  await settle();
  assert.deepEqual(outcomes, [{ kind: 'refused', message: 'Not connected to n: nothing was sent.' }]);
  assert.equal(env.last.body['seq'], 2);
});

test('503 with a time to wait is tried again under the same number', async () => {
  const { env, queue, outcomes } = begin();
  queue.send({ network: 'n', line: 'a', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.answer(503, { error: 'no_room', message: 'The disk is behind.' }, { 'retry-after': '1' });
  await settle();
  assert.equal(outcomes.length, 0);
  await env.pass(1500);
  assert.deepEqual([env.last.body['seq'], env.requests.length], [1, 2]);
});

test('kick() tries at once', async () => {
  const { env, queue } = begin();
  queue.send({ network: 'n', line: 'a', outcome: () => undefined });
  await settle();
  env.last.fail();
  await settle();
  queue.kick();
  await settle();
  assert.equal(env.requests.length, 2);
});

test('a full queue says so, and takes nothing', async () => {
  const { queue } = begin();
  for (let i = 0; i < LONGEST_QUEUE; i += 1) assert.equal(queue.send({ network: 'n', line: 'x', outcome: () => undefined }), true);
  assert.equal(queue.send({ network: 'n', line: 'x', outcome: () => undefined }), false);
});

test('429 waits for the time named and keeps the number', async () => {
  const { env, queue, outcomes } = begin();
  queue.send({ network: 'n', line: 'a', outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  env.last.answer(429, { error: 'slow_down', message: 'Slow down.' }, { 'retry-after': '5' });
  await settle();
  await env.pass(4000);
  assert.equal(env.requests.length, 1);
  await env.pass(1500);
  assert.equal(env.requests.length, 2);
  assert.equal(env.last.body['seq'], 1);
  assert.equal(outcomes.length, 0);
});

test('401 stops the queue and says so', async () => {
  const { env, queue, said } = begin();
  queue.send({ network: 'n', line: 'a', outcome: () => undefined });
  await settle();
  env.last.answer(401, { error: 'unauthorized', message: '' });
  await settle();
  assert.equal(said.unauthorized, 1);
  assert.equal(queue.send({ network: 'n', line: 'b', outcome: () => undefined }), false);
  await env.pass(60_000);
  assert.equal(env.requests.length, 1);
});

test('a command tried by a page that is gone is asked for again under its old number, and counts for no new one', async () => {
  const { env, queue, outcomes } = begin();
  const stamps: unknown[] = [];
  queue.send({ network: 'n', line: 'old', stamp: { client: 'gone', seq: 7 }, outcome: (outcome) => outcomes.push(outcome) });
  queue.send({ network: 'n', line: 'new', trying: (stamp) => { stamps.push(stamp); return undefined; }, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  assert.deepEqual(env.last.body, { client: 'gone', seq: 7, network: 'n', line: 'old' });
  await ok(env);
  assert.deepEqual(env.last.body, { client: 'client-1', seq: 1, network: 'n', line: 'new' });
  assert.deepEqual(stamps, [{ client: 'client-1', seq: 1 }]);
  await ok(env);
  assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done', 'done']);
});

test('what the server makes of an old number decides: done, never had, or forgotten', async () => {
  for (const [expected, then] of [[9, 'done'], [5, 'sent anew'], [1, 'uncertain']] as const) {
    const { env, queue, outcomes } = begin();
    queue.send({ network: 'n', line: 'old', stamp: { client: 'gone', seq: 7 }, outcome: (outcome) => outcomes.push(outcome) });
    await settle();
    env.last.answer(409, { error: 'hole', message: '', expected });
    await settle();
    if (then !== 'sent anew') {
      assert.deepEqual(outcomes.map((outcome) => outcome.kind), [then]);
      continue;
    }
    assert.deepEqual(env.last.body, { client: 'client-1', seq: 1, network: 'n', line: 'old' });
    await ok(env);
    assert.deepEqual(outcomes.map((outcome) => outcome.kind), ['done']);
  }
});

test('a new name takes over with the first command that was not tried under the old one', async () => {
  const { env, queue } = begin();
  queue.send({ network: 'n', line: 'a', outcome: () => undefined });
  queue.send({ network: 'n', line: 'b', outcome: () => undefined });
  await settle();
  queue.rename('client-2');
  env.last.fail();
  await settle();
  await env.pass(1000);
  assert.deepEqual(env.last.body, { client: 'client-1', seq: 1, network: 'n', line: 'a' });
  await ok(env);
  assert.deepEqual(env.last.body, { client: 'client-2', seq: 1, network: 'n', line: 'b' });
  await ok(env);
  queue.rename('client-1');
  queue.send({ network: 'n', line: 'c', outcome: () => undefined });
  await settle();
  assert.deepEqual(env.last.body, { client: 'client-1', seq: 2, network: 'n', line: 'c' }, 'no number of a name is used twice');
});

test('each command says whose it is; when somebody else is logged in nothing more is sent, and nothing is called refused', async () => {
  const { env, queue, outcomes, said } = begin();
  for (const line of ['a', 'b']) queue.send({ network: 'n', line, outcome: (outcome) => outcomes.push(outcome) });
  await settle();
  assert.equal(new Headers(env.last.init.headers).get('halley-user'), 'ada');
  env.last.answer(409, { error: 'other_user', message: 'Somebody else has logged in here.' });
  await settle();
  await env.pass(60_000);
  assert.equal(env.requests.length, 1);
  assert.deepEqual(outcomes, []);
  assert.deepEqual([said.another, said.unauthorized], [1, 0]);
});
