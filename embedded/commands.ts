import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DcdgetError } from '../domain/errors.ts';

const TAIL_LINES = 30;

export type Command = {
  command: string;
  args: readonly string[];
  timeoutMs: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  onLine?: (line: string) => void;
};

/** Runs to the end and returns what it printed on stdout. A failure carries the last lines of both streams. */
export async function run(plan: Command): Promise<string> {
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(plan.timeoutMs),
  });
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
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(failure(plan, explain(cause, plan.timeoutMs), tail)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failure(plan, code === null ? `was ended by ${signal}` : `exited ${code}`, tail));
    });
  });
  return stdout.join('\n');
}

function explain(cause: Error, timeoutMs: number): string {
  if (cause.name === 'AbortError') return `took longer than ${Math.round(timeoutMs / 1000)} s`;
  return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not installed' : cause.message;
}

function failure(plan: Command, sentence: string, tail: string[]): DcdgetError {
  return new DcdgetError('unavailable', `${plan.command} ${plan.args[0] ?? ''} ${sentence}`.replace('  ', ' '), {
    output: tail.join('\n'),
  });
}
