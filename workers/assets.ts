import { readFileSync } from 'node:fs';
import { DcdgetError } from '../domain/errors.ts';
import type { Assets } from '../activities/deps.ts';

/** What `publish` wrote. Throws unavailable with the way out when it did not run yet. */
export function readAssets(file: string): Assets {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Assets;
  } catch (cause) {
    throw new DcdgetError('unavailable', `${file} does not say what servers fetch`, {
      hint: 'Run node workers/publish.ts first.',
      cause,
    });
  }
}
