import { join } from 'node:path';
import { containerName } from '../embedded/server-record.ts';
import type { Rig } from '../test/rig/rig.ts';

const GROUPS = '/sys/fs/cgroup';

/** Where a simulated server's control group may be on this machine: of one controller (v1), or of all (v2). */
export function controlGroups({ run }: Pick<Rig, 'run'>, server: string, controller: string): string[] {
  const group = `lxc.payload.${containerName({ run, name: server })}`;
  return [join(GROUPS, controller, group), join(GROUPS, group)];
}
