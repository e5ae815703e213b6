import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApp, addCode, ask, createFakes, type Fakes } from '../fake-dependencies.ts';

const CODE = { web: 'node .', worker: 'node work', release: 'node migrate' };
const scale = (fakes: Fakes, ...updates: object[]) =>
  ask(fakes, 'PATCH', '/apps/hello/formation', { body: { updates } });

async function deployed(): Promise<{ fakes: Fakes; id: string }> {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id, CODE);
  return { fakes, id };
}

test('a scale stores the wish, starts one operation and answers the whole formation', async () => {
  const { fakes, id } = await deployed();
  const { status, body, headers } = await scale(
    fakes,
    { type: 'web', quantity: '3' },
    { type: 'worker', quantity: '+1', size: 'medium' },
  );
  assert.equal(status, 200);
  assert.deepEqual(
    body.map(({ type, quantity, size }: Record<string, unknown>) => [type, quantity, size]),
    [
      ['web', 3, 'small'],
      ['worker', 1, 'medium'],
    ],
  );
  const to = { web: { quantity: 3, size: 'small' }, worker: { quantity: 1, size: 'medium' } };
  assert.deepEqual(fakes.data.apps.get(id)?.formation, to);
  const [operation] = [...fakes.data.operations.values()];
  assert.deepEqual(
    [operation?.kind, operation?.version, operation?.change],
    ['scale', null, { formation: { from: {}, to } }],
  );
  assert.equal(headers['dcdget-operation'], operation?.id);
  assert.equal(fakes.data.submitted.length, 1);
  assert.equal(fakes.data.audit.at(-1)?.action, 'ps:scale: web=3 worker=1');
});

test('what leads to the same formation starts nothing', async () => {
  const { fakes, id } = await deployed();
  for (const updates of [[], [{ type: 'web', quantity: 1 }], [{ type: 'web' }], [{ type: 'worker', quantity: '+0' }]]) {
    const { status, headers } = await scale(fakes, ...updates);
    assert.deepEqual([status, headers['dcdget-operation']], [200, undefined]);
  }
  assert.deepEqual([fakes.data.submitted, fakes.data.apps.get(id)?.formation], [[], {}]);
});

test('one bad update refuses all of them, and nothing is stored', async () => {
  const { fakes, id } = await deployed();
  const good = { type: 'web', quantity: '2' };
  for (const [bad, status, field] of [
    [{ type: 'clock', quantity: '1' }, 404, 'type'],
    [{ type: 'release', quantity: '1' }, 404, 'type'],
    [{ type: '__proto__', quantity: '1' }, 404, 'type'],
    [{ type: 'web', quantity: '1' }, 422, 'updates.1.type'],
    [{ type: 'worker', quantity: '101' }, 422, 'updates.1.quantity'],
    [{ type: 'worker', quantity: '-1' }, 422, 'updates.1.quantity'],
    [{ type: 'worker', quantity: -1 }, 422, 'updates.1.quantity'],
    [{ type: 'worker', quantity: 'two' }, 422, 'updates.1.quantity'],
    [{ type: 'worker', quantity: 1.5 }, 422, 'updates.1.quantity'],
    [{ type: 'worker', quantity: '1', size: 'Standard-1X' }, 422, 'updates.1.size'],
  ] as const) {
    const answer = await scale(fakes, good, bad);
    assert.deepEqual([answer.status, answer.body.field], [status, field], JSON.stringify(bad));
    assert.ok(answer.body.message.length > 10);
  }
  assert.match((await scale(fakes, { type: 'clock', quantity: '1' })).body.message, /clock/);
  assert.deepEqual([fakes.data.submitted, fakes.data.apps.get(id)?.formation], [[], {}]);
});

test('scales at once add up', async () => {
  const { fakes, id } = await deployed();
  await Promise.all(Array.from({ length: 5 }, () => scale(fakes, { type: 'worker', quantity: '+1' })));
  assert.equal(fakes.data.apps.get(id)?.formation['worker']?.quantity, 5);
  const changes = [...fakes.data.operations.values()].map(({ change }) => change.formation?.to['worker']?.quantity);
  assert.deepEqual(changes, [1, 2, 3, 4, 5]);
});

test('the process types are those of the newest code that has not failed', async () => {
  const { fakes, id } = await deployed();
  const current = fakes.data.releases.get(`${id}/1`);
  assert.ok(current?.slug);
  const slug = { ...current.slug, processTypes: { other: 'node .' } };
  fakes.data.releases.set(`${id}/2`, { ...current, version: 2, state: 'failed', slug });
  assert.equal((await scale(fakes, { type: 'other', quantity: '1' })).status, 404);
  fakes.data.releases.set(`${id}/2`, { ...current, version: 2, state: 'pending', slug });
  assert.equal((await scale(fakes, { type: 'other', quantity: '1' })).status, 200);
});

test('an app without code has nothing to scale, and without a worker nothing is changed', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  assert.equal((await scale(fakes, { type: 'web', quantity: '1' })).status, 404);
  addCode(fakes, id);
  fakes.data.hasWorker = false;
  const { status, body } = await scale(fakes, { type: 'web', quantity: '2' });
  assert.deepEqual([status, body.id], [503, 'unavailable']);
  assert.deepEqual(fakes.data.apps.get(id)?.formation, {});
});
