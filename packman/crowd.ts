import { readFileSync } from 'node:fs';
import { DcdgetError } from '../domain/errors.ts';

const LOOK_EVERY_MS = 2000;
/** A build may touch its limit; one that stays there is a fork bomb and never ends by itself. */
const LOOKS_AT_LIMIT = 5;

/** Tells when a container has been at its limit of processes for ten seconds. Stop it with clearInterval. */
export function watchCrowd(name: string, maxPids: number, tooMany: (reason: DcdgetError) => void): NodeJS.Timeout {
  let looks = 0;
  return setInterval(() => {
    looks = processesOf(name) >= maxPids - 1 ? looks + 1 : 0;
    if (looks < LOOKS_AT_LIMIT) return;
    tooMany(new DcdgetError('build_failed', `The build was stopped: it kept running ${maxPids} processes at once.`));
  }, LOOK_EVERY_MS);
}

/** 0 for a container that does not run (yet, or any more). */
function processesOf(name: string): number {
  for (const root of ['/sys/fs/cgroup', '/sys/fs/cgroup/pids']) {
    try {
      return Number(readFileSync(`${root}/lxc.payload.${name}/pids.current`, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENODEV')
        throw error;
    }
  }
  return 0;
}
