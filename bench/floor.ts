import { readFileSync } from 'node:fs';
import { onServer } from '../test/rig/machine.ts';
import type { Rig } from '../test/rig/rig.ts';

const SCRIPT = readFileSync(new URL('./floor.sh', import.meta.url), 'utf8');

/** Milliseconds that `count` bare scripts at once need for the same start, probe and switch, as the server itself takes them. */
export async function floorMs(rig: Rig, server: string, count = 1): Promise<number> {
  const [instance] = (await onServer(rig, server, 'ls /srv/dcdget/instances')).split('\n');
  const printed = await onServer(rig, server, `bash -s ${instance} ${count}`, SCRIPT);
  return Number(printed.trim().split('\n').at(-1));
}
