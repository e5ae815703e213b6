import { MongoClient } from 'mongodb';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess, stopProcess, waitForProcess } from './processes.ts';

const NAME = 'ferretdb';

/** The MongoDB protocol over PostgreSQL, on loopback. Returns the URL. */
export async function startFerretdb(
  folder: string,
  options: { binary: string; port: number; postgresUrl: string },
): Promise<string> {
  const scratch = join(folder, NAME);
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  await startProcess(folder, {
    name: NAME,
    command: options.binary,
    args: [],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: scratch,
      // Its heap may grow before it is swept again, within bounds.
      GOGC: '400',
      GOMEMLIMIT: '512MiB',
      FERRETDB_LISTEN: `127.0.0.1:${options.port}`,
      FERRETDB_POSTGRESQL_URL: options.postgresUrl,
    },
  });
  const url = `mongodb://127.0.0.1:${options.port}/`;
  await waitForProcess(folder, NAME, { awaited: 'FerretDB to answer', timeoutMs: 60_000 }, () => ping(url));
  return url;
}

export async function stopFerretdb(folder: string): Promise<void> {
  await stopProcess(folder, NAME);
}

async function ping(url: string): Promise<true | null> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1000 });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    // Not yet: the caller's deadline decides.
    return null;
  } finally {
    await client.close();
  }
}
