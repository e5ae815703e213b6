import { DcdgetError } from '../domain/errors.ts';
import type { Compiled } from './compile.ts';

/** How a compile ended, as HTTP trailers can carry it: what follows the log. */
export const TRAILERS = [
  'Dcdget-Exit-Status',
  'Dcdget-Slug-Digest',
  'Dcdget-Slug-Bytes',
  'Dcdget-Process-Types',
  'Dcdget-Known',
  'Dcdget-Buildpack',
  'Dcdget-Buildpack-Versions',
  'Dcdget-Config-Defaults',
  'Dcdget-Process-Settings',
  'Dcdget-Program',
  'Dcdget-Failure',
] as const;
export type Trailers = Partial<Record<(typeof TRAILERS)[number], string>>;

export type ExitStatus = 0 | 1 | 75;

export function trailersOf(compiled: Compiled): Trailers {
  if (compiled.outcome === 'known') return { 'Dcdget-Exit-Status': '0', 'Dcdget-Known': '1' };
  return {
    'Dcdget-Exit-Status': '0',
    'Dcdget-Slug-Digest': compiled.digest,
    'Dcdget-Slug-Bytes': String(compiled.bytes),
    'Dcdget-Process-Types': base64(JSON.stringify(compiled.processTypes)),
    'Dcdget-Buildpack': compiled.buildpack,
    'Dcdget-Buildpack-Versions': compiled.buildpackVersions,
    'Dcdget-Config-Defaults': base64(JSON.stringify(compiled.configDefaults)),
    'Dcdget-Process-Settings': base64(JSON.stringify(compiled.processSettings)),
    ...(compiled.program === undefined ? {} : { 'Dcdget-Program': base64(JSON.stringify(compiled.program)) }),
  };
}

export function failureTrailers(error: unknown): Trailers {
  return { 'Dcdget-Exit-Status': String(exitStatusOf(error)), 'Dcdget-Failure': base64(failureSentence(error)) };
}

/** 1: the app or its buildpack is at fault, the same source fails again. 75: the world is. */
function exitStatusOf(error: unknown): ExitStatus {
  if (!(error instanceof DcdgetError)) return 75;
  return error.code === 'source_invalid' || error.code === 'build_failed' ? 1 : 75;
}

export function failureSentence(error: unknown): string {
  return error instanceof DcdgetError ? error.message : 'The build server failed in a way it does not know.';
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
