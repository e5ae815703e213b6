import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { waitFor } from '../embedded/deadlines.ts';
import { processId } from '../embedded/processes.ts';
import { removeCgroup } from '../embedded/server-container.ts';
import type { Rig } from '../test/rig/rig.ts';
import { controlGroups, groupFolders } from './server-group.ts';

const WEIGHTS = [
  ['cpu.shares', '20480'],
  ['cpu.weight', '2000'],
] as const;
const EMPTY_TIMEOUT_MS = 5000;

/**
 * A simulated server stands for a machine of its own: what else this machine does, the control plane
 * included, no longer takes the processors away from it. Its apps and its recipes still share them.
 * What it gives back is called when the rig has stopped.
 */
export function preferServers(rig: Rig): () => Promise<void> {
  for (const { name } of rig.servers) {
    const files = controlGroups(rig, name, 'cpu').flatMap((group) =>
      WEIGHTS.map(([file, value]) => ({ file: join(group, file), value })),
    );
    const weight = files.find(({ file }) => existsSync(file));
    if (weight === undefined) throw new Error(`there is no control group of ${name}`);
    writeFileSync(weight.file, weight.value);
  }
  return holdBack(rig);
}

/** A weight is a share over time, with turns to wait for: an idle group runs when nobody else wants to, Linux 5.15. */
function holdBack(rig: Rig): () => Promise<void> {
  const [parent] = groupFolders('cpu').filter((folder) => existsSync(join(folder, 'cgroup.procs')));
  if (parent === undefined) throw new Error('there are no control groups here');
  const group = join(parent, `dcdget-bench-${rig.run}`);
  mkdirSync(group);
  if (existsSync(join(group, 'cpu.idle'))) {
    writeFileSync(join(group, 'cpu.idle'), '1');
    const named = globSync('run/*.json', { cwd: rig.folder }).map((file) => basename(file, '.json'));
    const ids = named.map((name) => processId(rig.folder, name)).filter((id) => id !== null && id !== process.pid);
    for (const id of ids) moveWithChildren(String(id), group);
  }
  const emptied = { awaited: `${group} to be empty`, timeoutMs: EMPTY_TIMEOUT_MS };
  return async () => void (await waitFor(emptied, async () => (removeCgroup(group) ? true : null)));
}

/** A parent first: what it starts from then on is in the group already. */
function moveWithChildren(id: string, group: string): void {
  writeFileSync(join(group, 'cgroup.procs'), id);
  const started = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  for (const [child, parent] of started.map((line) => line.trim().split(/\s+/))) {
    if (parent === id && child !== undefined) moveWithChildren(child, group);
  }
}
