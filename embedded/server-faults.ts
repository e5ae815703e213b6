import { DcdgetError } from '../domain/errors.ts';
import { waitFor } from './deadlines.ts';
import { hasDevice, ip } from './network-device.ts';
import { bootServer, powerOffServer, type ServerPlan } from './server.ts';
import { containerState, freeze, initProcess, isGone, requestReboot, thaw } from './server-container.ts';
import { deviceOf, type ServerKey } from './server-record.ts';

export { fillDisk, freeDisk } from './server-disk.ts';

const REBOOT_TIMEOUT_MS = 120_000;

/** Returns when it is up again. A power cut is a reboot that nothing in the server is told of. */
export async function rebootServer(plan: ServerPlan, how: 'clean' | 'power-cut' = 'clean'): Promise<void> {
  if (how === 'power-cut') {
    await powerOffServer(plan);
    await bootServer(plan);
    return;
  }
  const before = await requireInit(plan);
  await requestReboot(plan);
  const deadline = { awaited: `${plan.name} to go down for its reboot`, timeoutMs: REBOOT_TIMEOUT_MS };
  await waitFor(deadline, async () => {
    const now = await initProcess(plan);
    return isGone(plan) || (now !== null && now !== before) ? true : null;
  });
  // LXC boots it again by itself, unless the bridge was away at that moment.
  await bootServer(plan);
}

/** Nothing in it runs until resumeServer; to others it looks like a machine that hangs. */
export async function pauseServer(server: ServerKey): Promise<void> {
  await requireInit(server);
  if ((await containerState(server)) === 'up') await freeze(server);
}

export async function resumeServer(server: ServerKey): Promise<void> {
  await requireInit(server);
  if ((await containerState(server)) === 'paused') await thaw(server);
}

/** Whatever is sent to or by the server is lost from now on, silently. Holds until restoreNetwork or a reboot. */
export async function cutNetwork(server: ServerKey): Promise<void> {
  await ip('link', 'set', requireDevice(server), 'down');
}

export async function restoreNetwork(server: ServerKey): Promise<void> {
  await ip('link', 'set', requireDevice(server), 'up');
}

async function requireInit(server: ServerKey): Promise<number> {
  const pid = await initProcess(server);
  if (pid === null) throw new DcdgetError('conflict', `${server.name} is stopped`);
  return pid;
}

function requireDevice(server: ServerKey): string {
  const device = deviceOf(server);
  if (!hasDevice(device)) throw new DcdgetError('conflict', `${server.name} is stopped, so it has no network`);
  return device;
}
