import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { Decision, OperationInput, OperationResult } from '../domain/operations.ts';
import { CANCEL_UPDATE, DECIDE_UPDATE } from '../domain/queue.ts';
import { operationWorkflowId } from '../domain/workflows.ts';
import { RELEASE_STEPS, UNDO_OF, type ReleaseStep } from '../domain/steps.ts';
import { startWorkflowTests, type WorkflowTests } from '../test/rig/workflow-tests.ts';

const PLAN = { skips: {}, retiring: ['old.web.1'], leaving: ['server2'], routers: ['router1'], watchSeconds: 0 };
const BUDGET_SECONDS = 1;
const LATER_MS = 3000;
const PLACEMENT = {
  instances: ['web.1', 'web.2'],
  servers: ['server1'],
  oneOff: 'release.1',
  stopFirst: ['old.worker.1'],
};
/** Undone in the reverse order of what may have begun before them. */
const BESIDE: readonly string[] = ['prepareServer', 'uploadSlug', 'writeEnvironment'];
const PIVOT = RELEASE_STEPS.indexOf('retireContainer');

let environment: WorkflowTests['environment'];
let workflowBundle: WorkflowTests['workflowBundle'];

before(async () => ({ environment, workflowBundle } = await startWorkflowTests()));
after(() => environment?.teardown());

type Called = { name: string; subject: string };
type Run = {
  called: Called[];
  result: OperationResult;
  recorded: { state: string; step: string } | null;
  states: string[];
  refusals: string[];
};
type Scenario = {
  /** Breaks at its first subject, for good. */
  failing?: ReleaseStep;
  /** Fails as the world does, until `repaired`. */
  broken?: string;
  cancelAt?: ReleaseStep;
  /** Was cut off, until `repaired`. */
  unknown?: ReleaseStep;
  /** How often the old instance still has connections. */
  draining?: number;
  /** Takes a second at web.2, whatever it is told meanwhile, and notes its end. */
  slow?: ReleaseStep;
  /** What the operator says each time he is asked; the world is repaired before the last word. */
  decisions?: Decision['action'][];
};

/** Runs the release workflow with activities that only note their call. */
async function releaseWith(scenario: Scenario): Promise<Run> {
  const taskQueue = `release-${JSON.stringify(scenario)}`;
  const operation: OperationInput = {
    operationId: taskQueue,
    kind: 'deploy',
    appId: 'a1',
    subject: 'hello',
    sequence: 0,
    version: 3,
    budgetSeconds: BUDGET_SECONDS,
  };
  const called: Called[] = [];
  const states: string[] = [];
  const refusals: string[] = [];
  const decisions = scenario.decisions ?? [];
  let recorded: Run['recorded'] = null;
  let isBroken = true;
  const handle = environment.client.workflow.getHandle(taskQueue);
  const note = (name: string) => async (input: { subject: string; state?: string; failure?: { step: string } }) => {
    called.push({ name, subject: input.subject });
    if (name === 'failRelease') recorded = { state: input.state ?? '', step: input.failure?.step ?? '' };
    // Refused once the release is live.
    if (name === scenario.cancelAt) await handle.executeUpdate(CANCEL_UPDATE).catch(() => refusals.push(name));
    if (name === scenario.slow && input.subject === 'web.2') {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return void called.push({ name: `${name} ended`, subject: input.subject });
    }
    if (name === scenario.failing)
      throw ApplicationFailure.create({ type: 'app_crashed', message: 'broken', nonRetryable: true });
    if (name === scenario.broken && isBroken)
      throw ApplicationFailure.create({ type: 'command_failed', message: 'down' });
    if (name === scenario.unknown && isBroken)
      throw ApplicationFailure.create({ type: 'effect_unknown', message: 'cut off', nonRetryable: true });
    if (input.subject === 'old.web.1' && asked(called) <= (scenario.draining ?? 0) && name === 'retireContainer')
      return { waits: 'a connection is open', forMs: 100 };
    if (name === 'createRelease') return { ...PLAN, operation: { ...operation, sequence: 7 } };
    return name === 'placeInstances' ? PLACEMENT : undefined;
  };
  const answer = async () => {
    for (const [index, action] of decisions.entries()) {
      isBroken = index < decisions.length - 1;
      const decision = { action, by: 'ann', why: 'test' };
      const refused = await handle.executeUpdate(DECIDE_UPDATE, { args: [decision] }).then(
        () => false,
        () => true,
      );
      if (!refused) return;
    }
  };
  const setOperationState = async ({ state }: { state: string }) => {
    states.push(state);
    if (state !== 'needs-operator') return;
    // Later than this activity's end, as a person would answer; what is refused is followed by the next word.
    setTimeout(() => void answer(), 200);
  };
  const hidden = ['endProcess', 'resumeProcess', 'watchRelease', 'releaseSlugs'];
  const names = [...RELEASE_STEPS, ...Object.values(UNDO_OF), ...hidden];
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle,
    activities: { ...Object.fromEntries(names.map((name) => [name, note(name)])), setOperationState },
  });
  const result = await worker.runUntil(async () => {
    const options = { workflowId: taskQueue, taskQueue, args: [operation] };
    const ended = (await environment.client.workflow.execute('deployApp', options)) as OperationResult;
    if (ended.state === 'succeeded') await laterOf(operation);
    return ended;
  });
  return { called, result, recorded, states, refusals };
}

