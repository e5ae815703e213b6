import type { OperationInput, StepInput } from '../domain/operations.ts';
import { appPrefix } from '../objects/keys.ts';
import { idOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { run } from './recipes.ts';

/** What a destroy has to visit. */
export type DestroyPlan = { operation: OperationInput; instances: string[]; routers: string[]; servers: string[] };

export function createDestroyActivities(deps: ActivityDeps) {
  const { apps, branches, builds, configs, drains, hooks, instances, operations, releases, servers, sessions } =
    deps.store;

  return {
    async closeApp({ operation }: StepInput): Promise<DestroyPlan> {
      const { sequence } = await operations.begin(operation.operationId, () => apps.nextSequence(idOf(operation)));
      await apps.setState(idOf(operation), 'destroying');
      const [running, machines] = await Promise.all([instances.listWithSessions(idOf(operation)), servers.list()]);
      const ready = machines.filter(({ state }) => state === 'ready');
      const named = (role: 'app' | 'router') =>
        ready.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
      return {
        operation: { ...operation, sequence },
        instances: running.map(({ id }) => id),
        routers: named('router'),
        servers: named('app'),
      };
    },

    async removeAppFolders({ operation, subject }: StepInput): Promise<void> {
      await run(deps, await servers.reach(subject), 'batman/remove-app', {
        inputs: { APP: operation.subject },
        lock: `app-${operation.subject}`,
      });
    },

    async removeObjects({ operation }: StepInput): Promise<void> {
      await deps.objects.removeAll(appPrefix(idOf(operation)));
    },

    /** Last: the name is free again. The operations stay, for those who ask what happened. */
    async forgetApp({ operation }: StepInput): Promise<void> {
      const appId = idOf(operation);
      await Promise.all([releases.removeAll(appId), builds.removeAll(appId), configs.removeAll(appId)]);
      await Promise.all([branches.remove(appId), drains.removeAll(appId)]);
      await Promise.all([hooks.removeAll(appId), sessions.removeAll(appId)]);
      await apps.remove(appId);
      await operations.end(operation.operationId, 'succeeded');
    },
  };
}
