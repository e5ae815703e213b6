import type { Bridge } from './bridge.ts';
import { hardwareAddress } from './network-device.ts';

export type Container = {
  hostName: string;
  serverRoot: string;
  /** Has a sibling folder `work`. */
  upperFolder: string;
  /** An ext4 folder: an overlay's upper layer cannot lie on an overlay. */
  dataFolder: string;
  bridge: Bridge;
  address: string;
  /** The end of the server's cable that is on this machine. */
  device: string;
  /** Sees control groups of version 2 alone, whatever this machine has besides. */
  hasOnlyCgroup2: boolean;
};

/** The LXC configuration of a container that is a whole machine: systemd, sshd, and containers of its own. */
export function containerConfig(container: Container): string {
  const { hostName, serverRoot, upperFolder, dataFolder } = container;
  return `${[
    `lxc.uts.name = ${hostName}`,
    `lxc.rootfs.path = overlay:${serverRoot}:${upperFolder}`,
    'lxc.init.cmd = /sbin/init',
    'lxc.signal.halt = SIGRTMIN+3',
    ...cgroupLines(container),
    'lxc.mount.entry = tmpfs run tmpfs rw,nosuid,nodev,mode=755 0 0',
    // The kernel lets a container inside mount its own proc and sys only where it sees whole ones.
    'lxc.mount.entry = proc dev/.lxc/proc proc create=dir,optional 0 0',
    'lxc.mount.entry = sys dev/.lxc/sys sysfs create=dir,optional 0 0',
    `lxc.mount.entry = ${dataFolder} srv/dcdget none bind 0 0`,
    'lxc.apparmor.profile = unconfined',
    // The clock and the kernel are this machine's.
    'lxc.cap.drop =',
    'lxc.cap.drop = sys_time sys_module',
    'lxc.autodev = 1',
    'lxc.tty.max = 0',
    'lxc.pty.max = 1024',
    ...networkLines(container),
  ].join('\n')}\n`;
}

function cgroupLines({ hasOnlyCgroup2 }: Container): string[] {
  if (!hasOnlyCgroup2) return ['lxc.mount.auto = proc:rw sys:rw cgroup:rw'];
  return [
    'lxc.mount.auto = proc:rw sys:rw',
    'lxc.mount.entry = cgroup2 sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec 0 0',
  ];
}

function networkLines({ bridge, address, device }: Container): string[] {
  return [
    'type = veth',
    `link = ${bridge.name}`,
    `veth.pair = ${device}`,
    'name = eth0',
    `hwaddr = ${hardwareAddress(device)}`,
    'flags = up',
    `ipv4.address = ${address}/${bridge.prefixLength}`,
    `ipv4.gateway = ${bridge.gateway}`,
  ].map((line) => `lxc.net.0.${line}`);
}
