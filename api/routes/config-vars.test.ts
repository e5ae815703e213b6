import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Slug } from '../../domain/releases.ts';
import { addApp, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const SLUG: Slug = {
  digest: 'd'.repeat(64),
  bytes: 10,
  processTypes: { web: 'node .' },
  buildpack: 'nodejs',
  configDefaults: {},
  imageVersion: '1',
};

const patch = (fakes: Fakes, body: object) => ask(fakes, 'PATCH', '/apps/hello/config-vars', { body });

test('without code a change is a release that succeeded, and starts nothing', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const { status, body, headers } = await patch(fakes, { A: '1', B: '2' });
  assert.deepEqual([status, body, headers['dcdget-operation']], [200, { A: '1', B: '2' }, undefined]);
  const release = fakes.data.releases.get(`${id}/2`);
  assert.deepEqual([release?.state, release?.description], ['succeeded', 'Set A, B config vars']);
  assert.equal(fakes.data.submitted.length, 0);
});

test('with code a change numbers a pending release and starts one operation', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  Object.assign(fakes.data.releases.get(`${id}/1`) ?? {}, { slug: SLUG });
  const { headers } = await patch(fakes, { A: '1' });
  const [submitted] = fakes.data.submitted;
  assert.equal(headers['dcdget-operation'], submitted?.operationId);
  assert.equal(fakes.data.submitted.length, 1);
  assert.deepEqual([submitted?.kind, submitted?.version, submitted?.sequence], ['config', 2, 0]);
  assert.equal(fakes.data.apps.get(id)?.sequence, 0, 'the sequence is drawn when the operation begins');
  const stored = fakes.data.operations.get(submitted?.operationId ?? '');
  assert.deepEqual([stored?.sequence, stored?.change], [0, { config: { from: 0, to: 1 } }]);
  assert.equal(fakes.data.releases.get(`${id}/2`)?.state, 'pending');
  assert.doesNotMatch(JSON.stringify(fakes.data.submitted), /"1"/);
});

test('one bad key refuses the whole change and nothing is stored', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const { status, body } = await patch(fakes, { GOOD: '1', 'BAD-KEY': '2' });
  assert.deepEqual([status, body.field], [422, 'BAD-KEY']);
  assert.deepEqual((await patch(fakes, { A: 5 })).body.field, 'A');
  assert.equal(fakes.data.releases.has(`${id}/2`), false);
  assert.equal(fakes.data.configs.size, 0);
});

test('a change that changes nothing makes no release', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  await patch(fakes, { A: '1' });
  assert.deepEqual((await patch(fakes, { A: '1', Z: null })).body, { A: '1' });
  assert.equal(fakes.data.releases.has(`${id}/3`), false);
});

test('changes at once are all kept, and the newest release has all of them', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  await Promise.all(['A', 'B', 'C', 'D'].map((key) => patch(fakes, { [key]: key })));
  const newest = fakes.data.releases.get(`${id}/5`);
  assert.deepEqual(fakes.data.configs.get(`${id}/${newest?.configVersion}`), { A: 'A', B: 'B', C: 'C', D: 'D' });
});

test('a head that another process moved is read again', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  const { moveConfigHead } = fakes.deps.store.apps;
  let refusals = 1;
  fakes.deps.store.apps.moveConfigHead = async (...args) => (refusals-- > 0 ? false : moveConfigHead(...args));
  assert.deepEqual((await patch(fakes, { A: '1' })).body, { A: '1' });
  assert.equal(fakes.data.apps.get(id)?.configVersion, 2);
});

test('no value reaches the audit log', async () => {
  const fakes = createFakes();
  await addApp(fakes);
  await patch(fakes, { A: 'hunter2' });
  assert.doesNotMatch(JSON.stringify(fakes.data.audit), /hunter2/);
});
