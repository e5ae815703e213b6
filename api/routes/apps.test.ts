import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP_NAME } from '../../domain/names.ts';
import { addApp, addCode, ask, createFakes } from '../fake-dependencies.ts';
import { madeUpAppName } from '../app-names.ts';

test('a new app has its first release and the address where it will answer', async () => {
  const fakes = createFakes();
  const { status, body } = await ask(fakes, 'POST', '/apps', { body: { name: 'hello', unknown: 1 } });
  assert.equal(status, 201);
  assert.deepEqual([body.web_url, body.stack.name], ['http://hello.dcdget.localhost:8000/', 'batman']);
  const releases = (await ask(fakes, 'GET', '/apps/hello/releases')).body;
  const { version, description, status: state, current, slug } = releases[0];
  assert.deepEqual([version, description, state, current, slug], [1, 'Initial release', 'succeeded', true, null]);
});

test('made up names are names', () => {
  for (let count = 0; count < 500; count += 1) assert.match(madeUpAppName(), APP_NAME);
});

test('a bad name is refused and nothing is stored', async () => {
  const fakes = createFakes();
  for (const name of ['a', 'Hello', '1a', 'a_b', 'a-', 'api', 'git', 'a\n', 'x'.repeat(31), '../etc', 'ünï']) {
    const { status, body } = await ask(fakes, 'POST', '/apps', { body: { name } });
    assert.deepEqual([status, body.field], [422, 'name'], name);
  }
  assert.deepEqual(
    (await ask(fakes, 'POST', '/apps', { body: { name: 'aaa', stack: 'heroku-24' } })).body.field,
    'stack',
  );
  assert.equal(fakes.data.apps.size, 0);
});

test('an app is found by name and by id', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  for (const key of ['hello', id]) assert.equal((await ask(fakes, 'GET', `/apps/${key}`)).body.id, id);
  for (const key of ['nope', 'a'.repeat(100), '%00', '..%2fapps']) {
    assert.equal((await ask(fakes, 'GET', `/apps/${key}`)).status, 404, key);
  }
});

test('destroying closes the app for changes, and asking again gives the operation that runs', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const [first, second] = [await ask(fakes, 'DELETE', '/apps/hello'), await ask(fakes, 'DELETE', '/apps/hello')];
  assert.deepEqual([first.status, second.status], [200, 200]);
  assert.equal(first.headers['dcdget-operation'], second.headers['dcdget-operation']);
  assert.equal(fakes.data.submitted.length, 1);
  assert.equal((await ask(fakes, 'PATCH', '/apps/hello/config-vars', { body: { A: '1' } })).status, 409);
  assert.equal((await ask(fakes, 'GET', '/apps/hello')).status, 200);
});

test('every change leaves a row in the audit log', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  await ask(fakes, 'PATCH', '/apps/hello/config-vars', { body: { A: '1' } });
  await ask(fakes, 'POST', '/sources');
  await ask(fakes, 'DELETE', '/apps/hello');
  const actions = fakes.data.audit.map(({ action }) => action);
  assert.deepEqual(actions, ['apps:create', 'config: Set A config vars', 'sources:create', 'apps:destroy']);
});

test('maintenance and pause are modes: each change starts one operation, the same again none', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  const change = (maintenance: boolean) => ask(fakes, 'PATCH', '/apps/hello', { body: { maintenance } });
  const act = (action: string) => ask(fakes, 'POST', `/apps/hello/actions/${action}`);
  const seen = [];
  for (const answer of [
    await change(true),
    await change(true),
    await change(false),
    await act('pause'),
    await change(false),
    await act('resume'),
    await act('resume'),
  ]) {
    seen.push([answer.status, answer.body.mode, answer.body.maintenance, 'dcdget-operation' in answer.headers]);
  }
  assert.deepEqual(seen, [
    [200, 'maintenance', true, true],
    [200, 'maintenance', true, false],
    [200, 'serving', false, true],
    [200, 'paused', false, true],
    [200, 'paused', false, false],
    [200, 'serving', false, true],
    [200, 'serving', false, false],
  ]);
  assert.deepEqual(
    fakes.data.submitted.map(({ kind, version }) => [kind, version]),
    Array.from({ length: 4 }, () => ['mode', null]),
  );
  const [first] = [...fakes.data.operations.values()];
  assert.deepEqual(first?.change, { mode: { from: 'serving', to: 'maintenance' } });
});

test('an app without code takes a mode at once, without an operation', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const { body, headers } = await ask(fakes, 'PATCH', '/apps/hello', { body: { maintenance: true } });
  assert.deepEqual([body.maintenance, headers['dcdget-operation']], [true, undefined]);
  assert.equal(fakes.data.submitted.length, 0);
});

test('an app keeps its name, and without a worker its mode', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  const renamed = await ask(fakes, 'PATCH', '/apps/hello', { body: { name: 'other' } });
  assert.deepEqual([renamed.status, renamed.body.field], [422, 'name']);
  fakes.data.hasWorker = false;
  assert.equal((await ask(fakes, 'PATCH', '/apps/hello', { body: { maintenance: true } })).status, 503);
  assert.equal(fakes.data.apps.get(id)?.mode, 'serving');
});

test('a forced destroy gives up what waits for an operator and withdraws what waits behind it', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  const [parked, waiting] = [
    await ask(fakes, 'DELETE', '/apps/hello/dynos'),
    await ask(fakes, 'DELETE', '/apps/hello/dynos'),
  ].map(({ headers }) => String(headers['dcdget-operation']));
  Object.assign(fakes.data.operations.get(parked ?? '') ?? {}, { state: 'needs-operator' });
  const { status, headers } = await ask(fakes, 'DELETE', '/apps/hello?force=true');
  assert.equal(status, 200);
  assert.deepEqual(
    fakes.data.decisions.map(({ operationId, action, by }) => [operationId, action, by]),
    [[parked, 'abandon', 'ada@example.com']],
  );
  assert.deepEqual(fakes.data.withdrawn, [waiting]);
  assert.equal(fakes.data.operations.get(waiting ?? '')?.state, 'cancelled');
  assert.deepEqual(
    [fakes.data.submitted.at(-1)?.kind, fakes.data.submitted.at(-1)?.operationId],
    ['destroy', headers['dcdget-operation']],
  );
  assert.ok(
    fakes.data.audit.some(
      ({ action, operationId }) => action.startsWith('operations:abandon') && operationId === parked,
    ),
  );
});

test('a destroy that is not forced decides nothing and waits for its turn', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  const parked = String((await ask(fakes, 'DELETE', '/apps/hello/dynos')).headers['dcdget-operation']);
  Object.assign(fakes.data.operations.get(parked) ?? {}, { state: 'needs-operator' });
  assert.equal((await ask(fakes, 'DELETE', '/apps/hello')).status, 200);
  assert.deepEqual([fakes.data.decisions, fakes.data.withdrawn], [[], []]);
});
