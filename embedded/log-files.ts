import { closeSync, existsSync, globSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logTail } from './processes.ts';

const POLL_MS = 300;
const CHUNK_BYTES = 256 * 1024;

/** The last lines of every process's log, each under its name. */
export function showLogs(folder: string, lines: number): void {
  for (const name of logNames(folder)) {
    console.log(`==> ${name} <==`);
    console.log(logTail(folder, name, lines));
  }
}

/** Prints what is added to the logs from now on, each line after its process's name, until the signal. */
export async function followLogs(folder: string, until: AbortSignal): Promise<void> {
  const offsets = new Map(logNames(folder).map((name) => [name, sizeOf(folder, name)]));
  while (!until.aborted) {
    for (const name of logNames(folder)) offsets.set(name, printFrom(folder, name, offsets.get(name) ?? 0));
    await sleep(POLL_MS);
  }
}

/** Returns the offset after the last whole line. */
function printFrom(folder: string, name: string, offset: number): number {
  const size = sizeOf(folder, name);
  const start = size < offset ? 0 : offset;
  if (size === start) return start;
  const chunk = read(fileOf(folder, name), start, Math.min(size - start, CHUNK_BYTES));
  const whole = wholeLines(chunk);
  const lines = whole.toString('utf8').replace(/\n$/, '').split('\n');
  if (whole.length > 0) for (const line of lines) console.log(`${name.padEnd(9)}| ${line}`);
  return start + whole.length;
}

/** A line that is longer than a chunk is taken in pieces. */
function wholeLines(chunk: Buffer): Buffer {
  const end = chunk.lastIndexOf(0x0a) + 1;
  return end === 0 && chunk.length === CHUNK_BYTES ? chunk : chunk.subarray(0, end);
}

function read(file: string, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const descriptor = openSync(file, 'r');
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, offset));
  } finally {
    closeSync(descriptor);
  }
}

function logNames(folder: string): string[] {
  return globSync('*.log', { cwd: join(folder, 'logs') }).map((file) => basename(file, '.log'));
}

function sizeOf(folder: string, name: string): number {
  const file = fileOf(folder, name);
  return existsSync(file) ? statSync(file).size : 0;
}

function fileOf(folder: string, name: string): string {
  return join(folder, 'logs', `${name}.log`);
}
