import assert from 'node:assert/strict';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { workflowBundle } from '../../workers/bundle.ts';

export type WorkflowTests = { environment: TestWorkflowEnvironment; workflowBundle: { codePath: string } };

/** A Temporal of its own for the workflow tests of one file, to be torn down after them, and the workflows. */
export async function startWorkflowTests(): Promise<WorkflowTests> {
  // What fails on purpose would be logged.
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
  const path = process.env['TEMPORAL_CLI'];
  assert.ok(path, 'TEMPORAL_CLI names the temporal binary');
  const searchAttributes = [defineSearchAttributeKey('DcdState', SearchAttributeType.KEYWORD)];
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path }, searchAttributes },
  });
  return { environment, workflowBundle: await workflowBundle() };
}
