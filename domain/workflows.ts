import type { Stack } from './apps.ts';
import { assertNever } from './errors.ts';

/** App queues and what belongs to no stack. */
export const CONTROL_QUEUE = 'control';

/** The whole operation runs on its stack's queue, so that the server hands steps to the worker without a poll. */
export function stackQueue(stack: Stack): string {
  switch (stack) {
    case 'batman':
      return 'batman';
    default:
      return assertNever(stack);
  }
}

export function appQueueId(appId: string): string {
  return `app/${appId}`;
}

export function operationWorkflowId(appId: string | null, operationId: string): string {
  return appId === null ? `op/${operationId}` : `app/${appId}/op/${operationId}`;
}
