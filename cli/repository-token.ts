import { text } from 'node:stream/consumers';
import { usageError } from './errors.ts';

/** The token of a repository, from stdin or from DCDGET_GIT_TOKEN, never from the command line; null for none. */
export async function repositoryToken(isOnStdin: boolean): Promise<string | null> {
  const token = isOnStdin ? (await text(process.stdin)).trim() : (process.env['DCDGET_GIT_TOKEN'] ?? '');
  if (isOnStdin && token === '') throw usageError('The token on stdin is empty.');
  return token === '' ? null : token;
}
