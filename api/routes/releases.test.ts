import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, addCode, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const rollBack = (fakes: Fakes, release: unknown) => ask(fakes, 'POST', '/apps/hello/releases', { body: { release } });

/** v1 has code and no config vars, v2 has the config var A. */
async function twoReleases(): Promise<{ fakes: Fakes; id: string }> {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  await ask(fakes, 'PATCH', '/apps/hello/config-vars', { body: { A: '1' } });
  const { slug } = fakes.data.releases.get(`${id}/1`) ?? {};
  Object.assign(fakes.data.releases.get(`${id}/2`) ?? {}, { state: 'succeeded', slug });
  Object.assign(fakes.data.apps.get(id) ?? {}, { currentVersion: 2 });
  fakes.data.submitted.length = 0;
  return { fakes, id };
}

test('a rollback is a new release with the code and the config vars of an old one', async () => {
  for (const nameOf of [() => 'v1', () => '1', () => 1, (id: string) => id]) {
    const { fakes, id } = await twoReleases();
    const target = fakes.data.releases.get(`${id}/1`);
    const { status, body, headers } = await rollBack(fakes, nameOf(target?.id ?? ''));
    assert.deepEqual([status, body.version, body.description, body.status], [201, 3, 'Rollback to v1', 'pending']);
    const release = fakes.data.releases.get(`${id}/3`);
    assert.deepEqual([release?.slug, release?.configVersion], [target?.slug, 0]);
    assert.deepEqual((await ask(fakes, 'GET', '/apps/hello/config-vars')).body, {});
    const operation = fakes.data.operations.get(String(headers['dcdget-operation']));
    assert.deepEqual([operation?.kind, operation?.version], ['rollback', 3]);
    assert.deepEqual(operation?.change, { config: { from: 1, to: 0 } });
    assert.deepEqual(
      fakes.data.submitted.map(({ operationId }) => operationId),
      [operation?.id],
    );
  }
});

test('a rollback to a release with the same config vars changes none', async () => {
  const { fakes, id } = await twoReleases();
  const { headers } = await rollBack(fakes, 'v2');
  assert.deepEqual(fakes.data.operations.get(String(headers['dcdget-operation']))?.change, {});
  assert.equal(fakes.data.apps.get(id)?.configVersion, 1);
});

test('only a release that served code can be gone back to', async () => {
  const { fakes, id } = await twoReleases();
  assert.equal((await rollBack(fakes, 'v9')).status, 404);
  const release = fakes.data.releases.get(`${id}/1`);
  for (const fields of [{ state: 'failed' }, { state: 'pending' }, { state: 'succeeded', slug: null }]) {
    Object.assign(release ?? {}, fields);
    const { status, body } = await rollBack(fakes, 'v1');
    assert.deepEqual([status, body.field], [422, 'release'], JSON.stringify(fields));
  }
  fakes.data.hasWorker = false;
  assert.equal((await rollBack(fakes, 'v2')).status, 503);
  assert.deepEqual([fakes.data.submitted.length, fakes.data.releases.has(`${id}/3`)], [0, false]);
});

test('a head that another process moved is read again, and the number that was drawn stays unused', async () => {
  const { fakes, id } = await twoReleases();
  const { moveConfigHead } = fakes.deps.store.apps;
  let refusals = 1;
  fakes.deps.store.apps.moveConfigHead = async (...args) => (refusals-- > 0 ? false : moveConfigHead(...args));
  assert.equal((await rollBack(fakes, 'v1')).body.version, 4);
  assert.equal(fakes.data.apps.get(id)?.configVersion, 0);
});

test('exactly one release is the current one', async () => {
  const { fakes } = await twoReleases();
  await rollBack(fakes, 'v1');
  const { body } = await ask(fakes, 'GET', '/apps/hello/releases');
  assert.deepEqual(
    body.filter(({ current }: { current: boolean }) => current).map(({ version }: { version: number }) => version),
    [2],
  );
});
