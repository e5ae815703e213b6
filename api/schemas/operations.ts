import { Type, type Static } from 'typebox';
import { isFinal, stepsOf, type Operation, type OperationKind, type OperationState } from '../../domain/operations.ts';
import type { StepRow, StepState } from '../../domain/steps.ts';
import { AppReference, iso, Literals, Nullable, Timestamp, Uuid } from './primitives.ts';

export const StepShape = Type.Object(
  {
    number: Type.Integer({ description: 'Place of the step in its operation, from 1.' }),
    step: Type.String(),
    subject: Type.String({ description: "The instance or server the row is about, '' for the step itself." }),
    server: Type.String({ description: "The server it ran on, '' for none." }),
    state: Literals<StepState>('waiting', 'running', 'retrying', 'succeeded', 'failed', 'skipped', 'undone'),
    attempt: Type.Integer(),
    started_at: Nullable(Timestamp),
    ended_at: Nullable(Timestamp),
    next_retry_at: Nullable(Timestamp),
    reason: Nullable(Type.String()),
    output: Nullable(Type.String()),
  },
  { description: 'One row of a timeline' },
);
export type StepShape = Static<typeof StepShape>;

const FailureShape = Type.Object({
  step: Type.String(),
  code: Type.String(),
  message: Type.String(),
  hint: Nullable(Type.String()),
  output: Nullable(Type.String()),
});

export const OperationSummary = Type.Object(
  {
    id: Uuid,
    kind: Literals<OperationKind>('deploy', 'config', 'rollback', 'scale', 'restart', 'mode', 'destroy', 'add-server'),
    app: Nullable(AppReference),
    subject: Type.String({ description: 'Name of the app or server.' }),
    release: Nullable(Type.Object({ version: Type.Integer() })),
    scope: Nullable(Type.String({ description: 'What a restart is limited to: web, or web.1.' })),
    state: Literals<OperationState>(
      'queued',
      'running',
      'rolling-back',
      'needs-operator',
      'succeeded',
      'failed',
      'cancelled',
      'superseded',
    ),
    actor: Type.Object({ email: Type.String() }),
    failure: Nullable({ ...FailureShape, description: 'Why it failed or, while it needs an operator, what for.' }),
    superseded_by: Nullable(Uuid),
    created_at: Timestamp,
    started_at: Nullable(Timestamp),
    ended_at: Nullable(Timestamp),
  },
  { description: 'An operation' },
);
export type OperationSummary = Static<typeof OperationSummary>;

export const OperationShape = Type.Object(
  { ...OperationSummary.properties, steps: Type.Array(StepShape) },
  { description: 'An operation with its timeline' },
);
export type OperationShape = Static<typeof OperationShape>;

/** What an operator says with a decision; it goes into the audit log. */
export const OperatorReason = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'Why: kept in the audit log.' }),
});

export const OperationParams = Type.Object({ operation: Uuid });

export function operationSummary(operation: Operation): OperationSummary {
  return {
    id: operation.id,
    kind: operation.kind,
    app: operation.appId === null ? null : { id: operation.appId, name: operation.subject },
    subject: operation.subject,
    release: operation.version === null ? null : { version: operation.version },
    scope: operation.scope,
    state: operation.state,
    actor: { email: operation.actor.email },
    failure: operation.failure,
    superseded_by: operation.supersededBy,
    created_at: operation.createdAt.toISOString(),
    started_at: iso(operation.startedAt),
    ended_at: iso(operation.endedAt),
  };
}

/** Steps that have no row yet are shown as waiting, once the operation has ended as not reached. */
export function stepShapes({ kind, state }: Operation, rows: readonly StepRow[]): StepShape[] {
  const without = isFinal(state) ? notReached : waiting;
  return stepsOf(kind).flatMap((step, index) => {
    const own = rows.filter((row) => row.step === step);
    return own.length > 0 ? own.map(stepShape) : [without(index + 1, step)];
  });
}

export function stepShape(row: StepRow): StepShape {
  return {
    number: row.number,
    step: row.step,
    subject: row.subject,
    server: row.server,
    state: row.state,
    attempt: row.attempt,
    started_at: iso(row.startedAt),
    ended_at: iso(row.endedAt),
    next_retry_at: iso(row.nextRetryAt),
    reason: row.reason,
    output: row.output,
  };
}

function notReached(number: number, step: string): StepShape {
  return { ...waiting(number, step), state: 'skipped', reason: 'not reached' };
}

function waiting(number: number, step: string): StepShape {
  return {
    number,
    step,
    subject: '',
    server: '',
    state: 'waiting',
    attempt: 0,
    started_at: null,
    ended_at: null,
    next_retry_at: null,
    reason: null,
    output: null,
  };
}
