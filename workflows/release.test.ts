import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { RELEASE_STEPS, UNDO_OF, type ReleaseStep } from '../domain/steps.ts';

const PLAN = { skips: {}, retiring: ['old.web.1'], routers: ['router1'], watchSeconds: 0 };
const PLACEMENT = { instances: ['web.1', 'web.2'], servers: ['server1'], oneOff: 'release.1' };
const PIVOT = RELEASE_STEPS.indexOf('retireContainer');

let environment: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundleWithSourceMap;

before(async () => {
  // Steps that fail on purpose would be logged as warnings.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = process.env['TEMPORAL_CLI'];
  assert.ok(path, 'TEMPORAL_CLI names the temporal binary');
  environment = await TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'existing-path', path } } });
  workflowBundle = await bundleWorkflowCode({ workflowsPath: new URL('./workflows.ts', import.meta.url).pathname });
});
after(() => environment?.teardown());

type Called = { name: string; subject: string };
type Run = { called: Called[]; result: OperationResult; recorded: { state: string; step: string } | null };

/** Runs the release workflow with activities that only note their call; `failing` breaks at its first subject. */
async function releaseWith(failing: ReleaseStep | null, cancelAt: ReleaseStep | null = null): Promise<Run> {
  const taskQueue = `release-${failing}-${cancelAt}`;
  const operation: OperationInput = {
    operationId: taskQueue,
    kind: 'deploy',
    appId: 'a1',
    subject: 'hello',
    sequence: 7,
    version: 3,
  };
  const called: Called[] = [];
  let recorded: Run['recorded'] = null;
  const note = (name: string) => async (input: { subject: string; state?: string; failure?: { step: string } }) => {
    called.push({ name, subject: input.subject });
    if (name === 'failRelease') recorded = { state: input.state ?? '', step: input.failure?.step ?? '' };
    if (name === cancelAt) await environment.client.workflow.getHandle(taskQueue).cancel();
    if (name === failing)
      throw ApplicationFailure.create({ type: 'app_crashed', message: 'broken', nonRetryable: true });
    return name === 'createRelease' ? PLAN : name === 'placeInstances' ? PLACEMENT : undefined;
  };
  const names = [...RELEASE_STEPS, ...Object.values(UNDO_OF), 'watchRelease', 'releaseSlugs'];
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: Object.fromEntries(names.map((name) => [name, note(name)])),
  });
  const result = await worker.runUntil(
    environment.client.workflow.execute('deployApp', { workflowId: taskQueue, taskQueue, args: [operation] }),
  );
  return { called, result: result as OperationResult, recorded };
}

const undoneOf = (called: readonly Called[]) =>
  called
    .map(({ name }) => name)
    .filter((name) => (Object.values(UNDO_OF) as string[]).includes(name) && name !== 'failRelease');

test('a release runs its fifteen steps in order, each once for every subject', async () => {
  const { called, result } = await releaseWith(null);
  assert.deepEqual(result, { state: 'succeeded', failure: null });
  const order = [...new Set(called.map(({ name }) => name))].filter((name) => name !== 'releaseSlugs');
  assert.deepEqual(order, [...RELEASE_STEPS]);
  const started = called.filter(({ name }) => name === 'startProcess').map(({ subject }) => subject);
  assert.deepEqual(started.toSorted(), ['web.1', 'web.2']);
});

for (const [index, step] of RELEASE_STEPS.entries()) {
  if (index >= PIVOT) continue;
  test(`a release that fails at ${step} undoes every step that was begun, last first, and says where`, async () => {
    const { called, result, recorded } = await releaseWith(step);
    assert.equal(result.state, 'failed');
    assert.equal(result.failure?.step, step);
    assert.deepEqual(recorded, { state: 'failed', step });
    const begun = RELEASE_STEPS.slice(0, index + 1).toReversed();
    const expected = begun.flatMap((name) =>
      name in UNDO_OF && name !== 'createRelease' ? [UNDO_OF[name as keyof typeof UNDO_OF]] : [],
    );
    assert.deepEqual([...new Set(undoneOf(called))], expected);
    assert.equal(called.at(-1)?.name, 'failRelease');
    assert.ok(!called.some(({ name }) => name === 'retireContainer'), 'nothing old is touched');
  });
}

test('a release whose old instance cannot be retired is live all the same', async () => {
  const { called, result } = await releaseWith('retireContainer');
  assert.equal(result.state, 'succeeded');
  assert.deepEqual(undoneOf(called), []);
  assert.equal(called.at(-1)?.name, 'completeRelease');
});

test('a release cancelled before the switch undoes what was begun and ends cancelled', async () => {
  const { called, result, recorded } = await releaseWith(null, 'createContainer');
  assert.equal(result.state, 'cancelled');
  assert.equal(recorded?.state, 'cancelled');
  assert.ok(undoneOf(called).includes('removeContainer'));
  assert.ok(!called.some(({ name }) => name === 'updateNginx'));
});
