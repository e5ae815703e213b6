import { setTimeout as sleep } from 'node:timers/promises';
import {
  Connection,
  ScheduleAlreadyRunning,
  ScheduleClient,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Settings } from '../config/settings.ts';
import { CHECK_SCHEDULE_ID, CHECK_SERVERS_WORKFLOW, SCHEDULE_ACTOR, type CheckInput } from '../domain/checks.ts';
import { CONTROL_QUEUE } from '../domain/workflows.ts';

const ATTEMPTS = 10;
const DEADLINE_MS = 10_000;
const LONGEST_CHECK = '30m';

/** Sees to it that Temporal starts a check of the servers as often as the settings say; never throws. */
export async function keepSchedule(settings: Pick<Settings, 'temporal' | 'checks'>): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await putSchedule(settings);
    } catch (error) {
      console.error(`The schedule of checks could not be written, attempt ${attempt} of ${ATTEMPTS}:`, error);
      await sleep(attempt * 1000, undefined, { ref: false });
    }
  }
}

async function putSchedule({ temporal, checks }: Pick<Settings, 'temporal' | 'checks'>): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address, connectTimeout: DEADLINE_MS });
  try {
    const client = new ScheduleClient({ connection, namespace: temporal.namespace });
    await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      checks.everySeconds === 0 ? removeFrom(client) : writeTo(client, checks),
    );
  } finally {
    await connection.close();
  }
}

async function writeTo(client: ScheduleClient, checks: Settings['checks']): Promise<void> {
  const wanted = scheduleOf(checks);
  try {
    await client.create(wanted);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.getHandle(CHECK_SCHEDULE_ID).update(({ state }) => ({ ...wanted, state }));
  }
}

async function removeFrom(client: ScheduleClient): Promise<void> {
  try {
    await client.getHandle(CHECK_SCHEDULE_ID).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** One at a time: a check that is due while one is under way is left out, and so is what was missed. */
function scheduleOf({ everySeconds, repair }: Settings['checks']): ScheduleOptions<ScheduleAction> {
  const input: CheckInput = { server: null, repair, actor: SCHEDULE_ACTOR };
  return {
    scheduleId: CHECK_SCHEDULE_ID,
    spec: { intervals: [{ every: everySeconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType: CHECK_SERVERS_WORKFLOW,
      workflowId: 'check-servers/scheduled',
      taskQueue: CONTROL_QUEUE,
      workflowExecutionTimeout: LONGEST_CHECK,
      args: [input],
    },
  };
}

type ScheduleAction = {
  type: 'startWorkflow';
  workflowType: string;
  workflowId: string;
  taskQueue: string;
  workflowExecutionTimeout: '30m';
  args: [CheckInput];
};
