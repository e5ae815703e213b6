import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';

/** The bits of a mode that let anybody but its owner write. */
const OF_OTHERS = 0o022;
const SIGN_OF_LIFE_MS = 60_000;
/** A process that gave no sign of life for so long is gone. */
const GONE_AFTER_MS = 15 * 60_000;
/** Those of earlier versions were named by the number of their process. */
const OF_A_PROCESS = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27})$/;

export type Scratch = {
  /** This process's own folder, made when it is asked for first. Throws unavailable when it cannot be. */
  open(): Promise<string>;
  close(): Promise<void>;
};

/**
 * A folder of this process alone within one that several processes may share, on this machine or on others. What a
 * process that was killed left behind is removed by whoever comes later.
 */
export function createScratch(folder: string): Scratch {
  const name = randomUUID();
  const own = () => join(folder, name);
  let opening: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  return {
    async open() {
      opening ??= make().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      await opening;
      return own();
    },

    async close() {
      clearInterval(timer);
      await opening?.catch(() => undefined);
      if (opening !== undefined) await rm(own(), { recursive: true, force: true });
    },
  };

  async function make(): Promise<void> {
    await claim(folder);
    await mkdir(own(), { recursive: true, mode: 0o700 });
    await sweep();
    timer ??= setInterval(() => void live(), SIGN_OF_LIFE_MS).unref();
  }

  async function live(): Promise<void> {
    const now = new Date();
    // What cannot be swept now is swept later.
    await utimes(own(), now, now)
      .then(sweep)
      .catch(() => undefined);
  }

  async function sweep(): Promise<void> {
    const names = (await readdir(folder)).filter((other) => OF_A_PROCESS.test(other) && other !== name);
    await Promise.all(names.map((other) => removeIfGone(join(folder, other))));
  }
}

async function removeIfGone(path: string): Promise<void> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > GONE_AFTER_MS) await rm(path, { recursive: true, force: true });
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Others could put something in its place, or into it. */
async function claim(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [link, { uid, mode }] = await Promise.all([lstat(folder), stat(folder)]);
  if ([link.uid, uid].some((owner) => owner !== process.getuid?.())) {
    throw new DcdgetError('unavailable', 'The folder for git belongs to somebody else on this machine.', {
      hint: `An operator lets GIT_FOLDER (${folder}) belong to the user of the API and the workers.`,
    });
  }
  // One that was made with another umask.
  if ((mode & OF_OTHERS) !== 0) await chmod(folder, mode & ~OF_OTHERS & 0o7777);
}
