import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import { createContainerActivities } from './containers.ts';
import type { ActivityDeps } from './deps.ts';
import { createServerActivities } from './servers.ts';

const ID = 'hello.web.1.v3.2';
const HUB = { address: '198.18.0.1:6514', serverName: '198.18.0.1' };
const OPERATION = {
  operationId: 'o',
  kind: 'deploy',
  appId: 'a',
  subject: 's1',
  sequence: 2,
  version: 3,
  budgetSeconds: 60,
} as const;

function fakes(hub: ActivityDeps['hub']) {
  const calls: RecipeCall[] = [];
  const deps = {
    store: {
      servers: {
        get: async () => ({ id: 's1', name: 'server1' }),
        reach: async () => ({ id: 's1', name: 'server1' }),
      },
      instances: {
        placed: async () => ({ id: ID, appName: 'hello', type: 'web', number: 1, serverId: 's1', slot: 3 }),
      },
      releases: { frozen: async () => ({ appId: 'a', version: 3, slug: { processTypes: { web: 'node .' } } }) },
      configs: { get: async () => ({ KEY: 'swordfish' }) },
      signatures: { fixed: (thing: string) => `<${thing}>`, sign: (thing: string) => `signed ${thing}` },
    },
    assets: { psDock: { sha256: 'p' } },
    publicUrl: 'https://api:8443',
    hub,
    signal: () => new AbortController().signal,
    runRecipe: async (call: RecipeCall) => void calls.push(call),
  } as unknown as ActivityDeps;
  return { deps, calls };
}

async function instanceJson(hub: ActivityDeps['hub']) {
  const { deps, calls } = fakes(hub);
  await createContainerActivities(deps).writeEnvironment({ operation: OPERATION, subject: ID });
  const [call] = calls;
  assert.ok(call);
  const text = Buffer.from(call.inputs['INSTANCE_JSON_BASE64'] ?? '', 'base64').toString();
  return { written: JSON.parse(text) as Record<string, unknown>, secrets: [...(call.secrets ?? [])] };
}

test('an instance is told where its lines and its states go, with tokens of its own, which no log shows', async () => {
  const { written, secrets } = await instanceJson(HUB);
  assert.deepEqual(written['hub'], { ...HUB, token: `<log:${ID}>` });
  assert.deepEqual(written['hook'], { url: `https://api:8443/hooks/instances/${ID}`, token: `<hook:${ID}>` });
  assert.equal(written['instanceId'], ID);
  assert.deepEqual(secrets, ['swordfish', `<hook:${ID}>`, `<log:${ID}>`]);
});

test('without a log hub an instance is told of none', async () => {
  const { written } = await instanceJson(null);
  assert.equal('hub' in written, false);
  assert.equal('hook' in written, true);
});

test('a router sends its lines with a token of its server, and nowhere without a log hub', async () => {
  for (const hub of [HUB, null]) {
    const { deps, calls } = fakes(hub);
    await createServerActivities(deps).provisionRouter({ operation: OPERATION, subject: 'server1' });
    const expected =
      hub === null
        ? {}
        : {
            SERVER_ID: 's1',
            HUB_ADDRESS: HUB.address,
            HUB_NAME: HUB.serverName,
            HUB_TOKEN: '<log:server:s1>',
            PS_DOCK_SHA256: 'p',
            PS_DOCK_URL: 'https://api:8443/assets/p',
            PS_DOCK_TOKEN: 'signed asset:p',
          };
    assert.deepEqual(calls[0]?.inputs, expected);
    assert.deepEqual([...(calls[0]?.secrets ?? [])], ['<log:server:s1>']);
  }
});
