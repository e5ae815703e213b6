import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the platform's own buildpacks: the folders below a folder that have a bin/detect. */
export async function readBuildpackNames(folder: string): Promise<Set<string>> {
  const names = await readdir(folder);
  return new Set(names.filter((name) => existsSync(join(folder, name, 'bin/detect'))));
}
