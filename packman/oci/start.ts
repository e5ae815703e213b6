import { DcdgetError } from '../../domain/errors.ts';
import { assertConfigSize, assertConfigVar } from '../../domain/names.ts';
import type { ImageProgram } from '../../domain/releases.ts';
import { refused, safePath } from '../tar-header.ts';
import type { ImageConfig } from './manifest.ts';

const MAX_WORDS = 200;
const MAX_BYTES = 64 * 1024;

/** What the image starts, and where. Throws build_failed when it starts nothing. */
export function programOf({ Entrypoint, Cmd, WorkingDir }: ImageConfig): ImageProgram {
  const words = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  if (words.length === 0)
    throw new DcdgetError(
      'build_failed',
      'The image says nothing to start: it has neither an entrypoint nor a command.',
    );
  if (words.length > MAX_WORDS || words.join('').length > MAX_BYTES) throw refused('its command is too long');
  if (words[0] === '' || words.some((word) => word.includes('\0'))) throw refused('its command cannot be run');
  return { words, directory: `/${safePath((WorkingDir ?? '').replace(/^\/+/, ''))}` };
}

/** As people are shown it; words that hold more than plain characters are quoted, control characters escaped. */
export function shownCommand({ words }: ImageProgram): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
}

/** The image's environment, without what the platform sets itself; the names of those left out come with it. */
export function defaultsOf({ Env }: ImageConfig): { vars: Record<string, string>; leftOut: string[] } {
  const vars: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const line of Env ?? []) {
    const at = line.indexOf('=');
    const [key, value] = at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    try {
      assertConfigVar(key, value);
      vars[key] = value;
    } catch {
      leftOut.push(key);
    }
  }
  assertConfigSize(vars);
  return { vars, leftOut };
}
