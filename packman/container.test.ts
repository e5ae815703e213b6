import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerConfig } from './container.ts';

const CONTAINER = {
  name: 'build-1',
  lxcPath: '/srv/dcdget/packman/builds',
  rootfs: '/srv/dcdget/images/v/rootfs',
  disk: '/d',
  given: '/d/in',
  made: '/d/out',
  bundleFolder: '/bundle',
  resolvConf: '/etc/resolv.conf',
  network: { bridge: 'dcd0', gateway: '10.213.0.1', prefix: 16, address: '10.213.255.10', device: 'dcdbuild0' },
  limits: { memoryMb: 2048, pids: 512, cpuShares: 256 },
};

const ALL = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

test('a build container is unprivileged, without new privileges, and what it is given is read-only', () => {
  const lines = containerConfig(CONTAINER, { controllers: ALL, hasSwapLimit: false }).trimEnd().split('\n');
  assert.ok(lines.includes('lxc.idmap = u 0 100000 65536'));
  assert.ok(lines.includes('lxc.no_new_privs = 1'));
  const mounts = lines.filter((line) => line.startsWith('lxc.mount.entry') && line.includes(' bind,'));
  const writable = mounts.filter((line) => !line.includes('bind,ro,'));
  assert.deepEqual(writable, ['lxc.mount.entry = /d/out .dcdget/out none bind,create=dir 0 0']);
});

test('limits are written in the keys of the cgroup version that the server has', () => {
  const second = containerConfig(CONTAINER, { controllers: ALL, hasSwapLimit: false });
  assert.match(second, /^lxc\.cgroup2\.memory\.max = 2048M$/m);
  assert.match(second, /^lxc\.cgroup2\.pids\.max = 512$/m);
  assert.doesNotMatch(second, /^lxc\.cgroup\./m);
  const first = containerConfig(CONTAINER, { controllers: null, hasSwapLimit: true });
  assert.match(first, /^lxc\.cgroup\.memory\.limit_in_bytes = 2048M$/m);
  assert.match(first, /^lxc\.cgroup\.memory\.memsw\.limit_in_bytes = 2048M$/m);
  assert.match(first, /^lxc\.cgroup\.pids\.max = 512$/m);
  assert.doesNotMatch(first, /^lxc\.cgroup2\./m);
});

test('a controller that the kernel leaves out is not asked for', () => {
  const config = containerConfig(CONTAINER, { controllers: ['hugetlb', 'pids'], hasSwapLimit: false });
  assert.deepEqual(config.match(/^lxc\.cgroup.*$/gm), ['lxc.cgroup2.pids.max = 512']);
});
