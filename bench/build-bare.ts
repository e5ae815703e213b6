import { readFileSync } from 'node:fs';
import { packFolder } from '../cli/archive.ts';
import { onServer } from '../test/rig/machine.ts';
import type { Rig } from '../test/rig/rig.ts';

const SCRIPT = readFileSync(new URL('./build-bare.sh', import.meta.url), 'utf8');
const SOURCE = '/srv/dcdget/bare.tar.gz';

export type Kind = 'npm' | 'pip';
/** Without anything that the package manager kept, or with what its last run left. */
export type CacheState = 'cold' | 'warm';

/** Milliseconds that the bare commands need on the build server for the source in the folder. */
export async function bareMs(rig: Rig, server: string, kind: Kind, state: CacheState, folder: string): Promise<number> {
  using archive = await packFolder(folder);
  await onServer(rig, server, `base64 -d >${SOURCE}`, readFileSync(archive.file, 'base64'));
  const [image] = (await onServer(rig, server, 'ls /srv/dcdget/images')).trim().split('\n');
  const printed = await onServer(rig, server, `unshare --mount bash -s ${image} ${kind} ${state} ${SOURCE}`, SCRIPT);
  return Number(printed.trim().split('\n').at(-1));
}
