import { execFileSync } from 'node:child_process';
import { existsSync, globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { processId } from '../embedded/processes.ts';
import type { Rig } from '../test/rig/rig.ts';
import { controlGroups } from './server-group.ts';

const WEIGHTS = [
  ['cpu.shares', '20480'],
  ['cpu.weight', '2000'],
] as const;

/**
 * A simulated server stands for a machine of its own: what else this machine does, the control plane
 * included, runs when the servers leave a processor idle. Their apps and their recipes still share them.
 */
export function preferServers(rig: Rig): void {
  for (const { name } of rig.servers) {
    const files = controlGroups(rig, name, 'cpu').flatMap((group) =>
      WEIGHTS.map(([file, value]) => ({ file: join(group, file), value })),
    );
    const weight = files.find(({ file }) => existsSync(file));
    if (weight === undefined) throw new Error(`there is no control group of ${name}`);
    writeFileSync(weight.file, weight.value);
  }
  // A weight alone is a share over time: it would still wait for the others' turn to be over.
  for (const id of controlPlane(rig)) execFileSync('chrt', ['--idle', '--all-tasks', '--pid', '0', String(id)]);
}

/** Ids of this process and of what the platform itself runs, with all that these started. */
function controlPlane({ folder }: Rig): number[] {
  const named = globSync('run/*.json', { cwd: folder }).map((file) => processId(folder, basename(file, '.json')));
  const found = named.filter((id) => id !== null && id !== process.pid);
  const started = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  for (const id of found) found.push(...started.flatMap(([child = 0, parent]) => (parent === id ? [child] : [])));
  return [process.pid, ...found].filter((id) => id !== null);
}
