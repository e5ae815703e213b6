import { randomUUID } from 'node:crypto';
import { SIZES } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { processName, type Instance } from '../domain/instances.ts';
import type { OperationInput } from '../domain/operations.ts';
import { SESSION_TYPE, type Session, type SessionEnding, type SessionFailure } from '../domain/sessions.ts';
import { createContainerActivities, nameOf } from './containers.ts';
import type { ActivityDeps } from './deps.ts';
import { createPlacementActivities } from './placements.ts';
import { instanceLock, run, STOP_TIMEOUT_SECONDS } from './recipes.ts';
import { createSlugActivities } from './slugs.ts';

export type SessionStep = { sessionId: string };
/** How its process is, as its server sees it; `failure` when it ended and nobody can tell how. */
export type SessionLook = { isRunning: boolean; exitCode: number | null; failure: SessionFailure | null };

type Seen = { running: boolean; exitCode?: number };

/** One-off sessions by the steps that make every instance, outside of any operation. */
export function createSessionActivities(deps: ActivityDeps) {
  const { apps, instances, servers, sessions } = deps.store;
  const { forgetInstance, reservePlaces } = createPlacementActivities(deps);
  const { prepareServer, uploadSlug, dropLease } = createSlugActivities(deps);
  const { writeEnvironment, createContainer } = createContainerActivities(deps);

  return {
    /** Its slot and memory on a server; it counts there like any instance. */
    async placeSession({ sessionId }: SessionStep): Promise<void> {
      const session = await sessions.get(sessionId);
      const { instanceId: id, number, size, appId } = session;
      const [place] = await reservePlaces(
        [{ id, type: SESSION_TYPE, number, size, memoryMb: SIZES[size].memoryMb }],
        appId,
      );
      if (place === undefined) throw new DcdgetError('internal', `${id} was given no place`);
      await instances.add(instanceOf(session, place));
      await assertOpen(session);
    },

    /** From the bare server to the command's first moment; a second run starts nothing twice. */
    async startSession({ sessionId }: SessionStep): Promise<void> {
      const session = await sessions.get(sessionId);
      const instance = await instances.get(session.instanceId);
      if (instance === null) throw new DcdgetError('conflict', `${session.instanceId} has ended`);
      const operation = asOperation(session);
      const onServer = { operation, subject: instance.serverName };
      const onInstance = { operation, subject: instance.id };
      await Promise.all([prepareServer(onServer), uploadSlug(onServer), writeEnvironment(onInstance)]);
      await createContainer(onInstance);
      await assertOpen(session);
      await run(deps, await servers.get(instance.serverId), 'batman/start-session', {
        inputs: { INSTANCE: instance.id },
        lock: instanceLock(instance),
      });
      await Promise.all([instances.setState(instance.id, 'up'), sessions.setState(session.id, 'up')]);
    },

    /** `isRunning` is false for one that is gone already. */
    async lookAtSession({ sessionId }: SessionStep): Promise<SessionLook> {
      const { instanceId, appName } = await sessions.get(sessionId);
      const instance = await instances.get(instanceId);
      if (instance === null) return endedBy(`App ${appName} was destroyed.`, null);
      const { running, exitCode } = await look(instance, 'no');
      if (running || exitCode !== undefined) return { isRunning: running, exitCode: exitCode ?? null, failure: null };
      const why = `${instance.serverName} went down, or its container was killed or could not be started`;
      return endedBy(
        `${processName(instance)} ended without a word: ${why}.`,
        'How far its command came is not known.',
      );
    },

    /**
     * Stopped if it runs; then nothing of it is left but its record. Also for one that never began. A failure is told
     * at once: the server may be away for long.
     */
    async endSession({ sessionId, exitCode, failure }: SessionStep & SessionEnding): Promise<void> {
      const session = await sessions.find(sessionId);
      // Its app was destroyed, and it with the app.
      if (session === null) return;
      if (failure !== null) await sessions.end(sessionId, { exitCode, failure });
      const instance = await instances.get(session.instanceId);
      const told = instance === null ? null : await remove(session, instance);
      await sessions.end(sessionId, { exitCode: exitCode ?? told, failure });
    },
  };

  /** Returns how its command ended, if it can be told. */
  async function remove(session: Session, instance: Instance): Promise<number | null> {
    const server = await servers.get(instance.serverId);
    const { exitCode } = await look(instance, 'yes');
    await run(deps, server, 'batman/remove-container', {
      inputs: nameOf(instance),
      lock: instanceLock(instance),
      timeoutSeconds: STOP_TIMEOUT_SECONDS,
    });
    await dropLease({ operation: asOperation(session), subject: server.name });
    await forgetInstance(instance);
    return exitCode ?? null;
  }

  async function look(instance: Instance, stop: 'yes' | 'no'): Promise<Seen> {
    return run<Seen>(deps, await servers.get(instance.serverId), 'batman/look-at-session', {
      inputs: { INSTANCE: instance.id, STOP: stop },
      lock: instanceLock(instance),
    });
  }

  /** An app that is being destroyed has listed what it ends before it was asked here. */
  async function assertOpen({ appId, appName }: Session): Promise<void> {
    if ((await apps.get(appId)).state === 'destroying') {
      throw new DcdgetError('conflict', `App ${appName} is being destroyed and takes no more changes.`);
    }
  }
}

function endedBy(message: string, hint: string | null): SessionLook {
  return { isRunning: false, exitCode: null, failure: { code: 'unavailable', message, hint } };
}

function instanceOf(
  session: Session,
  { server, slot }: { server: { id: string; name: string }; slot: number },
): Instance {
  const { instanceId: id, appId, appName, version, sequence, size, number } = session;
  const now = new Date();
  return {
    id,
    uuid: randomUUID(),
    appId,
    appName,
    version,
    sequence,
    size,
    type: SESSION_TYPE,
    number,
    serverId: server.id,
    serverName: server.name,
    slot,
    state: 'reserved',
    sessionId: session.id,
    createdAt: now,
    updatedAt: now,
  };
}

/** What the steps of a release know an instance by. It is in no queue and has no timeline. */
function asOperation({ id, appId, appName, version, sequence }: Session): OperationInput {
  return { operationId: id, kind: 'restart', appId, subject: appName, sequence, version, budgetSeconds: 0 };
}