/** What is left to do is done too, unless it waits for an operator. */
async function laterOf({ appId, operationId }: OperationInput): Promise<void> {
  const later = environment.client.workflow.getHandle(`${operationWorkflowId(appId, operationId)}/later`);
  const over = later.result().catch(() => undefined);
  await Promise.race([over, new Promise((resolve) => setTimeout(resolve, LATER_MS))]);
  // Nobody may still ask for its end when the environment goes.
  await later.terminate().catch(() => undefined);
  await over;
}

/** How often the old instance was asked to go. */
const asked = (called: readonly Called[]) =>
  called.filter(({ name, subject }) => name === 'retireContainer' && subject === 'old.web.1').length;

const undoneOf = (called: readonly Called[]) =>
  called
    .map(({ name }) => name)
    .filter((name) => (Object.values(UNDO_OF) as string[]).includes(name) && name !== 'failRelease');

test('a release runs its fifteen steps in order, each once for every subject', async () => {
  const { called, result } = await releaseWith({});
  assert.deepEqual(result, { state: 'succeeded', failure: null });
  const order = [...new Set(called.map(({ name }) => name))].map((name) => (BESIDE.includes(name) ? 'beside' : name));
  const steps = RELEASE_STEPS.filter((name) => name !== 'retireContainer' && !BESIDE.includes(name));
  assert.deepEqual(
    [...new Set(order)].filter((name) => !['beside', 'endProcess'].includes(name)),
    [...steps, 'retireContainer', 'releaseSlugs'],
  );
  for (const [first, then] of [
    ['placeInstances', 'beside'],
    ['beside', 'createContainer'],
    ['runReleaseCommand', 'endProcess'],
    ['endProcess', 'startProcess'],
  ] as const) {
    assert.ok(order.indexOf(first) < order.indexOf(then), `${first} comes before ${then}`);
  }
  const started = called.filter(({ name }) => name === 'startProcess').map(({ subject }) => subject);
  assert.deepEqual(started.toSorted(), ['web.1', 'web.2']);
  const released = called.filter(({ name }) => name === 'releaseSlugs').map(({ subject }) => subject);
  assert.deepEqual(released.toSorted(), ['server1', 'server2'], 'those that the app uses, and those that it leaves');
});

for (const [index, step] of RELEASE_STEPS.entries()) {
  if (index >= PIVOT) continue;
  test(`a release that fails at ${step} undoes every step that was begun, last first, and says where`, async () => {
    const { called, result, recorded } = await releaseWith({ failing: step });
    assert.equal(result.state, 'failed');
    assert.equal(result.failure?.step, step);
    assert.deepEqual(recorded, { state: 'failed', step });
    const last = BESIDE.includes(step) ? RELEASE_STEPS.indexOf('writeEnvironment') : index;
    const begun = RELEASE_STEPS.slice(0, last + 1).toReversed();
    const expected = begun.flatMap((name) =>
      name in UNDO_OF && name !== 'createRelease' ? [UNDO_OF[name as keyof typeof UNDO_OF]] : [],
    );
    assert.deepEqual([...new Set(undoneOf(called))], expected);
    assert.equal(called.at(-1)?.name, 'failRelease');
    assert.ok(!called.some(({ name }) => name === 'retireContainer'), 'nothing old is touched');
    const [ended, resumed] = ['endProcess', 'resumeProcess'].map((name) => called.some((call) => call.name === name));
    assert.equal(ended, resumed, 'what ended first runs again');
  });
}

