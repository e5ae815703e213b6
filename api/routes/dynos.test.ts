import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '../../domain/instances.ts';
import { addApp, addCode, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const UUID = '55555555-5555-4555-8555-555555555555';

async function running(): Promise<Fakes> {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id, { web: 'node .', worker: 'node work' });
  const instance: Instance = {
    id: 'hello.web.1.v1.1',
    uuid: UUID,
    appId: id,
    appName: 'hello',
    version: 1,
    sequence: 1,
    size: 'medium',
    type: 'web',
    number: 1,
    serverId: '33333333-3333-4333-8333-333333333333',
    serverName: 'one',
    slot: 0,
    state: 'up',
    createdAt: new Date(0),
    updatedAt: new Date(5000),
  };
  fakes.data.instances.push(instance);
  return fakes;
}

test('an instance is shown with its own size, its state and since when it has it', async () => {
  const { body } = await ask(await running(), 'GET', '/apps/hello/dynos');
  const [{ name, state, size, command, updated_at: since, release }] = body;
  assert.deepEqual(
    [name, state, size, command, since],
    ['web.1', 'up', 'medium', 'node .', '1970-01-01T00:00:05.000Z'],
  );
  assert.equal(release.version, 1);
});

test('a restart is of everything, of a process type or of one process by name or id', async () => {
  for (const [path, scope] of [
    ['dynos', null],
    ['dynos/web.1', 'web.1'],
    [`dynos/${UUID}`, 'web.1'],
    ['formations/web', 'web'],
    ['formations/worker', 'worker'],
  ] as const) {
    const fakes = await running();
    const { status, body, headers } = await ask(fakes, 'DELETE', `/apps/hello/${path}`);
    assert.deepEqual([status, body], [202, {}], path);
    const operation = fakes.data.operations.get(String(headers['dcdget-operation']));
    assert.deepEqual([operation?.kind, operation?.version, operation?.scope], ['restart', null, scope], path);
    assert.equal(fakes.data.submitted.length, 1);
  }
});

test('what does not run cannot be restarted', async () => {
  const fakes = await running();
  for (const path of ['dynos/web.2', 'dynos/web', 'formations/clock', 'formations/web.1']) {
    assert.equal((await ask(fakes, 'DELETE', `/apps/hello/${path}`)).status, 404, path);
  }
  await addApp(fakes, 'empty');
  assert.equal((await ask(fakes, 'DELETE', '/apps/empty/dynos')).status, 409);
  fakes.data.hasWorker = false;
  assert.equal((await ask(fakes, 'DELETE', '/apps/hello/dynos')).status, 503);
  assert.equal(fakes.data.submitted.length, 0);
});
