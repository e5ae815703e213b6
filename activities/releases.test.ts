import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityDeps } from './deps.ts';
import { createReleaseActivities } from './releases.ts';

/** Fails a config change from head 6 to 7; gives where the head went. */
async function headAfterFailure(releases: { version: number; configVersion: number; state: string }[]) {
  const moves: [number, number][] = [];
  const deps = {
    store: {
      apps: {
        get: async () => ({ formation: {}, mode: 'serving' }),
        moveConfigHead: async (_app: string, from: number, to: number) => void moves.push([from, to]),
      },
      operations: {
        get: async () => ({ kind: 'config', version: 9, change: { config: { from: 6, to: 7 } } }),
        end: async () => undefined,
      },
      releases: {
        get: async () => ({ buildId: null }),
        fail: async () => undefined,
        list: async () => releases.toSorted((a, b) => b.version - a.version),
      },
      steps: { flush: async () => undefined, list: async () => [], settle: async () => undefined },
    },
  } as unknown as ActivityDeps;
  const operation = { operationId: 'o', appId: 'a', version: 9 };
  const failure = { step: 'checkHealth', code: 'app_crashed', message: 'crashed', hint: null, output: null };
  type Input = Parameters<ReturnType<typeof createReleaseActivities>['failRelease']>[0];
  await createReleaseActivities(deps).failRelease({
    operation,
    failure,
    state: 'failed',
    subject: '',
  } as unknown as Input);
  return moves;
}

test('a failed config change gives the head back to the config before it', async () => {
  const before = { version: 8, configVersion: 6, state: 'succeeded' };
  assert.deepEqual(await headAfterFailure([before, { version: 9, configVersion: 7, state: 'failed' }]), [[7, 6]]);
});

test('a failed config change made upon another failed one gives the head back to what last succeeded', async () => {
  const all = [
    { version: 7, configVersion: 5, state: 'succeeded' },
    { version: 8, configVersion: 6, state: 'failed' },
    { version: 9, configVersion: 7, state: 'failed' },
  ];
  assert.deepEqual(await headAfterFailure(all), [[7, 5]]);
});