test('an undo waits for the end of a step that goes on beside the one that failed', async () => {
  const { called, result } = await releaseWith({ failing: 'createContainer', slow: 'createContainer' });
  assert.equal(result.state, 'failed');
  const names = called.map(({ name }) => name);
  assert.ok(names.includes('createContainer ended'));
  assert.ok(names.indexOf('createContainer ended') < names.indexOf('removeContainer'), names.join(' '));
});

test('a release whose old instance cannot be retired is live all the same', async () => {
  const { called, result } = await releaseWith({ failing: 'retireContainer' });
  assert.equal(result.state, 'succeeded');
  assert.deepEqual(undoneOf(called), []);
  assert.ok(!called.some(({ name }) => name === 'releaseSlugs'), 'its slug stays as long as it does');
});

test('an old instance with open connections does not hold the operation, and is asked again until it is gone', async () => {
  const { called, result } = await releaseWith({ draining: 2 });
  assert.equal(result.state, 'succeeded');
  const names = called.map(({ name }) => name);
  assert.ok(names.indexOf('completeRelease') < names.indexOf('retireContainer'));
  assert.equal(asked(called), 3);
});

test('a cut-off command, of which only a person knows whether it may run again, asks that person', async () => {
  const { result, states } = await releaseWith({ unknown: 'runReleaseCommand', decisions: ['retry'] });
  assert.equal(result.state, 'succeeded');
  assert.ok(states.includes('needs-operator'));
});

test('a release cancelled before the switch undoes what was begun and ends cancelled', async () => {
  const { called, result, recorded } = await releaseWith({ cancelAt: 'createContainer' });
  assert.equal(result.state, 'cancelled');
  assert.equal(recorded?.state, 'cancelled');
  assert.ok(undoneOf(called).includes('removeContainer'));
  assert.ok(!called.some(({ name }) => name === 'updateNginx'));
});

test('a step that the world keeps broken asks an operator, whose retry goes on with it', async () => {
  const { called, result, states } = await releaseWith({ broken: 'createContainer', decisions: ['retry'] });
  assert.equal(result.state, 'succeeded');
  assert.ok(states.includes('needs-operator'));
  assert.equal(states.at(-1), 'running');
  assert.deepEqual(undoneOf(called), []);
});

test('a step that the operator skips is left out, and the rest goes on', async () => {
  const { called, result } = await releaseWith({ broken: 'prepareServer', decisions: ['skip'] });
  assert.equal(result.state, 'succeeded');
  assert.ok(called.some(({ name }) => name === 'completeRelease'));
});

test('an operator who undoes gets everything back that was begun', async () => {
  const { called, result } = await releaseWith({ broken: 'startProcess', decisions: ['undo'] });
  assert.equal(result.state, 'failed');
  assert.equal(result.failure?.step, 'startProcess');
  assert.ok(undoneOf(called).includes('removeContainer'));
});

test('an undo that the world keeps broken asks too, and is done when it is retried', async () => {
  const scenario: Scenario = { failing: 'checkHealth', broken: 'removeContainer', decisions: ['retry'] };
  const { called, result, states } = await releaseWith(scenario);
  assert.equal(result.state, 'failed');
  assert.equal(result.failure?.hint, null);
  assert.deepEqual(states.slice(0, 2), ['rolling-back', 'needs-operator']);
  assert.ok(called.filter(({ name }) => name === 'removeContainer').length > 2);
});

test('an undo that the operator skips is told as left over', async () => {
  const scenario: Scenario = { failing: 'checkHealth', broken: 'dropLease', decisions: ['skip'] };
  const { result } = await releaseWith(scenario);
  assert.match(result.failure?.hint ?? '', /dropLease server1/);
});

test('an operation that is abandoned ends at once, and says that all of it is left', async () => {
  const { called, result } = await releaseWith({ broken: 'createContainer', decisions: ['abandon'] });
  assert.equal(result.state, 'failed');
  assert.deepEqual(undoneOf(called), []);
  assert.match(result.failure?.hint ?? '', /everything/);
});

test('a cancel after the switch was verified is refused: the release is live', async () => {
  const { result, refusals } = await releaseWith({ cancelAt: 'completeRelease' });
  assert.deepEqual(refusals, ['completeRelease']);
  assert.equal(result.state, 'succeeded');
});

test('a step whose result the rest needs cannot be skipped', async () => {
  const { result, states } = await releaseWith({ broken: 'placeInstances', decisions: ['skip', 'retry'] });
  assert.equal(result.state, 'succeeded');
  assert.ok(states.includes('needs-operator'));
});
