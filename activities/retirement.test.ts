import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instance } from '../domain/instances.ts';
import type { OperationInput } from '../domain/operations.ts';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import type { ActivityDeps } from './deps.ts';
import { createRetirementActivities } from './retirement.ts';

const OPERATION: OperationInput = {
  operationId: 'o1',
  kind: 'deploy',
  appId: 'a1',
  subject: 'hello',
  sequence: 4,
  version: 5,
  budgetSeconds: 60,
};

type World = { instances: Partial<Instance>[]; connections?: number; drainSeconds?: number };

function worldOf({ instances, connections = 0, drainSeconds }: World) {
  const calls: RecipeCall[] = [];
  const records = instances.map((instance) => ({ serverId: 's1', appName: 'hello', appId: 'a1', ...instance }));
  const find = (id: string) => records.find((record) => record.id === id) ?? null;
  const web = { healthchecks: [], drainSeconds, stopSeconds: null, rotation: 'start-first' };
  const deps = {
    store: {
      servers: {
        reach: async () => ({ id: 's1', name: 'server1' }),
        get: async () => ({ id: 's1', name: 'server1', reservations: [] }),
        list: async () => [],
      },
      instances: {
        get: async (id: string) => find(id),
        listWithSessions: async () => records,
        retire: async (id: string, retireBy: Date) =>
          void Object.assign(find(id) ?? {}, { state: 'retiring', retireBy, updatedAt: new Date() }),
        remove: async (id: string) => void records.splice(records.indexOf(find(id) as (typeof records)[number]), 1),
      },
      releases: {
        findFrozen: async () => ({ slug: drainSeconds === undefined ? {} : { processSettings: { web } } }),
      },
    },
    drainSeconds: 30,
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => {
      calls.push(call);
      const isRemoved = call.inputs['FORCE'] === 'yes' || connections === 0;
      return { removed: isRemoved, connections };
    },
  } as unknown as ActivityDeps;
  return { ...createRetirementActivities(deps), calls, records };
}

const OLD = { id: 'hello.web.1.v4.3', type: 'web', number: 1, version: 4, state: 'up' } as const;

test('an instance without connections is removed at once, record and all', async () => {
  const { retireContainer, records } = worldOf({ instances: [OLD] });
  assert.equal(await retireContainer({ operation: OPERATION, subject: OLD.id }), undefined);
  assert.deepEqual(records, []);
});

test('open connections keep an instance for the drain time of its process type, then they are cut', async () => {
  const { retireContainer, records, calls } = worldOf({ instances: [OLD], connections: 2, drainSeconds: 600 });
  const waits = await retireContainer({ operation: OPERATION, subject: OLD.id });
  assert.match(waits?.waits ?? '', /^2 connections are open/);
  assert.ok((waits?.forMs ?? 0) >= 500 && (waits?.forMs ?? 0) <= 15_000);
  const left = (records[0]?.retireBy?.getTime() ?? 0) - Date.now();
  assert.ok(left > 590_000 && left <= 600_000, `${left} ms are left`);
  Object.assign(records[0] ?? {}, { retireBy: new Date(Date.now() - 1) });
  assert.equal(await retireContainer({ operation: OPERATION, subject: OLD.id }), undefined);
  assert.deepEqual(
    calls.map(({ inputs }) => inputs['FORCE']),
    ['no', 'yes'],
  );
});

test('a destroyed app waits for nobody', async () => {
  const { retireContainer, records } = worldOf({ instances: [OLD], connections: 2 });
  await retireContainer({ operation: { ...OPERATION, kind: 'destroy' }, subject: OLD.id });
  assert.deepEqual(records, []);
});

test('slugs of what older operations made go, but for those that still run on the server', async () => {
  const draining = { ...OLD, id: 'hello.web.1.v3.2', version: 3, sequence: 2 };
  const elsewhere = { ...OLD, id: 'hello.web.2.v2.1', version: 2, sequence: 1, serverId: 's2' };
  const { releaseSlugs, calls } = worldOf({ instances: [draining, elsewhere] });
  await releaseSlugs({ operation: OPERATION, subject: 'server1' });
  assert.deepEqual(calls[0]?.inputs, { APP: 'hello', SEQUENCE: '4', KEEP: '2' });
});
