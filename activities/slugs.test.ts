import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivityDeps } from './deps.ts';
import { createSlugActivities } from './slugs.ts';

const STEP = {
  operation: { operationId: 'o', kind: 'deploy', appId: 'a', subject: 'hello', sequence: 2, version: 3 },
  subject: 'server1',
} as unknown as Parameters<ReturnType<typeof createSlugActivities>['uploadSlug']>[0];

function activities(result: object, imageVersion = 'base-2') {
  return createSlugActivities({
    store: {
      servers: { reach: async () => ({ id: 's1', name: 'server1' }) },
      releases: { frozen: async () => ({ version: 3, slug: { digest: 'd', bytes: 1, imageVersion } }) },
      signatures: { sign: () => 'signed' },
    },
    objects: { presignGet: async () => 'https://s3/slug' },
    assets: { image: { version: 'base-2', sha256: 'i' }, psDock: { sha256: 'p' } },
    publicUrl: 'https://api',
    signal: () => new AbortController().signal,
    runRecipe: async () => result,
  } as unknown as ActivityDeps);
}

test('a slug that the server refuses fails the step with its sentence, and is not tried again', async () => {
  const refused = { code: 'source_invalid', message: 'The slug is refused: it holds no folder app/.' };
  await assert.rejects(activities(refused).uploadSlug(STEP), {
    code: 'source_invalid',
    message: refused.message,
    retryable: false,
  });
});

test('a slug that was unpacked, or was there, passes', async () => {
  await activities({ unpacked: true }).uploadSlug(STEP);
  await activities({ unpacked: false }).uploadSlug(STEP);
});

test('a slug of a base image that is no longer published fails at once, saying what to do', async () => {
  await assert.rejects(activities({ ready: true }, 'base-1').prepareServer(STEP), { retryable: false, hint: /Deploy/ });
});
