import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { App } from '../domain/apps.ts';
import type { Drain } from '../domain/drains.ts';
import type { Branch, Head, Push } from '../domain/branches.ts';
import type { CheckInput, ServerCheck } from '../domain/checks.ts';
import { notFound, type DcdgetError } from '../domain/errors.ts';
import type { InstanceEvent, KeptEvent } from '../domain/instance-events.ts';
import { processName, type Instance } from '../domain/instances.ts';
import type { Hook, HookSecrets } from '../domain/hooks.ts';
import {
  isFinal,
  type Decision,
  type Operation,
  type OperationInput,
  type OperationState,
} from '../domain/operations.ts';
import type { Build, Failure, Release, Slug } from '../domain/releases.ts';
import type { Session, SessionEnding, SessionInput } from '../domain/sessions.ts';
import type { Server } from '../domain/servers.ts';
import type { OriginSecret } from '../domain/sources.ts';
import type { StepRow } from '../domain/steps.ts';
import { createGate } from '../sources/gate.ts';
import type { ConfigVars } from '../store/configs.ts';
import type { OutputChunk } from '../store/output.ts';
import { createSignatures } from '../store/signatures.ts';
import type { Store } from '../store/store.ts';
import type { User } from '../store/users.ts';
import { buildApp } from './app.ts';
import type { Dependencies } from './dependencies.ts';

export const TOKEN = 'token-of-ada';
export const OTHER_TOKEN = 'token-of-bob';

const USERS = new Map([
  [TOKEN, userOf('11111111-1111-4111-8111-111111111111', 'ada@example.com', true)],
  [OTHER_TOKEN, userOf('22222222-2222-4222-8222-222222222222', 'bob@example.com', false)],
]);

function userOf(id: string, email: string, isOperator: boolean): User {
  return { id, email, isOperator, createdAt: new Date(0) };
}

export type Fakes = ReturnType<typeof createFakes>;

/** An API on dependencies that live in memory, for tests of the API alone; tests look at and change `data`. */
export function createFakes(other: Partial<Dependencies> = {}) {
  const data = {
    apps: new Map<string, App & { sequence: number; lastVersion: number }>(),
    audit: [] as { actor: string; action: string; subject: string; operationId: string | null }[],
    branches: new Map<string, Branch>(),
    builds: new Map<string, Build>(),
    originSecrets: new Map<string, OriginSecret>(),
    /** Ids of the apps of which a compile is remembered. */
    compiled: new Set<string>(),
    drains: [] as Drain[],
    configs: new Map<string, ConfigVars>(),
    events: [] as KeptEvent[],
    hooks: new Map<string, Hook>(),
    hookSecrets: new Map<string, HookSecrets>(),
    /** Names of the deliveries that were taken. */
    deliveries: new Set<string>(),
    instances: [] as Instance[],
    sessions: [] as Session[],
    startedSessions: [] as SessionInput[],
    /** `stop <session id>`: what sessions were told. */
    signals: [] as string[],
    operations: new Map<string, Operation & { submitted: boolean }>(),
    output: [] as OutputChunk[],
    releases: new Map<string, Release>(),
    servers: new Map<string, Server>(),
    steps: [] as StepRow[],
    objects: new Map<string, Buffer>(),
    checks: [] as ServerCheck[],
    checksAsked: [] as CheckInput[],
    /** Ids of the apps whose logs were to be archived. */
    archivesAsked: [] as string[],
    submitted: [] as OperationInput[],
    withdrawn: [] as string[],
    /** Ids of the operations whose workflow was asked to cancel. */
    cancelled: [] as string[],
    decisions: [] as (Decision & { operationId: string })[],
    /** Thrown to a cancel or a decision. */
    refusal: null as DcdgetError | null,
    /** Thrown by the next hand-ins. */
    submitError: null as Error | null,
    hasWorker: true,
  };
  const signatures = createSignatures(randomBytes(32));
  const stateOf = (id: string) => data.operations.get(id)?.state;
  const deps: Dependencies = {
    store: { ...createStore(data), signatures } as unknown as Store,
    objects: createObjects(data.objects) as unknown as Dependencies['objects'],
    temporal: {
      async submit(input) {
        if (data.submitError !== null) throw data.submitError;
        data.submitted.push(input);
      },
      async withdraw(_appId, id) {
        const waits = data.submitted.some(({ operationId }) => operationId === id) && stateOf(id) === 'queued';
        if (waits) data.withdrawn.push(id);
        return waits;
      },
      async cancel({ operationId }) {
        if (data.refusal !== null) throw data.refusal;
        const runs = ['running', 'rolling-back', 'needs-operator'].includes(stateOf(operationId) ?? '');
        if (runs) data.cancelled.push(operationId);
        return runs;
      },
      async decide({ operationId }, decision) {
        if (data.refusal !== null) throw data.refusal;
        data.decisions.push({ ...decision, operationId });
        const state = decision.action === 'abandon' ? 'failed' : 'running';
        Object.assign(data.operations.get(operationId) ?? {}, { state, endedAt: isFinal(state) ? new Date() : null });
      },
      hasWorker: async () => data.hasWorker,
      async startSession(input) {
        if (data.submitError !== null) throw data.submitError;
        data.startedSessions.push(input);
      },
      signalSession: async (sessionId, signal) => void data.signals.push(`${signal} ${sessionId}`),
      scanHostKey: async () => ({ hostKey: HOST_KEY, fingerprint: 'SHA256:abc' }),
      checkServers: async (input) => void data.checksAsked.push(input),
      async archiveLogs(appId) {
        data.archivesAsked.push(appId);
        return { files: 2, bytes: 30, skipped: 0, failed: [] };
      },
      ping: async () => {},
      close: async () => {},
    },
    rendezvous: { host: 'paas.example.com', port: 8445 },
    git: { folder: join(tmpdir(), 'dcdget-git-of-tests'), cacheMb: 16, pushMb: 8 },
    gate: createGate([], async () => []),
    drainGate: createGate(['10.1.0.0/16'], async () => [], undefined, 'DRAIN_ALLOWED_HOSTS'),
    retryBudgetSeconds: 1800,
    bootSeconds: 60,
    logArchiveDays: 30,
    buildpacks: new Set(['nodejs', 'python']),
    recipes: new Map([['a'.repeat(64), 'echo hello\n']]),
    streamsUrl: 'https://streams.test:8444',
    addresses: { appsDomain: 'dcdget.localhost', appsPort: 8000, publicUrl: 'https://dcdget.test:8443' },
    ...other,
  };
  return { data, deps, signatures, ...buildApp(deps, { tls: null, logger: false }) };
}

