import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheKey } from '../../objects/keys.ts';
import { addApp, addReadyServer, addSource, ask, createFakes, OTHER_TOKEN } from '../fake-dependencies.ts';

const PATH = '/apps/hello/build-config-vars';

test('builds are given the config vars that are named, by name alone', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  assert.deepEqual((await ask(fakes, 'GET', PATH)).body, {});
  await ask(fakes, 'PATCH', PATH, { body: { NPM_TOKEN: true, OTHER: true } });
  const { status, body } = await ask(fakes, 'PATCH', PATH, { body: { OTHER: false, A: true } });
  assert.deepEqual([status, body], [200, { A: true, NPM_TOKEN: true }]);
  const build = await ask(fakes, 'POST', '/apps/hello/builds', {
    body: { source_blob: { url: await addSource(fakes) } },
  });
  assert.deepEqual(fakes.data.builds.get(build.body.id)?.buildVars, ['A', 'NPM_TOKEN']);
});

test('what is no name of a config var is refused and nothing is stored', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  assert.equal((await ask(fakes, 'PATCH', PATH, { body: { GOOD: true, '../x': true } })).body.field, '../x');
  assert.equal((await ask(fakes, 'PATCH', PATH, { body: { A: 'yes' } })).status, 422);
  assert.equal(fakes.data.apps.get(id)?.buildVars, undefined);
});

test("purging the build cache takes it away, and the memory of what was compiled, of this user's app alone", async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const other = await addApp(fakes, 'other');
  for (const app of [id, other]) {
    fakes.data.objects.set(cacheKey(app, 'batman'), Buffer.from('x'));
    fakes.data.compiled.add(app);
  }
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'DELETE', '/apps/hello/build-cache', { headers })).status, 404);
  assert.equal(fakes.data.objects.size, 2);
  assert.equal((await ask(fakes, 'DELETE', '/apps/hello/build-cache')).status, 200);
  assert.deepEqual([...fakes.data.objects.keys()], [cacheKey(other, 'batman')]);
  assert.deepEqual([...fakes.data.compiled], [other]);
});
