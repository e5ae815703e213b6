import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { RECORD_POLICY } from './policies.ts';
import { runSaga } from './saga.ts';

const { endOperation } = proxyActivities<Pick<Activities, 'endOperation'>>(RECORD_POLICY);

/** Takes the app off the routers first, then leaves nothing of it anywhere. There is no way back. */
export function destroyApp(operation: OperationInput): Promise<OperationResult> {
  return runSaga(
    operation,
    async ({ step, each, adopt }) => {
      const { operation: begun, instances, routers, servers } = await step('closeApp');
      adopt(begun);
      await each('removeRoute', routers, 'no server routes');
      await each('retireContainer', instances, 'nothing runs');
      await each('removeAppFolders', servers, 'no server has the role app');
      await step('removeObjects');
      await step('forgetApp');
    },
    endOperation,
  );
}
