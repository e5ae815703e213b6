import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../cli/api-types.ts';
import { isFinal } from '../../domain/operations.ts';
import { processState } from '../../embedded/processes.ts';
import { dcdget, type Ran } from '../rig/command-line.ts';
import { atRest } from '../rig/histories.ts';
import type { Rig } from '../rig/rig.ts';
import type { Mark, Subject } from './subject.ts';

const LOOK_EVERY_MS = 100;

/** How a deploy went: what the command said, and what the API says when it is over. */
export type Deployed = { ran: Ran; operation: Operation };

/** Deploys the marked source, to the end of what it leaves to do; a worker that dies meanwhile is started again. */
export async function deployed(subject: Subject, mark: Mark, deadlineMs: number): Promise<Deployed> {
  const { rig, app, sources } = subject;
  const known = (await rig.api.operations(app.name, 1))[0]?.id;
  const running = dcdget(rig, 'deploy', sources[mark].folder, '--app', app.name);
  const ran = await attended(rig, settled(rig, running), deadlineMs);
  const [newest] = await rig.api.operations(app.name, 1);
  if (newest === undefined || newest.id === known)
    throw new Error(`the deploy began no operation:\n${ran.stdout}${ran.stderr}`);
  return { ran, operation: await rig.api.operation(newest.id) };
}

async function settled(rig: Rig, running: Promise<Ran>): Promise<Ran> {
  const ran = await running;
  await atRest(rig);
  return ran;
}

/** Says what an operator says to an operation that asks, and waits for its end. */
export async function decidedAs(
  { rig, app }: Subject,
  operation: Operation,
  action: 'retry' | 'skip',
  deadlineMs: number,
): Promise<Operation> {
  await rig.api.decideOperation(operation.id, action, 'the fault is over');
  const end = async (): Promise<Operation> => {
    for (;;) {
      const now = await rig.api.operation(operation.id);
      if (isFinal(now.state)) return now;
      await sleep(LOOK_EVERY_MS);
    }
  };
  return within(end(), deadlineMs, `the operation of ${app.name} to end after its ${action}`);
}

/** A stand-in for the supervisor of a real installation, which starts a worker that died again. */
async function attended<T>(rig: Rig, work: Promise<T>, deadlineMs: number): Promise<T> {
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      if (processState(rig.folder, 'worker') === 'died') await rig.restartWorker();
      await sleep(LOOK_EVERY_MS);
    }
  };
  const watching = watch();
  try {
    return await within(work, deadlineMs, 'the deploy to answer');
  } finally {
    isOver = true;
    await watching;
  }
}

async function within<T>(work: Promise<T>, deadlineMs: number, awaited: string): Promise<T> {
  const late = new AbortController();
  const deadline = sleep(deadlineMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`waited ${deadlineMs / 1000} s for ${awaited}`);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    late.abort();
    deadline.catch(() => undefined);
  }
}
