import type { OperationInput, OperationState } from '../domain/operations.ts';
import type { Failure } from '../domain/releases.ts';
import { dropPushed } from './branches.ts';
import type { ActivityDeps } from './deps.ts';

export type EndInput = {
  operation: OperationInput;
  state: OperationState;
  failure?: Failure;
  supersededBy?: string;
};

export function createOperationActivities(deps: ActivityDeps) {
  const { builds, operations, releases, servers } = deps.store;

  return {
    /** The end of an operation that has no saga of its own, or whose saga could not record it. */
    async endOperation({ operation, state, failure, supersededBy }: EndInput): Promise<void> {
      if (operation.appId !== null && operation.version !== null && state !== 'succeeded') {
        // Gone with an app that was destroyed meanwhile.
        const release = await releases.findVersion(operation.appId, operation.version);
        if (release?.state === 'pending')
          await releases.fail(operation.appId, operation.version, failure ?? superseded());
        if (release?.buildId) await builds.change(release.buildId, { state: 'failed' });
        await dropPushed(deps, operation.appId, operation.operationId);
      }
      await operations.end(operation.operationId, state, {
        ...(failure === undefined ? {} : { failure }),
        ...(supersededBy === undefined ? {} : { supersededBy }),
      });
    },

    /** While it needs an operator, `failure` says for what. */
    async setOperationState({ operation, state, failure }: EndInput): Promise<void> {
      await operations.setState(operation.operationId, state, failure ?? null);
    },

    async failServer({ operation, failure }: EndInput): Promise<void> {
      const server = await servers.get(operation.subject);
      // One that was ready serves on: its set-up was only tried again.
      if (server.state === 'provisioning') await servers.change(server.id, { state: 'failed' });
      await operations.end(operation.operationId, 'failed', { failure: failure ?? null });
    },
  };
}

function superseded(): Failure {
  const message = 'A newer deploy came before this one began';
  return { step: 'createRelease', code: 'superseded', message, hint: null, output: null };
}
