import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerName } from '../embedded/server-record.ts';
import type { Rig } from '../test/rig/rig.ts';

const GROUPS = '/sys/fs/cgroup';

/**
 * A simulated server stands for a machine of its own: what else this machine does, the control plane
 * included, no longer takes the processors away from it. Its apps and its recipes still share them.
 */
export function preferServers(rig: Rig): void {
  for (const { name } of rig.servers) {
    const group = `lxc.payload.${containerName({ run: rig.run, name })}`;
    const [weight] = [
      { file: join(GROUPS, 'cpu', group, 'cpu.shares'), value: '20480' },
      { file: join(GROUPS, group, 'cpu.weight'), value: '2000' },
    ].filter(({ file }) => existsSync(file));
    if (weight === undefined) throw new Error(`there is no control group of ${name} below ${GROUPS}`);
    writeFileSync(weight.file, weight.value);
  }
}
