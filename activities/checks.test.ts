import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App } from '../domain/apps.ts';
import type { ServerCheck } from '../domain/checks.ts';
import { DcdgetError } from '../domain/errors.ts';
import type { Instance } from '../domain/instances.ts';
import type { Operation } from '../domain/operations.ts';
import type { Server } from '../domain/servers.ts';
import { createCheckActivities } from './checks.ts';
import type { ActivityDeps } from './deps.ts';

const GHOST = 'ghost.web.1.v1.1';
const SERVER = {
  id: 's',
  name: 'one',
  host: 'h',
  roles: ['app', 'build'],
  state: 'ready',
  reservations: [],
} as unknown as Server;
const APP = { id: 'a', name: 'hello', currentVersion: null } as App;
const INSTANCE = {
  id: 'hello.web.1.v1.3',
  appId: 'a',
  appName: 'hello',
  serverId: 's',
  slot: 0,
  type: 'web',
  state: 'up',
};

type World = {
  listing: string[];
  operations: Partial<Operation>[];
  apps: App[];
  instances: Instance[];
  failure: Error | null;
  isStorageAway: boolean;
  /** What happens while the server is listed. */
  meanwhile: () => void | Promise<void>;
};

function createWorld(changes: Partial<World> = {}) {
  const world: World = {
    listing: [],
    operations: [],
    apps: [APP],
    instances: [],
    failure: null,
    isStorageAway: false,
    meanwhile() {},
    ...changes,
  };
  const ran: { recipe: string; inputs: Record<string, string> }[] = [];
  const audited: string[] = [];
  const checks = new Map<string, ServerCheck>();
  const sweeps: { prefix: string; before: Date; kept: ReadonlySet<string> }[] = [];
  const deps = {
    orphanGraceSeconds: 60,
    appsDomain: 'example.com',
    signal: () => new AbortController().signal,
    assets: { node: { sha256: 'n' }, packman: { sha256: 'p' } },
    publicUrl: 'https://api.example.com',
    objects: {
      async removeOld(prefix: string, before: Date, kept: ReadonlySet<string>) {
        sweeps.push({ prefix, before, kept });
        if (world.isStorageAway) throw new DcdgetError('storage_failed', 'S3 is away');
        return 0;
      },
    },
    async runRecipe({ recipe, inputs }: { recipe: string; inputs: Record<string, string> }) {
      if (world.failure !== null) throw world.failure;
      if (recipe !== 'server/list') return void ran.push({ recipe, inputs });
      await world.meanwhile();
      return { text: Buffer.from(world.listing.join('\n')).toString('base64') };
    },
    store: {
      apps: {
        list: async () => [...world.apps],
        find: async (name: string) => world.apps.find((app) => app.name === name) ?? null,
      },
      audit: {
        append: async ({ actor, action }: { actor: string; action: string }) => void audited.push(`${actor} ${action}`),
      },
      checks: {
        list: async () => [...checks.values()],
        put: async (check: ServerCheck) => void checks.set(check.serverId, check),
        setRepair: async (
          _id: string,
          { kind, subject, repair, error }: { kind: string; subject: string; repair: 'failed'; error: string },
        ) => {
          const drift = checks.get('s')?.drifts.find((one) => one.kind === kind && one.subject === subject);
          if (drift) Object.assign(drift, { repair, error });
        },
        keepOnly: async () => undefined,
      },
      authority: { issue: async () => ({ certificate: 'new certificate', privateKey: 'k' }) },
      builds: { sourcesOf: async (ids: readonly string[]) => ids.map((id) => `of-${id}`) },
      configs: {},
      instanceEvents: { sweep: async () => undefined },
      instances: {
        listAll: async () => [...world.instances],
        get: async (id: string) => world.instances.find((instance) => instance.id === id) ?? null,
      },
      operations: { list: async () => world.operations },
      servers: { list: async () => [SERVER], get: async () => SERVER },
      signatures: { fixed: (thing: string) => thing, sign: (thing: string) => thing },
    },
  } as unknown as ActivityDeps;
  return { world, ran, audited, checks, sweeps, activities: createCheckActivities(deps) };
}

const ASKED = { server: null, repair: true, actor: 'ada@example.com' };

/** As if the last check had been so long ago. */
function age(checks: Map<string, ServerCheck>, seconds: number): void {
  for (const drift of checks.get('s')?.drifts ?? []) drift.since = new Date(Date.now() - seconds * 1000);
}

test('an orphan waits out its grace, then it is removed, and that is audited', async () => {
  const { activities, checks, ran, audited } = createWorld({ listing: [`instances ${GHOST}`] });
  assert.deepEqual((await activities.checkDrift(ASKED)).repairs, []);
  assert.equal(checks.get('s')?.drifts[0]?.repair, 'waits');
  age(checks, 61);
  const [repair, ...others] = (await activities.checkDrift(ASKED)).repairs;
  assert.ok(repair && others.length === 0);
  await activities.repairDrift(repair);
  assert.deepEqual(ran, [
    { recipe: 'batman/remove-container', inputs: { INSTANCE: GHOST, APP: 'ghost', PROCESS: 'web.1' } },
  ]);
  assert.equal(checks.get('s')?.drifts[0]?.repair, 'repaired');
  assert.deepEqual(audited, [`ada@example.com servers:repair: instance-orphan ${GHOST}: repaired`]);
});