export const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB6NdyTMtC1Q8PVXwXS8o3vbeXQ2IeWwYbGm3hZqvXkQ';

type Data = Fakes['data'];

function createObjects(objects: Data['objects']) {
  return {
    size: async (key: string) => objects.get(key)?.length ?? null,
    read: async (key: string) => (objects.has(key) ? Readable.from([objects.get(key)]) : null),
    writeFile: async (key: string, file: string) => void objects.set(key, readFileSync(file)),
    writeStream: async (key: string, body: Readable) => void objects.set(key, await buffer(body)),
    listAll: async (prefix: string) =>
      [...objects].filter(([key]) => key.startsWith(prefix)).map(([key, { length: bytes }]) => ({ key, bytes })),
    presignGet: async (key: string, validSeconds: number) => `https://s3.test/${key}?valid=${validSeconds}`,
    async removeAll(prefix: string) {
      for (const key of objects.keys()) if (key.startsWith(prefix)) objects.delete(key);
    },
    ping: async () => {},
  };
}

function createStore(data: Data) {
  const appOf = (id: string) => data.apps.get(id) ?? fail('app', id);
  return {
    apps: {
      add: async (app: App) => void data.apps.set(app.id, { ...app, sequence: 0, lastVersion: 0 }),
      async find(key: string) {
        const app = data.apps.get(key) ?? [...data.apps.values()].find(({ name }) => name === key);
        return app === undefined ? null : { ...app };
      },
      list: async () => [...data.apps.values()],
      nextSequence: async (id: string) => (appOf(id).sequence += 1),
      nextVersion: async (id: string) => (appOf(id).lastVersion += 1),
      async moveConfigHead(id: string, from: number, to: number) {
        if (appOf(id).configVersion !== from) return false;
        appOf(id).configVersion = to;
        return true;
      },
      setFormation: async (id: string, formation: App['formation']) => void (appOf(id).formation = formation),
      setBuildpacks: async (id: string, buildpacks: string[]) => void (appOf(id).buildpacks = buildpacks),
      setBuildVars: async (id: string, buildVars: string[]) => void (appOf(id).buildVars = buildVars),
      setMode: async (id: string, mode: App['mode']) => void (appOf(id).mode = mode),
      setState: async (id: string, state: App['state']) => void (appOf(id).state = state),
    },
    branches: {
      get: async (appId: string) => data.branches.get(appId) ?? untouched(appId),
      choose: async (appId: string, chosen: string | null) =>
        void data.branches.set(appId, { ...(data.branches.get(appId) ?? untouched(appId)), chosen }),
      async claim(appId: string, seen: Push | null, push: Push) {
        const branch = data.branches.get(appId) ?? untouched(appId);
        if (branch.push?.operationId !== seen?.operationId) return false;
        data.branches.set(appId, { ...branch, push });
        return true;
      },
      async release(appId: string, operationId: string) {
        const branch = data.branches.get(appId);
        if (branch?.push?.operationId === operationId) branch.push = null;
      },
      async keepPush(appId: string, operationId: string) {
        const push = data.branches.get(appId)?.push;
        if (push?.operationId !== operationId) return false;
        push.aliveAt = new Date();
        return true;
      },
      async setPushedHead(appId: string, operationId: string, head: Head) {
        const push = data.branches.get(appId)?.push;
        if (push?.operationId !== operationId) return false;
        push.head = head;
        return true;
      },
    },
    checks: { list: async () => data.checks },
    drains: {
      add: async (drain: Drain) => void data.drains.push(drain),
      list: async (appId: string) => data.drains.filter((drain) => drain.appId === appId),
      async remove(id: string) {
        data.drains = data.drains.filter((drain) => drain.id !== id);
      },
    },
    audit: { append: async (row: Data['audit'][number]) => void data.audit.push(row) },
    authority: { certificate: 'CERTIFICATE' },
    builds: {
      async add(build: Build, secret: OriginSecret = { kind: 'none' }) {
        data.builds.set(build.id, build);
        data.originSecrets.set(build.id, secret);
      },
      change: async (id: string, fields: Partial<Build>) => void Object.assign(data.builds.get(id) ?? {}, fields),
      forgetCompiled: async (appId: string) => void data.compiled.delete(appId),
      get: async (_appId: string, id: string) => data.builds.get(id) ?? fail('build', id),
      list: async () => [...data.builds.values()].toReversed(),
    },
    configs: {
      async add(appId: string, version: number, vars: ConfigVars) {
        if (data.configs.has(`${appId}/${version}`)) return false;
        data.configs.set(`${appId}/${version}`, vars);
        return true;
      },
      get: async (appId: string, version: number) => data.configs.get(`${appId}/${version}`) ?? {},
      lastVersion: async (appId: string) => [...data.configs.keys()].filter((key) => key.startsWith(appId)).length,
    },
    instanceEvents: {
      record: async (event: InstanceEvent, instance: Instance) => {
        if (data.events.some(({ run, n }) => run === event.run && n === event.n)) return false;
        const { appId, version } = instance;
        data.events.push({ ...event, appId, version, process: processName(instance), receivedAt: new Date() });
        return true;
      },
      list: async () => data.events,
      statuses: async () => data.events,
    },
    instances: {
      list: async () => data.instances,
      get: async (id: string) => data.instances.find((instance) => instance.id === id) ?? null,
      placed: async (id: string) => data.instances.find((instance) => instance.id === id) ?? null,
    },
    hooks: {
      async add(hook: Hook, secrets: HookSecrets) {
        data.hooks.set(hook.id, hook);
        data.hookSecrets.set(hook.id, secrets);
      },
      async get(appId: string, id: string) {
        const hook = data.hooks.get(id);
        return hook?.appId === appId ? hook : fail('hook', id);
      },
      secretsOf: async (_appId: string, id: string) => data.hookSecrets.get(id) ?? fail('hook', id),
      list: async (appId: string) => [...data.hooks.values()].filter((hook) => hook.appId === appId),
      setSecrets: async (id: string, secrets: HookSecrets) => void data.hookSecrets.set(id, secrets),
      setDelivery: async (id: string, delivery: Hook['delivery']) =>
        void Object.assign(data.hooks.get(id) ?? {}, { delivery }),
      remove: async (id: string) => void data.hooks.delete(id),
      async admit(_hookId: string, names: string[]) {
        if (names.some((name) => data.deliveries.has(name))) return false;
        for (const name of names) data.deliveries.add(name);
        return true;
      },
      async forget(_hookId: string, names: string[]) {
        for (const name of names) data.deliveries.delete(name);
      },
    },
    sessions: {
      add: async (session: Session) => void data.sessions.unshift(session),
      list: async (appId: string) => data.sessions.filter((session) => session.appId === appId),
      async end(id: string, ending: SessionEnding) {
        const session = data.sessions.find((other) => other.id === id);
        Object.assign(session ?? {}, {
          ...ending,
          endedAt: new Date(),
          state: ending.failure === null ? 'ended' : 'failed',
        });
      },
    },
    operations: {
      add: async (operation: Operation) => void data.operations.set(operation.id, { ...operation, submitted: false }),
      find: async (id: string) => data.operations.get(id) ?? null,
      get: async (id: string) => ({ ...(data.operations.get(id) ?? fail('operation', id)) }),
      list: async (appId?: string) =>
        [...data.operations.values()]
          .filter((operation) => appId === undefined || operation.appId === appId)
          .toReversed(),
      markSubmitted: async (id: string) => void Object.assign(data.operations.get(id) ?? {}, { submitted: true }),
      unsubmitted: async () => [...data.operations.values()].filter(({ submitted }) => !submitted),
      end: async (id: string, state: OperationState, { failure }: { failure: Failure }) =>
        void Object.assign(data.operations.get(id) ?? {}, { state, failure, endedAt: new Date() }),
    },
    output: {
      get: async (operationId: string, number: number) =>
        data.output.find((chunk) => chunk.operationId === operationId && chunk.number === number) ?? null,
    },
    ping: async () => {},
    releases: {
      add: async (release: Release) => void data.releases.set(`${release.appId}/${release.version}`, release),
      fail: async (appId: string, version: number, failure: Failure) =>
        void Object.assign(data.releases.get(`${appId}/${version}`) ?? {}, { state: 'failed', failure }),
      find: async (appId: string, version: string) =>
        data.releases.get(`${appId}/${version.replace('v', '')}`) ??
        [...data.releases.values()].find(({ id }) => id === version) ??
        fail('release', version),
      findVersion: async (appId: string, version: number) => data.releases.get(`${appId}/${version}`) ?? null,
      get: async (appId: string, version: number) =>
        data.releases.get(`${appId}/${version}`) ?? fail('release', `v${version}`),
      pending: async () => [...data.releases.values()].filter(({ state }) => state === 'pending'),
      list: async (appId: string) =>
        [...data.releases.values()].filter((release) => release.appId === appId).sort((a, b) => b.version - a.version),
    },
    servers: {
      add: async (server: Server) => void data.servers.set(server.name, server),
      change: async (id: string, fields: Partial<Server>) =>
        void Object.assign([...data.servers.values()].find((server) => server.id === id) ?? {}, fields),
      get: async (name: string) => data.servers.get(name) ?? fail('server', name),
      list: async () => [...data.servers.values()],
    },
    steps: { list: async (operationId: string) => data.steps.filter((row) => row.operationId === operationId) },
    users: { byToken: async (token: string) => USERS.get(token) ?? null },
  };
}

