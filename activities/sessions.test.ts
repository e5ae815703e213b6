import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DcdgetError } from '../domain/errors.ts';
import type { Instance } from '../domain/instances.ts';
import type { Reservation } from '../domain/servers.ts';
import type { Session } from '../domain/sessions.ts';
import type { RecipeCall } from '../ssh/run-recipe.ts';
import type { ActivityDeps } from './deps.ts';
import { createSessionActivities } from './sessions.ts';

const SESSION: Session = {
  id: '5e55104a-0000-4000-8000-000000000000',
  instanceId: 'hello.run.1234.v3.7',
  appId: 'a1',
  appName: 'hello',
  version: 3,
  sequence: 7,
  number: 1234,
  command: 'bin/import --all',
  env: { MINE: '1', LINES: '40' },
  size: 'small',
  terminal: { tty: true, rows: 40, columns: 120, framed: true, reattachSeconds: 600, idleSeconds: 90 },
  lastsSeconds: 1800,
  state: 'starting',
  exitCode: null,
  failure: null,
  createdAt: new Date(0),
  endedAt: null,
};
const STEP = { sessionId: SESSION.id };
const DETACHED: Session = { ...SESSION, terminal: null };

type Look = { running: boolean; exitCode?: number };

type World = {
  session?: Session | null;
  /** The recipe that finds nobody. */
  unreachable?: string;
  look?: Look;
  appState?: 'active' | 'destroying';
  memoryMb?: number;
};

/** A store and a server that know one session, and what was called on the server. */
function worldOf({ session = SESSION, unreachable, look = { running: true }, appState, memoryMb = 2048 }: World = {}) {
  const sessions = new Map(session === null ? [] : [[session.id, { ...session }]]);
  const instances = new Map<string, Instance>();
  const calls: RecipeCall[] = [];
  const server = {
    id: 's1',
    name: 'server1',
    roles: ['app'],
    state: 'ready',
    memoryMb,
    reservations: [] as Reservation[],
  };
  const world = { sessions, instances, calls, server, look, unreachable, appState: appState ?? 'active' };
  const deps = {
    store: {
      apps: { get: async () => ({ state: world.appState }) },
      configs: { get: async () => ({ GREETING: 'ahoy' }) },
      instances: {
        add: async (instance: Instance) => void instances.set(instance.id, instance),
        get: async (id: string) => instances.get(id) ?? null,
        placed: async (id: string) => instances.get(id) ?? null,
        listRetiring: async () => [],
        remove: async (id: string) => void instances.delete(id),
        setState: async (id: string, state: Instance['state']) =>
          void Object.assign(instances.get(id) ?? {}, { state }),
      },
      releases: { frozen: async () => RELEASE },
      servers: {
        get: async () => server,
        list: async () => [server],
        reach: async () => server,
        reserve: async (_: unknown, reservations: Reservation[]) => (server.reservations = reservations),
      },
      sessions: {
        find: async (id: string) => sessions.get(id) ?? null,
        async get(id: string) {
          const found = sessions.get(id);
          if (found === undefined) throw new DcdgetError('not_found', 'no such session');
          return found;
        },
        setState: async (id: string, state: Session['state']) => void Object.assign(sessions.get(id) ?? {}, { state }),
        async end(id: string, { exitCode, failure }: Pick<Session, 'exitCode' | 'failure'>) {
          const found = sessions.get(id);
          if (found === undefined || found.endedAt !== null) return;
          const state = failure === null ? 'ended' : 'failed';
          Object.assign(found, { state, exitCode, failure, endedAt: new Date() });
        },
      },
      signatures: { fixed: (thing: string) => `<${thing}>`, sign: (thing: string) => `<${thing}>` },
    },
    objects: { presignGet: async () => 'https://s3/slug' },
    assets: { image: { version: 'base-1', sha256: 'i' }, psDock: { sha256: 'p' } },
    publicUrl: 'https://api:8443',
    hub: null,
    rendezvous: { host: 'paas.example.com', port: 8445 },
    signal: () => new AbortController().signal,
    async runRecipe(call: RecipeCall) {
      calls.push(call);
      if (call.recipe === world.unreachable)
        throw new DcdgetError('server_unreachable', 'server1 cannot be reached', { server: 'server1' });
      return call.recipe === 'batman/look-at-session' ? world.look : {};
    },
  } as unknown as ActivityDeps;
  return { ...createSessionActivities(deps), world, record: () => sessions.get(SESSION.id) };
}

