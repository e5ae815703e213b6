import type { Mode } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { processName, type Instance } from '../domain/instances.ts';
import type { OperationInput, Skipped, StepInput } from '../domain/operations.ts';
import { appHost, type Route } from '../domain/routes.ts';
import { hostPortOf, type ServerReach } from '../domain/servers.ts';
import { stepNumber } from '../domain/steps.ts';
import { appOf, idOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { base64, run } from './recipes.ts';

const VERIFY_SECONDS = 15;

export function createRouteActivities(deps: ActivityDeps) {
  const { configs, instances, operations, servers } = deps.store;

  return {
    /** The switch: the router's route file of the app names the new instances. */
    async updateNginx({ operation, subject }: StepInput): Promise<void> {
      const [server, route] = await Promise.all([servers.reach(subject), nextRoute(operation)]);
      const { applied } = await run<{ applied: boolean }>(deps, server, 'nginx/update-route', {
        inputs: { ...fenceOf(operation), HOSTS: route.hosts.join(' '), ROUTE_BASE64: base64(JSON.stringify(route)) },
        lock: `route-${operation.subject}`,
      });
      if (!applied)
        throw new DcdgetError('route_fenced', `A newer operation switched ${operation.subject} on ${subject} already`);
    },

    /** Undo of the switch: the release before serves again, or nothing when there was none. */
    async restoreRoute({ operation, subject }: StepInput): Promise<void> {
      const [server, previous] = await Promise.all([servers.reach(subject), previousRoute(operation)]);
      await run(deps, server, 'nginx/restore-route', {
        inputs: {
          ...fenceOf(operation),
          HOSTS: previous?.hosts.join(' ') ?? '',
          ROUTE_BASE64: previous === null ? '' : base64(JSON.stringify(previous)),
        },
        lock: `route-${operation.subject}`,
      });
    },

    /** The public path on this router answers from the new release. */
    async verifyRelease({ operation, subject }: StepInput): Promise<void | Skipped> {
      const [server, web] = await Promise.all([servers.reach(subject), newInstances(operation)]);
      if (web.length === 0) return { skipped: 'no new web process' };
      const answer = await run<{ verified: boolean; reason?: string }>(deps, server, 'nginx/verify-release', {
        inputs: {
          HOST: appHost(operation.subject, deps.appsDomain),
          INSTANCES: web.map(({ id }) => id).join(' '),
          TIMEOUT_SECONDS: VERIFY_SECONDS,
        },
        lock: `verify-${operation.subject}`,
        timeoutSeconds: VERIFY_SECONDS + 15,
      });
      if (!answer.verified) {
        throw new DcdgetError(
          'verification_failed',
          `${subject} does not answer from the new release: ${answer.reason}`,
          { server: subject },
        );
      }
    },

    /** The rest of verifyRelease: nothing of the new release on this server crashes or answers with errors for a while. */
    async watchRelease({ operation, subject }: StepInput): Promise<void> {
      const [server, release] = await Promise.all([servers.reach(subject), releaseOf(deps, operation)]);
      const [placed, vars] = await Promise.all([
        instances.list(release.appId, operation.sequence),
        configs.get(release.appId, release.configVersion),
      ]);
      const here = placed.filter(({ serverId }) => serverId === server.id);
      const web = server.roles.includes('router') ? placed.filter(({ type }) => type === 'web') : [];
      // The last lines of what crashed come back.
      const secrets = Object.values(vars);
      await Promise.all([
        watchInstances(operation, server, here, secrets),
        watchAnswers(operation, server, web, secrets),
      ]);
    },

    /** Destroy: the router forgets the app, and refuses a late switch of it. */
    async removeRoute({ operation, subject }: StepInput): Promise<void> {
      const { APP, APP_ID, SEQUENCE } = fenceOf(operation);
      await run(deps, await servers.reach(subject), 'nginx/remove-route', {
        inputs: { APP, APP_ID, SEQUENCE },
        lock: `route-${operation.subject}`,
      });
    },
  };

  async function watchInstances(
    operation: OperationInput,
    server: ServerReach,
    watched: readonly Instance[],
    secrets: readonly string[],
  ): Promise<void> {
    if (watched.length === 0) return;
    const seen = await run<{ steady: boolean; instance?: string; reason?: string; output?: string }>(
      deps,
      server,
      'batman/watch-instances',
      watchOf(operation, watched, secrets),
    );
    if (seen.steady) return;
    throw new DcdgetError(
      'app_crashed',
      `${seen.instance ?? 'An instance'} ${seen.reason ?? 'crashed'} while it was watched`,
      { server: server.name, output: seen.output ?? '' },
    );
  }

  async function watchAnswers(
    operation: OperationInput,
    server: ServerReach,
    watched: readonly Instance[],
    secrets: readonly string[],
  ): Promise<void> {
    if (watched.length === 0) return;
    const seen = await run<{ steady: boolean; requests: number; errors: number; output?: string }>(
      deps,
      server,
      'nginx/watch-release',
      { ...watchOf(operation, watched, secrets), lock: `watch-answers-${operation.subject}` },
    );
    if (seen.steady) return;
    throw new DcdgetError(
      'verification_failed',
      `${seen.errors} of ${seen.requests} requests were answered with a status of 500 or more while it was watched`,
      { server: server.name, output: seen.output ?? '' },
    );
  }

  function watchOf({ subject }: OperationInput, watched: readonly Instance[], secrets: readonly string[]) {
    return {
      inputs: { INSTANCES: watched.map(({ id }) => id).join(' '), WATCH_SECONDS: deps.watchSeconds },
      lock: `watch-${subject}`,
      timeoutSeconds: deps.watchSeconds + 15,
      secrets,
    };
  }

  async function newInstances(operation: OperationInput): Promise<Instance[]> {
    return (await instances.list(idOf(operation), operation.sequence)).filter(({ type }) => type === 'web');
  }

  /** What the operation made, and what it leaves as it is. */
  async function nextRoute(operation: OperationInput): Promise<Route> {
    const [app, { keep }] = await Promise.all([appOf(deps, operation), operations.begun(operation.operationId)]);
    const isNext = ({ id, sequence }: Instance) => sequence === operation.sequence || keep.includes(id);
    return routeTo(operation, app.mode, isNext);
  }

  /** What served before the operation began; null when nothing did. */
  async function previousRoute(operation: OperationInput): Promise<Route | null> {
    const [app, { change }] = await Promise.all([appOf(deps, operation), operations.get(operation.operationId)]);
    if (app.currentVersion === null) return null;
    // One that an earlier operation could not retire does not serve.
    const wasServing = ({ sequence, state }: Instance) => sequence !== operation.sequence && state !== 'retiring';
    return routeTo(operation, change.mode?.from ?? app.mode, wasServing);
  }

  async function routeTo(
    operation: OperationInput,
    state: Mode,
    isRouted: (instance: Instance) => boolean,
  ): Promise<Route> {
    const placed = await instances.list(idOf(operation));
    const web = placed.filter((instance) => instance.type === 'web' && isRouted(instance));
    return {
      app: operation.subject,
      appId: idOf(operation),
      sequence: operation.sequence,
      step: stepNumber('updateNginx'),
      version: operation.version ?? 0,
      hosts: [appHost(operation.subject, deps.appsDomain)],
      state,
      instances: await Promise.all(
        web.map(async (instance) => ({
          id: instance.id,
          process: processName(instance),
          host: (await servers.reach(instance.serverId)).host,
          port: hostPortOf(instance.slot),
        })),
      ),
    };
  }
}

function fenceOf(operation: OperationInput): { APP: string; APP_ID: string; SEQUENCE: number; STEP: number } {
  return {
    APP: operation.subject,
    APP_ID: idOf(operation),
    SEQUENCE: operation.sequence,
    STEP: stepNumber('updateNginx'),
  };
}
