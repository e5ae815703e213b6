import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';

/** What the world broke is tried again: soon at first, then every half minute, until the operation's budget is spent. */
const RETRY = { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' } as const;
/** A worker that went silent is replaced; long steps heartbeat every two seconds. */
const HEARTBEAT = '8s';

const quick: ActivityOptions = {
  startToCloseTimeout: 60_000,
  heartbeatTimeout: HEARTBEAT,
  retry: RETRY,
  // An undo begins when the step it undoes has ended, not when it was asked to.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};
const long: ActivityOptions = { ...quick, startToCloseTimeout: 25 * 60_000 };
const LONG_STEPS: Partial<Record<keyof Activities, ActivityOptions>> = {
  fetchSource: long,
  compileSlug: long,
  prepareServer: long,
  uploadSlug: long,
  runReleaseCommand: long,
  checkHealth: long,
  endProcess: long,
  resumeProcess: long,
  stopProcess: long,
  removeContainer: long,
  watchRelease: long,
  retireContainer: long,
  removeObjects: long,
  provisionServer: long,
  provisionRouter: long,
  provisionPackman: long,
};

/** For what is no step: the record of an end, a state. Nothing goes on without it, so it has no budget. */
export const RECORD_POLICY: ActivityOptions = { startToCloseTimeout: '1m', retry: RETRY };

/** For what is left to do once a release is live: it has all the time there is. */
export const LATER_POLICY: ActivityOptions = { ...long, retry: RETRY };

/** For the start of a one-off session: somebody waits for it, and does not wait long. */
export const SESSION_POLICY: ActivityOptions = {
  ...quick,
  startToCloseTimeout: '4m',
  scheduleToCloseTimeout: '5m',
  retry: { ...RETRY, maximumAttempts: 5 },
};

/** As many attempts as their pauses fit into the budget, and no attempt that would begin after it. */
export function policyOf(activity: keyof Activities, budgetSeconds: number): ActivityOptions {
  const policy = LONG_STEPS[activity] ?? quick;
  const scheduleToCloseTimeout = budgetSeconds * 1000 + Number(policy.startToCloseTimeout);
  return { ...policy, scheduleToCloseTimeout, retry: { ...RETRY, maximumAttempts: attemptsWithin(budgetSeconds) } };
}

function attemptsWithin(budgetSeconds: number): number {
  let attempts = 1;
  let pauseSeconds = 0.5;
  for (let spent = pauseSeconds; spent <= budgetSeconds; spent += pauseSeconds) {
    attempts += 1;
    pauseSeconds = Math.min(30, pauseSeconds * 2);
  }
  return attempts;
}
