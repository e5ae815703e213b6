import { Client, Connection } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import type { Operation } from '../../cli/api-types.ts';
import { operationWorkflowId } from '../../domain/workflows.ts';
import { waitFor } from '../../embedded/deadlines.ts';
import type { Rig } from './rig.ts';

const RETIRED_WITHIN_MS = 90_000;
const SCHEDULED_WITHIN_MS = 60_000;

export type ScheduledActivity = { type: string; id: string; summary: string };

/** The activities that Temporal recorded for an operation, in order. */
export async function activitiesOf(rig: Rig, operation: Operation): Promise<ScheduledActivity[]> {
  return withClient(rig, async (client) => {
    const id = operationWorkflowId(operation.app?.id ?? null, operation.id);
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) =>
      scheduled
        ? [
            {
              type: scheduled.activityType?.name ?? '',
              id: scheduled.activityId ?? '',
              summary: JSON.parse(textOf(userMetadata?.summary?.data) || '""') as string,
            },
          ]
        : [],
    );
  });
}

export type Recorded = { workflowId: string; type: string; history: History };

/** Every workflow that has come to its end, with its history. */
export async function recordedHistories(rig: Rig): Promise<Recorded[]> {
  return withClient(rig, async (client) => {
    const recorded: Recorded[] = [];
    for await (const { workflowId, runId, type, status } of client.workflow.list()) {
      if (status.name === 'RUNNING') continue;
      recorded.push({ workflowId, type, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() });
    }
    return recorded;
  });
}

/** Waits until nothing that live releases left to do is under way: the record tells it first, Temporal's list last. */
export async function atRest(rig: Rig): Promise<void> {
  const wait = { awaited: 'old instances to be gone', timeoutMs: RETIRED_WITHIN_MS, intervalMs: 100 };
  await waitFor(wait, async () => ((await retiringOf(rig)).length === 0 ? true : null));
  const query = `WorkflowType = 'retireInstances' AND ExecutionStatus = 'Running'`;
  await withClient(rig, (client) =>
    waitFor(wait, async () => ((await client.workflow.count(query)).count === 0 ? true : null)),
  );
}

async function retiringOf({ api }: Rig): Promise<string[]> {
  const dynos = await Promise.all((await api.apps()).map(({ name }) => api.dynos(name)));
  return dynos.flat().flatMap(({ id, state }) => (state === 'down' ? [id] : []));
}

/** Has a schedule do now what it does by itself, and waits until that is done. */
export async function runScheduled(rig: Rig, scheduleId: string): Promise<void> {
  await withClient(rig, async (client) => {
    const handle = client.schedule.getHandle(scheduleId);
    const before = (await handle.describe()).info.numActionsTaken;
    await handle.trigger();
    const wait = { awaited: `the schedule ${scheduleId} to begin`, timeoutMs: SCHEDULED_WITHIN_MS, intervalMs: 100 };
    const { workflowId, firstExecutionRunId } = await waitFor(wait, async () => {
      const { numActionsTaken, recentActions } = (await handle.describe()).info;
      return numActionsTaken > before ? (recentActions.at(-1)?.action.workflow ?? null) : null;
    });
    const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
    await client.withDeadline(Date.now() + SCHEDULED_WITHIN_MS, () => run.result());
  });
}

/** Every history that Temporal has, payloads and all, as one text. */
export async function historyText(rig: Rig): Promise<string> {
  return withClient(rig, async (client) => {
    const texts: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      texts.push(JSON.stringify(history, (_, value: unknown) => (isBytes(value) ? textOf(value) : value)));
    }
    if (texts.length === 0) throw new Error('Temporal has no history at all');
    return texts.join('\n');
  });
}

async function withClient<T>(rig: Rig, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: rig.environment['TEMPORAL_ADDRESS'] ?? '' });
  try {
    return await use(new Client({ connection, namespace: rig.environment['TEMPORAL_NAMESPACE'] ?? 'default' }));
  } finally {
    await connection.close();
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
