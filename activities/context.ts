import { DcdgetError } from '../domain/errors.ts';
import type { App } from '../domain/apps.ts';
import type { Instance, PlacedInstance } from '../domain/instances.ts';
import type { OperationInput, StepInput } from '../domain/operations.ts';
import type { Release } from '../domain/releases.ts';
import type { ServerReach } from '../domain/servers.ts';
import type { ActivityDeps } from './deps.ts';

export async function appOf(deps: ActivityDeps, operation: OperationInput): Promise<App> {
  return deps.store.apps.get(idOf(operation));
}

export async function releaseOf(deps: ActivityDeps, operation: OperationInput): Promise<Release> {
  return deps.store.releases.frozen(idOf(operation), versionOf(operation));
}

/** The instance a step is about, null when it is gone already. */
export function findInstance(deps: ActivityDeps, { subject }: StepInput): Promise<Instance | null> {
  return deps.store.instances.get(subject);
}

/** The instance a step makes or asks, and its server. Throws internal when the record is gone. */
export async function instanceOf(
  deps: ActivityDeps,
  step: StepInput,
): Promise<{ instance: PlacedInstance; server: ServerReach }> {
  const instance = await deps.store.instances.placed(step.subject);
  if (instance === null) throw new DcdgetError('internal', `Instance ${step.subject} is not in the store`);
  return { instance, server: await deps.store.servers.reach(instance.serverId) };
}

export function idOf(operation: OperationInput): string {
  if (operation.appId === null) throw new DcdgetError('internal', `Operation ${operation.operationId} has no app`);
  return operation.appId;
}

export function versionOf(operation: OperationInput): number {
  if (operation.version === null)
    throw new DcdgetError('internal', `Operation ${operation.operationId} has no release`);
  return operation.version;
}
