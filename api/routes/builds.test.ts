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

test('of our own URLs only the get URL of an uploaded source is taken, and of others https alone', async () => {
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

const create = (fakes: Fakes, body: object) => ask(fakes, 'POST', '/apps/hello/builds', { body });

test('a tarball of elsewhere is fetched by the worker; what signs its URL is told to nobody', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  const checksum = `SHA256:${'A'.repeat(64)}`;
  const url = 'https://example.com/app.tar.gz?signature=secret';
  const { status, body } = await create(fakes, { source_blob: { url, checksum, version: null } });
  assert.equal(status, 201);
  assert.deepEqual([body.source_blob.url, body.git], ['https://example.com/app.tar.gz', null]);
  assert.equal(body.source_blob.checksum, `SHA256:${'a'.repeat(64)}`);
  assert.deepEqual(fakes.data.originSecrets.get(body.id), { kind: 'archive', url });
  const told = JSON.stringify([body, fakes.data.submitted, fakes.data.audit, [...fakes.data.releases.values()]]);
  assert.doesNotMatch(told, /secret/);
  const releases = [...fakes.data.releases.values()].map(({ description }) => description);
  assert.equal(releases.at(-1), 'Deploy example.com/app.tar.gz');
});

test('a repository is fetched by the worker; its token is told to nobody', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  const git = { url: 'https://ada@example.com/ada/app.git', ref: 'v1.0', token: 'secret-token' };
  const { status, body } = await create(fakes, { git });
  assert.equal(status, 201);
  assert.deepEqual(body.git, { url: 'https://example.com/ada/app.git', ref: 'v1.0' });
  assert.deepEqual(fakes.data.originSecrets.get(body.id), { kind: 'git', user: 'ada', token: 'secret-token' });
  const told = JSON.stringify([body, fakes.data.submitted, fakes.data.audit, [...fakes.data.releases.values()]]);
  assert.doesNotMatch(told, /secret/);
});

const repository = 'https://example.com/ada/app.git';
const REFUSED: [field: string, body: object][] = [
  ['source_blob', {}],
  ['git', { git: { url: repository }, source_blob: { url: 'https://example.com/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'http://example.com/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'https://ada:secret@example.com/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'https://127.0.0.1/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'https://2852039166/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'https://[::ffff:10.0.0.1]/a.tgz' } }],
  ['source_blob.url', { source_blob: { url: 'https://example.com/a\n.tgz' } }],
  ['source_blob.checksum', { source_blob: { url: 'https://example.com/a.tgz', checksum: 'SHA256:abc' } }],
  ['git.url', { git: { url: 'file:///etc' } }],
  ['git.url', { git: { url: 'ssh://git@example.com/a.git' } }],
  ['git.url', { git: { url: 'git@example.com:a.git' } }],
  ['git.url', { git: { url: 'ext::sh -c id' } }],
  ['git.url', { git: { url: '--upload-pack=id' } }],
  ['git.url', { git: { url: 'https://ada:secret@example.com/a.git' } }],
  ['git.url', { git: { url: 'https://example.com/a.git?x=y' } }],
  ['git.url', { git: { url: 'https://example.com/a$(id).git' } }],
  ['git.url', { git: { url: 'https://10.0.0.1/a.git' } }],
  ['git.ref', { git: { url: repository, ref: '--upload-pack=id' } }],
  ['git.ref', { git: { url: repository, ref: 'main:refs/heads/x' } }],
  ['git.ref', { git: { url: repository, ref: 'a..b' } }],
  ['git.ref', { git: { url: repository, ref: 'a;id' } }],
  ['git.token', { git: { url: repository, token: 'a\r\nx: y' } }],
];
for (const [field, body] of REFUSED) {
  test(`${JSON.stringify(body)} is refused, naming ${field}`, async () => {
    const fakes = createFakes();
    await addApp(fakes);
    addReadyServer(fakes);
    const answer = await create(fakes, body);
    assert.deepEqual([answer.status, answer.body.field], [422, field], answer.body.message);
    assert.equal(fakes.data.builds.size, 0);
  });
}