function untouched(appId: string): Branch {
  return { appId, chosen: null, head: null, push: null };
}

function fail(noun: string, name: string): never {
  throw notFound(noun, name);
}

export type Answer = {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  body: any;
  headers: Record<string, string | string[] | number | undefined>;
};

/** One request as Ada, or with the headers that are given. */
export async function ask(
  { api }: Fakes,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  { body, headers = {} }: { body?: string | object | Readable; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await api.inject({
    method,
    url,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  const isJson = String(response.headers['content-type']).includes('json');
  return {
    status: response.statusCode,
    body: isJson ? response.json() : response.body,
    headers: response.headers,
  };
}

/** An app of Ada's; returns its id. */
export async function addApp(fakes: Fakes, name = 'hello'): Promise<string> {
  return (await ask(fakes, 'POST', '/apps', { body: { name } })).body.id as string;
}

/** A server with every role. */
export function addReadyServer({ data }: Fakes): void {
  const now = new Date();
  data.servers.set('one', {
    id: '33333333-3333-4333-8333-333333333333',
    name: 'one',
    host: '198.18.0.2',
    port: 22,
    user: 'root',
    roles: ['app', 'router', 'build'],
    hostKey: HOST_KEY,
    state: 'ready',
    memoryMb: 2048,
    reservations: [],
    revision: 0,
    operationId: '44444444-4444-4444-8444-444444444444',
    createdAt: now,
    updatedAt: now,
  });
}

/** An uploaded source; returns its get URL. */
export async function addSource(fakes: Fakes): Promise<string> {
  const { source_blob: blob } = (await ask(fakes, 'POST', '/sources')).body;
  const { pathname, search } = new URL(blob.put_url);
  await ask(fakes, 'PUT', pathname + search, { body: 'a tar archive', headers: { 'content-type': '' } });
  return blob.get_url as string;
}

/** Code that serves: the app's first release has it, and is the current one. */
export function addCode({ data }: Fakes, appId: string, processTypes: Slug['processTypes'] = { web: 'node .' }): void {
  const slug = { digest: 'd'.repeat(64), bytes: 10, processTypes, buildpack: 'nodejs', configDefaults: {} };
  Object.assign(data.releases.get(`${appId}/1`) ?? {}, { slug: { ...slug, imageVersion: '1' } });
  Object.assign(data.apps.get(appId) ?? {}, { currentVersion: 1 });
}
