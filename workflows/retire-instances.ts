import { continueAsNew, log, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { OperationInput, Retirement } from '../domain/operations.ts';
import { LATER_POLICY } from './policies.ts';

const { retireContainer, releaseSlugs } =
  proxyActivities<Pick<Activities, 'retireContainer' | 'releaseSlugs'>>(LATER_POLICY);

/** Before what only an operator can repair is tried again. */
const REPAIRED_AFTER = '10 minutes';

/**
 * What a live release leaves to do, beside the operations that follow: each old instance goes when its last
 * connection has ended or its time is over, then the slugs that nobody runs any more.
 */
export async function retireInstances({ operation, instances, servers }: Retirement): Promise<void> {
  const kept = await Promise.all(instances.map((subject) => retire(operation, subject)));
  const left = instances.filter((_, index) => kept[index]);
  if (left.length > 0) await continueAsNew<typeof retireInstances>({ operation, instances: left, servers });
  await Promise.all(servers.map((subject) => untilDone(() => releaseSlugs({ operation, subject }))));
}

/** True when the instance is still there, and only the history has become too long. */
async function retire(operation: OperationInput, subject: string): Promise<boolean> {
  for (;;) {
    const open = await untilDone(() => retireContainer({ operation, subject }));
    if (open === undefined) return false;
    await sleep(open.forMs);
    if (workflowInfo().continueAsNewSuggested) return true;
  }
}

async function untilDone<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      log.error('What a release leaves to do waits for an operator', { error });
      await sleep(REPAIRED_AFTER);
    }
  }
}
