import { setTimeout as sleep } from 'node:timers/promises';
import { DcdgetError } from '../domain/errors.ts';

export type Deadline = {
  /** Completes "waited N s for …". */
  awaited: string;
  timeoutMs: number;
  intervalMs?: number;
  /** What to show when the time is over, for example the last lines of a log. */
  output?: () => string;
};

/** Asks until the answer is not null. Throws `unavailable` when the deadline passes; an error of the question ends the wait. */
export async function waitFor<T>(deadline: Deadline, ask: () => Promise<T | null>): Promise<T> {
  const endsAt = Date.now() + deadline.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > endsAt) throw overdue(deadline);
    await sleep(deadline.intervalMs ?? 50);
  }
}

function overdue({ awaited, timeoutMs, output }: Deadline): DcdgetError {
  const sentence = `waited ${Math.round(timeoutMs / 1000)} s for ${awaited}`;
  return new DcdgetError('unavailable', sentence, output ? { output: output() } : {});
}
