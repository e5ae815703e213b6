import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DcdgetError } from '../domain/errors.ts';
import type { BuildLog } from './build-log.ts';
import { watchCrowd } from './crowd.ts';
import { command, SERVER_ENVIRONMENT } from './command.ts';

/** The operator's: NAME=value lines that say how builds reach package registries. It need not be there. */
const REGISTRIES_FILE = '/etc/dcdget/registries';

export type BuildContainer = {
  name: string;
  /** Holds a folder of the container's name, which is where LXC looks for its configuration. */
  lxcPath: string;
  rootfs: string;
  /** Below these: upper, work and what is given and made. */
  disk: string;
  given: string;
  made: string;
  bundleFolder: string;
  resolvConf: string;
  network: { bridge: string; gateway: string; prefix: number; address: string; device: string };
  limits: { memoryMb: number; pids: number; cpuShares: number };
};

/** What of it decides how limits are written: controllers are those of cgroup v2, null without it; swap is v1's. */
export type Kernel = { controllers: readonly string[] | null; hasSwapLimit: boolean };

/** LXC's configuration of an unprivileged container in which a build has all it needs and nothing else. */
export function containerConfig(container: BuildContainer, kernel: Kernel): string {
  const { bundleFolder, network } = container;
  return lines([
    `lxc.uts.name = build`,
    `lxc.rootfs.path = overlay:${container.rootfs}:${join(container.disk, 'upper')}`,
    // Else its end waits until all that the build wrote is on the disk, to be thrown away.
    `lxc.rootfs.options = volatile`,
    `lxc.idmap = u 0 100000 65536`,
    `lxc.idmap = g 0 100000 65536`,
    `lxc.init.cmd = /opt/dcdget/build.sh`,
    `lxc.console.path = none`,
    `lxc.tty.max = 0`,
    `lxc.autodev = 1`,
    `lxc.apparmor.profile = unconfined`,
    `lxc.no_new_privs = 1`,
    `lxc.seccomp.profile = ${join(bundleFolder, 'container/seccomp')}`,
    `lxc.cap.drop = mac_admin mac_override net_admin net_raw sys_admin sys_boot sys_module sys_ptrace sys_rawio sys_time`,
    `lxc.mount.auto = proc:mixed sys:ro`,
    `lxc.mount.entry = tmpfs dev/shm tmpfs nosuid,nodev,size=64m,create=dir 0 0`,
    readOnly(container.given, '.dcdget/in', 'dir'),
    `lxc.mount.entry = ${container.made} .dcdget/out none bind,create=dir 0 0`,
    readOnly(join(bundleFolder, 'node'), 'opt/dcdget/node', 'dir'),
    readOnly(join(bundleFolder, 'buildpacks'), 'opt/dcdget/buildpacks', 'dir'),
    readOnly(join(bundleFolder, 'container/build.sh'), 'opt/dcdget/build.sh', 'file'),
    readOnly('/etc/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/ca-certificates.crt', 'file'),
    `lxc.mount.entry = ${REGISTRIES_FILE} .dcdget/registries none bind,ro,nosuid,nodev,create=file,optional 0 0`,
    readOnly(container.resolvConf, 'etc/resolv.conf', 'file'),
    `lxc.net.0.type = veth`,
    `lxc.net.0.link = ${network.bridge}`,
    `lxc.net.0.veth.pair = ${network.device}`,
    `lxc.net.0.name = eth0`,
    `lxc.net.0.flags = up`,
    `lxc.net.0.ipv4.address = ${network.address}/${network.prefix}`,
    `lxc.net.0.ipv4.gateway = ${network.gateway}`,
    `lxc.net.0.script.up = ${join(bundleFolder, 'container/isolate-port.sh')}`,
    ...limitKeys(container.limits, kernel),
  ]);
}

