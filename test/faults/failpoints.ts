import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Failpoint } from '../../workers/failpoints.ts';
import type { Rig } from '../rig/rig.ts';

/** The next activity of this name has the fault, once. */
export function placeFailpoint(rig: Rig, { step, mode }: Failpoint): void {
  writeFileSync(`${fileOf(rig)}.new`, JSON.stringify({ step, mode }));
  renameSync(`${fileOf(rig)}.new`, fileOf(rig));
}

/** Whether the fault that was placed has happened. */
export function hasFired(rig: Rig): boolean {
  return !existsSync(fileOf(rig));
}

export function clearFailpoint(rig: Rig): void {
  rmSync(fileOf(rig), { force: true });
}

function fileOf(rig: Rig): string {
  const file = rig.environment['DCDGET_FAILPOINTS_FILE'];
  if (file === undefined) throw new Error('the rig runs without failpoints');
  return file;
}
