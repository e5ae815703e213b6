import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DcdgetError } from '../domain/errors.ts';
import { addApp, addReadyServer, addSource, ask, createFakes, type Fakes } from './fake-dependencies.ts';

const MINUTE_MS = 60_000;

async function build(fakes: Fakes): Promise<string> {
  const { headers } = await ask(fakes, 'POST', '/apps/hello/builds', {
    body: { source_blob: { url: await addSource(fakes) } },
  });
  return String(headers['dcdget-operation']);
}

async function readyFakes(): Promise<Fakes> {
  const fakes = createFakes();
  await addApp(fakes);
  addReadyServer(fakes);
  return fakes;
}

test('an operation that Temporal did not take is handed in again, under its own id, once', async () => {
  const fakes = await readyFakes();
  fakes.data.submitError = new Error('deadline exceeded');
  const id = await build(fakes);
  assert.equal(fakes.data.operations.get(id)?.state, 'queued');
  fakes.data.submitError = null;
  await fakes.starter.handInAgain(Date.now());
  assert.equal(fakes.data.submitted.length, 0, 'not at once: the first hand-in may still be under way');
  await fakes.starter.handInAgain(Date.now() + MINUTE_MS);
  await fakes.starter.handInAgain(Date.now() + MINUTE_MS);
  assert.deepEqual(
    fakes.data.submitted.map(({ operationId }) => operationId),
    [id],
  );
});

test('operations are handed in again in the order in which they were asked for', async () => {
  const fakes = await readyFakes();
  fakes.data.submitError = new Error('deadline exceeded');
  const ids = [await build(fakes), await build(fakes), await build(fakes)];
  fakes.data.submitError = null;
  await fakes.starter.handInAgain(Date.now() + MINUTE_MS);
  assert.deepEqual(
    fakes.data.submitted.map(({ operationId }) => operationId),
    ids,
  );
});

test('an operation that is refused for good ends failed, with its release and build', async () => {
  const fakes = await readyFakes();
  fakes.data.submitError = new DcdgetError('conflict', 'The app is closed');
  const id = await build(fakes);
  const operation = fakes.data.operations.get(id);
  assert.deepEqual([operation?.state, operation?.failure?.message], ['failed', 'The app is closed']);
  const [release] = [...fakes.data.releases.values()].filter(({ version }) => version === 2);
  assert.equal(release?.state, 'failed');
  assert.equal(fakes.data.builds.get(release?.buildId ?? '')?.state, 'failed');
  fakes.data.submitError = null;
  await fakes.starter.handInAgain(Date.now() + MINUTE_MS);
  assert.equal(fakes.data.submitted.length, 0);
});

test('a release whose operation was never stored ends failed, others are left alone', async () => {
  const fakes = await readyFakes();
  const [lost, kept] = [await build(fakes), await build(fakes)];
  fakes.data.operations.delete(lost);
  await fakes.starter.failAbandoned(Date.now());
  const stateOf = (id: string) =>
    [...fakes.data.releases.values()].find((release) => release.operationId === id)?.state;
  assert.equal(stateOf(lost), 'pending', 'not at once: it may be about to be stored');
  await fakes.starter.failAbandoned(Date.now() + 2 * MINUTE_MS);
  assert.deepEqual([stateOf(lost), stateOf(kept)], ['failed', 'pending']);
});

test('operations of one app are handed in in the order of their releases, and none has drawn its sequence', async () => {
  const fakes = await readyFakes();
  await Promise.all([build(fakes), build(fakes), build(fakes), build(fakes)]);
  assert.deepEqual(
    fakes.data.submitted.map(({ sequence, version }) => [sequence, version]),
    [
      [0, 2],
      [0, 3],
      [0, 4],
      [0, 5],
    ],
  );
  const stored = fakes.data.submitted.map(({ operationId }) => fakes.data.operations.get(operationId));
  assert.deepEqual(
    stored.map((operation) => [operation?.sequence, operation?.version]),
    fakes.data.submitted.map(({ sequence, version }) => [sequence, version]),
  );
  assert.deepEqual(
    [...fakes.data.apps.values()].map(({ sequence }) => sequence),
    [0],
    'it is drawn when the operation begins',
  );
});