function limitKeys(limits: BuildContainer['limits'], { controllers, hasSwapLimit }: Kernel): string[] {
  if (controllers !== null) {
    const keys = [
      `lxc.cgroup2.memory.max = ${limits.memoryMb}M`,
      `lxc.cgroup2.memory.swap.max = 0`,
      `lxc.cgroup2.memory.oom.group = 0`,
      `lxc.cgroup2.pids.max = ${limits.pids}`,
      `lxc.cgroup2.cpu.weight = ${Math.max(1, Math.round((limits.cpuShares * 100) / 1024))}`,
    ];
    // One that the kernel leaves out cannot be asked for: provisioning told of it.
    return keys.filter((key) => controllers.includes(key.split('.')[2] ?? ''));
  }
  const swap = hasSwapLimit ? [`lxc.cgroup.memory.memsw.limit_in_bytes = ${limits.memoryMb}M`] : [];
  return [
    `lxc.cgroup.memory.limit_in_bytes = ${limits.memoryMb}M`,
    ...swap,
    `lxc.cgroup.pids.max = ${limits.pids}`,
    `lxc.cgroup.cpu.shares = ${limits.cpuShares}`,
  ];
}

function readOnly(source: string, target: string, kind: 'dir' | 'file'): string {
  return `lxc.mount.entry = ${source} ${target} none bind,ro,nosuid,nodev,create=${kind} 0 0`;
}

function lines(keys: string[]): string {
  return keys.map((key) => `${key}\n`).join('');
}

/**
 * Runs the container until its init ends, its output going to the log, and tells
 * init's exit status. When the signal aborts, everything in the container is killed
 * and the signal's reason is thrown.
 */
export async function runContainer(container: BuildContainer, log: BuildLog, signal: AbortSignal): Promise<number> {
  const config = containerConfig(container, {
    controllers: controllersOf('/sys/fs/cgroup/cgroup.controllers'),
    hasSwapLimit: existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes'),
  });
  await writeFile(configFile(container.lxcPath, container.name), config);
  signal.throwIfAborted();
  const { status, complaint } = await watched(container, log, signal);
  if (existsSync(join(container.made, 'stage'))) return status;
  throw new DcdgetError('build_server_failed', 'The build container did not start.', { output: complaint });
}

function controllersOf(file: string): string[] | null {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : null;
}

async function watched(container: BuildContainer, log: BuildLog, signal: AbortSignal): ReturnType<typeof started> {
  const crowd = new AbortController();
  const watch = watchCrowd(container.name, container.limits.pids, (reason) => crowd.abort(reason));
  const stop = AbortSignal.any([signal, crowd.signal]);
  try {
    return await started(container, log, stop);
  } finally {
    clearInterval(watch);
    stop.throwIfAborted();
  }
}

/** What the container prints is one stream, the log; LXC's own complaints are the other. */
async function started(
  { lxcPath, name }: BuildContainer,
  log: BuildLog,
  signal: AbortSignal,
): Promise<{ status: number; complaint: string }> {
  const child = spawn('lxc-start', ['-F', '-P', lxcPath, '-n', name], {
    env: SERVER_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void killContainer(lxcPath, name).finally(() => child.kill('SIGKILL'));
  signal.addEventListener('abort', kill, { once: true });
  try {
    const [status, , complaint] = await Promise.all([endOf(child), log.copy(child.stdout), text(child.stderr)]);
    return { status, complaint: complaint.slice(-2000) };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 128));
  });
}

/** Ends whatever runs in the container at once; nothing happens when it does not run. */
export async function killContainer(lxcPath: string, name: string): Promise<void> {
  if (!existsSync(configFile(lxcPath, name))) return;
  const container = ['-P', lxcPath, '-n', name];
  try {
    await command('lxc-stop', [...container, '-k'], 10_000);
  } catch (error) {
    const state = await command('lxc-info', [...container, '-s', '-H']);
    if (state.trim() !== 'STOPPED') throw error;
  }
  await rm(join('/run/lxc/lock', lxcPath, name), { recursive: true, force: true });
}

function configFile(lxcPath: string, name: string): string {
  return join(lxcPath, name, 'config');
}
