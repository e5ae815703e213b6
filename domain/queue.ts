import type { OperationInput } from './operations.ts';

/** What the API hands to an app's queue, and what it hears at once. */
export type Enqueued = { operationId: string; position: number };

export const APP_QUEUE_WORKFLOW = 'appQueue';
export const ENQUEUE_UPDATE = 'enqueue';
/** Takes a waiting operation out of its app's queue; false when it does not wait there. */
export const WITHDRAW_UPDATE = 'withdraw';
/** Updates of a running operation: refused once it is live; refused when it asks nobody. */
export const CANCEL_UPDATE = 'cancel';
export const DECIDE_UPDATE = 'decide';
export const ADD_SERVER_WORKFLOW = 'addServer';
/** Reads the host key that a server shows: what the operator is asked to confirm. */
export const SCAN_HOST_KEY_WORKFLOW = 'scanHostKey';

/** Carried over when the queue starts a new run. */
export type AppQueueInput = { appId: string; waiting: OperationInput[]; seen: string[] };
