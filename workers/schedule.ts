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
import { ARCHIVE_LOGS_WORKFLOW, ARCHIVE_SCHEDULE_ID, type ArchiveInput } from '../domain/log-archive.ts';
import { CONTROL_QUEUE } from '../domain/workflows.ts';

const ATTEMPTS = 10;
const DEADLINE_MS = 10_000;
const LONGEST_RUN = '30m';

type Scheduled = Pick<Settings, 'temporal' | 'checks' | 'logArchive'>;
/** `everySeconds` 0: never. */
type Plan = { scheduleId: string; workflowType: string; everySeconds: number; input: CheckInput | ArchiveInput };

/** Sees to it that Temporal checks servers and archives logs as often as the settings say; never throws. */
export async function keepSchedules(settings: Scheduled): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await putSchedules(settings);
    } catch (error) {
      console.error(`The schedules could not be written, attempt ${attempt} of ${ATTEMPTS}:`, error);
      await sleep(attempt * 1000, undefined, { ref: false });
    }
  }
}

async function putSchedules(settings: Scheduled): Promise<void> {
  const { temporal } = settings;
  const connection = await Connection.connect({ address: temporal.address, connectTimeout: DEADLINE_MS });
  try {
    const client = new ScheduleClient({ connection, namespace: temporal.namespace });
    for (const plan of plansOf(settings)) {
      await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        plan.everySeconds === 0 ? removeFrom(client, plan) : writeTo(client, plan),
      );
    }
  } finally {
    await connection.close();
  }
}

function plansOf({ checks, logArchive }: Scheduled): Plan[] {
  return [
    {
      scheduleId: CHECK_SCHEDULE_ID,
      workflowType: CHECK_SERVERS_WORKFLOW,
      everySeconds: checks.everySeconds,
      input: { server: null, repair: checks.repair, actor: SCHEDULE_ACTOR },
    },
    {
      scheduleId: ARCHIVE_SCHEDULE_ID,
      workflowType: ARCHIVE_LOGS_WORKFLOW,
      everySeconds: logArchive.days === 0 ? 0 : logArchive.everySeconds,
      input: { appId: null },
    },
  ];
}

async function writeTo(client: ScheduleClient, plan: Plan): Promise<void> {
  const wanted = scheduleOf(plan);
  try {
    await client.create(wanted);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.getHandle(plan.scheduleId).update(({ state }) => ({ ...wanted, state }));
  }
}

async function removeFrom(client: ScheduleClient, { scheduleId }: Plan): Promise<void> {
  try {
    await client.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** One at a time: a run that is due while one is under way is left out, and so is what was missed. */
function scheduleOf({ scheduleId, workflowType, everySeconds, input }: Plan): ScheduleOptions<ScheduleAction> {
  return {
    scheduleId,
    spec: { intervals: [{ every: everySeconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    action: {
      type: 'startWorkflow',
      workflowType,
      workflowId: `${scheduleId}/scheduled`,
      taskQueue: CONTROL_QUEUE,
      workflowExecutionTimeout: LONGEST_RUN,
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
  args: [CheckInput | ArchiveInput];
};
