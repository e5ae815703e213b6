import { connect } from 'node:net';
import { DcdgetError } from '../domain/errors.ts';
import { waitFor } from './deadlines.ts';
import { containerState, logTail, systemState } from './server-container.ts';
import type { ServerPlan } from './server-record.ts';

const BOOT_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 500;
const INTERVAL_MS = 50;

/** Returns when sshd answers and systemd has started all that belongs to a boot, failed units included. */
export async function awaitReady(plan: ServerPlan): Promise<void> {
  const output = () => logTail(plan);
  const deadline = { timeoutMs: BOOT_TIMEOUT_MS, intervalMs: INTERVAL_MS, output };
  await waitFor({ ...deadline, awaited: `sshd of ${plan.name} at ${plan.address}` }, async () => {
    if (await greets(plan.address)) return true;
    await assertUp(plan);
    return null;
  });
  await waitFor({ ...deadline, awaited: `the boot of ${plan.name}` }, async () => {
    await assertUp(plan);
    return isBooted(await systemState(plan)) ? true : null;
  });
}

function isBooted(systemState: string): boolean {
  return ['running', 'degraded'].includes(systemState.trim());
}

async function assertUp(plan: ServerPlan): Promise<void> {
  const state = await containerState(plan);
  if (state === 'up') return;
  throw new DcdgetError('unavailable', `${plan.name} is ${state} instead of booting`, { output: logTail(plan) });
}

/** Whether an SSH server says its name. */
function greets(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 22, timeout: ANSWER_TIMEOUT_MS });
    const answer = (isGreeted: boolean) => {
      socket.destroy();
      resolve(isGreeted);
    };
    socket.once('data', (bytes) => answer(bytes.toString('latin1').startsWith('SSH-')));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}
