import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, OperationState } from '../../domain/operations.ts';
import { RELEASE_STEPS, type ReleaseStep, type StepRow, type StepState } from '../../domain/steps.ts';
import type { Store } from '../../store/store.ts';
import { pushLog } from './push-log.ts';

type Moment = { state: OperationState; rows: StepRow[]; output?: string };

/** The lines of an operation that is seen at these moments, one after the other. */
async function linesOf(...moments: Moment[]): Promise<string[]> {
  let seen = -1;
  const now = () => moments[Math.min(Math.max(seen, 0), moments.length - 1)] as Moment;
  const store = {
    operations: {
      get: async () => {
        seen += 1;
        return { id: 'o', kind: 'deploy', state: now().state } as Operation;
      },
    },
    steps: { list: async () => now().rows },
    output: {
      get: async (_id: string, number: number) => {
        const text = moments[number - 1]?.output;
        return text === undefined || number > seen + 1 ? null : { number, text };
      },
    },
  } as unknown as Store;
  const lines: string[] = [];
  for await (const line of pushLog(store, 'o', AbortSignal.timeout(10_000))) lines.push(line);
  return lines;
}

function row(step: ReleaseStep, state: StepState, facts: Partial<StepRow> = {}): StepRow {
  const number = RELEASE_STEPS.indexOf(step) + 1;
  const startedAt = new Date(0);
  const endedAt = new Date(1200);
  const none = { subject: '', server: '', attempt: 1, nextRetryAt: null, reason: null, output: null };
  return { operationId: 'o', number, step, state, startedAt, endedAt, ...none, ...facts };
}

test('each step is told once it is over, in order, with the build log before the step that made it', async () => {
  const first = [row('createRelease', 'succeeded'), row('fetchSource', 'succeeded'), row('compileSlug', 'running')];
  const second = [...first.slice(0, 2), row('compileSlug', 'succeeded'), row('placeInstances', 'succeeded')];
  assert.deepEqual(
    await linesOf(
      { state: 'running', rows: first, output: '-----> Node.js\nhalf a li' },
      { state: 'succeeded', rows: second, output: 'ne\r\nlast' },
    ),
    [
      '     │ -----> Node.js',
      '✔  1 createRelease           1.2 s',
      '✔  2 fetchSource             1.2 s',
      '     │ half a line',
      '     │ last',
      '✔  3 compileSlug             1.2 s',
      '✔  4 placeInstances          1.2 s',
      '› 14 retireContainer       goes on  beside what follows',
    ],
  );
});

test('steps that run side by side are told in their order', async () => {
  const begun = [
    row('createRelease', 'succeeded'),
    row('fetchSource', 'skipped', { reason: 'why not' }),
    row('compileSlug', 'running'),
    row('placeInstances', 'succeeded'),
  ];
  const [one, two, ...rest] = await linesOf({ state: 'running', rows: begun }, { state: 'failed', rows: begun });
  assert.deepEqual(
    [one, two, rest],
    [
      '✔  1 createRelease           1.2 s',
      '–  2 fetchSource           skipped  why not',
      ['✔  4 placeInstances          1.2 s'],
    ],
  );
});

test('a failed step tells its reason, its attempts and the way back, and nothing of what was not reached', async () => {
  const retried = row('uploadSlug', 'retrying', {
    subject: 'server1',
    server: 'server1',
    attempt: 2,
    reason: 'S3 is away',
  });
  const failed = { ...retried, state: 'failed' as const, reason: 'S3 stays away' };
  assert.deepEqual(
    await linesOf(
      { state: 'running', rows: [retried] },
      { state: 'running', rows: [retried] },
      { state: 'rolling-back', rows: [failed] },
      { state: 'failed', rows: [failed] },
    ),
    [
      '↻  6 uploadSlug server1: attempt 2 failed, trying again: S3 is away',
      '↩  rolling back',
      '✖  6 uploadSlug              1.2 s  S3 stays away',
    ],
  );
});
