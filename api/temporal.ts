import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  Client,
  Connection,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import type { Settings } from '../config/settings.ts';
import { ASKED_CHECK_ID, CHECK_SERVERS_WORKFLOW, type CheckInput } from '../domain/checks.ts';
import { DcdgetError, invalid } from '../domain/errors.ts';
import { ARCHIVE_LOGS_WORKFLOW, archiveWorkflowId, type Archived, type ArchiveInput } from '../domain/log-archive.ts';
import type { Decision, OperationInput } from '../domain/operations.ts';
import {
  ADD_SERVER_WORKFLOW,
  APP_QUEUE_WORKFLOW,
  CANCEL_UPDATE,
  DECIDE_UPDATE,
  ENQUEUE_UPDATE,
  SCAN_HOST_KEY_WORKFLOW,
  WITHDRAW_UPDATE,
  type AppQueueInput,
} from '../domain/queue.ts';
import { SESSION_WORKFLOW, sessionWorkflowId, type SessionInput } from '../domain/sessions.ts';
import { appQueueId, CONTROL_QUEUE, operationWorkflowId, stackQueue } from '../domain/workflows.ts';

export type HostKey = { hostKey: string; fingerprint: string };

/** What names an operation's workflow. */
export type WorkflowKey = { appId: string | null; operationId: string };

/** The engine behind the API, as far as the API knows it. */
export type Temporal = {
  /**
   * Hands an operation in; the same one again changes nothing. Rejects with conflict when it is refused for good,
   * with anything else when it may be handed in again.
   */
  submit(input: OperationInput): Promise<void>;
  /** Takes an operation out of its app's queue; false when it does not wait there. Throws unavailable. */
  withdraw(appId: string, operationId: string): Promise<boolean>;
  /** Asks a running operation to end and undo; false when it does not run. Throws already_live, unavailable. */
  cancel(operation: WorkflowKey): Promise<boolean>;
  /** Throws conflict when the operation asks nobody, already_live for an undo after the switch, unavailable. */
  decide(operation: WorkflowKey, decision: Decision): Promise<void>;
  /** Whether a worker has lately asked for work on this queue. */
  hasWorker(taskQueue: string): Promise<boolean>;
  /** Starts the workflow of a one-off session; the same one again changes nothing. */
  startSession(input: SessionInput): Promise<void>;
  /** Tells it to a running session; one that has ended does not hear it. Throws unavailable. */
  signalSession(sessionId: string, signal: string): Promise<void>;
  /** Throws invalid_params when no host key could be read there. */
  scanHostKey(address: { host: string; port: number }): Promise<HostKey>;
  /** Returns when the servers were compared with the record. Throws conflict while another such check runs. */
  checkServers(input: CheckInput): Promise<void>;
  /** Returns when the app's closed log files were archived. Throws conflict while another such run works. */
  archiveLogs(appId: string): Promise<Archived>;
  ping(): Promise<void>;
  close(): Promise<void>;
};

const SUBMIT_TIMEOUT_MS = 3_000;
const ASK_TIMEOUT_MS = 3_000;
/** A workflow that was put away is replayed first. */
const UPDATE_TIMEOUT_MS = 10_000;
const SCAN_TIMEOUT_MS = 20_000;
/** Each server and each repair has a shorter one. */
const CHECK_TIMEOUT_MS = 10 * 60_000;
const ARCHIVE_TIMEOUT_MS = 10 * 60_000;
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

    async withdraw(appId, operationId) {
      const update = await updated(appQueueId(appId), WITHDRAW_UPDATE, operationId);
      return update !== GONE && update === true;
    },

    async cancel({ appId, operationId }) {
      return (await updated(operationWorkflowId(appId, operationId), CANCEL_UPDATE)) !== GONE;
    },

    async decide({ appId, operationId }, decision) {
      const update = await updated(operationWorkflowId(appId, operationId), DECIDE_UPDATE, decision);
      if (update === GONE) throw new DcdgetError('conflict', 'The operation has ended and asks nobody any more');
    },

    async hasWorker(taskQueue) {
      const request = { namespace: settings.namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_TASKS };
      const { pollers } = await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
        connection.workflowService.describeTaskQueue(request),
      );
      return pollers.some(({ lastAccessTime }) => isRecent(Number(lastAccessTime?.seconds ?? 0) * 1000));
    },

    async startSession(input) {
      await client.withDeadline(Date.now() + SUBMIT_TIMEOUT_MS, () =>
        client.workflow.start(SESSION_WORKFLOW, {
          workflowId: sessionWorkflowId(input.sessionId),
          taskQueue: stackQueue('batman'),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [input],
        }),
      );
    },

    async signalSession(sessionId, signal) {
      try {
        await client.withDeadline(Date.now() + ASK_TIMEOUT_MS, () =>
          client.workflow.getHandle(sessionWorkflowId(sessionId)).signal(signal),
        );
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return;
        throw new DcdgetError('unavailable', 'The session could not be told: Temporal does not answer', {
          cause: error,
        });
      }
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

    async checkServers(input) {
      try {
        await client.withDeadline(Date.now() + CHECK_TIMEOUT_MS + ASK_TIMEOUT_MS, () =>
          client.workflow.execute(CHECK_SERVERS_WORKFLOW, {
            workflowId: ASKED_CHECK_ID,
            taskQueue: CONTROL_QUEUE,
            workflowExecutionTimeout: CHECK_TIMEOUT_MS,
            args: [input],
          }),
        );
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError)
          throw new DcdgetError('conflict', 'Somebody else has the servers checked at this moment.', { cause: error });
        throw new DcdgetError('unavailable', 'The servers could not be checked: Temporal or its workers gave up.', {
          cause: error,
        });
      }
    },

    async archiveLogs(appId) {
      const input: ArchiveInput = { appId };
      try {
        return (await client.withDeadline(Date.now() + ARCHIVE_TIMEOUT_MS + ASK_TIMEOUT_MS, () =>
          client.workflow.execute(ARCHIVE_LOGS_WORKFLOW, {
            workflowId: archiveWorkflowId(appId),
            taskQueue: CONTROL_QUEUE,
            workflowExecutionTimeout: ARCHIVE_TIMEOUT_MS,
            args: [input],
          }),
        )) as Archived;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError)
          throw new DcdgetError('conflict', 'The log files of the app are being archived at this moment.', {
            cause: error,
          });
        throw new DcdgetError('unavailable', 'The log files could not be archived: Temporal or its workers gave up.', {
          cause: error,
        });
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

  /** What a workflow answers to an update, GONE when it does not run. */
  async function updated(workflowId: string, update: string, arg?: unknown): Promise<unknown> {
    const handle = client.workflow.getHandle(workflowId);
    try {
      return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
        arg === undefined ? handle.executeUpdate(update) : handle.executeUpdate(update, { args: [arg] }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return GONE;
      if (error instanceof WorkflowUpdateFailedError) return refusalOf(error);
      throw new DcdgetError('unavailable', 'The operation could not be asked: Temporal or its workers do not answer', {
        hint: 'Look at the operation before you try again: the request may still arrive.',
        cause: error,
      });
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

const GONE = Symbol('the workflow does not run');

/** A refusal throws; a workflow that ended before it could answer is gone. */
function refusalOf(error: WorkflowUpdateFailedError): typeof GONE {
  const { cause } = error;
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  if (type === 'AcceptedUpdateCompletedWorkflow') return GONE;
  if (type !== 'already_live' && type !== 'conflict') throw error;
  throw new DcdgetError(type, reasonOf(error), { cause: error });
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
