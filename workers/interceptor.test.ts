import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { DcdgetError } from '../domain/errors.ts';
import type { StepNews, Steps } from '../store/steps.ts';
import { stepInterceptor } from './interceptor.ts';

/** Runs one attempt of an activity inside the interceptor; gives what the timeline was told. */
async function attempt(activityType: string, act: () => Promise<unknown>, cancel = new AbortController()) {
  const told: StepNews[] = [];
  const context = {
    info: { activityType, attempt: 1 },
    log: { warn() {} },
    heartbeat() {},
    cancellationSignal: cancel.signal,
  } as unknown as Context;
  const { execute } = stepInterceptor(context, { report: (row: StepNews) => told.push(row) } as unknown as Steps, null);
  const operation = {
    operationId: 'o',
    kind: 'deploy',
    appId: 'a',
    subject: 'hello',
    sequence: 1,
    version: 1,
    budgetSeconds: 0,
  };
  const input = { args: [{ operation, subject: 'hello.web.1.v1.1' }], headers: {} };
  const error = await execute?.(input, act).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { told, error };
}

test('a step that fails tells its reason and output to the timeline, and only its reason to the history', async () => {
  const failure = new DcdgetError('command_failed', 'create-container exited 1 on server1', { output: 'no room' });
  const { told, error } = await attempt('createContainer', () => Promise.reject(failure));
  assert.equal(told.at(-1)?.state, 'failed');
  assert.equal(told.at(-1)?.output, 'no room');
  assert.doesNotMatch(JSON.stringify(error), /no room/);
});

test('an undo leaves the reason and the output of the step that it undoes', async () => {
  const { told } = await attempt('removeContainer', async () => undefined);
  const [undone] = told;
  assert.equal(told.length, 1);
  assert.deepEqual([undone?.step, undone?.state], ['createContainer', 'undone']);
  assert.ok(undone !== undefined && !('reason' in undone) && !('output' in undone) && !('startedAt' in undone));
});

test('a step that ends because it was cancelled is told to Temporal as cancelled', async () => {
  const cancel = new AbortController();
  const { error } = await attempt(
    'createContainer',
    async () => {
      cancel.abort(new CancelledFailure('CANCELLED'));
      throw new DcdgetError('cancelled', 'The step was cancelled');
    },
    cancel,
  );
  assert.ok(error instanceof CancelledFailure);
});

test('a release command that failed is not tried again, and the timeline says so', async () => {
  const { told } = await attempt('runReleaseCommand', () => Promise.reject(new Error('the connection broke')));
  assert.deepEqual([told.at(-1)?.state, told.at(-1)?.nextRetryAt], ['failed', null]);
});
