import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { waitFor } from './deadlines.ts';

const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

export type ProcessPlan = {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
};

/** Start time and boot tell a process from a later one with the same number. */
type ProcessRecord = { pid: number; startTicks: number; bootId: string };

export type ProcessState = 'up' | 'died' | 'stopped';

/**
 * Starts a process in a session of its own, so that it outlives this one. Its output goes to
 * `logs/<name>.log` and its number to `run/<name>.json`, both below the folder.
 */
export async function startProcess(folder: string, plan: ProcessPlan): Promise<void> {
  await stopProcess(folder, plan.name);
  const log = openLog(folder, plan.name);
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd ?? folder,
    env: plan.env ?? process.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new DcdgetError('unavailable', `${plan.name} cannot be started: ${cause.message}`, { cause })),
    );
  });
  child.unref();
  recordProcess(folder, plan.name, child.pid as number);
}

/** Asks with the signal, waits, then kills the whole group. Nothing happens when it does not run. */
export async function stopProcess(
  folder: string,
  name: string,
  { signal = 'SIGTERM', graceMs = 10_000 }: { signal?: NodeJS.Signals; graceMs?: number } = {},
): Promise<void> {
  const record = readRecord(folder, name);
  if (!record) return;
  if (isAlive(record)) {
    process.kill(record.pid, signal);
    await hasEnded(record, graceMs);
    killGroup(record);
    await waitFor({ awaited: `${name} to end`, timeoutMs: 5000 }, async () => (isAlive(record) ? null : true));
  }
  rmSync(recordFile(folder, name), { force: true });
}

/** Ends a process and its group at once, as a crash would. */
export async function killProcess(folder: string, name: string): Promise<void> {
  await stopProcess(folder, name, { signal: 'SIGKILL', graceMs: 1000 });
}

/** `stopped` when it was never started or was stopped on purpose. */
export function processState(folder: string, name: string): ProcessState {
  const record = readRecord(folder, name);
  if (!record) return 'stopped';
  return isAlive(record) ? 'up' : 'died';
}

export function processId(folder: string, name: string): number | null {
  const record = readRecord(folder, name);
  return record && isAlive(record) ? record.pid : null;
}

/** Like waitFor, but ends at once with the log's last lines when the process dies. */
export async function waitForProcess<T>(
  folder: string,
  name: string,
  wait: { awaited: string; timeoutMs: number; intervalMs?: number },
  ask: () => Promise<T | null>,
): Promise<T> {
  const output = () => logTail(folder, name);
  return waitFor({ ...wait, output }, async () => {
    if (processState(folder, name) !== 'up') {
      throw new DcdgetError('unavailable', `${name} ended while it was starting`, { output: output() });
    }
    return ask();
  });
}

export function logFile(folder: string, name: string): string {
  return join(folder, 'logs', `${name}.log`);
}

export function logTail(folder: string, name: string, lines = 15): string {
  return readIfThere(logFile(folder, name))?.trimEnd().split('\n').slice(-lines).join('\n') ?? '';
}

function openLog(folder: string, name: string): number {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const file = logFile(folder, name);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

async function hasEnded(record: ProcessRecord, graceMs: number): Promise<boolean> {
  const endsAt = Date.now() + graceMs;
  while (isAlive(record) && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(record);
}

function killGroup(record: ProcessRecord): void {
  try {
    process.kill(-record.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isAlive(record: ProcessRecord): boolean {
  return record.bootId === bootId() && startTicks(record.pid) === record.startTicks;
}

/** Writes down a process that runs already, so that others can ask whether it still does. */
export function recordProcess(folder: string, name: string, pid: number): void {
  mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
  // A process that has already ended has no start time: it counts as died.
  const record: ProcessRecord = { pid, startTicks: startTicks(pid) ?? 0, bootId: bootId() };
  writeFileSync(recordFile(folder, name), JSON.stringify(record));
}

function readRecord(folder: string, name: string): ProcessRecord | null {
  const text = readIfThere(recordFile(folder, name));
  return text ? (JSON.parse(text) as ProcessRecord) : null;
}

function recordFile(folder: string, name: string): string {
  return join(folder, 'run', `${name}.json`);
}

/** In clock ticks since boot; null when there is no such process or only its remains. */
function startTicks(pid: number): number | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The command's name, in brackets, may hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return null;
  return Number(fields[19]);
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
