import type { App } from '../domain/apps.ts';
import {
  isOrphan,
  isRepairable,
  type CheckInput,
  type Drift,
  type Findings,
  type FoundDrift,
  type Repair,
  type ServerCheck,
} from '../domain/checks.ts';
import { DcdgetError } from '../domain/errors.ts';
import type { Instance } from '../domain/instances.ts';
import { isFinal, type Operation, type StepInput } from '../domain/operations.ts';
import type { Server } from '../domain/servers.ts';
import { uploadKey, UPLOADS_PREFIX } from '../objects/keys.ts';
import type { ActivityDeps } from './deps.ts';
import { compare, partsOf, type Recorded } from './drift.ts';
import { instanceLock, run, STOP_TIMEOUT_SECONDS } from './recipes.ts';
import { createRouteActivities } from './routes.ts';
import { installPackman } from './servers.ts';

const LIST_SECONDS = 20;
const SERVERS_AT_ONCE = 8;
const MAX_DRIFTS_OF_SERVER = 200;
const MAX_REPAIRS = 100;
const MAX_TOLD = 20;
/** Of an upload that no build takes. */
const UPLOAD_LIVES_MS = 86_400_000;
/** Whom the recipes take for an app: no app may be called so. */
const NO_APP = 'dcdget';
/** After whatever an app ever did. */
const LAST_SEQUENCE = 999_999_999_999_999;

type Look = { apps: App[]; instances: Instance[]; operations: Operation[]; servers: Server[] };
/** Null lines: the server could not be asked, and why. */
type Listing = { server: Server; lines: string[] | null; reason: string | null };

