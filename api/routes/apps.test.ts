import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP_NAME } from '../../domain/names.ts';
import { addApp, ask, createFakes } from '../fake-dependencies.ts';
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
