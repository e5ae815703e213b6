import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { DcdgetError } from '../domain/errors.ts';
import { run } from './commands.ts';
import { logFile, startProcess, stopProcess, waitForProcess } from './processes.ts';
import type { Say } from './progress.ts';

const ROOT = join(import.meta.dirname, '..');

/** The variables of config/settings.ts, complete. */
export type PlatformEnvironment = Record<string, string>;

export type AssetFiles = { image: string; psDock: string; node: string; packman: string };

/** Puts what servers fetch into S3. Quick when it is there. */
export async function publishAssets(environment: PlatformEnvironment, assets: AssetFiles, say: Say): Promise<void> {
  await run({
    command: process.execPath,
    args: [program('workers/publish.ts')],
    env: {
      ...process.env,
      ...environment,
      ASSET_IMAGE: assets.image,
      ASSET_PS_DOCK: assets.psDock,
      ASSET_NODE: assets.node,
      ASSET_PACKMAN: assets.packman,
    },
    timeoutMs: 120_000,
    onLine: say,
  });
}

/** Returns when the API says that it reaches the store, S3 and Temporal. */
export async function startApi(
  folder: string,
  environment: PlatformEnvironment,
  { baseUrl, caFile }: { baseUrl: string; caFile: string },
): Promise<void> {
  await startProgram(folder, 'api', 'api/server.ts', { ...environment, DCDGET_CA_FILE: caFile });
  const url = new URL('/health', baseUrl);
  await waitForProcess(folder, 'api', { awaited: `${url.href} to answer`, timeoutMs: 60_000 }, () =>
    isHealthy(url, caFile),
  );
}

export async function stopApi(folder: string): Promise<void> {
  await stopProcess(folder, 'api');
}

/** Returns when the log hub takes readers. */
export async function startStreams(folder: string, environment: PlatformEnvironment, caFile: string): Promise<void> {
  await startProgram(folder, 'streams', 'workers/streams.ts', environment);
  const url = new URL('/health', environment['STREAMS_HTTP_URL']);
  await waitForProcess(folder, 'streams', { awaited: `${url.href} to answer`, timeoutMs: 60_000 }, () =>
    isHealthy(url, caFile),
  );
}

export async function stopStreams(folder: string): Promise<void> {
  await stopProcess(folder, 'streams');
}

/** Returns when it takes work. */
export async function startWorker(folder: string, environment: PlatformEnvironment): Promise<void> {
  const earlier = logText(folder).length;
  await startProgram(folder, 'worker', 'workers/main.ts', environment);
  await waitForProcess(folder, 'worker', { awaited: 'the workers to be ready', timeoutMs: 60_000 }, async () => {
    const text = logText(folder);
    // A log that became shorter was begun anew.
    return text.includes('worker ready', text.length < earlier ? 0 : earlier) ? true : null;
  });
}

export async function stopWorker(folder: string): Promise<void> {
  await stopProcess(folder, 'worker', { graceMs: 20_000 });
}

async function startProgram(folder: string, name: string, file: string, env: PlatformEnvironment): Promise<void> {
  const args = [program(file)];
  await startProcess(folder, {
    name,
    command: process.execPath,
    args,
    cwd: ROOT,
    // Threads that each keep memory of their own let a long-lived process grow by what none of them uses.
    env: { MALLOC_ARENA_MAX: '2', ...process.env, ...env },
  });
}

function logText(folder: string): string {
  const file = logFile(folder, 'worker');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function program(file: string): string {
  const path = join(ROOT, file);
  if (!existsSync(path)) throw new DcdgetError('unavailable', `${file} is missing from this checkout`);
  return path;
}

function isHealthy(url: URL, caFile: string): Promise<true | null> {
  if (!existsSync(caFile)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const call = request(url, { ca: readFileSync(caFile), agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? true : null);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(null));
    call.end();
  });
}
