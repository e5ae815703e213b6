import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DcdgetError } from '../domain/errors.ts';

/** No byte for this long is a broken transfer, however long the whole takes. */
const IDLE_TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;
/** Small ones make a large file slow. */
const CHUNK_BYTES = 1 << 20;

/** `url` may be presigned and is a secret: it is in no error. */
export type Download = { what: string; url: string; file: string; maxMb: number; token?: string };

/** Brings a file and tells its sha256, or undefined when there is none (404). Throws storage_failed. */
export function download(wanted: Download, signal: AbortSignal): Promise<string | undefined> {
  return repeated(() => downloadOnce(wanted, signal), signal);
}

async function downloadOnce(wanted: Download, signal: AbortSignal): Promise<string | undefined> {
  const headers = wanted.token === undefined ? {} : { authorization: `Bearer ${wanted.token}` };
  const response = await answerOf(request(wanted.url, { method: 'GET', headers, signal }), wanted.what);
  if (response.statusCode === 404) {
    response.resume();
    return undefined;
  }
  assertOk(response, wanted.what);
  const hash = createHash('sha256');
  await attempted(wanted.what, () =>
    pipeline(
      response,
      bounded(wanted, (chunk) => hash.update(chunk)),
      createWriteStream(wanted.file, { highWaterMark: CHUNK_BYTES }),
      { signal },
    ),
  );
  return hash.digest('hex');
}

/**
 * Sends a file whole, its length known beforehand. What the storage answers is the truth, also when it hangs up before
 * the last byte; what breaks without an answer breaks the request. Throws storage_failed.
 */
export function upload(what: string, file: string, url: string, signal: AbortSignal): Promise<void> {
  return repeated(async () => {
    const { size } = await stat(file);
    const outgoing = request(url, { method: 'PUT', headers: { 'content-length': size }, signal });
    const answer = answerOf(outgoing, what);
    pipeline(createReadStream(file), outgoing, { signal }).catch((cause: Error) => outgoing.destroy(cause));
    assertOk((await answer).resume(), what);
  }, signal);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: CHUNK_BYTES }), hash);
  return hash.digest('hex');
}

function request(url: string, options: http.RequestOptions): http.ClientRequest {
  const { request: open } = url.startsWith('https:') ? https : http;
  const outgoing = open(url, { ...options, agent: false, timeout: IDLE_TIMEOUT_MS });
  return outgoing.on('timeout', () => outgoing.destroy(new Error(`no byte for ${IDLE_TIMEOUT_MS / 1000} s`)));
}

function answerOf(outgoing: http.ClientRequest, what: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', (cause) => reject(broken(what, cause)));
    if (outgoing.method === 'GET') outgoing.end();
  });
}

async function attempted(what: string, transfer: () => Promise<void>): Promise<void> {
  try {
    await transfer();
  } catch (cause) {
    throw cause instanceof DcdgetError ? cause : broken(what, cause);
  }
}

function broken(what: string, cause: unknown): DcdgetError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') return new DcdgetError('disk_full', `The build server's disk is full: no room for ${what}.`);
  const why = code ?? (cause as Error).message;
  return new DcdgetError('storage_failed', `The transfer of ${what} broke off (${why}).`, { cause });
}

function assertOk(response: http.IncomingMessage, what: string): void {
  if (response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300) return;
  response.resume();
  throw new DcdgetError('storage_failed', `The storage answered ${response.statusCode} to the transfer of ${what}.`);
}

function bounded({ what, maxMb }: Download, seen: (chunk: Buffer) => void): Transform {
  let bytes = 0;
  return new Transform({
    writableHighWaterMark: CHUNK_BYTES,
    readableHighWaterMark: CHUNK_BYTES,
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxMb * 1024 * 1024) {
        done(new DcdgetError('source_invalid', `The ${what} is larger than ${maxMb} MB.`));
        return;
      }
      seen(chunk);
      done(null, chunk);
    },
  });
}

async function repeated<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (left === 0 || !(error instanceof DcdgetError) || error.code !== 'storage_failed') throw error;
    }
    await sleep((ATTEMPTS - left) * 500, undefined, { signal });
  }
}
