import { rmSync } from 'node:fs';
import { DcdgetError } from '../domain/errors.ts';
import { ensureBridge, removeBridge } from './bridge.ts';
import { withLock } from './locks.ts';
import { hasDevice, ip } from './network-device.ts';
import { containerState, logTail, startContainer, stopContainer, type ServerState } from './server-container.ts';
import { mountDisk, unmountDisk } from './server-disk.ts';
import { awaitReady } from './server-readiness.ts';
import {
  assertNames,
  containerName,
  deviceOf,
  forgetServer,
  lockFile,
  recordedServers,
  recordServer,
  settledPlan,
  type ServerKey,
  type ServerPlan,
} from './server-record.ts';
import { hostKeyOf, prepareRoot } from './server-root.ts';

export type { ServerKey, ServerPlan } from './server-record.ts';
export type { ServerState } from './server-container.ts';

/** What SSH needs to reach it. */
export type BootedServer = { name: string; host: string; port: number; hostKey: string };

const LOCK_TIMEOUT_MS = 120_000;

/**
 * Boots a simulated server and returns when systemd is up and sshd answers. One that runs already
 * is left alone; one whose folder exists keeps its data, its changes and its host key.
 */
export async function bootServer(wanted: ServerPlan): Promise<BootedServer> {
  assertNames(wanted);
  const plan = settledPlan(wanted);
  await exclusively(plan, () => ensureStarted(plan));
  await awaitReady(plan);
  return { name: plan.name, host: plan.address, port: 22, hostKey: hostKeyOf(plan) };
}

/** Halts it. The folder with all that is on its disks stays. */
export async function stopServer(server: ServerKey): Promise<void> {
  assertNames(server);
  await exclusively(server, () => takeDown(server, 'halt'));
}

/** Takes its power away; as little is saved as on a real machine. */
export async function powerOffServer(server: ServerKey): Promise<void> {
  assertNames(server);
  await exclusively(server, () => takeDown(server, 'power-off'));
}

/** Leaves nothing of it. */
export async function removeServer(server: ServerKey): Promise<void> {
  await powerOffServer(server);
  rmSync(server.folder, { recursive: true, force: true });
}

/** Removes every server of a run and their bridges, also those that a killed process left. */
export async function removeRun(run: string): Promise<void> {
  const servers = recordedServers().filter((server) => server.run === run);
  for (const server of servers) await removeServer(server);
  for (const name of new Set(servers.map(({ bridge }) => bridge.name))) await removeBridge(name);
}

/** A paused server is up: its processes and its memory are there. */
export async function serverState(server: ServerKey): Promise<'up' | 'stopped'> {
  return (await containerState(server)) === 'stopped' ? 'stopped' : 'up';
}

/** The servers on this machine that were booted and not stopped, of all runs. */
export function listServers(): Promise<(ServerPlan & { state: ServerState })[]> {
  return Promise.all(recordedServers().map(async (plan) => ({ ...plan, state: await containerState(plan) })));
}

async function ensureStarted(plan: ServerPlan): Promise<void> {
  await ensureBridge(plan.bridge);
  if ((await containerState(plan)) !== 'stopped') return plugIn(plan);
  // A server that did not come to its end, as after a crash, is cleared away first.
  await takeDown(plan, 'power-off');
  await assertAddressFree(plan);
  recordServer(plan);
  await mountDisk(plan, plan.diskMb);
  await prepareRoot(plan);
  await startContainer(plan).catch((cause: unknown) => {
    throw new DcdgetError('unavailable', `${plan.name} cannot be started`, { output: logTail(plan), cause });
  });
}

/** A bridge that was removed and made again has lost its cables. */
async function plugIn(plan: ServerPlan): Promise<void> {
  const device = deviceOf(plan);
  if (hasDevice(device)) await ip('link', 'set', device, 'master', plan.bridge.name);
}

async function takeDown(server: ServerKey, how: 'halt' | 'power-off'): Promise<void> {
  await stopContainer(server, how);
  await unmountDisk(server);
  forgetServer(server);
}

async function assertAddressFree(plan: ServerPlan): Promise<void> {
  const others = recordedServers().filter((other) => containerName(other) !== containerName(plan));
  const holder = others.find(({ address }) => address === plan.address);
  if (!holder) return;
  throw new DcdgetError('conflict', `${plan.address} is the address of ${holder.name} of ${holder.run}`, {
    hint: `Stop ${holder.name} first, or choose another address.`,
  });
}

function exclusively(server: ServerKey, work: () => Promise<void>): Promise<void> {
  const busy = `another process has been at work on ${server.name} for too long`;
  return withLock(lockFile(server), { timeoutMs: LOCK_TIMEOUT_MS, busy }, work);
}
