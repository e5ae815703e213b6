import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startProcess, stopProcess, waitForProcess } from './processes.ts';

const NAME = 's3';

export type S3Keys = { accessKeyId: string; secretAccessKey: string };

export type S3Options = {
  binary: string;
  port: number;
  /** Where it listens, besides loopback. */
  addresses: readonly string[];
  bucket: string;
  region: string;
};

/** An S3 server over a folder, with one bucket. Returns the keys, made at the first start. */
export async function startS3(folder: string, options: S3Options): Promise<S3Keys> {
  // A folder is a bucket.
  mkdirSync(join(folder, NAME, 'data', options.bucket), { recursive: true, mode: 0o700 });
  const keys = readKeys(folder);
  const listen = ['127.0.0.1', ...options.addresses].flatMap((address) => ['--port', `${address}:${options.port}`]);
  await startProcess(folder, {
    name: NAME,
    command: options.binary,
    args: [...listen, '--quiet', '--region', options.region, 'posix', join(folder, NAME, 'data')],
    env: {
      PATH: process.env['PATH'],
      ROOT_ACCESS_KEY_ID: keys.accessKeyId,
      ROOT_SECRET_ACCESS_KEY: keys.secretAccessKey,
    },
  });
  const url = `http://127.0.0.1:${options.port}/`;
  await waitForProcess(folder, NAME, { awaited: 'the S3 server to answer', timeoutMs: 30_000 }, async () =>
    fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      () => true,
      () => null,
    ),
  );
  return keys;
}

export async function stopS3(folder: string): Promise<void> {
  await stopProcess(folder, NAME);
}

function readKeys(folder: string): S3Keys {
  const file = join(folder, NAME, 'keys.json');
  if (!existsSync(file)) {
    const keys: S3Keys = {
      accessKeyId: randomBytes(10).toString('hex'),
      secretAccessKey: randomBytes(20).toString('hex'),
    };
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as S3Keys;
}
