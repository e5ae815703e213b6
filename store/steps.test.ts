import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from './database.ts';
import { createSteps } from './steps.ts';

type Write = { updateOne: { filter: { _id: string }; update: { $set: Record<string, unknown> } } };

test('what was reported while the store was away is written when it is back, the newest word last', async () => {
  const written = new Map<string, Record<string, unknown>>();
  let isAway = true;
  const bulkWrite = async (writes: Write[]) => {
    if (isAway) throw new Error('the store is away');
    for (const { updateOne } of writes) {
      const id = updateOne.filter._id;
      written.set(id, { ...written.get(id), ...updateOne.update.$set });
    }
  };
  const steps = createSteps({ db: { collection: () => ({ bulkWrite }) } } as unknown as Database);
  const row = { operationId: 'o', number: 6, step: 'uploadSlug', subject: 'server1' } as const;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);

  steps.report({ ...row, state: 'running', attempt: 1 }, onError);
  await assert.rejects(steps.flush());
  steps.report({ ...row, state: 'succeeded' }, onError);
  while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  isAway = false;
  while (written.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(written.get('o/uploadSlug/server1'), { ...row, state: 'succeeded', attempt: 1 });
});
