import { setTimeout as sleep } from 'node:timers/promises';
import { serverLog, type ServerLog } from './server-log.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 2000;

/**
 * Removes what a build had; what is busy is tried again, each pause longer by one. Does not reject: what stays after all
 * is said in the server's log, and goes when Packman starts the next time.
 */
export async function removed(
  folder: { path: string; remove(): Promise<void> },
  { log = serverLog, pauseMs = PAUSE_MS }: { log?: ServerLog; pauseMs?: number } = {},
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      await folder.remove();
      return;
    } catch (error) {
      const event = attempt < ATTEMPTS ? 'not removed yet, trying again' : 'not removed, its slot is given free';
      log(event, { folder: folder.path, attempt, reason: error instanceof Error ? error.message : error });
    }
    if (attempt < ATTEMPTS) await sleep(attempt * pauseMs);
  }
}