const RELEASE = {
  appId: 'a1',
  version: 3,
  configVersion: 2,
  slug: { digest: 'd', bytes: 10, imageVersion: 'base-1', processTypes: { web: 'node .' }, configDefaults: {} },
};

const recipes = (calls: readonly RecipeCall[]) => calls.map(({ recipe }) => recipe);

/** One that has its place and runs. */
async function running(plan: World = {}) {
  const made = worldOf(plan);
  await made.placeSession(STEP);
  await made.startSession(STEP);
  made.world.calls.length = 0;
  return made;
}

test('a session has a place like any instance, and another run of the step gives it no second one', async () => {
  const { placeSession, world } = worldOf();
  await placeSession(STEP);
  await placeSession(STEP);
  const [held, ...others] = world.server.reservations;
  assert.deepEqual(held, { instanceId: SESSION.instanceId, slot: 0, memoryMb: 512, appId: 'a1' });
  assert.deepEqual(others, []);
  const instance = world.instances.get(SESSION.instanceId);
  assert.deepEqual([instance?.type, instance?.sessionId, instance?.serverName], ['run', SESSION.id, 'server1']);
});

test('without room a session fails for good, and holds nothing', async () => {
  const { placeSession, world } = worldOf({ memoryMb: 100 });
  await assert.rejects(placeSession(STEP), { code: 'no_capacity', retryable: false });
  assert.deepEqual([world.server.reservations, [...world.instances]], [[], []]);
});

test('in an app that is being destroyed no session begins', async () => {
  await assert.rejects(worldOf({ appState: 'destroying' }).placeSession(STEP), { code: 'conflict', retryable: false });
  const { placeSession, startSession, world } = worldOf();
  await placeSession(STEP);
  world.appState = 'destroying';
  await assert.rejects(startSession(STEP), { code: 'conflict', retryable: false });
  assert.ok(!recipes(world.calls).includes('batman/start-session'));
});

test('a session starts last, when all that it needs is on the server, and is up', async () => {
  const { placeSession, startSession, world, record } = worldOf();
  await placeSession(STEP);
  await startSession(STEP);
  const [start, create, ...before] = recipes(world.calls).toReversed();
  assert.deepEqual([start, create], ['batman/start-session', 'batman/create-container']);
  assert.deepEqual(before.toSorted(), ['batman/prepare-server', 'batman/upload-slug', 'batman/write-environment']);
  assert.deepEqual([record()?.state, world.instances.get(SESSION.instanceId)?.state], ['up', 'up']);
});

test('ps-dock is told how long the session may last, be silent and wait, in no word that a log shows', async () => {
  const { placeSession, startSession, world } = worldOf();
  await placeSession(STEP);
  await startSession(STEP);
  const call = world.calls.find(({ recipe }) => recipe === 'batman/write-environment');
  const told = (name: string) => Buffer.from(call?.inputs[name] ?? '', 'base64').toString();
  const { attach, command, stopGraceMs } = JSON.parse(told('INSTANCE_JSON_BASE64'));
  assert.deepEqual([command, stopGraceMs], [SESSION.command, 5000]);
  assert.deepEqual([attach.lastsSeconds, attach.idleSeconds, attach.reattachSeconds], [1800, 90, 600]);
  assert.deepEqual([attach.address, attach.tty, attach.rows, attach.columns], ['paas.example.com:8445', true, 40, 120]);
  assert.match(attach.secret, /^instance\.5e55104a-/);
  const secrets = [...(call?.secrets ?? [])];
  for (const secret of [attach.secret, 'ahoy', '1']) assert.ok(secrets.includes(secret), secret);
  const variables = told('ENVIRONMENT_BASE64').split('\0');
  for (const variable of ['GREETING=ahoy', 'MINE=1', 'TERM=xterm', 'DYNO=run.1234']) {
    assert.ok(variables.includes(variable), variable);
  }
  assert.ok(!variables.includes('LINES=40'), 'the size of a terminal changes');
});

test('a detached session meets nobody', async () => {
  const { placeSession, startSession, world } = worldOf({ session: DETACHED });
  await placeSession(STEP);
  await startSession(STEP);
  const call = world.calls.find(({ recipe }) => recipe === 'batman/write-environment');
  const json = JSON.parse(Buffer.from(call?.inputs['INSTANCE_JSON_BASE64'] ?? '', 'base64').toString());
  assert.equal('attach' in json, false);
});

