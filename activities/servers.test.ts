import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandFailed } from '../domain/errors.ts';
import type { ActivityDeps } from './deps.ts';
import { createServerActivities } from './servers.ts';

const SERVERS = ['new', 'old', 'other'].map((name) => ({ id: name, name, host: `${name}.internal`, state: 'ready' }));

test('a server that cannot close itself to the new one is told of, and the new one is added all the same', async () => {
  const told: string[] = [];
  const warnings: string[] = [];
  const ended: string[] = [];
  const deps = {
    parts: async () => ['10.0.0.5:27017'],
    signal: () => new AbortController().signal,
    warn: (sentence: string) => void warnings.push(sentence),
    async runRecipe({ server, recipe }: { server: { name: string }; recipe: string }) {
      told.push(`${recipe} ${server.name}`);
      if (server.name !== 'old') return { updated: true };
      const stderrTail = 'run servers:provision on this server\n';
      throw new CommandFailed({ server: 'old', recipe, exitCode: 1, stderrTail, durationMs: 1 });
    },
    store: {
      operations: { end: async (id: string, state: string) => void ended.push(`${id} ${state}`) },
      servers: { list: async () => SERVERS, get: async () => SERVERS[0], change: async () => undefined },
    },
  } as unknown as ActivityDeps;
  const operation = { operationId: 'o', subject: 'new' };
  const input = { operation } as Parameters<ReturnType<typeof createServerActivities>['admitServer']>[0];
  await createServerActivities(deps).admitServer(input);
  assert.deepEqual(told, ['server/update-platform old', 'server/update-platform other']);
  assert.deepEqual(warnings, [
    'old does not close to its containers all that it should: server/update-platform exited 1 on old: run servers:provision on this server',
  ]);
  assert.deepEqual(ended, ['o succeeded']);
});
