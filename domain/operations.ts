import type { Formation, Mode } from './apps.ts';
import type { Failure } from './releases.ts';
import { ADD_SERVER_STEPS, DESTROY_STEPS, RELEASE_STEPS, type StepName } from './steps.ts';
import { assertNever } from './errors.ts';

/** `mode` is maintenance or pause, on and off. */
export type AppOperationKind = 'deploy' | 'config' | 'rollback' | 'scale' | 'restart' | 'mode' | 'destroy';
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
  /** Order among the operations of its app, drawn when it begins (0 before); fences the routers. */
  sequence: number;
  /** Release that the operation makes, null when it makes none. */
  version: number | null;
  /** `web` or `web.1`: what a restart is limited to; null for everything. */
  scope: string | null;
  /** What the request changed on the app at once, and a failure takes back. */
  change: HeadChange;
  /** Instances that it leaves as they are; frozen when it begins. */
  keep: string[];
  /** What runs after it; frozen when places are chosen. */
  formation: Formation | null;
  state: OperationState;
  actor: { id: string; email: string };
  failure: Failure | null;
  supersededBy: string | null;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
};

export type HeadChange = {
  config?: { from: number; to: number };
  formation?: { from: Formation; to: Formation };
  mode?: { from: Mode; to: Mode };
};

/** What starts an operation's workflow: references only, never a config value or a presigned URL. */
export type OperationInput = {
  operationId: string;
  kind: OperationKind;
  appId: string | null;
  subject: string;
  /** 0 until its first step has drawn it. */
  sequence: number;
  /** What it makes or, once begun, works on. */
  version: number | null;
  /** How long a step is retried before the operation asks for an operator. */
  budgetSeconds: number;
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

/** Whether the operation makes a numbered release. */
export function makesRelease(kind: OperationKind): boolean {
  return kind === 'deploy' || kind === 'config' || kind === 'rollback';
}

export function stepsOf(kind: OperationKind): readonly StepName[] {
  switch (kind) {
    case 'deploy':
    case 'config':
    case 'rollback':
    case 'scale':
    case 'restart':
    case 'mode':
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
  /** An operator has said to try it again. */
  again?: boolean;
  /** Steps left out since the last call, each with its reason: news for the timeline. */
  skips?: Partial<Record<StepName, string>>;
};

/** What an operator says to an operation that cannot go on. */
export type Decision = {
  /** `undo` takes everything back that can be; `abandon` ends at once, for a forced destroy. */
  action: 'retry' | 'skip' | 'undo' | 'abandon';
  by: string;
  why: string;
};

/** A step that found nothing to do says why. */
export type Skipped = { skipped: string };

/** A step that is not over yet says what it waits for, and how long until it should be asked again. */
export type Waits = { waits: string; forMs: number };

/** What is left to do once a release is live. */
export type Retirement = { operation: OperationInput; instances: string[]; servers: string[] };

/** What createRelease froze, as the workflow needs it: names and references only. */
export type ReleasePlan = {
  /** The operation as it goes on: its sequence drawn, its release known. */
  operation: OperationInput;
  skips: Partial<Record<StepName, string>>;
  /** Ids of the instances that serve now and go when the new ones are verified. */
  retiring: string[];
  /** Names of the servers that ran the app until now. */
  leaving: string[];
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
  /** Ids of the old instances that must end before the new ones start. */
  stopFirst: string[];
};
