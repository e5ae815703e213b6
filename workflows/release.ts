import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { RECORD_POLICY } from './policies.ts';
import { retireInstances } from './retire-instances.ts';
import { runSaga } from './saga.ts';

const { failRelease } = proxyActivities<Pick<Activities, 'failRelease'>>(RECORD_POLICY);

/**
 * A new release, whatever made it: everything new is started and checked, then every router switches,
 * then the old goes. What an operation leaves out, createRelease says.
 */
function release(operation: OperationInput): Promise<OperationResult> {
  return runSaga(
    operation,
    async ({ step, each, beside, leave, adopt, pivot, skip }) => {
      const plan = await step('createRelease');
      adopt(plan.operation);
      skip(plan.skips);
      await step('fetchSource');
      await step('compileSlug');
      const { servers, instances, oneOff, stopFirst } = await step('placeInstances');
      const oneOffs = oneOff === null ? [] : [oneOff];
      await beside(
        () => each('prepareServer', servers, 'no process is new'),
        () => each('uploadSlug', servers, 'no process is new'),
        () => each('writeEnvironment', [...oneOffs, ...instances], 'no process is new'),
      );
      await each('createContainer', [...oneOffs, ...instances], 'no process is new');
      await each('runReleaseCommand', oneOffs, 'the app declares no release command');
      await each('endProcess', stopFirst);
      await each('startProcess', instances, 'no process is new');
      await each('checkHealth', instances, 'no process is new');
      await each('updateNginx', plan.routers, 'no server routes');
      await each('verifyRelease', plan.routers, 'no server routes');
      if (plan.watchSeconds > 0) await each('watchRelease', [...new Set([...servers, ...plan.routers])]);
      pivot();
      // A release command that an operator skipped has left its container.
      const left = [...plan.retiring, ...oneOffs];
      if (left.length === 0) skip({ retireContainer: 'no older instance runs' });
      await step('completeRelease');
      const used = [...new Set([...servers, ...plan.leaving])];
      if (used.length > 0) {
        await leave(retireInstances, { operation: plan.operation, instances: left, servers: used });
      }
    },
    (ending) => failRelease({ ...ending, subject: '' }),
  );
}

// One saga, and a name for each of its stories: what lists and the Temporal UI show.
export { release as changeConfig, release as changeMode, release as deployApp };
export { release as restartApp, release as rollBack, release as scaleApp };
