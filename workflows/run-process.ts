import { CancellationScope, condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import type { SessionLook } from '../activities/sessions.ts';
import {
  LOOK_SIGNAL,
  STOP_SIGNAL,
  type SessionEnding,
  type SessionFailure,
  type SessionInput,
} from '../domain/sessions.ts';
import { failureOf, isDecided } from './failure.ts';
import { LATER_POLICY, SESSION_POLICY } from './policies.ts';

export const look = defineSignal(LOOK_SIGNAL);
export const stop = defineSignal(STOP_SIGNAL);

const { placeSession, startSession } =
  proxyActivities<Pick<Activities, 'placeSession' | 'startSession'>>(SESSION_POLICY);
const { endSession } = proxyActivities<Pick<Activities, 'endSession'>>(LATER_POLICY);

/** Between two looks that nobody asked for: an eighth of the time that it has lasted, within these bounds. */
const LEAST_WAIT_MS = 2_000;
const MOST_WAIT_MS = 60_000;
/** How long a server is asked in vain before it matters again whether the session was told to stop. */
const LOOK_MS = 30_000;
/** A busy server may take that long, also when the session's time is over. */
const LEAST_LOOK_MS = 10_000;

/** A one-off session from its place to the last trace of it; in nobody's queue, and no deploy waits for it. */
export async function runProcess({ sessionId, lastsSeconds }: SessionInput): Promise<void> {
  let isAsked = false;
  let isStopped = false;
  setHandler(look, () => void (isAsked = true));
  setHandler(stop, () => void (isStopped = true));
  let ending: SessionEnding = { exitCode: null, failure: null };
  try {
    await placeSession({ sessionId });
    if (!isStopped) await startSession({ sessionId });
    ending = await untilItEnds();
  } catch (error) {
    const { code, message, hint } = failureOf('startProcess', error);
    ending = { exitCode: null, failure: { code, message, hint } };
  }
  await CancellationScope.nonCancellable(() => endSession({ sessionId, ...ending }));

  async function untilItEnds(): Promise<SessionEnding> {
    const startedMs = Date.now();
    /** With it the record ends at once: the server may be away for long. */
    let unseen: SessionFailure | null = null;
    const leftMs = () => startedMs + lastsSeconds * 1000 - Date.now();
    while (!isStopped && leftMs() > 0) {
      const waitMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, (Date.now() - startedMs) / 8), leftMs());
      await condition(() => isAsked || isStopped, waitMs);
      isAsked = false;
      if (isStopped) break;
      const { isRunning, ...seen } = await lookFor(Math.max(LEAST_LOOK_MS, Math.min(LOOK_MS, leftMs())));
      if (!isRunning) return seen;
      unseen = seen.failure;
    }
    return { exitCode: null, failure: unseen };
  }

  /** A session whose server cannot be asked in that time is taken to run, and `failure` tells why it was not seen. */
  async function lookFor(withinMs: number): Promise<SessionLook> {
    const { lookAtSession } = proxyActivities<Pick<Activities, 'lookAtSession'>>({
      ...LATER_POLICY,
      scheduleToCloseTimeout: withinMs,
    });
    try {
      return await lookAtSession({ sessionId });
    } catch (error) {
      if (isDecided(error)) throw error;
      const { code, message, hint } = failureOf('startProcess', error);
      return { isRunning: true, exitCode: null, failure: { code, message, hint } };
    }
  }
}
