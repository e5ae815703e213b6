import { log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { CheckInput } from '../domain/checks.ts';

const HEARTBEAT = '8s';
const { checkDrift } = proxyActivities<Pick<Activities, 'checkDrift'>>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: HEARTBEAT,
  retry: { maximumAttempts: 2 },
});
const { repairDrift } = proxyActivities<Pick<Activities, 'repairDrift'>>({
  startToCloseTimeout: '4m',
  heartbeatTimeout: HEARTBEAT,
  retry: { maximumAttempts: 2 },
});

/** Compares the servers with the record; what is asked for and can be put right is, one thing after the other. */
export async function checkServers(input: CheckInput): Promise<void> {
  const { repairs, ...findings } = await checkDrift(input);
  if (findings.count > 0 || findings.unreachable.length > 0) log.warn('Servers differ from the record', findings);
  for (const repair of repairs) {
    try {
      await repairDrift(repair);
    } catch (error) {
      log.warn('What differs from the record could not be put right', { ...repair, error });
    }
  }
}
