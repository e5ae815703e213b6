import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, addReadyServer, addSource, ask, createFakes, OTHER_TOKEN, type Fakes } from '../fake-dependencies.ts';

const PATH = '/apps/hello/buildpack-installations';
const put = (fakes: Fakes, ...names: string[]) =>
  ask(fakes, 'PUT', PATH, { body: { updates: names.map((buildpack) => ({ buildpack })) } });
const GIT = 'https://git.example/acme/buildpack#v1';

test('the buildpacks of an app are kept in their order, and the next build is made with them', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addReadyServer(fakes);
  assert.deepEqual((await ask(fakes, 'GET', PATH)).body, []);
  const installed = [
    { ordinal: 0, buildpack: { name: 'heroku/nodejs', url: 'urn:buildpack:heroku/nodejs' } },
    { ordinal: 1, buildpack: { name: GIT, url: GIT } },
  ];
  const { status, body } = await put(fakes, 'urn:buildpack:heroku/nodejs', GIT);
  assert.deepEqual([status, body], [200, installed]);
  assert.deepEqual((await ask(fakes, 'GET', PATH, { headers: { range: '' } })).body, installed);
  const source = { source_blob: { url: await addSource(fakes) } };
  const build = await ask(fakes, 'POST', '/apps/hello/builds', { body: source });
  assert.deepEqual(
    build.body.buildpacks,
    installed.map(({ buildpack }) => buildpack),
  );
  assert.deepEqual(fakes.data.builds.get(build.body.id)?.buildpacks, ['heroku/nodejs', GIT]);
  assert.deepEqual(fakes.data.submitted.length, 1, 'a change of buildpacks starts nothing by itself');
  await put(fakes);
  assert.deepEqual(fakes.data.apps.get(id)?.buildpacks, []);
});

test('one build may be made with other buildpacks than the app has', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  await put(fakes, 'nodejs');
  const body = { source_blob: { url: await addSource(fakes) }, buildpacks: [{ url: 'heroku/python' }] };
  const build = await ask(fakes, 'POST', '/apps/hello/builds', { body });
  assert.deepEqual(fakes.data.builds.get(build.body.id)?.buildpacks, ['heroku/python']);
  const wrong = { ...body, buildpacks: [{ url: 'file:///x' }] };
  const refused = await ask(fakes, 'POST', '/apps/hello/builds', { body: wrong });
  assert.deepEqual([refused.status, refused.body.field], [422, 'buildpacks.0.url']);
});

test('a buildpack that does not exist, cannot be one or is there twice is refused by its place', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const unknown = await put(fakes, 'heroku/nodejs', 'heroku/cobol');
  assert.deepEqual([unknown.status, unknown.body.field], [422, 'updates.1.buildpack']);
  assert.match(unknown.body.message, /it has heroku\/nodejs, heroku\/python/);
  assert.equal((await put(fakes, 'https://user:secret@git.example/a')).body.field, 'updates.0.buildpack');
  assert.equal((await put(fakes, 'nodejs', 'heroku/nodejs')).body.field, 'updates');
  assert.equal((await put(fakes, ...Array.from({ length: 11 }, () => 'nodejs'))).status, 422);
  assert.equal(fakes.data.apps.get(id)?.buildpacks, undefined);
});

test("nobody sees or changes the buildpacks of another user's app", async () => {
  const fakes = createFakes();
  await addApp(fakes);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', PATH, { headers })).status, 404);
  assert.equal((await ask(fakes, 'PUT', PATH, { headers, body: { updates: [] } })).status, 404);
});
