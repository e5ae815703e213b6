import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DcdgetError } from '../domain/errors.ts';

const run = promisify(execFile);
/** What programs of the server see: nothing of Packman's own environment. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** Runs a program of the server without a shell. Throws build_server_failed with its last words. */
export async function command(program: string, args: readonly string[], timeoutMs = 30_000): Promise<string> {
  try {
    const { stdout } = await run(program, args, { env: SERVER_ENVIRONMENT, timeout: timeoutMs, killSignal: 'SIGKILL' });
    return stdout;
  } catch (cause) {
    const output = (cause as { stderr?: string }).stderr?.slice(-2000) ?? '';
    throw new DcdgetError('build_server_failed', `${program} failed on the build server.`, { output, cause });
  }
}
