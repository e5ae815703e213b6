import {
  type ActivityOptions,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { stepsOf, type OperationInput, type OperationResult, type StepInput } from '../domain/operations.ts';
import type { Failure } from '../domain/releases.ts';
import { shownStep, UNDO_OF, type StepName } from '../domain/steps.ts';
import { failureOf } from './failure.ts';
import { DEFAULT_POLICY, policyOf } from './policies.ts';

/** Activities that take a step's input: all that a saga calls. */
export type StepActivity = {
  [Name in keyof Activities]: Activities[Name] extends (input: StepInput) => Promise<unknown> ? Name : never;
}[keyof Activities];
type ResultOf<Name extends StepActivity> = Awaited<ReturnType<Activities[Name]>>;

type Step = { executeWithOptions(options: ActivityOptions, args: [StepInput]): Promise<unknown> };

/** Called by name only: what each gives back, ResultOf says. */
const activities = proxyActivities(DEFAULT_POLICY) as unknown as Record<StepActivity, Step>;

export type Saga = {
  /**
   * Runs one step; its undo is registered first, since a step that timed out may have done its work. Steps whose
   * result somebody needs are never left out.
   */
  step<Name extends StepActivity>(name: Name): Promise<ResultOf<Name>>;
  /** Runs one step for each subject at once. When one fails the others are cancelled, and waited for. */
  each(name: StepActivity, subjects: readonly string[], whenNone?: string): Promise<void>;
  /** From here on the operation only rolls forward: a step that fails is told and left. */
  pivot(): void;
  /** Leaves steps out, with the reason that people are told. */
  skip(reasons: Partial<Record<StepName, string>>): void;
};

type Undo = { name: StepActivity; subject: string };
export type Rollback = (failure: Failure, state: 'failed' | 'cancelled') => Promise<unknown>;

/** Runs the steps; on failure or cancel undoes what was begun, last first, then records the failure. */
export async function runSaga(
  operation: OperationInput,
  steps: (saga: Saga) => Promise<void>,
  recordFailure: Rollback,
): Promise<OperationResult> {
  const { saga, undoAll, failedStep } = createSaga(operation);
  try {
    await steps(saga);
    return { state: 'succeeded', failure: null };
  } catch (error) {
    const state = isCancellation(error) ? 'cancelled' : 'failed';
    return CancellationScope.nonCancellable(async () => {
      const leftovers = await undoAll();
      const failure = withLeftovers(failureOf(failedStep(), error), leftovers);
      await recordFailure(failure, state);
      return { state, failure };
    });
  }
}

function createSaga(operation: OperationInput) {
  const shown = stepsOf(operation.kind);
  const undos: Undo[][] = [];
  const skipped: Partial<Record<StepName, string>> = {};
  let untold: Partial<Record<StepName, string>> = {};
  let current: StepName = shown[0] ?? 'createRelease';
  let rollsForward = false;

  const call = <Name extends StepActivity>(name: Name, subject: string): Promise<ResultOf<Name>> => {
    const skips = untold;
    untold = {};
    const options = {
      ...policyOf(name),
      activityId: [name, subject].join(' ').trim(),
      summary: summaryOf(operation, subject),
    };
    const input: StepInput = { operation, subject, ...(Object.keys(skips).length === 0 ? {} : { skips }) };
    return activities[name].executeWithOptions(options, [input]) as Promise<ResultOf<Name>>;
  };

  const begin = (name: StepActivity, subjects: readonly string[]) => {
    current = shownStep(name, shown)?.step ?? current;
    setCurrentDetails(`**${shown.indexOf(current) + 1}/${shown.length} ${current}** ${subjects.join(', ')}`);
    const undo = undoOf(name);
    if (undo !== undefined && !rollsForward) undos.push(subjects.map((subject) => ({ name: undo, subject })));
  };

  const skip: Saga['skip'] = (reasons) => {
    Object.assign(skipped, reasons);
    Object.assign(untold, reasons);
  };

  const saga: Saga = {
    async step<Name extends StepActivity>(name: Name): Promise<ResultOf<Name>> {
      if (name in skipped) return undefined as ResultOf<Name>;
      begin(name, ['']);
      return call(name, '');
    },

    async each(name, subjects, whenNone) {
      const { step } = shownStep(name, shown) ?? { step: current };
      if (subjects.length === 0 && whenNone !== undefined) skip({ [step]: whenNone });
      if (subjects.length === 0 || step in skipped) return;
      begin(name, subjects);
      try {
        await together(subjects, (subject) => call(name, subject));
      } catch (error) {
        if (!rollsForward) throw error;
        log.warn('A step after the switch failed and was left', { step: name, error });
      }
    },

    pivot() {
      rollsForward = true;
      undos.length = 0;
    },

    skip,
  };

  return { saga, failedStep: () => current, undoAll: () => undoAll(undos.toReversed(), call) };
}

/** The undo of a step that has one: every undo takes a step's input. */
function undoOf(name: string): StepActivity | undefined {
  const undo = (UNDO_OF as Record<string, string | undefined>)[name];
  return undo === 'failRelease' ? undefined : (undo as StepActivity | undefined);
}

/** What could not be undone, as sentences; the rest is undone all the same. */
async function undoAll(
  undos: readonly (readonly Undo[])[],
  call: (name: StepActivity, subject: string) => Promise<unknown>,
): Promise<string[]> {
  const leftovers: string[] = [];
  for (const group of undos) {
    const results = await Promise.allSettled(group.map(({ name, subject }) => call(name, subject)));
    results.forEach((result, index) => {
      const undo = group[index];
      if (result.status === 'rejected') leftovers.push(`${undo?.name} ${undo?.subject}`.trim());
    });
  }
  return leftovers;
}

async function together(subjects: readonly string[], act: (subject: string) => Promise<unknown>): Promise<void> {
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
