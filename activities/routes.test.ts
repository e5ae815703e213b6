import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import type { ActivityDeps } from './deps.ts';
import { createRouteActivities } from './routes.ts';

const OPERATION = {
  operationId: 'o',
  kind: 'deploy',
  appId: 'a',
  subject: 'hello',
  sequence: 2,
  version: 3,
  budgetSeconds: 60,
} as const;

test('a watched release hands its config values on as secrets, since the last lines of what crashed come back', async () => {
  const calls: RecipeCall[] = [];
  const deps = {
    store: {
      servers: { reach: async () => ({ id: 's1', name: 'server1', roles: ['app', 'router'] }) },
      instances: { list: async () => [{ id: 'hello.web.1.v3.2', type: 'web', serverId: 's1' }] },
      releases: { frozen: async () => ({ appId: 'a', version: 3, configVersion: 4 }) },
      configs: { get: async (_app: string, version: number) => ({ TOKEN: `swordfish-${version}` }) },
    },
    watchSeconds: 1,
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => {
      calls.push(call);
      return { steady: true };
    },
  } as unknown as ActivityDeps;
  await createRouteActivities(deps).watchRelease({ operation: OPERATION, subject: 'server1' });
  assert.deepEqual(
    calls.map(({ recipe, secrets }) => [recipe, [...(secrets ?? [])]]),
    [
      ['batman/watch-instances', ['swordfish-4']],
      ['nginx/watch-release', ['swordfish-4']],
    ],
  );
});

test('a route that is put back leaves out what an earlier operation could not retire', async () => {
  const calls: RecipeCall[] = [];
  const instance = (id: string, sequence: number, state: string) => ({
    id,
    sequence,
    state,
    type: 'web',
    number: 1,
    serverId: 's1',
    slot: sequence,
  });
  const deps = {
    store: {
      servers: {
        reach: async () => ({ id: 's1', name: 'server1' }),
        list: async () => [{ id: 's1', host: '198.18.0.2' }],
      },
      apps: { get: async () => ({ currentVersion: 2, mode: 'serving' }) },
      operations: { get: async () => ({ change: {} }) },
      instances: {
        list: async () => [instance('old', 0, 'retiring'), instance('served', 1, 'up'), instance('new', 2, 'up')],
      },
    },
    appsDomain: 'example.test',
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => {
      calls.push(call);
      return { applied: true };
    },
  } as unknown as ActivityDeps;
  await createRouteActivities(deps).restoreRoute({ operation: OPERATION, subject: 'server1' });
  const route = JSON.parse(Buffer.from(calls[0]?.inputs['ROUTE_BASE64'] ?? '', 'base64').toString('utf8')) as {
    instances: { id: string }[];
  };
  assert.deepEqual(
    route.instances.map(({ id }) => id),
    ['served'],
  );
});
