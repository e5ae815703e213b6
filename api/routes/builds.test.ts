import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, addReadyServer, addSource, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const build = (fakes: Fakes, url: string, version?: string) =>
  ask(fakes, 'POST', '/apps/hello/builds', { body: { source_blob: { url, version } } });

test('a build numbers its release before it answers and hands in one deploy', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addReadyServer(fakes);
  const { status, body, headers } = await build(fakes, await addSource(fakes), 'f'.repeat(40));
  assert.deepEqual([status, body.status, body.release.version], [201, 'pending', 2]);
  const release = fakes.data.releases.get(`${id}/2`);
  assert.deepEqual([release?.state, release?.description, release?.buildId], ['pending', 'Deploy ffffffff', body.id]);
  assert.deepEqual(
    fakes.data.submitted.map(({ kind, operationId }) => [kind, operationId]),
    [['deploy', headers['dcdget-operation']]],
  );
  assert.doesNotMatch(JSON.stringify(fakes.data.submitted), /token=/);
});

test('only the get URL of an uploaded source of our own is taken', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  const { source_blob: blob } = (await ask(fakes, 'POST', '/sources')).body;
  const good = await addSource(fakes);
  const id = /sources\/([^/]+)/.exec(good)?.[1] ?? '';
  for (const url of [
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    'nonsense',
    blob.get_url,
    blob.put_url,
    good.split('?')[0],
    `${good}x`,
    good.replace(id, '../../apps/x'),
    blob.get_url.replace(/sources\/[^/]+/, `sources/${id}`),
  ]) {
    const { status, body } = await build(fakes, url);
    assert.deepEqual([status, body.field], [422, 'source_blob.url'], url);
  }
  assert.equal(fakes.data.builds.size, 0);
  assert.equal((await build(fakes, good)).status, 201);
});

test('without a ready server for each role, or without a worker, nothing is stored', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const source = await addSource(fakes);
  const noServer = await build(fakes, source);
  assert.equal(noServer.status, 503);
  assert.match(noServer.body.hint, /dcdget servers:add/);
  addReadyServer(fakes);
  fakes.data.hasWorker = false;
  const noWorker = await build(fakes, source);
  assert.deepEqual([noWorker.status, noWorker.body.id], [503, 'unavailable']);
  assert.match(noWorker.body.message, /No worker/);
  assert.equal(fakes.data.releases.has(`${id}/2`), false);
});

test('an app that is being destroyed takes no build', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  await ask(fakes, 'DELETE', '/apps/hello');
  assert.equal((await build(fakes, await addSource(fakes))).status, 409);
});

test('a build is found again by its id', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  const { body } = await build(fakes, await addSource(fakes));
  const found = await ask(fakes, 'GET', `/apps/hello/builds/${body.id}`);
  assert.equal(found.body.id, body.id);
  assert.equal((await ask(fakes, 'GET', '/apps/hello/builds')).body.length, 1);
  assert.equal((await ask(fakes, 'GET', '/apps/hello/builds/nope')).status, 404);
});
