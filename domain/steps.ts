/** The fifteen steps of a release, in order. The numbers are shown to people and fence the routers. */
export const RELEASE_STEPS = [
  'createRelease',
  'fetchSource',
  'compileSlug',
  'placeInstances',
  'prepareServer',
  'uploadSlug',
  'writeEnvironment',
  'createContainer',
  'runReleaseCommand',
  'startProcess',
  'checkHealth',
  'updateNginx',
  'verifyRelease',
  'retireContainer',
  'completeRelease',
] as const;
export type ReleaseStep = (typeof RELEASE_STEPS)[number];

export const DESTROY_STEPS = [
  'closeApp',
  'removeRoute',
  'retireContainer',
  'removeAppFolders',
  'removeObjects',
  'forgetApp',
] as const;
export type DestroyStep = (typeof DESTROY_STEPS)[number];

export const ADD_SERVER_STEPS = [
  'checkServer',
  'provisionServer',
  'provisionRouter',
  'provisionPackman',
  'admitServer',
] as const;
export type AddServerStep = (typeof ADD_SERVER_STEPS)[number];

export type StepName = ReleaseStep | DestroyStep | AddServerStep;

export type StepState = 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'skipped' | 'undone';

/** One row of an operation's timeline: a step, or one instance or server of it. */
export type StepRow = {
  operationId: string;
  /** Place of the step in its operation, from 1. */
  number: number;
  step: StepName;
  /** The instance or server the row is about, '' for the step itself. */
  subject: string;
  /** The server it ran on, '' for none. */
  server: string;
  state: StepState;
  attempt: number;
  startedAt: Date | null;
  endedAt: Date | null;
  nextRetryAt: Date | null;
  /** Why it was skipped, or why it failed: one sentence. */
  reason: string | null;
  /** The last lines of output, redacted. */
  output: string | null;
};

export function stepNumber(step: ReleaseStep): number {
  return RELEASE_STEPS.indexOf(step) + 1;
}

/** Steps that have an undo, and its name. */
export const UNDO_OF = {
  createRelease: 'failRelease',
  placeInstances: 'freePlacement',
  uploadSlug: 'dropLease',
  writeEnvironment: 'removeEnvironment',
  createContainer: 'removeContainer',
  startProcess: 'stopProcess',
  updateNginx: 'restoreRoute',
} as const satisfies Partial<Record<ReleaseStep, string>>;

/** Undos of activities that are no steps of their own. */
export const HIDDEN_UNDO_OF = { endProcess: 'resumeProcess' } as const;

/** Activities that are shown as part of another step, or as its undo. */
const SHOWN_AS: Readonly<Record<string, { step: StepName; isUndo: boolean }>> = {
  endProcess: { step: 'startProcess', isUndo: false },
  resumeProcess: { step: 'startProcess', isUndo: true },
  watchRelease: { step: 'verifyRelease', isUndo: false },
};

/** The step an activity is shown under, and whether it undoes that step; null for one that is not shown. */
export function shownStep(activity: string, steps: readonly StepName[]): { step: StepName; isUndo: boolean } | null {
  const own = steps.find((name) => name === activity);
  const undone = Object.entries(UNDO_OF).find(([, undo]) => undo === activity)?.[0] as ReleaseStep | undefined;
  const shown =
    own !== undefined
      ? { step: own, isUndo: false }
      : (SHOWN_AS[activity] ?? (undone === undefined ? undefined : { step: undone, isUndo: true }));
  return shown === undefined || !steps.includes(shown.step) ? null : shown;
}
