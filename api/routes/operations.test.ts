import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepRow } from '../../domain/steps.ts';
import { addApp, addReadyServer, addSource, ask, createFakes, OTHER_TOKEN, type Fakes } from '../fake-dependencies.ts';

async function startDeploy(fakes: Fakes) {
  await addApp(fakes);
  addReadyServer(fakes);
  const { body, headers } = await ask(fakes, 'POST', '/apps/hello/builds', {
    body: { source_blob: { url: await addSource(fakes) } },
  });
  return { id: String(headers['dcdget-operation']), streamUrl: body.output_stream_url as string };
}

function row(operationId: string, fields: Partial<StepRow>): StepRow {
  return {
    operationId,
    number: 3,
    step: 'compileSlug',
    subject: '',
    server: '',
    state: 'running',
    attempt: 1,
    startedAt: new Date(0),
    endedAt: null,
    nextRetryAt: null,
    reason: null,
    output: null,
    ...fields,
  };
}

function end(fakes: Fakes, id: string, state: 'succeeded' | 'failed'): void {
  Object.assign(fakes.data.operations.get(id) ?? {}, { state, endedAt: new Date() });
}

test('a timeline has all fifteen steps, those without a row waiting', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  fakes.data.steps.push(row(id, { state: 'retrying', attempt: 2, nextRetryAt: new Date(5000), reason: 'S3 is down' }));
  fakes.data.steps.push(row(id, { number: 8, step: 'createContainer', subject: 'hello.web.1.v2.1', server: 'one' }));
  fakes.data.steps.push(row(id, { number: 8, step: 'createContainer', subject: 'hello.web.2.v2.1', server: 'one' }));
  const { body } = await ask(fakes, 'GET', `/operations/${id}`);
  assert.equal(new Set(body.steps.map(({ step }: { step: string }) => step)).size, 15);
  assert.equal(body.steps.length, 16);
  assert.deepEqual([body.steps[0].state, body.steps[0].number], ['waiting', 1]);
  const { state, attempt, next_retry_at: retry, reason } = body.steps[2];
  assert.deepEqual([state, attempt, retry, reason], ['retrying', 2, '1970-01-01T00:00:05.000Z', 'S3 is down']);
});

test("another user's operation and its stream are answered like missing ones", async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const headers = { authorization: `Bearer ${OTHER_TOKEN}` };
  assert.equal((await ask(fakes, 'GET', `/operations/${id}`, { headers })).status, 404);
  assert.equal((await ask(fakes, 'GET', `/operations/${id}/stream`, { headers })).status, 404);
  assert.deepEqual((await ask(fakes, 'GET', '/operations', { headers })).body, []);
  assert.equal((await ask(fakes, 'GET', '/operations?app=hello', { headers })).status, 404);
});

test('the stream sends every change and ends with the final head', { timeout: 10_000 }, async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const stream = ask(fakes, 'GET', `/operations/${id}/stream`);
  setTimeout(() => fakes.data.steps.push(row(id, {})), 100);
  setTimeout(() => fakes.data.output.push({ operationId: id, number: 1, text: 'two\nlines\n' }), 300);
  setTimeout(() => {
    fakes.data.steps.push(row(id, { subject: 'late', state: 'succeeded' }));
    end(fakes, id, 'succeeded');
  }, 700);
  const { body, headers } = await stream;
  assert.match(String(headers['content-type']), /text\/event-stream/);
  const events = [...String(body).matchAll(/event: (\w+)\nid: (\S+)\ndata: (.*)\n\n/g)];
  assert.deepEqual(
    events.map(([, name, eventId]) => [name, eventId]),
    [
      ['operation', 'output-0'],
      ['step', 'output-0'],
      ['output', 'output-1'],
      ['step', 'output-1'],
      ['operation', 'output-1'],
    ],
  );
  assert.deepEqual(JSON.parse(events[2]?.[3] ?? ''), { text: 'two\nlines\n' });
  assert.equal(JSON.parse(events[4]?.[3] ?? '').state, 'succeeded');
});

test('a reader that comes back is not sent the output it has', { timeout: 10_000 }, async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  for (const number of [1, 2, 3]) fakes.data.output.push({ operationId: id, number, text: `line ${number}\n` });
  end(fakes, id, 'failed');
  const { body } = await ask(fakes, 'GET', `/operations/${id}/stream`, { headers: { 'last-event-id': 'output-2' } });
  assert.doesNotMatch(body, /line [12]/);
  assert.match(body, /line 3/);
});

test('streams end when the API closes', { timeout: 10_000 }, async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const stream = ask(fakes, 'GET', `/operations/${id}/stream`).catch(() => 'broken');
  setTimeout(() => void fakes.api.close(), 200);
  await stream;
});

test('the output of a build is plain text for whoever has its URL, from the start to the end', async () => {
  const fakes = createFakes();
  const { id, streamUrl } = await startDeploy(fakes);
  fakes.data.output.push({ operationId: id, number: 1, text: '-----> Node.js\n' });
  end(fakes, id, 'succeeded');
  const { pathname, search } = new URL(streamUrl);
  const anonymous = { headers: { authorization: '' } };
  const { body, headers } = await ask(fakes, 'GET', pathname + search, anonymous);
  assert.match(String(headers['content-type']), /^text\/plain/);
  assert.equal(body, '-----> Node.js\n-----> Released v2\n');
  assert.equal((await ask(fakes, 'GET', `${pathname}?token=1.x`, anonymous)).status, 401);
  assert.equal((await ask(fakes, 'GET', pathname)).status, 422);
});
