import { randomUUID } from 'node:crypto';
import type { App } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import {
  isFinal,
  stepsOf,
  type HeadChange,
  type Operation,
  type OperationInput,
  type OperationKind,
} from '../domain/operations.ts';
import type { Failure } from '../domain/releases.ts';
import type { Dependencies, Log } from './dependencies.ts';
import { takeBack } from './head-changes.ts';

/** What a caller wants; the release it makes, if any, is stored before it. */
export type Intent = {
  id: string;
  kind: OperationKind;
  /** Null for an operation on a server. */
  app: App | null;
  /** Name of the app or server. */
  subject: string;
  version: number | null;
  actor: { id: string; email: string };
  /** `web` or `web.1` of a restart. */
  scope?: string;
  /** What the request has changed on the app already. */
  change?: HeadChange;
};

export type Starter = ReturnType<typeof createStarter>;

const HAND_IN_AGAIN_AFTER_MS = 5_000;
const ABANDONED_AFTER_MS = 60_000;
const ABANDONED: Failure = {
  step: 'createRelease',
  code: 'internal',
  message: 'The API ended before it had stored the operation of this release',
  hint: 'Nothing was changed; do the same again.',
  output: null,
};

export function newOperationId(): string {
  return randomUUID();
}

/** Stores an operation first, then hands it to Temporal: what is stored is done, also when the API dies in between. */
export function createStarter({
  store,
  temporal,
  retryBudgetSeconds,
  log,
}: Pick<Dependencies, 'store' | 'temporal' | 'retryBudgetSeconds'> & { log: Log }) {
  async function submit(operation: Operation): Promise<void> {
    try {
      await temporal.submit(inputOf(operation, retryBudgetSeconds));
      await store.operations.markSubmitted(operation.id);
    } catch (error) {
      if (error instanceof DcdgetError && error.code === 'conflict') await refuse(operation, error);
      else log.warn({ operationId: operation.id, err: error }, 'The operation waits to be handed in again');
    }
  }

  async function refuse(operation: Operation, error: DcdgetError): Promise<void> {
    await end(operation, 'failed', failureOf(operation, error));
    await store.operations.markSubmitted(operation.id);
  }

  /** The end of an operation that never began. */
  async function end(operation: Operation, state: 'failed' | 'cancelled', failure: Failure): Promise<void> {
    if (operation.appId !== null && operation.version !== null) {
      const release = await store.releases.get(operation.appId, operation.version);
      await store.releases.fail(operation.appId, operation.version, failure);
      if (release.buildId !== null) await store.builds.change(release.buildId, { state: 'failed' });
    }
    await takeBack(store, operation);
    await store.operations.end(operation.id, state, { failure });
  }

  return {
    /** Resolves once the operation is stored and Temporal was asked; when that did not answer, it is asked again. */
    async start(intent: Intent): Promise<Operation> {
      const operation = newOperation(intent);
      await store.operations.add(operation);
      await submit(operation);
      return operation;
    },

    /** True when it still waited: it has ended then, and will never begin. */
    async withdraw(operation: Operation): Promise<boolean> {
      if (operation.appId === null) return false;
      // One that Temporal may not have: it would be handed in later, withdrawn or not.
      const isLeft = (await store.operations.unsubmitted()).some(({ id }) => id === operation.id);
      if (isLeft) await submit(operation);
      if (!(await temporal.withdraw(operation.appId, operation.id))) return false;
      await end(operation, 'cancelled', failureOf(operation, withdrawn(operation)));
      return true;
    },

    /** Operations that were stored but perhaps never reached Temporal, oldest first. */
    async handInAgain(now = Date.now()): Promise<void> {
      const left = (await store.operations.unsubmitted())
        .filter(({ state, createdAt }) => !isFinal(state) && now - createdAt.getTime() > HAND_IN_AGAIN_AFTER_MS)
        .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
      for (const operation of left) await submit(operation);
    },

    /** Releases that were numbered by an API that died before it stored their operation: nothing will ever move them. */
    async failAbandoned(now = Date.now()): Promise<void> {
      for (const release of await store.releases.pending()) {
        if (now - release.createdAt.getTime() < ABANDONED_AFTER_MS) continue;
        if ((await store.operations.find(release.operationId)) !== null) continue;
        await store.releases.fail(release.appId, release.version, ABANDONED);
        if (release.buildId !== null) await store.builds.change(release.buildId, { state: 'failed' });
        log.warn({ appId: release.appId, version: release.version }, ABANDONED.message);
      }
    },
  };

  function newOperation({ id, kind, app, subject, version, actor, scope, change }: Intent): Operation {
    return {
      id,
      kind,
      appId: app?.id ?? null,
      subject,
      sequence: 0,
      version,
      scope: scope ?? null,
      change: change ?? {},
      keep: [],
      formation: null,
      state: 'queued',
      actor: { id: actor.id, email: actor.email },
      failure: null,
      supersededBy: null,
      createdAt: new Date(),
      startedAt: null,
      endedAt: null,
    };
  }
}

/** Runs the hand-in at once and then every 15 s, one run at a time; returns how to stop it. */
export function keepHandingIn(starter: Starter, log: Log): () => void {
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      await starter.handInAgain();
      await starter.failAbandoned();
    } catch (error) {
      log.error({ err: error }, 'What was left undone could not be taken up again');
    } finally {
      running = false;
    }
  };
  void run();
  const timer = setInterval(() => void run(), HAND_IN_EVERY_MS);
  return () => clearInterval(timer);
}

const HAND_IN_EVERY_MS = 15_000;

function inputOf({ id, kind, appId, subject, sequence, version }: Operation, budgetSeconds: number): OperationInput {
  return { operationId: id, kind, appId, subject, sequence, version, budgetSeconds };
}

function withdrawn({ kind }: Operation): DcdgetError {
  return new DcdgetError('cancelled', `The ${kind} was cancelled before it began`);
}

function failureOf(operation: Operation, error: DcdgetError): Failure {
  const [step] = stepsOf(operation.kind);
  if (step === undefined) throw new DcdgetError('internal', `${operation.kind} has no steps`);
  return { step, code: error.code, message: error.message, hint: error.hint ?? null, output: null };
}
