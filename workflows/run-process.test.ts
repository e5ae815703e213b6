import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { SessionLook, SessionStep } from '../activities/sessions.ts';
import {
  LOOK_SIGNAL,
  SESSION_WORKFLOW,
  sessionWorkflowId,
  STOP_SIGNAL,
  type SessionEnding,
} from '../domain/sessions.ts';
import { startWorkflowTests, type WorkflowTests } from '../test/rig/workflow-tests.ts';

/** Longer than a worker's silence is put up with, and than all attempts to start. */
const LONG_MS = 30_000;
/** The first look that nobody asks for comes after two seconds. */
const UNASKED_MS = 1900;
const DAY_SECONDS = 86_400;

let environment: WorkflowTests['environment'];
let workflowBundle: WorkflowTests['workflowBundle'];

before(async () => ({ environment, workflowBundle } = await startWorkflowTests()));
after(() => environment?.teardown());

const RUNS: SessionLook = { isRunning: true, exitCode: null, failure: null };
const UNREACHABLE = 'server1 cannot be reached';

function ended(exitCode: number): SessionLook {
  return { isRunning: false, exitCode, failure: null };
}

type Step = 'placeSession' | 'startSession' | 'lookAtSession' | 'endSession';

type Scenario = {
  lastsSeconds?: number;
  /** What one look after the other sees; the last one over and over. */
  looks?: readonly SessionLook[];
  /** What happens in a step, the n-th time that it is tried. */
  during?: Partial<Record<Step, (attempt: number, session: Session) => Promise<void> | void>>;
};

type Session = { signal(name: string): Promise<void>; cancel(): Promise<void> };

type Told = {
  /** Every try of every step, in order. */
  steps: Step[];
  /** What the record is told of its end, each time it is tried. */
  endings: SessionEnding[];
  /** From the end of the start to the first look. */
  lookedAfterMs: number;
  tookMs: number;
};

/** Runs the workflow with activities that only note their call, by as many workers as it wears out. */
async function sessionOf({ lastsSeconds = DAY_SECONDS, looks = [RUNS], during = {} }: Scenario): Promise<Told> {
  const sessionId = crypto.randomUUID();
  const workflowId = sessionWorkflowId(sessionId);
  const handle = environment.client.workflow.getHandle(workflowId);
  const session: Session = {
    signal: (name) => handle.signal(name),
    cancel: async () => void (await handle.cancel()),
  };
  const told: Told = { steps: [], endings: [], lookedAfterMs: NaN, tookMs: NaN };
  let startedAt = NaN;
  const count = (name: Step) => told.steps.filter((step) => step === name).length;
  const note = async (name: Step): Promise<void> => {
    told.steps.push(name);
    await during[name]?.(count(name), session);
  };
  const activities = {
    placeSession: () => note('placeSession'),
    async startSession() {
      await note('startSession');
      startedAt = Date.now();
    },
    async lookAtSession(): Promise<SessionLook> {
      if (count('lookAtSession') === 0) told.lookedAfterMs = Date.now() - startedAt;
      await note('lookAtSession');
      return looks[Math.min(count('lookAtSession'), looks.length) - 1] ?? RUNS;
    },
    async endSession({ sessionId: _, ...ending }: SessionStep & SessionEnding) {
      told.endings.push(ending);
      await note('endSession');
    },
  };
  const taskQueue = sessionId;
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue,
    workflowBundle,
    activities,
  });
  const beganAt = Date.now();
  const args = [{ sessionId, lastsSeconds }];
  await worker.runUntil(
    environment.client.workflow.execute(SESSION_WORKFLOW, {
      workflowId,
      taskQueue,
      args,
      workflowExecutionTimeout: LONG_MS,
    }),
  );
  return { ...told, tookMs: Date.now() - beganAt };
}

function failing(attempts: number, type = 'server_unreachable', nonRetryable = false) {
  return (attempt: number): void => {
    if (attempt > attempts) return;
    throw ApplicationFailure.create({ type, message: UNREACHABLE, nonRetryable, details: [{ hint: 'Look there.' }] });
  };
}

test('a session is placed, started, looked at until its command has ended, and removed with its exit code', async () => {
  const { steps, endings, lookedAfterMs } = await sessionOf({ looks: [RUNS, ended(3)] });
  assert.deepEqual(steps, ['placeSession', 'startSession', 'lookAtSession', 'lookAtSession', 'endSession']);
  assert.deepEqual(endings, [{ exitCode: 3, failure: null }]);
  assert.ok(lookedAfterMs >= UNASKED_MS, `it was looked at after ${lookedAfterMs} ms, asked by nobody`);
});

test('when its instance has hung up it is looked at at once', async () => {
  const hangUp = async (_: number, session: Session) => session.signal(LOOK_SIGNAL);
  const { steps, endings, lookedAfterMs } = await sessionOf({ looks: [ended(0)], during: { startSession: hangUp } });
  assert.ok(lookedAfterMs < UNASKED_MS, `it was looked at after ${lookedAfterMs} ms`);
  assert.deepEqual(steps, ['placeSession', 'startSession', 'lookAtSession', 'endSession']);
  assert.deepEqual(endings, [{ exitCode: 0, failure: null }]);
});

