import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { DEFAULT_POLICY } from './policies.ts';
import { runSaga } from './saga.ts';

const { endOperation } = proxyActivities<Pick<Activities, 'endOperation'>>(DEFAULT_POLICY);

/** Takes the app off the routers first, then leaves nothing of it anywhere. There is no way back. */
export function destroyApp(operation: OperationInput): Promise<OperationResult> {
  return runSaga(
    operation,
    async ({ step, each }) => {
      const { instances, routers, servers } = await step('closeApp');
      await each('removeRoute', routers, 'no server routes');
      await each('retireContainer', instances, 'nothing runs');
      await each('removeAppFolders', servers, 'no server has the role app');
      await step('removeObjects');
      await step('forgetApp');
    },
    (failure, state) => endOperation({ operation, state, failure }),
  );
}
