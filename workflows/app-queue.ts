import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  executeChild,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { Activities } from '../activities/activities.ts';
import type { EndInput } from '../activities/operations.ts';
import { assertNever } from '../domain/errors.ts';
import type { OperationInput } from '../domain/operations.ts';
import { ENQUEUE_UPDATE, WITHDRAW_UPDATE, type AppQueueInput, type Enqueued } from '../domain/queue.ts';
import { operationWorkflowId, stackQueue } from '../domain/workflows.ts';
import { failureOf } from './failure.ts';
import { RECORD_POLICY } from './policies.ts';
import { WaitingLine } from './waiting-line.ts';

/** Of an operation id: true when it waited here and does no more. */
export const withdraw = defineUpdate<boolean, [string]>(WITHDRAW_UPDATE);
export const enqueue = defineUpdate<Enqueued, [OperationInput]>(ENQUEUE_UPDATE);

const { endOperation } = proxyActivities<Pick<Activities, 'endOperation'>>(RECORD_POLICY);
const IDLE = '5s';

/** One app's operations, one at a time, in order; ends when nothing waits, the record is in the store. */
export async function appQueue({ appId, waiting, seen }: AppQueueInput): Promise<void> {
  const line = new WaitingLine({ waiting, seen });
  // Only notes: whatever takes time happens in the loop, so that no handler is ever half way.
  setHandler(enqueue, (operation) => line.add(operation));
  setHandler(withdraw, (operationId) => line.withdraw(operationId));

  while (await condition(() => line.waiting.length > 0, IDLE)) {
    const turn = line.take();
    if (turn === null) continue;
    for (const { operation, by } of turn.superseded) {
      await recordEnd({ operation, state: 'superseded', supersededBy: by });
    }
    await runOperation(turn.next);
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof appQueue>({ appId, waiting: line.waiting, seen: line.seen });
    }
  }
}

/** Never throws: an operation that could not record its own end is ended here. */
async function runOperation(operation: OperationInput): Promise<void> {
  try {
    await executeChild(workflowOf(operation), {
      args: [operation],
      workflowId: operationWorkflowId(operation.appId, operation.operationId),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: 'ABANDON',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      taskQueue: stackQueue('batman'),
      staticSummary: [operation.kind, operation.subject, operation.version && `v${operation.version}`]
        .filter(Boolean)
        .join(' '),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    await recordEnd({ operation, state: 'failed', failure: failureOf('createRelease', error) });
  }
}

/** The queue goes on whatever becomes of one record. */
async function recordEnd(ending: EndInput): Promise<void> {
  try {
    await endOperation(ending);
  } catch (error) {
    log.error('The end of an operation could not be recorded', { operationId: ending.operation.operationId, error });
  }
}

function workflowOf({ kind }: OperationInput): string {
  switch (kind) {
    case 'deploy':
      return 'deployApp';
    case 'config':
      return 'changeConfig';
    case 'rollback':
      return 'rollBack';
    case 'scale':
      return 'scaleApp';
    case 'restart':
      return 'restartApp';
    case 'mode':
      return 'changeMode';
    case 'destroy':
      return 'destroyApp';
    case 'add-server':
      return 'addServer';
    default:
      return assertNever(kind);
  }
}
