import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from '../test/rig/rig.ts';
import { controlGroups } from './server-group.ts';

const WEIGHTS = [
  ['cpu.shares', '20480'],
  ['cpu.weight', '2000'],
] as const;

/**
 * A simulated server stands for a machine of its own: what else this machine does, the control plane
 * included, no longer takes the processors away from it. Its apps and its recipes still share them.
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
}
