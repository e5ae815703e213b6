import { globSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import { waitFor } from './deadlines.ts';
import { hasDevice, removeDevice } from './network-device.ts';
import { containerConfig } from './server-config.ts';
import { dataFolder } from './server-disk.ts';
import { containerName, deviceOf, type ServerKey, type ServerPlan } from './server-record.ts';
import { upperFolder } from './server-root.ts';

const COMMAND_TIMEOUT_MS = 20_000;
const HALT_SECONDS = 30;
const GONE_TIMEOUT_MS = 10_000;

export type ServerState = 'up' | 'paused' | 'stopped';

export async function startContainer(plan: ServerPlan): Promise<void> {
  const name = containerName(plan);
  mkdirSync(join(lxcFolder(plan), name), { recursive: true });
  writeFileSync(join(lxcFolder(plan), name, 'config'), configOf(plan));
  // A log of an earlier boot would tell nothing about this one.
  writeFileSync(logFile(plan), '');
  await lxc(plan, 'lxc-start', '--daemon', '--logfile', logFile(plan), '--logpriority', 'NOTICE');
}

/** Whether not even the process is left that would boot it again after its end. */
export function isGone(server: ServerKey): boolean {
  return processesOf(server).length === 0;
}

export async function containerState(server: ServerKey): Promise<ServerState> {
  if (isGone(server)) return 'stopped';
  const state = await lxc(server, 'lxc-info', '--state', '--no-humanize');
  if (state === 'FROZEN') return 'paused';
  return state === 'STOPPED' ? 'stopped' : 'up';
}

/** Halts it as its power button would; takes the power away when that does not help, or at once when asked. */
export async function stopContainer(server: ServerKey, how: 'halt' | 'power-off'): Promise<void> {
  const state = await containerState(server);
  if (state === 'paused') await thaw(server);
  if (state !== 'stopped') {
    const args = how === 'halt' ? ['--timeout', String(HALT_SECONDS)] : ['--kill'];
    await lxc(server, 'lxc-stop', ...args);
  }
  await sweep(server);
}

export async function freeze(server: ServerKey): Promise<void> {
  await lxc(server, 'lxc-freeze');
}

export async function thaw(server: ServerKey): Promise<void> {
  await lxc(server, 'lxc-unfreeze');
}

/** Number of the server's first process on this machine, another one after each boot; null in between. */
export async function initProcess(server: ServerKey): Promise<number | null> {
  if (isGone(server)) return null;
  const pid = Number(await lxc(server, 'lxc-info', '--pid', '--no-humanize'));
  return pid > 0 ? pid : null;
}

/** What systemd says of itself: starting, running, degraded … */
export async function systemState(server: ServerKey): Promise<string> {
  const question = 'systemctl is-system-running 2>/dev/null || true';
  return lxc(server, 'lxc-attach', '--clear-env', '--', '/bin/sh', '-c', question);
}

/** Asks systemd in the server for a reboot. */
export async function requestReboot(server: ServerKey): Promise<void> {
  await lxc(server, 'lxc-stop', '--reboot', '--nowait');
}

export function logTail(server: ServerKey): string {
  const lines = readFileSync(logFile(server), 'utf8').trimEnd().split('\n');
  return lines.slice(-10).join('\n');
}

function configOf(plan: ServerPlan): string {
  return containerConfig({
    hostName: plan.name,
    serverRoot: plan.images.serverRoot,
    upperFolder: upperFolder(plan),
    dataFolder: dataFolder(plan),
    bridge: plan.bridge,
    address: plan.address,
    device: deviceOf(plan),
    hasOnlyCgroup2: plan.hasOnlyCgroup2 === true,
  });
}

/** Removes what a container leaves whose monitor was killed: processes, cgroups, the cable. */
async function sweep(server: ServerKey): Promise<void> {
  await waitFor({ awaited: `${server.name}'s processes to end`, timeoutMs: GONE_TIMEOUT_MS }, async () => {
    const left = processesOf(server);
    for (const pid of left) kill(pid);
    return left.length === 0 ? true : null;
  });
  await waitFor({ awaited: `${server.name}'s cgroups to be empty`, timeoutMs: GONE_TIMEOUT_MS }, async () =>
    removeCgroups(server) ? true : null,
  );
  const device = deviceOf(server);
  await waitFor({ awaited: `${device} to go`, timeoutMs: GONE_TIMEOUT_MS }, async () => {
    await removeDevice(device);
    return hasDevice(device) ? null : true;
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** All processes in the container and its monitor, found by their cgroups: that works without the monitor too. */
function processesOf(server: ServerKey): number[] {
  const pattern = cgroupPattern(server);
  return globSync('/proc/[0-9]*/cgroup').flatMap((file) => {
    const lines = readIfThere(file).split('\n');
    return lines.some((line) => line.split('/').some((part) => pattern.test(part))) ? [Number(file.split('/')[2])] : [];
  });
}

/** False when some are still in use: a process that ended leaves its cgroup a moment later. */
function removeCgroups(server: ServerKey): boolean {
  const pattern = cgroupPattern(server);
  const roots = globSync(['/sys/fs/cgroup/lxc.*', '/sys/fs/cgroup/*/lxc.*']);
  return roots.filter((path) => pattern.test(path.split('/').at(-1) ?? '')).every(removeCgroup);
}

/** False when it is still in use. A folder goes only after those in it. */
export function removeCgroup(folder: string): boolean {
  try {
    const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (!inside.every(({ name }) => removeCgroup(join(folder, name)))) return false;
    rmdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return false;
    if (code === 'ENOENT') return true;
    throw error;
  }
}

function cgroupPattern(server: ServerKey): RegExp {
  return new RegExp(`^lxc\\.(payload|monitor)\\.${containerName(server).replaceAll('.', '\\.')}(-\\d+)?$`);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function lxcFolder({ folder }: Pick<ServerKey, 'folder'>): string {
  return join(folder, 'lxc');
}

function logFile(server: ServerKey): string {
  return join(lxcFolder(server), 'lxc.log');
}

function lxc(server: ServerKey, command: string, ...args: string[]): Promise<string> {
  const target = ['--lxcpath', lxcFolder(server), '--name', containerName(server)];
  const timeoutMs = COMMAND_TIMEOUT_MS + (command === 'lxc-stop' ? HALT_SECONDS * 1000 : 0);
  return run({ command, args: [...target, ...args], timeoutMs });
}
