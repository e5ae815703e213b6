import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { Failure } from '../domain/releases.ts';
import type { StepName } from '../domain/steps.ts';

/** What a failed step says to people. The output stays out of the history: the timeline has it. */
export function failureOf(step: StepName, error: unknown): Failure {
  const cause = rootOf(error);
  if (isCancellation(error)) return told(step, 'cancelled', 'The operation was cancelled', null);
  if (cause instanceof ApplicationFailure) {
    const [facts] = (cause.details ?? []) as { hint?: string }[];
    return told(step, cause.type ?? 'internal', cause.message, facts?.hint ?? null);
  }
  if (cause instanceof TimeoutFailure) {
    return told(step, 'unavailable', `${step} did not finish in its time`, 'The worker or the server went silent.');
  }
  return told(step, 'internal', cause instanceof Error ? cause.message : String(cause), null);
}

/** Whether it is final as it stands: what the developer broke, or a cancel. All else was retried, in vain. */
export function isDecided(error: unknown): boolean {
  const cause = rootOf(error);
  if (isCancellation(error)) return true;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true && cause.type !== 'effect_unknown';
}

/** A budget that ran out stands before the failure of the last attempt. */
function rootOf(error: unknown): unknown {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof TimeoutFailure && cause.cause instanceof ApplicationFailure ? cause.cause : cause;
}

function told(step: StepName, code: string, message: string, hint: string | null): Failure {
  return { step, code, message, hint, output: null };
}
