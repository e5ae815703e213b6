import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/** What the world broke is tried again: soon at first, then every half minute, for half an hour. */
const RETRY = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' } as const;
const BUDGET = '30m';
/** A worker that went silent is replaced; long steps heartbeat every two seconds. */
const HEARTBEAT = '8s';

const quick: ActivityOptions = {
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: BUDGET,
  heartbeatTimeout: HEARTBEAT,
  retry: RETRY,
};
const long: ActivityOptions = { ...quick, startToCloseTimeout: '25m' };
const build: ActivityOptions = { ...long, retry: { ...RETRY, maximumAttempts: 5 } };

const LONG_STEPS: Partial<Record<keyof Activities, ActivityOptions>> = {
  fetchSource: long,
  compileSlug: build,
  prepareServer: long,
  uploadSlug: long,
  runReleaseCommand: { ...long, retry: { maximumAttempts: 1 } },
  checkHealth: long,
  watchRelease: long,
  retireContainer: long,
  removeObjects: long,
  checkServer: { ...quick, scheduleToCloseTimeout: '2m' },
  provisionServer: long,
  provisionRouter: long,
  provisionPackman: long,
};

export const DEFAULT_POLICY = quick;

export function policyOf(activity: keyof Activities): ActivityOptions {
  return LONG_STEPS[activity] ?? quick;
}
