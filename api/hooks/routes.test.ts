import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { Instance } from '../../domain/instances.ts';
import { addApp, addCode, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const ID = 'hello.web.1.v1.2';
const AT = '2026-01-02T03:04:05.678901Z';

async function withInstance(): Promise<Fakes> {
  const fakes = createFakes();
  const appId = await addApp(fakes);
  addCode(fakes, appId);
  const instance: Instance = {
    id: ID,
    uuid: '55555555-5555-4555-8555-555555555555',
    appId,
    appName: 'hello',
    version: 1,
    sequence: 2,
    size: 'small',
    type: 'web',
    number: 1,
    serverId: 's',
    serverName: 'one',
    slot: 0,
    state: 'up',
    createdAt: new Date(0),
    updatedAt: new Date(0),
  };
  fakes.data.instances.push(instance);
  return fakes;
}

function report(changes: object = {}): string {
  return JSON.stringify({ id: 'run1:1', n: 1, state: 'up', at: AT, boundPort: 5000, ...changes });
}

async function post(fakes: Fakes, body: string, { id = ID, signature = signed(fakes, body, id) } = {}) {
  const headers = { 'content-type': 'application/json', 'dcdget-signature': signature };
  return ask(fakes, 'POST', `/hooks/instances/${id}`, { body, headers });
}

function signed({ signatures }: Fakes, body: string, id = ID): string {
  return `sha256=${createHmac('sha256', signatures.fixed(`hook:${id}`))
    .update(body)
    .digest('hex')}`;
}

test('a signed report is kept, and known when it comes again', async () => {
  const fakes = await withInstance();
  const { status, body } = await post(fakes, report());
  assert.deepEqual([status, body], [200, { known: false }]);
  assert.equal((await post(fakes, report())).status, 409);
  assert.equal(fakes.data.events.length, 1);
  assert.equal(fakes.data.events[0]?.process, 'web.1');
});

test('a report is refused when its signature is not that of its instance and its bytes', async () => {
  const fakes = await withInstance();
  const other = signed(fakes, report(), 'hello.web.2.v1.2');
  for (const signature of [
    '',
    'sha256=',
    'sha256=zz',
    `sha256=${'0'.repeat(64)}`,
    other,
    signed(fakes, report()).slice(0, -1),
  ]) {
    assert.equal((await post(fakes, report(), { signature })).status, 401, signature);
  }
  assert.equal((await post(fakes, `${report()} `, { signature: signed(fakes, report()) })).status, 401);
  assert.equal(fakes.data.events.length, 0);
});

test('an instance that is gone is told so, and what is no instance is not found', async () => {
  const fakes = await withInstance();
  assert.equal((await post(fakes, report(), { id: 'hello.web.9.v1.1' })).status, 410);
  assert.equal((await post(fakes, report(), { id: 'hello' })).status, 404);
  assert.equal((await post(fakes, report(), { id: 'hello.web.9.v1.1', signature: 'sha256=00' })).status, 401);
});

test('a report that says something wrong names the field, and nothing is kept', async () => {
  const fakes = await withInstance();
  const wrong: Record<string, object> = {
    id: { id: 'run1:2' },
    state: { state: 'fine' },
    at: { at: 'yesterday' },
    exitCode: { exitCode: 256 },
    signal: { signal: 'kill;id' },
    reason: { reason: 7 },
    oom: { oom: 'yes' },
    boundPort: { boundPort: -1 },
    samples: { samples: [] },
    'samples.pids': { samples: { pids: 'many' } },
  };
  for (const [field, change] of Object.entries(wrong)) {
    const { status, body } = await post(fakes, report(change));
    assert.deepEqual([status, body.field], [422, field]);
  }
  assert.equal((await post(fakes, 'not json')).status, 400);
  assert.equal((await post(fakes, '[]')).status, 400);
  assert.equal((await post(fakes, report({ reason: 'x'.repeat(20_000) }))).status, 413);
  assert.equal(fakes.data.events.length, 0);
});

test('an instance that reports without end is slowed down, and no other one is', async () => {
  const fakes = await withInstance();
  const statuses: number[] = [];
  for (let n = 1; n <= 70; n += 1) statuses.push((await post(fakes, report({ id: `run1:${n}`, n }))).status);
  assert.equal(statuses[0], 200);
  assert.ok(statuses.filter((status) => status === 429).length >= 5, statuses.join(' '));
  assert.equal((await post(fakes, report(), { id: 'hello.web.9.v1.1' })).status, 410);
});

test('dynos show what an instance said last, and its history says what was wrong', async () => {
  const fakes = await withInstance();
  await post(fakes, report({ id: 'run1:1', n: 1 }));
  const [crash] = fakes.data.events;
  assert.ok(crash);
  fakes.data.events[0] = { ...crash, state: 'crashed', exitCode: 137, oom: true };
  const [dyno] = (await ask(fakes, 'GET', '/apps/hello/dynos')).body;
  assert.deepEqual([dyno.state, dyno.problem.code, dyno.updated_at], ['crashed', 'R15', '2026-01-02T03:04:05.678Z']);
  for (const path of ['/apps/hello/history', '/apps/hello/dynos/web.1/history']) {
    const [event] = (await ask(fakes, 'GET', path)).body;
    assert.deepEqual([event.process, event.exit_code, event.problem.code], ['web.1', 137, 'R15']);
  }
  assert.equal((await ask(fakes, 'GET', '/apps/hello/dynos/web.7/history')).status, 404);
});
