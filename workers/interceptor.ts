import { ApplicationFailure, CompleteAsyncError, type Context, type Info } from '@temporalio/activity';
import type { RetryPolicy } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { CancelledFailure } from '@temporalio/common';
import { DcdgetError } from '../domain/errors.ts';
import { stepsOf, type StepInput, type Waits } from '../domain/operations.ts';
import { shownStep, type StepName, type StepRow, type StepState } from '../domain/steps.ts';
import type { Activities } from '../activities/activities.ts';
import type { Steps } from '../store/steps.ts';
import { LATER_POLICY, policyOf } from '../workflows/policies.ts';
import { withFailpoint } from './failpoints.ts';

const HEARTBEAT_EVERY_MS = 2000;
/** By a heartbeat a step learns that it is cancelled; a compile is the one that runs for minutes. */
const HEARTBEAT_OF_COMPILE_MS = 400;

/** Around every activity: a heartbeat, the timeline, and errors in Temporal's terms. */
export function stepInterceptor(
  context: Context,
  steps: Steps,
  failpointsFile: string | null,
): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      const timeline = timelineOf(context, steps, input.args[0]);
      const everyMs = context.info.activityType === 'compileSlug' ? HEARTBEAT_OF_COMPILE_MS : HEARTBEAT_EVERY_MS;
      const heartbeat = setInterval(() => context.heartbeat(), everyMs);
      timeline.began();
      try {
        const act = async (): Promise<unknown> => next(input);
        const result = failpointsFile === null ? await act() : await withFailpoint(failpointsFile, context, act);
        timeline.succeeded(result);
        return result;
      } catch (error) {
        if (error instanceof CompleteAsyncError) throw error;
        const told = asDcdgetError(error);
        timeline.failed(told);
        throw told.code === 'cancelled' && context.cancellationSignal.aborted
          ? context.cancellationSignal.reason
          : asFailure(told);
      } finally {
        clearInterval(heartbeat);
      }
    },
  };
}

type Timeline = { began(): void; succeeded(result: unknown): void; failed(error: DcdgetError): void };
const UNSHOWN: Timeline = { began() {}, succeeded() {}, failed() {} };

function timelineOf(context: Context, steps: Steps, input: unknown): Timeline {
  const { info, log } = context;
  if (!isStepInput(input)) return UNSHOWN;
  const all = stepsOf(input.operation.kind);
  const shown = shownStep(info.activityType, all);
  if (shown === null) return UNSHOWN;
  // By Temporal's clock, the same for every worker: a row's newest word is that of the newest attempt.
  const startedAt = new Date(info.currentAttemptScheduledTimestampMs);
  const subject = input.subject;
  // Temporal does not tell a worker the policy of what it runs.
  const { retry: policy = {} } =
    info.workflowType === 'retireInstances'
      ? LATER_POLICY
      : policyOf(info.activityType as keyof Activities, input.operation.budgetSeconds);
  const operationId = input.operation.operationId;
  const warn = (error: unknown) => log.warn('The timeline could not be written', { error });
  const report = (step: StepName, row: Partial<StepRow>) =>
    steps.report({ ...emptyRow(operationId, all.indexOf(step) + 1, step), ...row }, warn);
  const told = (row: Partial<StepRow>) =>
    steps.report({ operationId, number: all.indexOf(shown.step) + 1, step: shown.step, subject, ...row }, warn);
  // Who follows the operation leaves when it has ended: its last row does not wait for others.
  const isLast = shown.step === (shown.isUndo ? all[0] : all.at(-1));
  const flushLast = () => {
    if (isLast) steps.flush().catch(warn);
  };
  const here = (row: Partial<StepRow>) =>
    report(shown.step, { subject, server: '', startedAt, attempt: info.attempt, ...row });

  return {
    began() {
      for (const [step, reason] of Object.entries(input.skips ?? {})) {
        report(step as StepName, { state: 'skipped', reason, startedAt, endedAt: startedAt });
      }
      if (!shown.isUndo) here({ state: info.attempt === 1 ? 'running' : 'retrying' });
    },
    succeeded(result) {
      const skipped = isSkipped(result) ? result.skipped : null;
      const state: StepState = shown.isUndo ? 'undone' : skipped === null ? 'succeeded' : 'skipped';
      if (isWaiting(result)) return here({ state: 'running', reason: result.waits });
      // An undone step keeps why it was undone and its last words.
      if (shown.isUndo) told({ state, endedAt: new Date() });
      else here({ state, reason: skipped, endedAt: new Date() });
      flushLast();
    },
    failed(error) {
      const retry = error.retryable && !context.cancellationSignal.aborted && !isLastAttempt(policy, info);
      const news = shown.isUndo ? told : here;
      news({
        state: retry ? 'retrying' : 'failed',
        reason: shown.isUndo ? `undo: ${error.message}` : error.message,
        ...(shown.isUndo ? {} : { output: error.output ?? null }),
        server: error.server ?? '',
        endedAt: new Date(),
        nextRetryAt: retry ? nextRetryAt(policy, info) : null,
      });
    },
  };
}

function emptyRow(operationId: string, number: number, step: StepName): StepRow {
  return {
    operationId,
    number,
    step,
    subject: '',
    server: '',
    state: 'waiting',
    attempt: 1,
    startedAt: null,
    endedAt: null,
    nextRetryAt: null,
    reason: null,
    output: null,
  };
}

function isStepInput(input: unknown): input is StepInput {
  return typeof input === 'object' && input !== null && 'operation' in input && 'subject' in input;
}

function isSkipped(result: unknown): result is { skipped: string } {
  return typeof result === 'object' && result !== null && 'skipped' in result && typeof result.skipped === 'string';
}

function isWaiting(result: unknown): result is Waits {
  return typeof result === 'object' && result !== null && 'waits' in result;
}

function isLastAttempt({ maximumAttempts = Infinity }: RetryPolicy, { attempt }: Info): boolean {
  return attempt >= maximumAttempts;
}

/** When Temporal will try again, by the activity's own policy. */
function nextRetryAt(policy: RetryPolicy, { attempt }: Info): Date {
  const initialMs = msToNumber(policy.initialInterval ?? '1s');
  const mostMs = msToNumber(policy.maximumInterval ?? '100s');
  return new Date(Date.now() + Math.min(mostMs, initialMs * (policy.backoffCoefficient ?? 2) ** (attempt - 1)));
}

/** A stranger's error keeps its message for the operator's log, and is retried. */
function asDcdgetError(error: unknown): DcdgetError {
  if (error instanceof DcdgetError) return error;
  if (error instanceof CancelledFailure)
    return new DcdgetError('cancelled', 'The step was cancelled', { cause: error });
  return new DcdgetError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** The output is not part of it: it may hold what the app printed, and histories are kept. */
function asFailure(error: DcdgetError): ApplicationFailure {
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable,
    details: [{ hint: error.hint, server: error.server }],
  });
}