export function createCheckActivities(deps: ActivityDeps) {
  const { apps, audit, builds, checks, instanceEvents, instances, operations, servers } = deps.store;
  const { updateNginx, restoreRoute } = createRouteActivities(deps);

  return {
    /** Compares servers with the record, writes down what differs, and gives what is to be put right. */
    async checkDrift(input: CheckInput): Promise<Findings> {
      const before = await look();
      const isAsked = ({ id, name, state }: Server) =>
        state === 'ready' && (input.server === null || [id, name].includes(input.server));
      const listings = await listAll(before.servers.filter(isAsked));
      const after = await look();
      const recorded = recordedOf(before, after);
      const earlier = new Map((await checks.list()).map((check) => [check.serverId, check]));
      const served = servedBy(listings);
      const found = listings.map((listing) => {
        const drifts = listing.lines === null ? [] : compare(listing.server, listing.lines, recorded);
        const before = earlier.get(listing.server.id)?.drifts ?? [];
        return checkOf(listing, drifts.slice(0, MAX_DRIFTS_OF_SERVER), { before, served, recorded });
      });
      for (const check of found) await checks.put(check);
      await checks.keepOnly(new Set(after.servers.map(({ id }) => id)));
      await instanceEvents.sweep(new Set(after.instances.map(({ id }) => id)), new Set(after.apps.map(({ id }) => id)));
      await removeUploads(after);
      return findingsOf(found, input.repair ? repairsOf(found, input.actor) : []);
    },

    /** Puts one thing right by the recipe that made it, unless it has become somebody's meanwhile. */
    async repairDrift(repair: Repair): Promise<void> {
      const { serverId, kind, subject, actor } = repair;
      const server = await servers.get(serverId);
      const outcome = await mend(repair, server).then(
        () => ({ repair: 'repaired' as const, error: null }),
        (error: unknown) => ({
          repair: 'failed' as const,
          error: error instanceof Error ? error.message : String(error),
        }),
      );
      await checks.setRepair(serverId, { kind, subject, ...outcome });
      const action = `servers:repair: ${kind} ${subject}: ${outcome.repair}`;
      await audit.append({ actor, action, subject: server.name, operationId: null });
    },
  };

  async function look(): Promise<Look> {
    const [allApps, allInstances, allOperations, allServers] = await Promise.all([
      apps.list(),
      instances.listAll(),
      operations.list(),
      servers.list(),
    ]);
    return { apps: allApps, instances: allInstances, operations: allOperations, servers: allServers };
  }

  /** But for what a deploy that waits, for its turn or for an operator, still has to fetch. */
  async function removeUploads({ operations: all }: Look): Promise<void> {
    const waiting = await builds.sourcesOf(all.filter(({ state }) => !isFinal(state)).map(({ id }) => id));
    const before = new Date(Date.now() - UPLOAD_LIVES_MS);
    // What S3 does not do now it does at the next check.
    await deps.objects.removeOld(UPLOADS_PREFIX, before, new Set(waiting.map(uploadKey))).catch(() => 0);
  }

  function recordedOf(before: Look, after: Look): Recorded {
    const busy = new Set(
      [...before.apps, ...after.apps].map(({ id }) => id).filter((id) => stateOf(before, id) !== stateOf(after, id)),
    );
    for (const { appId, state } of [...before.operations, ...after.operations])
      if (appId !== null && !isFinal(state)) busy.add(appId);
    for (const { id, state } of after.apps) if (state === 'destroying') busy.add(id);
    const known = new Map([...before.instances, ...after.instances].map((instance) => [instance.id, instance]));
    const sequences = new Map<string, number>();
    for (const { appId, sequence } of after.operations)
      if (appId !== null) sequences.set(appId, Math.max(sequence, sequences.get(appId) ?? 0));
    // Of an app that came or went meanwhile nothing is known for certain.
    const named = new Map([...before.apps, ...after.apps].map((app) => [app.id, app]));
    const { servers: allServers } = after;
    const instancesOfBoth = [...known.values()];
    const { appsDomain } = deps;
    return { apps: [...named.values()], instances: instancesOfBoth, servers: allServers, busy, sequences, appsDomain };
  }

  async function listAll(asked: readonly Server[]): Promise<Listing[]> {
    const listings: Listing[] = [];
    for (let first = 0; first < asked.length; first += SERVERS_AT_ONCE) {
      listings.push(...(await Promise.all(asked.slice(first, first + SERVERS_AT_ONCE).map(list))));
    }
    return listings;
  }

  async function list(server: Server): Promise<Listing> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const seconds = LIST_SECONDS;
    const timer = setTimeout(
      () => reject(new DcdgetError('server_unreachable', `${server.name} gave no answer within ${seconds} s`)),
      seconds * 1000,
    );
    try {
      const call = { inputs: { FOR_RECORD: 'yes' }, lock: 'check', timeoutSeconds: LIST_SECONDS };
      const { text } = await Promise.race([run<{ text: string }>(deps, server, 'server/list', call), late]);
      return { server, lines: Buffer.from(text, 'base64').toString('utf8').split('\n'), reason: null };
    } catch (error) {
      if (error instanceof DcdgetError && error.code === 'cancelled') throw error;
      return { server, lines: null, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  type Context = { before: readonly FoundDrift[]; served: ReadonlySet<string>; recorded: Recorded };

  function checkOf({ server, lines, reason }: Listing, drifts: readonly Drift[], context: Context): ServerCheck {
    const at = new Date();
    const busy = context.recorded.apps.filter(({ id }) => context.recorded.busy.has(id)).map(({ name }) => name);
    const { id: serverId, name: serverName, roles } = server;
    const state = lines === null ? ('unreachable' as const) : ('checked' as const);
    return {
      serverId,
      serverName,
      roles,
      state,
      reason,
      busy,
      drifts: drifts.map((one) => found(one, context, at)),
      at,
    };
  }

  function found(drift: Drift, { before, served }: Context, now: Date): FoundDrift {
    const seen = before.find(({ kind, subject }) => kind === drift.kind && subject === drift.subject);
    // One that was put right and is there again is a new one.
    const since = seen === undefined || seen.repair === 'repaired' ? now : seen.since;
    const told = { ...drift, since, error: null };
    if (!isRepairable(drift.kind)) return { ...told, repair: 'none' };
    if (drift.kind === 'instance-orphan' && served.has(drift.subject))
      return { ...told, detail: `${drift.detail}, and a route names it`, repair: 'none' };
    const isYoung = now.getTime() - since.getTime() < deps.orphanGraceSeconds * 1000;
    return { ...told, repair: isOrphan(drift.kind) && isYoung ? 'waits' : 'possible' };
  }

  async function mend({ kind, subject }: Repair, server: Server): Promise<unknown> {
    switch (kind) {
      case 'instance-orphan':
        return removeInstance(subject, server);
      case 'unit-stopped':
        return startInstance(subject, server);
      case 'port-missing':
      case 'port-orphan':
        return run(deps, server, 'server/restore-network', { inputs: {}, lock: 'network' });
      case 'route-missing':
      case 'route-wrong':
        return putRoute(subject, server);
      case 'route-orphan': {
        const [name = '', appId = ''] = subject.split(' ');
        await assertNoApp(name);
        const inputs = { APP: name, APP_ID: appId, SEQUENCE: LAST_SEQUENCE };
        return run(deps, server, 'nginx/remove-route', { inputs, lock: `route-${name}` });
      }
      case 'app-orphan':
        await assertNoApp(subject);
        return run(deps, server, 'batman/remove-app', { inputs: { APP: subject }, lock: `app-${subject}` });
      case 'lease-orphan':
        return endLeases(subject, server);
      case 'slug-orphan': {
        const inputs = { DIGEST: subject, APP: NO_APP, SEQUENCE: 1 };
        return run(deps, server, 'batman/drop-lease', { inputs, lock: `slug-${subject}` });
      }
      case 'certificate-ending':
        return installPackman(deps, server);
      case 'instance-missing':
      case 'unknown':
        throw new DcdgetError('conflict', 'Only a person can put this right');
    }
  }

  async function removeInstance(id: string, server: Server): Promise<unknown> {
    const parts = partsOf(id);
    const recorded = await instances.get(id);
    if (parts === null || recorded?.serverId === server.id)
      throw new DcdgetError('conflict', `${id} is an instance of the record`);
    const inputs = { INSTANCE: id, APP: parts.app, PROCESS: parts.process };
    return run(deps, server, 'batman/remove-container', {
      inputs,
      lock: `instance-${id}`,
      timeoutSeconds: STOP_TIMEOUT_SECONDS,
    });
  }

  /** Fenced by the app's last operation: whatever a later one does to the instance stands. */
  async function startInstance(id: string, server: Server): Promise<unknown> {
    const instance = await instances.get(id);
    if (instance === null || !['starting', 'up', 'crashed'].includes(instance.state))
      throw new DcdgetError('conflict', `${id} is not meant to run any more`);
    const { sequence } = await lastOperation(instance.appId);
    const inputs = { INSTANCE: id, FENCE: `${sequence} 2` };
    return run(deps, server, 'batman/start-process', { inputs, lock: instanceLock(instance) });
  }

  /** As the app's last operation wrote it, or its undo; the router refuses it when a later one was there. */
  async function putRoute(name: string, { name: subject }: Server): Promise<unknown> {
    const app = await apps.get(name);
    const last = await lastOperation(app.id);
    const { id: operationId, kind, sequence } = last;
    const version = last.version ?? app.currentVersion;
    const operation = { operationId, kind, appId: app.id, subject: name, sequence, version, budgetSeconds: 0 };
    const step: StepInput = { operation, subject };
    return last.state === 'succeeded' ? updateNginx(step) : restoreRoute(step);
  }

  async function endLeases(lease: string, server: Server): Promise<unknown> {
    const name = /\/(.*)\.\d+$/.exec(lease)?.[1] ?? '';
    const app = await apps.get(name);
    const [{ sequence }, running] = await Promise.all([lastOperation(app.id), instances.list(app.id)]);
    const kept = running.filter(({ serverId }) => serverId === server.id).map((instance) => instance.sequence);
    const inputs = { APP: name, SEQUENCE: sequence, KEEP: [...new Set(kept)].join(' ') };
    return run(deps, server, 'batman/keep-lease', { inputs, lock: `app-${name}` });
  }

  /** Throws conflict while one is under way. */
  async function lastOperation(appId: string): Promise<Operation> {
    const all = await operations.list(appId);
    if (all.some(({ state }) => !isFinal(state)))
      throw new DcdgetError('conflict', 'An operation works on the app meanwhile');
    const last = all.toSorted((a, b) => b.sequence - a.sequence)[0];
    if (last === undefined) throw new DcdgetError('conflict', 'No operation ever worked on the app');
    return last;
  }

  async function assertNoApp(name: string): Promise<void> {
    if ((await apps.find(name)) !== null) throw new DcdgetError('conflict', `There is an app ${name} now`);
  }
}

/** What a change between two looks shows itself by. */
function stateOf({ apps, instances }: Look, appId: string): string {
  const app = apps.find(({ id }) => id === appId);
  const own = instances.filter((instance) => instance.appId === appId).map(({ id, state }) => `${id} ${state}`);
  return JSON.stringify([app?.state, app?.mode, app?.currentVersion, own.toSorted()]);
}

/** Ids of the instances that a route on one of the routers names. */
function servedBy(listings: readonly Listing[]): ReadonlySet<string> {
  const routing = listings.flatMap(({ lines }) => (lines ?? []).filter((line) => line.startsWith('routing ')));
  return new Set(routing.flatMap((line) => [...line.matchAll(/"id":"([^"]*)"/g)].map(([, id = '']) => id)));
}

function findingsOf(checks: readonly ServerCheck[], repairs: Repair[]): Findings {
  const drifts = checks.flatMap(({ serverName, drifts: own }) =>
    own.map(({ kind, subject }) => `${serverName}: ${kind} ${subject}`),
  );
  const unreachable = checks.filter(({ state }) => state === 'unreachable').map(({ serverName }) => serverName);
  return { repairs, drifts: drifts.slice(0, MAX_TOLD), count: drifts.length, unreachable };
}

function repairsOf(found: readonly ServerCheck[], actor: string): Repair[] {
  const repairs = found.flatMap(({ serverId, drifts }) =>
    drifts
      .filter(({ repair }) => repair === 'possible')
      .map(({ kind, subject }): Repair => ({ serverId, kind, subject, actor })),
  );
  // Instances before what they hold.
  return repairs.toSorted((a, b) => orderOf(a) - orderOf(b)).slice(0, MAX_REPAIRS);
}

function orderOf({ kind }: Repair): number {
  return kind === 'instance-orphan'
    ? 0
    : kind === 'app-orphan' || kind === 'lease-orphan'
      ? 1
      : kind === 'slug-orphan'
        ? 3
        : 2;
}
