import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Rig } from './rig.ts';

export type Ran = { exitCode: number; stdout: string; stderr: string };

const DCDGET = join(import.meta.dirname, '../../bin/dcdget');
const TIMEOUT_MS = 8 * 60_000;

/** Runs `dcdget` as a developer would, against the rig. */
export function dcdget(rig: Rig, ...words: string[]): Promise<Ran> {
  return runProgram(DCDGET, words, { ...process.env, ...rig.client, NO_COLOR: '1' });
}

/** The parsed answer of `dcdget … --json`. Throws with what it printed when it failed. */
export async function dcdgetJson<T>(rig: Rig, ...words: string[]): Promise<T> {
  const ran = await dcdget(rig, ...words, '--json');
  if (ran.exitCode !== 0)
    throw new Error(`dcdget ${words.join(' ')} exited ${ran.exitCode}:\n${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout) as T;
}

export function runProgram(program: string, words: string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024, ...(cwd === undefined ? {} : { cwd }) };
    execFile(program, words, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode: code, stdout, stderr });
    });
  });
}
