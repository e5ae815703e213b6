import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processId } from '../embedded/processes.ts';
import { listingAtRest, onServer } from '../test/rig/machine.ts';
import type { Rig } from '../test/rig/rig.ts';
import type { Inventory } from './growth.ts';
import { controlGroups } from './server-group.ts';

/** An idle Node gives memory back that it took in a rush. */
const REST_MS = 30_000;
const MIB = 1024 * 1024;

/** Prints `NAME NUMBER` lines of what list.sh does not count. */
const COUNTS = `
set -euo pipefail
count() { printf '%s %d\\n' "$1" "$(wc -l)"; }
count mounts </proc/1/mountinfo
systemctl list-units --all --plain --no-legend | count 'systemd units'
nft list ruleset | count 'nft rules'
find /sys/fs/cgroup -type d -path '*lxc*' | count 'control groups of containers'
ls -d /proc/[0-9]* | count 'server processes'
for nginx in $(pgrep nginx); do ls "/proc/$nginx/fd"; done | count 'nginx files'
find /srv/dcdget -xdev ! -path '*/images/*' ! -path '*/slugs/*/app/*' | count 'files below /srv/dcdget'
`;

/** Counted once everything that an operation leaves for later has happened. */
export async function takeInventory(rig: Rig, server: string): Promise<Inventory> {
  const items = await listingAtRest(rig);
  await sleep(REST_MS);
  const counts = (await onServer(rig, server, 'bash -s', COUNTS)).trim().split('\n');
  return {
    ...tally(items),
    ...Object.fromEntries(counts.map((line) => [line.replace(/ \d+$/, ''), Number(/\d+$/.exec(line))])),
    'server MiB': serverMib(rig, server),
    ...processFigures(rig, 'worker'),
    ...processFigures(rig, 'api'),
  };
}

/** Lines are `server1: unit dcdget@…`: how many of each kind. */
function tally(items: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const kind = `dcdget ${item.split(' ')[1]}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function processFigures(rig: Rig, name: string): Record<string, number> {
  const id = processId(rig.folder, name);
  if (id === null) throw new Error(`${name} does not run`);
  const [, residentKb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
  return {
    [`${name} files`]: readdirSync(`/proc/${id}/fd`).length,
    [`${name} MiB`]: Math.round(Number(residentKb) / 1024),
  };
}

/** Of its processes, without what the kernel keeps of files. */
function serverMib(rig: Rig, server: string): number {
  const file = controlGroups(rig, server, 'memory')
    .map((group) => join(group, 'memory.stat'))
    .find(existsSync);
  const [, bytes] = /^(?:total_rss|anon) (\d+)$/m.exec(file === undefined ? '' : readFileSync(file, 'utf8')) ?? [];
  if (bytes === undefined) throw new Error(`the memory of ${server} cannot be read`);
  return Math.round(Number(bytes) / MIB);
}
