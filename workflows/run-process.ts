import { CancellationScope, condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/activities.ts';
import { LOOK_SIGNAL, STOP_SIGNAL, type SessionEnding, type SessionInput } from '../domain/sessions.ts';
import { failureOf } from './failure.ts';
import { LATER_POLICY, SESSION_POLICY } from './policies.ts';

export const look = defineSignal(LOOK_SIGNAL);
export const stop = defineSignal(STOP_SIGNAL);

const { placeSession, startSession } =
  proxyActivities<Pick<Activities, 'placeSession' | 'startSession'>>(SESSION_POLICY);
const { lookAtSession, endSession } = proxyActivities<Pick<Activities, 'lookAtSession' | 'endSession'>>(LATER_POLICY);

/** Between two looks that nobody asked for: an eighth of the time that it has lasted, within these bounds. */
const LEAST_WAIT_MS = 2_000;
const MOST_WAIT_MS = 60_000;

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
    const leftMs = () => startedMs + lastsSeconds * 1000 - Date.now();
    while (!isStopped && leftMs() > 0) {
      const waitMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, (Date.now() - startedMs) / 8), leftMs());
      await condition(() => isAsked || isStopped, waitMs);
      isAsked = false;
      if (isStopped) break;
      const { isRunning, exitCode, failure } = await lookAtSession({ sessionId });
      if (!isRunning) return { exitCode, failure };
    }
    return { exitCode: null, failure: null };
  }
}
