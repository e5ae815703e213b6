import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';

/**
 * Does the work while no other process holds the file's lock. The kernel holds it through
 * flock(1), so it is free again however this process ends.
 */
export async function withLock<T>(file: string, wait: { timeoutMs: number; busy: string }, work: () => Promise<T>) {
  const release = await takeLock(file, wait);
  try {
    return await work();
  } finally {
    release();
  }
}

async function takeLock(file: string, wait: { timeoutMs: number; busy: string }): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true });
  const seconds = String(wait.timeoutMs / 1000);
  // cat ends when this process does: its stdin is closed.
  const holder = spawn('flock', ['--exclusive', '--timeout', seconds, file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', (cause) => reject(new DcdgetError('unavailable', 'flock cannot be started', { cause })));
    holder.once('close', () => reject(new DcdgetError('conflict', wait.busy)));
  });
  holder.unref();
  return () => holder.stdin.end();
}