test('a command whose client has gone may take its time to end, and its own exit code is kept', async () => {
  const hangUp = async (_: number, session: Session) => session.signal(LOOK_SIGNAL);
  const { endings } = await sessionOf({ looks: [RUNS, RUNS, ended(129)], during: { startSession: hangUp } });
  assert.deepEqual(endings, [{ exitCode: 129, failure: null }]);
});

test('a session of which nothing tells how it ended is told of as failed, by the sentence of who looked', async () => {
  const failure = { code: 'unavailable', message: 'run.1234 ended without a word.', hint: null };
  const { endings } = await sessionOf({ looks: [{ isRunning: false, exitCode: null, failure }] });
  assert.deepEqual(endings, [{ exitCode: null, failure }]);
});

test('a session that lasts too long is ended, though nobody asks for it', async () => {
  const { steps, endings, tookMs } = await sessionOf({ lastsSeconds: 1 });
  assert.equal(steps.at(-1), 'endSession');
  assert.deepEqual(endings, [{ exitCode: null, failure: null }]);
  assert.ok(tookMs >= 1000 && tookMs < UNASKED_MS + 1000, `it took ${tookMs} ms`);
});

test('a session that is told to stop is ended without another look', async () => {
  const stop = async (_: number, session: Session) => void setTimeout(() => void session.signal(STOP_SIGNAL), 300);
  const { steps, endings, tookMs } = await sessionOf({ during: { startSession: stop } });
  assert.deepEqual(steps, ['placeSession', 'startSession', 'endSession']);
  assert.deepEqual(endings, [{ exitCode: null, failure: null }]);
  assert.ok(tookMs < UNASKED_MS, `it took ${tookMs} ms`);
});

test('a session that is told to stop before it has a place is never started', async () => {
  const stop = async (_: number, session: Session) => session.signal(STOP_SIGNAL);
  const { steps } = await sessionOf({ during: { placeSession: stop } });
  assert.deepEqual(steps, ['placeSession', 'endSession']);
});

test('a session that is told to stop while it starts is removed once it has started', async () => {
  let hasStarted = false;
  const start = async (_: number, session: Session) => {
    await session.signal(STOP_SIGNAL);
    await sleep(500);
    hasStarted = true;
  };
  const end = () => assert.ok(hasStarted);
  const { steps } = await sessionOf({ during: { startSession: start, endSession: end } });
  assert.deepEqual(steps, ['placeSession', 'startSession', 'endSession']);
});

test('a server that cannot be reached at the start is asked five times, then the session is told of as failed', async () => {
  const { steps, endings } = await sessionOf({ during: { startSession: failing(9), endSession: failing(2) } });
  assert.equal(steps.filter((step) => step === 'startSession').length, 5);
  assert.ok(!steps.includes('lookAtSession'));
  const failure = { code: 'server_unreachable', message: UNREACHABLE, hint: 'Look there.' };
  // What is left there goes as soon as the server can be reached.
  assert.deepEqual(endings, Array(3).fill({ exitCode: null, failure }));
});

test('a session without room fails at once, with the reason', async () => {
  const { steps, endings } = await sessionOf({ during: { placeSession: failing(1, 'no_capacity', true) } });
  assert.deepEqual(steps, ['placeSession', 'endSession']);
  assert.equal(endings[0]?.failure?.code, 'no_capacity');
});

test('a server that is away for a while does not end the session that runs on it', async () => {
  const { steps, endings } = await sessionOf({ looks: [RUNS, RUNS, ended(0)], during: { lookAtSession: failing(2) } });
  assert.equal(steps.filter((step) => step === 'lookAtSession').length, 3);
  assert.deepEqual(endings, [{ exitCode: 0, failure: null }]);
});

test('a server that stays away does not hold up the end of its session, which is told of as failed', async () => {
  const { steps, endings, tookMs } = await sessionOf({ lastsSeconds: 5, during: { lookAtSession: failing(99) } });
  const failure = { code: 'server_unreachable', message: UNREACHABLE, hint: 'Look there.' };
  assert.ok(steps.filter((step) => step === 'lookAtSession').length > 1);
  assert.equal(steps.at(-1), 'endSession');
  assert.deepEqual(endings, [{ exitCode: null, failure }]);
  assert.ok(tookMs >= 5000 && tookMs < 20_000, `it took ${tookMs} ms`);
});

test('a step whose worker went silent is done by another one, and the session goes on', async () => {
  const { promise: forGood, resolve: end } = Promise.withResolvers<void>();
  const silence = (attempt: number) => (attempt === 1 ? forGood : undefined);
  const during = { startSession: silence, endSession: () => end() };
  const { steps, endings } = await sessionOf({ looks: [ended(0)], during });
  assert.deepEqual(steps, ['placeSession', 'startSession', 'startSession', 'lookAtSession', 'endSession']);
  assert.deepEqual(endings, [{ exitCode: 0, failure: null }]);
});

test('a workflow that is cancelled leaves nothing of its session', async () => {
  const cancel = async (_: number, session: Session) => void setTimeout(() => void session.cancel(), 300);
  const { steps, endings } = await sessionOf({ during: { startSession: cancel } });
  assert.deepEqual(steps, ['placeSession', 'startSession', 'endSession']);
  assert.equal(endings[0]?.failure?.code, 'cancelled');
});
