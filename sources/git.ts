import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { DcdgetError } from '../domain/errors.ts';
import { tail } from '../domain/redaction.ts';

export type GitEnvironment = Readonly<Record<string, string>>;

const TIMEOUT_MS = 10 * 60_000;
const KEPT_ERROR_BYTES = 4096;
/** What a call may print unless it says otherwise. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Nothing of this process: no secret of it, no configuration of this machine, nobody to ask. */
const ENVIRONMENT: GitEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};

/** Git in a process group of its own, so that what it starts ends with it. */
export function spawnGit(args: readonly string[], env: GitEnvironment, stdio: StdioOptions): ChildProcess {
  return spawn('git', args, { env: { ...ENVIRONMENT, ...env }, stdio, detached: true });
}

export function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export type GitCall = { env?: GitEnvironment; input?: string; maxBytes?: number; signal?: AbortSignal };

/**
 * What git prints. Throws internal with its last words when it fails, is cut off, or takes longer than ten minutes, and
 * too_large, ending it, when it prints more than `maxBytes`.
 */
export async function git(args: readonly string[], call: GitCall = {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of gitOutput(args, { maxBytes: MAX_OUTPUT_BYTES, ...call })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Git's output as it comes, without a limit but `maxBytes`; the stream breaks when git fails. */
export async function* gitOutput(
  args: readonly string[],
  { input = '', maxBytes = Infinity, ...call }: GitCall = {},
): AsyncGenerator<Buffer> {
  const { child, ended } = startGit(args, call);
  child.stdin?.on('error', () => undefined).end(input);
  let bytes = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new DcdgetError('too_large', `git ${args[0] ?? ''} says more than can be read here.`);
      yield chunk;
    }
    await ended;
  } finally {
    endGroup(child);
  }
}

/** Whether git exits 0; throws when it exits with anything but 0 or 1. */
export async function gitSaysYes(args: readonly string[], call: GitCall = {}): Promise<boolean> {
  try {
    await git(args, call);
    return true;
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return false;
    throw error;
  }
}

export class GitFailed extends DcdgetError {
  readonly exitCode: number | null;
  /** Its last words. */
  readonly stderr: string;

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    const how = exitCode === null ? 'was cut off' : `exited ${exitCode}`;
    super('internal', `git ${args[0] ?? ''} ${how}: ${tail(stderr, 3) || 'it said nothing'}`);
    this.exitCode = exitCode;
    this.stderr = tail(stderr, 10);
  }
}

function startGit(args: readonly string[], { env = {}, signal }: Omit<GitCall, 'input' | 'maxBytes'>) {
  const child = spawnGit(args, env, ['pipe', 'pipe', 'pipe']);
  const end = () => endGroup(child);
  const deadline = setTimeout(end, TIMEOUT_MS);
  signal?.addEventListener('abort', end, { once: true });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-KEPT_ERROR_BYTES)));
  const ended = finished(child, args, () => stderr).finally(() => {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', end);
  });
  // Waited for once the output has been read; until then nobody is to blame.
  ended.catch(() => undefined);
  return { child, ended };
}

async function finished(child: ChildProcess, args: readonly string[], stderr: () => string): Promise<void> {
  try {
    await once(child, 'close');
  } catch (cause) {
    throw withoutGit(cause);
  }
  if (child.exitCode !== 0) throw new GitFailed(args, child.exitCode, stderr());
}

export function withoutGit(cause: unknown): DcdgetError {
  return new DcdgetError('unavailable', 'git cannot be started on this machine of dcdget', {
    hint: 'An operator installs the package git there.',
    cause,
  });
}
