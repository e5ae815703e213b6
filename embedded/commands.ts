import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DcdgetError } from '../domain/errors.ts';

const TAIL_LINES = 30;

export type Command = {
  command: string;
  args: readonly string[];
  timeoutMs: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** What it reads on stdin; nothing when absent. */
  input?: string;
  onLine?: (line: string) => void;
};

const running = new Set<ChildProcess>();

/** Runs to the end and returns what it printed on stdout. A failure carries the last lines of both streams. */
export async function run(plan: Command): Promise<string> {
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that it can be ended with all that it started.
    detached: true,
  });
  let isOverdue = false;
  const deadline = setTimeout(() => {
    isOverdue = true;
    endGroup(child);
  }, plan.timeoutMs);
  const stdout: string[] = [];
  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    plan.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line);
    keep(line);
  });
  createInterface({ input: child.stderr }).on('line', keep);
  running.add(child);
  // A command that ends without reading it all says so by its exit code.
  child.stdin.on('error', () => undefined).end(plan.input);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (cause) => reject(failure(plan, explain(cause), tail)));
      child.once('close', (code, signal) => {
        if (code === 0) resolve();
        else if (isOverdue) reject(failure(plan, `took longer than ${plan.timeoutMs / 1000} s`, tail));
        else reject(failure(plan, code === null ? `was ended by ${signal}` : `exited ${code}`, tail));
      });
    });
  } finally {
    clearTimeout(deadline);
    running.delete(child);
  }
  return stdout.join('\n');
}

/** Ends every command that runs now, with all that it started. */
export function endCommands(): void {
  for (const child of running) endGroup(child);
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}

function explain(cause: Error): string {
  return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not installed' : cause.message;
}

function failure(plan: Command, sentence: string, tail: string[]): DcdgetError {
  const name = [plan.command, plan.args[0]].filter((word) => word !== undefined).join(' ');
  return new DcdgetError('unavailable', `${name} ${sentence}`, { output: tail.join('\n') });
}
