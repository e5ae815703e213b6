import type { Instance } from '../domain/instances.ts';
import type { StepInput, Waits } from '../domain/operations.ts';
import { settingsOf } from '../domain/processes.ts';
import { nameOf } from './containers.ts';
import { idOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { createPlacementActivities } from './placements.ts';
import { instanceLock, run, STOP_TIMEOUT_SECONDS } from './recipes.ts';

/** Between two looks at the connections that keep an instance. */
const LEAST_WAIT_MS = 500;
const MOST_WAIT_MS = 15_000;

export function createRetirementActivities(deps: ActivityDeps) {
  const { instances, releases, servers } = deps.store;
  const { forgetInstance } = createPlacementActivities(deps);

  return {
    /** Stopped and removed once its last connection has ended or its time is over; record and place go with it. */
    async retireContainer({ operation, subject }: StepInput): Promise<Waits | undefined> {
      const instance = await retiring(subject);
      if (instance === null) return undefined;
      const server = await servers.reach(instance.serverId);
      const leftMs = operation.kind === 'destroy' ? 0 : (instance.retireBy?.getTime() ?? 0) - Date.now();
      const left = await run<{ removed: boolean; connections: number }>(deps, server, 'batman/retire-container', {
        inputs: { ...nameOf(instance), FORCE: leftMs > 0 ? 'no' : 'yes' },
        lock: instanceLock(instance),
        timeoutSeconds: STOP_TIMEOUT_SECONDS,
        isLater: operation.kind !== 'destroy',
      });
      if (!left.removed) return waitFor(left.connections, leftMs, instance);
      await forgetInstance(instance);
      return undefined;
    },

    /** What earlier operations made gives up its slug on the server, but for what still runs there. */
    async releaseSlugs({ operation, subject }: StepInput): Promise<void> {
      const [server, running] = await Promise.all([
        servers.reach(subject),
        instances.listWithSessions(idOf(operation)),
      ]);
      const kept = running.filter(({ serverId }) => serverId === server.id).map(({ sequence }) => sequence);
      await run(deps, server, 'batman/keep-lease', {
        inputs: { APP: operation.subject, SEQUENCE: operation.sequence, KEEP: [...new Set(kept)].join(' ') },
        lock: `app-${operation.subject}`,
      });
    },

    beginRetiring,
  };

  /** From now on they serve nobody new; what they have under way has its process type's time to end. */
  async function beginRetiring(old: readonly Instance[]): Promise<void> {
    const now = Date.now();
    await Promise.all(
      old.map(async ({ id, appId, version, type }) => {
        const release = await releases.findFrozen(appId, version);
        const { drainSeconds } = settingsOf(release?.slug?.processSettings, type);
        await instances.retire(id, new Date(now + (drainSeconds ?? deps.drainSeconds) * 1000));
      }),
    );
  }

  async function retiring(id: string): Promise<Instance | null> {
    const instance = await instances.get(id);
    if (instance === null || instance.state === 'retiring') return instance;
    await beginRetiring([instance]);
    return instances.get(id);
  }
}

/** Asked again after a quarter of the time that it has had, and when its time is over. */
function waitFor(connections: number, leftMs: number, { retireBy, updatedAt }: Instance): Waits {
  const hadMs = Date.now() - updatedAt.getTime();
  return {
    waits: `${connections} connections are open; it ends with them, or at ${retireBy?.toISOString() ?? 'once'}`,
    forMs: Math.min(leftMs, Math.max(LEAST_WAIT_MS, Math.min(MOST_WAIT_MS, hadMs / 4))),
  };
}
