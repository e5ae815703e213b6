import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationInput } from '../domain/operations.ts';
import type { HealthCheck } from '../domain/processes.ts';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import type { ActivityDeps } from './deps.ts';
import { createHealthActivities } from './health.ts';

const OPERATION = { appId: 'a1', version: 5 } as OperationInput;
const CHECK: HealthCheck = {
  name: 'check 1',
  path: '/health',
  port: null,
  content: null,
  uptime: null,
  timeout: 3,
  attempts: 4,
  wait: 2,
  initialDelay: 1,
};

/** The recipe's calls for an instance of a type that declares the checks. */
async function callsFor(type: string, healthchecks: HealthCheck[], answer: object = { healthy: true, millis: 1 }) {
  const calls: RecipeCall[] = [];
  const deps = {
    store: {
      instances: {
        placed: async () => ({ id: `hello.${type}.1.v5.4`, type, number: 1, slot: 0, serverId: 's1' }),
        setState: async () => undefined,
      },
      servers: { reach: async () => ({ id: 's1', name: 'server1' }) },
      releases: {
        frozen: async () => ({
          appId: 'a1',
          configVersion: 1,
          slug: { processSettings: { [type]: { healthchecks } } },
        }),
      },
      configs: { get: async () => ({ TOKEN: 'swordfish' }) },
    },
    bootSeconds: 60,
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => {
      calls.push(call);
      return answer;
    },
  } as unknown as ActivityDeps;
  await createHealthActivities(deps).checkHealth({ operation: OPERATION, subject: `hello.${type}.1.v5.4` });
  return calls;
}

test('without checks of its own a web process must answer, any other stay up', async () => {
  assert.equal((await callsFor('web', []))[0]?.inputs['PORT'], '5000');
  assert.equal((await callsFor('worker', []))[0]?.inputs['PORT'], undefined);
});

test('each declared check is made, one after the other, with what it asks for', async () => {
  const calls = await callsFor('web', [CHECK, { ...CHECK, path: '/ready', port: 9000, content: 'yes' }]);
  assert.deepEqual(
    calls.map(({ inputs }) => [inputs['PORT'], inputs['PATH_TO_CHECK'], inputs['CONTENT_BASE64']]),
    [
      ['5000', '/health', ''],
      ['9000', '/ready', 'eWVz'],
    ],
  );
  const { ATTEMPTS, ATTEMPT_SECONDS, WAIT_SECONDS, DELAY_SECONDS } = calls[0]?.inputs ?? {};
  assert.deepEqual([ATTEMPTS, ATTEMPT_SECONDS, WAIT_SECONDS, DELAY_SECONDS], ['4', '3', '2', '1']);
  assert.ok((calls[0]?.timeoutSeconds ?? 0) >= 60 + 1 + 4 * 5, 'all attempts fit into the time');
});

test('a worker may be asked how long it stays up', async () => {
  const [call] = await callsFor('worker', [{ ...CHECK, path: null, uptime: 10 }]);
  assert.deepEqual([call?.inputs['PORT'], call?.inputs['SETTLE_MS']], [undefined, '10000']);
});

test('an unhealthy process is told with its reason, and the config stays out of the output', async () => {
  const answer = { healthy: false, reason: 'status', detail: 'It answers 503.', output: 'last words' };
  await assert.rejects(callsFor('web', [], answer), { code: 'health_check_failed', output: 'last words' });
});

/** The recipes that bring an old process back, and how that ends. */
async function resumed(answers: Record<string, object>, isThere = true) {
  const calls: RecipeCall[] = [];
  const id = 'hello.worker.1.v4.3';
  const deps = {
    store: {
      instances: { get: async () => (isThere ? { id, type: 'worker', number: 1, slot: 0, serverId: 's1' } : null) },
      servers: { reach: async () => ({ id: 's1', name: 'server1' }) },
    },
    bootSeconds: 60,
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => {
      calls.push(call);
      return answers[call.recipe];
    },
  } as unknown as ActivityDeps;
  const operation = { ...OPERATION, sequence: 5 };
  const end = createHealthActivities(deps).resumeProcess({ operation, subject: id });
  return { calls, end };
}

test('an old process that is started again is waited for, until it stays up', async () => {
  const answers = { 'batman/start-process': { started: true }, 'batman/check-health': { healthy: true, millis: 5 } };
  const { calls, end } = await resumed(answers);
  await end;
  assert.deepEqual(
    calls.map(({ recipe, inputs }) => [recipe, inputs['FENCE'] ?? inputs['TIMEOUT_SECONDS']]),
    [
      ['batman/start-process', '5 2'],
      ['batman/check-health', '60'],
    ],
  );
});

test('an old process that does not come up again is told of', async () => {
  const crashed = { healthy: false, reason: 'crashed', detail: '', exitCode: 7, output: '' };
  const { end } = await resumed({ 'batman/start-process': { started: true }, 'batman/check-health': crashed });
  await assert.rejects(end, { code: 'app_crashed', message: /worker\.1 crashed at boot with exit code 7/ });
});

test('an old process that is gone, was never stopped, or that a later operation has changed, is not waited for', async () => {
  const late = await resumed({ 'batman/start-process': { started: false } });
  await late.end;
  assert.deepEqual(
    late.calls.map(({ recipe }) => recipe),
    ['batman/start-process'],
  );
  const running = await resumed({ 'batman/start-process': { started: true, wasActive: true } });
  await running.end;
  assert.equal(running.calls.length, 1);
  const gone = await resumed({}, false);
  await gone.end;
  assert.deepEqual(gone.calls, []);
});