test('a certificate that ends soon is told at once, and renewed when asked', async () => {
  const { activities, ran } = createWorld({ listing: ['certificate packman'] });
  assert.deepEqual((await activities.checkDrift({ ...ASKED, repair: false })).drifts, [
    'one: certificate-ending packman',
  ]);
  const [repair] = (await activities.checkDrift(ASKED)).repairs;
  assert.ok(repair);
  await activities.repairDrift(repair);
  assert.deepEqual(
    ran.map(({ recipe, inputs }) => [recipe, Buffer.from(inputs['TLS_CERT_BASE64'] ?? '', 'base64').toString()]),
    [['packman/provision', 'new certificate']],
  );
});

test('a check removes uploads of more than a day ago, and needs no S3 for all else', async () => {
  const { activities, sweeps } = createWorld({ isStorageAway: true, listing: [`instances ${GHOST}`] });
  assert.equal((await activities.checkDrift(ASKED)).count, 1);
  const [{ prefix, before } = { prefix: '', before: new Date() }] = sweeps;
  assert.equal(prefix, 'sources/');
  assert.ok(Math.abs(Date.now() - before.getTime() - 86_400_000) < 60_000);
});

test('uploads that a waiting deploy still has to fetch are kept, however old', async () => {
  const states = ['queued', 'needs-operator', 'running', 'succeeded', 'failed'] as const;
  const { activities, sweeps } = createWorld({ operations: states.map((state) => ({ id: state, state, appId: 'a' })) });
  await activities.checkDrift(ASKED);
  const kept = ['queued', 'needs-operator', 'running'].map((id) => `sources/of-${id}.tar.gz`);
  assert.deepEqual([...(sweeps[0]?.kept ?? [])], kept);
});

test('nothing is put right that nobody asked for', async () => {
  const { activities, checks } = createWorld({ listing: [`instances ${GHOST}`] });
  await activities.checkDrift({ ...ASKED, repair: false });
  age(checks, 61);
  assert.deepEqual((await activities.checkDrift({ ...ASKED, repair: false })).repairs, []);
  assert.equal(checks.get('s')?.drifts[0]?.repair, 'possible');
});

test('an orphan that a route names serves somebody: it is for a person to decide', async () => {
  const listing = [`instances ${GHOST}`, `routing ghost.json {"instances":[{"id":"${GHOST}"}]}`];
  const { activities, checks } = createWorld({ listing });
  await activities.checkDrift(ASKED);
  age(checks, 61);
  assert.deepEqual((await activities.checkDrift(ASKED)).repairs, []);
  assert.equal(checks.get('s')?.drifts[0]?.repair, 'none');
});

test('what came into the record after the check is not removed', async () => {
  const { activities, checks, world, ran } = createWorld({ listing: [`instances ${GHOST}`] });
  await activities.checkDrift(ASKED);
  age(checks, 61);
  const [repair] = (await activities.checkDrift(ASKED)).repairs;
  assert.ok(repair);
  world.instances = [{ ...INSTANCE, id: GHOST } as Instance];
  await activities.repairDrift(repair);
  assert.deepEqual(ran, []);
  assert.equal(checks.get('s')?.drifts[0]?.repair, 'failed');
});

test('an app that changed while the server was listed is left alone, and said to be', async () => {
  const changed = createWorld({ listing: ['instances hello.web.1.v2.4'] });
  changed.world.meanwhile = () => void (changed.world.instances = [INSTANCE as Instance]);
  await changed.activities.checkDrift(ASKED);
  assert.deepEqual([changed.checks.get('s')?.drifts, changed.checks.get('s')?.busy], [[], ['hello']]);
  const open = createWorld({
    listing: ['instances hello.web.1.v2.4'],
    operations: [{ appId: 'a', state: 'queued', sequence: 0 }],
  });
  await open.activities.checkDrift(ASKED);
  assert.deepEqual([open.checks.get('s')?.drifts, open.checks.get('s')?.busy], [[], ['hello']]);
});

test('a stopped instance is not started while an operation works on its app', async () => {
  const { activities, checks, world, ran } = createWorld({
    listing: [`instances ${INSTANCE.id}`, 'port 20000 : 10.213.0.3 . 5000'],
    instances: [INSTANCE as Instance],
    operations: [{ appId: 'a', state: 'succeeded', sequence: 3 }],
  });
  const [repair] = (await activities.checkDrift(ASKED)).repairs;
  assert.equal(repair?.kind, 'unit-stopped');
  assert.ok(repair);
  await activities.repairDrift(repair);
  assert.deepEqual(ran, [{ recipe: 'batman/start-process', inputs: { INSTANCE: INSTANCE.id, FENCE: '3 2' } }]);
  world.operations.push({ appId: 'a', state: 'running', sequence: 4 });
  await activities.repairDrift(repair);
  assert.equal(ran.length, 1);
  assert.match(checks.get('s')?.drifts[0]?.error ?? '', /An operation works on the app/);
});

test('a server that cannot be reached is told as that', async () => {
  const failure = new DcdgetError('server_unreachable', 'Server one does not answer over SSH');
  const { activities, checks } = createWorld({ failure });
  assert.deepEqual((await activities.checkDrift(ASKED)).repairs, []);
  const check = checks.get('s');
  assert.deepEqual([check?.state, check?.reason], ['unreachable', 'Server one does not answer over SSH']);
});

test('a server that never answers is told as that after twenty seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { activities, checks, world } = createWorld();
  const listed = Promise.withResolvers<void>();
  world.meanwhile = async () => {
    listed.resolve();
    await new Promise(() => undefined);
  };
  const checking = activities.checkDrift(ASKED);
  await listed.promise;
  t.mock.timers.tick(20_000);
  await checking;
  assert.equal(checks.get('s')?.state, 'unreachable');
});