test('a start on a server that cannot be reached is tried again by whoever asks, and the session is not up', async () => {
  const { placeSession, startSession, record } = worldOf({ unreachable: 'batman/create-container' });
  await placeSession(STEP);
  await assert.rejects(startSession(STEP), { code: 'server_unreachable', retryable: true });
  assert.equal(record()?.state, 'starting');
});

test('a look tells that it runs, how it ended, or that nobody knows, and stops nothing', async () => {
  const { lookAtSession, world } = await running();
  assert.deepEqual(await lookAtSession(STEP), { isRunning: true, exitCode: null, failure: null });
  world.look = { running: false, exitCode: 0 };
  assert.deepEqual(await lookAtSession(STEP), { isRunning: false, exitCode: 0, failure: null });
  world.look = { running: false };
  const { isRunning, exitCode, failure } = await lookAtSession(STEP);
  assert.deepEqual([isRunning, exitCode, failure?.code], [false, null, 'unavailable']);
  assert.match(failure?.message ?? '', /^run\.1234 ended without a word: server1 went down/);
  assert.deepEqual(new Set(world.calls.map(({ inputs }) => inputs['STOP'])), new Set(['no']));
});

test('a look at a session whose app was destroyed says so, and asks no server', async () => {
  const { lookAtSession, world } = await running();
  world.instances.clear();
  const { isRunning, failure } = await lookAtSession(STEP);
  assert.deepEqual([isRunning, failure?.message], [false, 'App hello was destroyed.']);
  assert.deepEqual(world.calls, []);
});

test('a look at a server that cannot be reached is tried again, and ends nothing', async () => {
  const { lookAtSession, world, record } = await running();
  world.unreachable = 'batman/look-at-session';
  await assert.rejects(lookAtSession(STEP), { code: 'server_unreachable', retryable: true });
  assert.deepEqual([record()?.state, record()?.endedAt], ['up', null]);
});

test('a session ends with its process stopped, nothing on the server, no place and its exit code', async () => {
  const { endSession, world, record } = await running({ look: { running: false, exitCode: 143 } });
  await endSession({ ...STEP, exitCode: null, failure: null });
  assert.deepEqual(recipes(world.calls), ['batman/look-at-session', 'batman/remove-container', 'batman/drop-lease']);
  assert.equal(world.calls[0]?.inputs['STOP'], 'yes');
  assert.deepEqual([world.server.reservations, [...world.instances]], [[], []]);
  assert.deepEqual([record()?.state, record()?.exitCode], ['ended', 143]);
});

test('an exit code that is known stays, whatever the server tells later, and an end is told once', async () => {
  const { endSession, record } = await running({ look: { running: false, exitCode: 137 } });
  await endSession({ ...STEP, exitCode: 7, failure: null });
  const first = { ...record() };
  await endSession({ ...STEP, exitCode: 8, failure: null });
  assert.deepEqual([record()?.exitCode, record()?.endedAt], [7, first.endedAt]);
});

test('a failure is told before the server is asked, and the place is held until the server is clear', async () => {
  const { endSession, world, record } = await running({ look: { running: false } });
  world.unreachable = 'batman/look-at-session';
  const failure = { code: 'server_unreachable', message: 'server1 cannot be reached', hint: null };
  await assert.rejects(endSession({ ...STEP, exitCode: null, failure }), { code: 'server_unreachable' });
  assert.deepEqual([record()?.state, record()?.failure], ['failed', failure]);
  assert.equal(world.server.reservations.length, 1);
  world.unreachable = undefined;
  await endSession({ ...STEP, exitCode: null, failure });
  assert.deepEqual([world.server.reservations, record()?.state], [[], 'failed']);
});

test('a session without a failure has not ended while something of it may run', async () => {
  const { endSession, world, record } = await running({ look: { running: false, exitCode: 0 } });
  world.unreachable = 'batman/remove-container';
  await assert.rejects(endSession({ ...STEP, exitCode: 0, failure: null }), { retryable: true });
  assert.equal(record()?.endedAt, null);
});

test('the end of a session that never had a place, or whose app is gone, asks no server', async () => {
  const unplaced = worldOf();
  await unplaced.endSession({ ...STEP, exitCode: null, failure: null });
  assert.deepEqual([unplaced.record()?.state, unplaced.world.calls], ['ended', []]);
  const gone = worldOf({ session: null });
  await gone.endSession({ ...STEP, exitCode: null, failure: null });
  assert.deepEqual(gone.world.calls, []);
});
