import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput, OperationResult } from '../domain/operations.ts';
import type { HostKey, Role } from '../domain/servers.ts';
import { RECORD_POLICY } from './policies.ts';
import { runSaga } from './saga.ts';

const { failServer } = proxyActivities<Pick<Activities, 'failServer'>>(RECORD_POLICY);
const { scanHostKey: scan } = proxyActivities<Pick<Activities, 'scanHostKey'>>({
  startToCloseTimeout: '15s',
  retry: { maximumAttempts: 1 },
});

/** A plain machine becomes a server with its roles; a second run repairs and changes nothing else. */
export function addServer(operation: OperationInput): Promise<OperationResult> {
  return runSaga(
    operation,
    async ({ step, skip }) => {
      const { roles } = await step('checkServer');
      skip(skipsOf(roles));
      await step('provisionServer');
      await step('provisionRouter');
      await step('provisionPackman');
      await step('admitServer');
    },
    failServer,
    { asksOperator: false },
  );
}

/** The key that a server shows, for a person to confirm. */
export function scanHostKey(address: { host: string; port: number }): Promise<HostKey> {
  return scan(address);
}

function skipsOf(roles: readonly Role[]): { provisionRouter?: string; provisionPackman?: string } {
  return {
    ...(roles.includes('router') ? {} : { provisionRouter: 'it does not route' }),
    ...(roles.includes('build') ? {} : { provisionPackman: 'it does not build' }),
  };
}
