import {
  type ActivityOptions,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { Activities } from '../activities/activities.ts';
import {
  stepsOf,
  type OperationInput,
  type OperationResult,
  type OperationState,
  type Retirement,
  type StepInput,
} from '../domain/operations.ts';
import type { Failure } from '../domain/releases.ts';
import { HIDDEN_UNDO_OF, shownStep, UNDO_OF, type StepName } from '../domain/steps.ts';
import { operationWorkflowId } from '../domain/workflows.ts';
import { openDesk, type Desk } from './desk.ts';
import { failureOf, isDecided } from './failure.ts';
import { policyOf, RECORD_POLICY } from './policies.ts';

/** Activities that take a step's input: all that a saga calls. */
export type StepActivity = {
  [Name in keyof Activities]: Activities[Name] extends (input: StepInput) => Promise<unknown> ? Name : never;
}[keyof Activities];
type ResultOf<Name extends StepActivity> = Awaited<ReturnType<Activities[Name]>>;
type Step = { executeWithOptions(options: ActivityOptions, args: [StepInput]): Promise<unknown> };

/** Called by name only: what each gives back, ResultOf says. */
const activities = proxyActivities(RECORD_POLICY) as unknown as Record<StepActivity, Step>;
const { setOperationState } = proxyActivities<Pick<Activities, 'setOperationState'>>(RECORD_POLICY);
const STATE = defineSearchAttributeKey('DcdState', SearchAttributeType.KEYWORD);

export type Saga = {
  /**
   * Runs one step; its undo is registered first, since a step that timed out may have done its work. Steps whose
   * result somebody needs are never left out.
   */
  step<Name extends StepActivity>(name: Name): Promise<ResultOf<Name>>;
  /** Runs one step for each subject at once. When one fails the others are cancelled, and waited for. */
  each(name: StepActivity, subjects: readonly string[], whenNone?: string): Promise<void>;
  /** Runs steps that do not need each other at once. When one fails the others are cancelled, and waited for. */
  beside(...acts: (() => Promise<void>)[]): Promise<void>;
  /** Starts what is left to do, in a workflow of its own that nobody waits for. */
  leave(workflow: (left: Retirement) => Promise<void>, left: Retirement): Promise<void>;
  /** The operation as its first step has found it. */
  adopt(operation: OperationInput): void;
  /** From here on the operation only rolls forward: a step that fails is told and left, a cancel is refused. */
  pivot(): void;
  /** Leaves steps out, with the reason that people are told. */
  skip(reasons: Partial<Record<StepName, string>>): void;
};

type Undo = { name: StepActivity; subject: string };
type Ending = { operation: OperationInput; failure: Failure; state: 'failed' | 'cancelled' };
/** Whether a step that cannot go on waits for an operator, or ends the operation. */
type SagaOptions = { asksOperator: boolean };
export type RecordFailure = (ending: Ending) => Promise<unknown>;

/** Runs the steps; on failure or cancel undoes what was begun, last first, then records the failure. */
export async function runSaga(
  input: OperationInput,
  steps: (saga: Saga) => Promise<void>,
  recordFailure: RecordFailure,
  options: SagaOptions = { asksOperator: true },
): Promise<OperationResult> {
  const forward = new CancellationScope();
  const desk = openDesk(() => forward.cancel());
  const { saga, undoAll, failedStep, operation } = createSaga(input, desk, options);
  try {
    await forward.run(() => steps(saga));
    return { state: 'succeeded', failure: null };
  } catch (error) {
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    return CancellationScope.nonCancellable(async () => {
      const leftovers = error instanceof Abandoned ? [EVERYTHING] : await undoAll();
      const failure = withLeftovers(failureOf(failedStep(), error), leftovers);
      await recordFailure({ operation: operation(), failure, state });
      return { state, failure };
    });
  }
}

const EVERYTHING = 'everything that was begun';
/** Steps that the rest cannot do without. */
const NEEDED: ReadonlySet<string> = new Set([
  'createRelease',
  'placeInstances',
  'completeRelease',
  'closeApp',
  'forgetApp',
]);

/** The operator gave the operation up, to destroy its app. */
class Abandoned extends Error {}

function createSaga(input: OperationInput, desk: Desk, options: SagaOptions) {
  const shown = stepsOf(input.kind);
  const undos: Undo[][] = [];
  const skipped: Partial<Record<StepName, string>> = {};
  let operation = input;
  let untold: Partial<Record<StepName, string>> = {};
  let current: StepName = shown[0] ?? 'createRelease';
  let failed: StepName | undefined;
  let state: OperationState = 'running';
  let isLive = false;
  const shownAs = (name: StepActivity): StepName => shownStep(name, shown)?.step ?? current;

  const call = (name: StepActivity, subject: string, isAgain: boolean): Promise<unknown> => {
    const skips = untold;
    untold = {};
    const activityId = [name, subject].join(' ').trim();
    const policy = policyOf(name, operation.budgetSeconds);
    const step: StepInput = {
      operation,
      subject,
      ...(isAgain ? { again: true } : {}),
      ...(Object.keys(skips).length === 0 ? {} : { skips }),
    };
    return activities[name].executeWithOptions({ ...policy, activityId, summary: summaryOf(operation, subject) }, [
      step,
    ]);
  };

  /** Tries until it is done, decided, or given up; what cannot go on asks an operator, who may take any time. */
  const attempt = async (name: StepActivity, subject: string, isUndo = false): Promise<unknown> => {
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await call(name, subject, isAgain);
      } catch (error) {
        if (isDecided(error) || !options.asksOperator || (isLive && name !== 'completeRelease')) throw error;
        const failure = failureOf(shownAs(name), error);
        const alarm = async (times: number) => {
          log.error('An operation needs an operator', { ...operation, ...failure, times });
          setCurrentDetails(`**needs an operator** ${failure.step} ${subject}: ${failure.message}`);
          await enter('needs-operator', failure);
        };
        const { action } = await desk.ask({ canSkip: isUndo || !NEEDED.has(name), alarm });
        await enter(isUndo ? 'rolling-back' : 'running', null);
        if (action === 'abandon') throw new Abandoned(failure.message, { cause: error });
        if (action === (isUndo ? 'skip' : 'undo')) throw error;
        if (action === 'skip') return undefined;
      }
    }
  };

  const begin = (name: StepActivity, subjects: readonly string[]) => {
    current = shownAs(name);
    setCurrentDetails(`**${shown.indexOf(current) + 1}/${shown.length} ${current}** ${subjects.join(', ')}`);
    const undo = undoOf(name);
    if (undo !== undefined && !isLive) undos.push(subjects.map((subject) => ({ name: undo, subject })));
  };

  const perform = async (name: StepActivity, subject: string): Promise<unknown> => {
    try {
      // What is live stays live, whoever cancels what.
      return await (isLive ? CancellationScope.nonCancellable(() => attempt(name, subject)) : attempt(name, subject));
    } catch (error) {
      failed ??= shownAs(name);
      throw error;
    }
  };

  const skip: Saga['skip'] = (reasons) => {
    Object.assign(skipped, reasons);
    Object.assign(untold, reasons);
  };

  const saga: Saga = {
    async step<Name extends StepActivity>(name: Name): Promise<ResultOf<Name>> {
      if (name in skipped) return undefined as ResultOf<Name>;
      begin(name, ['']);
      return (await perform(name, '')) as ResultOf<Name>;
    },

    async each(name, subjects, whenNone) {
      const step = shownAs(name);
      if (subjects.length === 0 && whenNone !== undefined && !(step in skipped)) skip({ [step]: whenNone });
      if (subjects.length === 0 || step in skipped) return;
      begin(name, subjects);
      try {
        await together(subjects, (subject) => perform(name, subject));
      } catch (error) {
        if (!isLive) throw error;
        log.warn('A step after the switch failed and was left', { step: name, error });
      }
    },

    async beside(...acts) {
      await together(acts, (act) => act());
    },

    async leave(workflow, left) {
      await CancellationScope.nonCancellable(() =>
        startChild(workflow, {
          args: [left],
          workflowId: `${operationWorkflowId(operation.appId, operation.operationId)}/later`,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          parentClosePolicy: 'ABANDON',
          staticSummary: `retire · ${operation.subject} · ${left.instances.join(' ')}`.slice(0, 190),
        }),
      );
    },

    adopt(begun) {
      operation = begun;
    },

    pivot() {
      // A cancel that was taken while the last step before this ended: it was promised.
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The operation was cancelled');
      isLive = true;
      undos.length = 0;
      desk.close();
    },

    skip,
  };

  return { saga, operation: () => operation, failedStep: () => failed ?? current, undoAll };

  /** The state that people and lists are shown; lists by search attribute, which costs an event. */
  async function enter(next: OperationState, failure: Failure | null): Promise<void> {
    if (next !== state) upsertSearchAttributes([{ key: STATE, value: next }]);
    state = next;
    await setOperationState({ operation, state, ...(failure === null ? {} : { failure }) });
  }

  /** What could not be undone, as sentences; the rest is undone all the same. */
  async function undoAll(): Promise<string[]> {
    const leftovers: string[] = [];
    if (undos.length > 0) await enter('rolling-back', null);
    for (const group of undos.toReversed()) {
      const results = await Promise.allSettled(group.map(({ name, subject }) => attempt(name, subject, true)));
      results.forEach((result, index) => {
        const undo = group[index];
        if (result.status === 'rejected') leftovers.push(`${undo?.name} ${undo?.subject}`.trim());
      });
      if (results.some((result) => result.status === 'rejected' && result.reason instanceof Abandoned))
        return [EVERYTHING];
    }
    return leftovers;
  }
}

/** The undo of a step that has one: every undo takes a step's input. */
function undoOf(name: string): StepActivity | undefined {
  const undo = ({ ...UNDO_OF, ...HIDDEN_UNDO_OF } as Record<string, string | undefined>)[name];
  return undo === 'failRelease' ? undefined : (undo as StepActivity | undefined);
}

async function together<T>(subjects: readonly T[], act: (subject: T) => Promise<unknown>): Promise<void> {
  const scope = new CancellationScope();
  const first: { error?: unknown } = {};
  await scope.run(() =>
    Promise.allSettled(
      subjects.map(async (subject) => {
        try {
          await act(subject);
        } catch (error) {
          first.error ??= error;
          scope.cancel();
        }
      }),
    ),
  );
  if ('error' in first) throw first.error;
}

function summaryOf({ subject: app, version }: OperationInput, subject: string): string {
  return [app, version === null ? '' : `v${version}`, subject]
    .filter((word) => word !== '')
    .join(' · ')
    .slice(0, 190);
}

function withLeftovers(failure: Failure, leftovers: readonly string[]): Failure {
  if (leftovers.length === 0) return failure;
  return { ...failure, hint: `Could not be undone, and is left on the servers: ${leftovers.join('; ')}` };
}
