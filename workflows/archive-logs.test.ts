import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { ARCHIVE_LOGS_WORKFLOW, type Archived } from '../domain/log-archive.ts';
import { startWorkflowTests, type WorkflowTests } from '../test/rig/workflow-tests.ts';

let environment: WorkflowTests['environment'];
let workflowBundle: WorkflowTests['workflowBundle'];

before(async () => ({ environment, workflowBundle } = await startWorkflowTests()));
after(() => environment?.teardown());

test('a server whose step fails is told of, the others are archived, and what is too old goes', async () => {
  let expired = 0;
  const activities = {
    listLogServers: async () => ['one', 'two', 'three', 'four', 'five'],
    async archiveServerLogs({ server }: { server: string }): Promise<Archived> {
      if (server === 'two') throw ApplicationFailure.nonRetryable('It went silent');
      return { files: 1, bytes: 10, skipped: 2, failed: [] };
    },
    expireLogs: async () => void (expired += 1),
  };
  const taskQueue = crypto.randomUUID();
  const connection = environment.nativeConnection;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const done = await worker.runUntil(
    environment.client.workflow.execute(ARCHIVE_LOGS_WORKFLOW, {
      workflowId: taskQueue,
      taskQueue,
      args: [{ appId: null }],
      workflowExecutionTimeout: '30s',
    }),
  );
  assert.deepEqual(done, { files: 4, bytes: 40, skipped: 8, failed: [{ server: 'two', reason: 'It went silent' }] });
  assert.equal(expired, 1);
});
