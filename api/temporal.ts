import { randomUUID } from 'node:crypto';
import {
  Client,
  Connection,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { Settings } from '../config/settings.ts';
import { DcdgetError, invalid } from '../domain/errors.ts';
import type { OperationInput } from '../domain/operations.ts';
import {
  ADD_SERVER_WORKFLOW,
  APP_QUEUE_WORKFLOW,
  ENQUEUE_UPDATE,
  SCAN_HOST_KEY_WORKFLOW,
  type AppQueueInput,
} from '../domain/queue.ts';
import { appQueueId, CONTROL_QUEUE, operationWorkflowId } from '../domain/workflows.ts';

export type HostKey = { hostKey: string; fingerprint: string };

/** The engine behind the API, as far as the API knows it. */
export type Temporal = {
  /**
   * Hands an operation in; the same one again changes nothing. Rejects with conflict when it is refused for good,
   * with anything else when it may be handed in again.
   */
  submit(input: OperationInput): Promise<void>;
  /** Whether a worker has lately asked for work on this queue. */
  hasWorker(taskQueue: string): Promise<boolean>;
  /** Throws invalid_params when no host key could be read there. */
  scanHostKey(address: { host: string; port: number }): Promise<HostKey>;
  ping(): Promise<void>;
  close(): Promise<void>;
};

const SUBMIT_TIMEOUT_MS = 3_000;
const ASK_TIMEOUT_MS = 3_000;
const SCAN_TIMEOUT_MS = 20_000;
/** A poll waits for work for a minute, then the worker asks anew. */
const POLLED_WITHIN_MS = 75_000;

export function openTemporal(settings: Settings['temporal']): Temporal {
  const connection = Connection.lazy({ address: settings.address });
  const client = new Client({ connection, namespace: settings.namespace });

  return {
    submit: (input) =>
      client.withDeadline(Date.now() + SUBMIT_TIMEOUT_MS, () =>
        input.appId === null ? startAlone(input) : enqueue(input, input.appId),
      ),

    async hasWorker(taskQueue) {
      const request = { namespace: settings.namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_TASKS };
      const { pollers } = await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
        connection.workflowService.describeTaskQueue(request),
      );
      return pollers.some(({ lastAccessTime }) => isRecent(Number(lastAccessTime?.seconds ?? 0) * 1000));
    },

    async scanHostKey(address) {
      try {
        return (await client.withDeadline(Date.now() + SCAN_TIMEOUT_MS + ASK_TIMEOUT_MS, () =>
          client.workflow.execute(SCAN_HOST_KEY_WORKFLOW, {
            workflowId: `host-key/${randomUUID()}`,
            taskQueue: CONTROL_QUEUE,
            workflowExecutionTimeout: SCAN_TIMEOUT_MS,
            args: [address],
          }),
        )) as HostKey;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        throw invalid(
          'host',
          `${address.host} did not show an SSH host key on port ${address.port}: ${reasonOf(error)}`,
        );
      }
    },

    async ping() {
      await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
        connection.workflowService.describeNamespace({ namespace: settings.namespace }),
      );
    },

    close: () => connection.close(),
  };

  async function enqueue(input: OperationInput, appId: string): Promise<void> {
    const queue: AppQueueInput = { appId, waiting: [], seen: [] };
    const startWorkflowOperation = new WithStartWorkflowOperation(APP_QUEUE_WORKFLOW, {
      workflowId: appQueueId(appId),
      taskQueue: CONTROL_QUEUE,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [queue],
      staticSummary: `Queue of ${input.subject}`,
    });
    try {
      await client.workflow.executeUpdateWithStart(ENQUEUE_UPDATE, {
        startWorkflowOperation,
        updateId: input.operationId,
        args: [input],
      });
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new DcdgetError('conflict', reasonOf(error), { cause: error });
    }
  }

  async function startAlone(input: OperationInput): Promise<void> {
    try {
      await client.workflow.start(ADD_SERVER_WORKFLOW, {
        workflowId: operationWorkflowId(null, input.operationId),
        taskQueue: CONTROL_QUEUE,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [input],
        staticSummary: `Add server ${input.subject}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

/** temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW */
const WORKFLOW_TASKS = 1;

function isRecent(atMs: number): boolean {
  return Date.now() - atMs < POLLED_WITHIN_MS;
}

/** The innermost sentence: what was thrown where it happened. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
