import { join } from 'node:path';
import { containerName } from '../embedded/server-record.ts';
import type { Rig } from '../test/rig/rig.ts';

const GROUPS = '/sys/fs/cgroup';

/** Where control groups may be on this machine: of one controller (v1), or of all (v2). */
export function groupFolders(controller: string): string[] {
  return [join(GROUPS, controller), GROUPS];
}

/** Where a simulated server's control group may be. */
export function controlGroups({ run }: Pick<Rig, 'run'>, server: string, controller: string): string[] {
  const group = `lxc.payload.${containerName({ run, name: server })}`;
  return groupFolders(controller).map((folder) => join(folder, group));
}
