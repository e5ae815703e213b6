import type { Failure } from './releases.ts';
import { ADD_SERVER_STEPS, DESTROY_STEPS, RELEASE_STEPS, type StepName } from './steps.ts';
import { assertNever } from './errors.ts';

export type AppOperationKind = 'deploy' | 'config' | 'destroy';
export type OperationKind = AppOperationKind | 'add-server';

export type OperationState =
  | 'queued'
  | 'running'
  | 'rolling-back'
  | 'needs-operator'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'superseded';

export type Operation = {
  id: string;
  kind: OperationKind;
  /** Null for an operation on a server. */
  appId: string | null;
  /** Name of the app or server, kept for readers after it is gone. */
  subject: string;
  /** Order among the operations of its app; fences the routers. */
  sequence: number;
  /** Release that the operation makes, null when it makes none. */
  version: number | null;
  state: OperationState;
  actor: { id: string; email: string };
  failure: Failure | null;
  supersededBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
};

/** What starts an operation's workflow: references only, never a config value or a presigned URL. */
export type OperationInput = {
  operationId: string;
  kind: OperationKind;
  appId: string | null;
  subject: string;
  sequence: number;
  version: number | null;
};

export type OperationResult = { state: OperationState; failure: Failure | null };

const FINAL_STATES: ReadonlySet<OperationState> = new Set<OperationState>([
  'succeeded',
  'failed',
  'cancelled',
  'superseded',
]);

export function isFinal(state: OperationState): boolean {
  return FINAL_STATES.has(state);
}

export function stepsOf(kind: OperationKind): readonly StepName[] {
  switch (kind) {
    case 'deploy':
    case 'config':
      return RELEASE_STEPS;
    case 'destroy':
      return DESTROY_STEPS;
    case 'add-server':
      return ADD_SERVER_STEPS;
    default:
      return assertNever(kind);
  }
}

/** What every step of an operation is called with; `subject` is an instance id or a server name, or ''. */
export type StepInput = {
  operation: OperationInput;
  subject: string;
  /** Steps left out since the last call, each with its reason: news for the timeline. */
  skips?: Partial<Record<StepName, string>>;
};

/** A step that found nothing to do says why. */
export type Skipped = { skipped: string };

/** What createRelease froze, as the workflow needs it: names and references only. */
export type ReleasePlan = {
  skips: Partial<Record<StepName, string>>;
  /** Ids of the instances that serve now and go when the new ones are verified. */
  retiring: string[];
  /** Names of the servers that route. */
  routers: string[];
  watchSeconds: number;
};

/** Where the release runs. */
export type Placement = {
  instances: string[];
  servers: string[];
  /** The one-off instance of the release command, null when the app declares none. */
  oneOff: string | null;
};
