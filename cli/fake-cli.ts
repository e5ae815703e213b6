import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FakeApi } from './fake-api.ts';

export type Run = { exitCode: number | null; stdout: string; stderr: string };
export type RunOptions = {
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  /** Sent once this text was seen on stdout. */
  interruptAfter?: string;
  /** Once this text was seen on stdout nobody reads it any more. */
  leaveAfter?: string;
};

const BIN = join(import.meta.dirname, 'bin.ts');
const DEADLINE_MS = 60_000;
/** Shared by all runs of one test file: what is compiled once starts faster. */
const CACHE = mkdtempSync(join(tmpdir(), 'dcdget-cache-'));
process.once('exit', () => rmSync(CACHE, { recursive: true }));

/** Runs the real command line against the API, in a home folder of its own. */
export async function dcdget(api: FakeApi, argv: string[], options: RunOptions = {}): Promise<Run> {
  const home = mkdtempSync(join(tmpdir(), 'dcdget-home-'));
  try {
    return await runIn(home, api, argv, options);
  } finally {
    rmSync(home, { recursive: true });
  }
}

async function runIn(home: string, api: FakeApi, argv: string[], options: RunOptions): Promise<Run> {
  const child = spawn(process.execPath, [BIN, ...argv], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_CACHE_HOME: CACHE,
      DCDGET_URL: api.url,
      DCDGET_TOKEN: 'the-token',
      ...options.env,
    },
    cwd: options.cwd ?? home,
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.end(options.stdin ?? '');
  if (options.interruptAfter !== undefined) {
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes(options.interruptAfter ?? '')) child.kill('SIGINT');
    });
  }
  if (options.leaveAfter !== undefined) {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes(options.leaveAfter ?? '')) child.stdout.destroy();
    });
  }
  const [stdout, stderr, [exitCode]] = await Promise.all([
    options.leaveAfter === undefined ? text(child.stdout) : '',
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: exitCode as number | null, stdout, stderr };
}
