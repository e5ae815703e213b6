import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../config/settings.ts';
import { openObjects } from '../../objects/objects.ts';
import type { Rig } from './rig.ts';

/** What every part of the platform has logged, as one text. Throws when there is none. */
export function platformLogs(rig: Rig): string {
  const files = globSync('logs/*', { cwd: rig.folder });
  const text = files.map((file) => readFileSync(join(rig.folder, file), 'utf8')).join('\n');
  if (text.length === 0) throw new Error(`there are no logs below ${rig.folder}`);
  return text;
}

/** The keys below a prefix in the rig's bucket. */
export async function objectKeys(rig: Rig, prefix: string): Promise<string[]> {
  const objects = openObjects(readSettings(rig.environment).objects);
  try {
    return await objects.list(prefix);
  } finally {
    objects.close();
  }
}
