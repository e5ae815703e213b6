import { readFileSync, rmSync } from 'node:fs';
import type { Context } from '@temporalio/activity';
import { assertNever, DcdgetError } from '../domain/errors.ts';
import { CANCEL_UPDATE } from '../domain/queue.ts';

/** A fault to happen once: at which activity, and how. */
export type Failpoint = { step: string; mode: 'before' | 'after-effect' | 'unknown' | 'kill' | 'pause' | 'cancel' };

/** Long enough for the effect to begin, too short for it to end. */
const MIDDLE_MS = 30;

/** Runs the activity with the fault that the file names for it, if any; the file is gone once it has fired. */
export async function withFailpoint<T>(file: string, context: Context, act: () => Promise<T>): Promise<T> {
  const failpoint = readFailpoint(file);
  if (failpoint?.step !== context.info.activityType) return act();
  rmSync(file, { force: true });
  switch (failpoint.mode) {
    case 'before':
      throw fault(failpoint);
    case 'after-effect':
      await act();
      throw fault(failpoint);
    case 'unknown':
      throw new DcdgetError('effect_unknown', `The failpoint ${failpoint.step} ${failpoint.mode} fired`);
    case 'kill':
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), MIDDLE_MS);
      return act();
    case 'pause':
      setTimeout(() => process.kill(process.pid, 'SIGSTOP'), MIDDLE_MS);
      return act();
    case 'cancel':
      await cancel(context);
      return act();
    default:
      return assertNever(failpoint.mode);
  }
}

function readFailpoint(file: string): Failpoint | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Failpoint;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function fault({ step, mode }: Failpoint): DcdgetError {
  return new DcdgetError('internal', `The failpoint ${step} ${mode} fired`);
}

/** As a person would: refused once the operation is live, which is an answer too. */
async function cancel({ client, info, log }: Context): Promise<void> {
  // Of what an operation has left to do, the operation itself.
  const workflowId = (info.workflowExecution?.workflowId ?? '').replace(/\/later$/, '');
  try {
    await client.workflow.getHandle(workflowId).executeUpdate(CANCEL_UPDATE);
  } catch (error) {
    log.info('The cancel of the failpoint was refused', { error });
  }
}
