import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepRow } from '../../domain/steps.ts';
import { DcdgetError } from '../../domain/errors.ts';
import {
  addApp,
  addCode,
  addReadyServer,
  addSource,
  ask,
  createFakes,
  OTHER_TOKEN,
  type Fakes,
} from '../fake-dependencies.ts';

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

test('once the operation has ended, steps without a row are shown as skipped, not reached', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  fakes.data.steps.push(row(id, { state: 'failed', reason: 'no lock file' }));
  end(fakes, id, 'failed');
  const { body } = await ask(fakes, 'GET', `/operations/${id}`);
  const [first, , third, fourth] = body.steps;
  assert.deepEqual([first.state, first.reason], ['skipped', 'not reached']);
  assert.deepEqual([third.state, third.reason], ['failed', 'no lock file']);
  assert.deepEqual([fourth.state, fourth.reason, fourth.started_at], ['skipped', 'not reached', null]);
});

test('an operation that needs an operator says for which step, and what a restart is limited to', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const failure = { step: 'uploadSlug', code: 'disk_full', message: 'No space on one', hint: null, output: null };
  Object.assign(fakes.data.operations.get(id) ?? {}, { state: 'needs-operator', failure, scope: 'web.1' });
  const { body } = await ask(fakes, 'GET', `/operations/${id}`);
  assert.deepEqual([body.state, body.failure, body.scope], ['needs-operator', failure, 'web.1']);
  assert.equal(body.steps[14].state, 'waiting');
});

const cancel = (fakes: Fakes, id: string) => ask(fakes, 'POST', `/operations/${id}/actions/cancel`);

test('a waiting deploy that is cancelled leaves the queue, and its release and build have failed', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const { status, body } = await cancel(fakes, id);
  assert.deepEqual([status, body.state, body.failure.code], [200, 'cancelled', 'cancelled']);
  assert.deepEqual([fakes.data.withdrawn, fakes.data.cancelled], [[id], []]);
  const release = [...fakes.data.releases.values()].find(({ version }) => version === 2);
  assert.equal(release?.state, 'failed');
  assert.equal(fakes.data.builds.get(release?.buildId ?? '')?.state, 'failed');
  assert.ok(fakes.data.audit.some((entry) => entry.action === 'operations:cancel' && entry.operationId === id));
});

test('what a cancelled request had changed on its app is taken back, unless it was changed again', async () => {
  const fakes = createFakes();
  const id = await addApp(fakes);
  addCode(fakes, id);
  const scale = async (quantity: number) => {
    const body = { updates: [{ type: 'web', quantity }] };
    return String((await ask(fakes, 'PATCH', '/apps/hello/formation', { body })).headers['dcdget-operation']);
  };
  const [three, five] = [await scale(3), await scale(5)];
  await cancel(fakes, three);
  assert.equal(fakes.data.apps.get(id)?.formation['web']?.quantity, 5);
  await cancel(fakes, five);
  assert.equal(fakes.data.apps.get(id)?.formation['web']?.quantity, 3);
  const config = await ask(fakes, 'PATCH', '/apps/hello/config-vars', { body: { A: '1' } });
  await cancel(fakes, String(config.headers['dcdget-operation']));
  assert.equal(fakes.data.apps.get(id)?.configVersion, 0);
  const mode = await ask(fakes, 'PATCH', '/apps/hello', { body: { maintenance: true } });
  await cancel(fakes, String(mode.headers['dcdget-operation']));
  assert.equal(fakes.data.apps.get(id)?.mode, 'serving');
  const destroy = await ask(fakes, 'DELETE', '/apps/hello');
  await cancel(fakes, String(destroy.headers['dcdget-operation']));
  assert.equal(fakes.data.apps.get(id)?.state, 'active');
});

test('an operation that Temporal had not taken is handed in before it is withdrawn', async () => {
  const fakes = createFakes();
  fakes.data.submitError = new Error('deadline exceeded');
  const { id } = await startDeploy(fakes);
  fakes.data.submitError = null;
  assert.equal((await cancel(fakes, id)).body.state, 'cancelled');
  await fakes.starter.handInAgain(Date.now() + 60_000);
  assert.deepEqual(
    fakes.data.submitted.map(({ operationId }) => operationId),
    [id],
  );
});

test('a running operation is asked to cancel; one that is live, has ended or destroys is refused', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const is = (fields: object) => Object.assign(fakes.data.operations.get(id) ?? {}, fields);
  is({ state: 'running' });
  const { status, body } = await cancel(fakes, id);
  assert.deepEqual([status, body.state, fakes.data.cancelled], [200, 'running', [id]]);
  fakes.data.refusal = new DcdgetError('already_live', 'The operation is already live');
  const live = await cancel(fakes, id);
  assert.deepEqual([live.status, live.body.id], [409, 'already_live']);
  fakes.data.refusal = null;
  is({ kind: 'destroy' });
  assert.equal((await cancel(fakes, id)).status, 409);
  is({ kind: 'deploy', state: 'succeeded' });
  const ended = await cancel(fakes, id);
  assert.deepEqual([ended.status, ended.body.id], [409, 'conflict']);
  assert.deepEqual([fakes.data.cancelled, fakes.data.withdrawn], [[id], []]);
});

test("an operator's decision reaches the operation and the audit log, with who and why", async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  for (const action of ['retry', 'skip', 'undo']) {
    Object.assign(fakes.data.operations.get(id) ?? {}, { state: 'needs-operator' });
    const { status, body } = await ask(fakes, 'POST', `/operations/${id}/actions/${action}`, {
      body: { reason: 'disk cleaned' },
    });
    assert.deepEqual([status, body.state], [200, 'running'], action);
    assert.deepEqual(fakes.data.decisions.at(-1), {
      operationId: id,
      action,
      by: 'ada@example.com',
      why: 'disk cleaned',
    });
    const { actor, action: told, subject, operationId } = fakes.data.audit.at(-1) ?? {};
    const expected = ['ada@example.com', `operations:${action}: disk cleaned`, 'hello', id];
    assert.deepEqual([actor, told, subject, operationId], expected);
  }
});

test('a decision wants a reason, an operation that asks for it and its owner', async () => {
  const fakes = createFakes();
  const { id } = await startDeploy(fakes);
  const decide = (body: object, headers = {}) =>
    ask(fakes, 'POST', `/operations/${id}/actions/skip`, { body, headers });
  const unasked = await decide({ reason: 'x' });
  assert.deepEqual([unasked.status, unasked.body.id], [409, 'conflict']);
  Object.assign(fakes.data.operations.get(id) ?? {}, { state: 'needs-operator' });
  for (const body of [{}, { reason: '' }, { reason: '  ' }]) assert.equal((await decide(body)).body.field, 'reason');
  assert.equal((await decide({ reason: 'x' }, { authorization: `Bearer ${OTHER_TOKEN}` })).status, 404);
  fakes.data.refusal = new DcdgetError('already_live', 'The operation is already live: retry or skip the step');
  assert.deepEqual((await decide({ reason: 'x' })).body.id, 'already_live');
  assert.deepEqual(fakes.data.decisions, []);
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
