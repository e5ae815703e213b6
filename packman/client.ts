import https from 'node:https';
import { DcdgetError } from '../domain/errors.ts';
import type { ProcessSettingsByType } from '../domain/processes.ts';
import type { ImageProgram } from '../domain/releases.ts';
import type { CompileRequest } from './compile-request.ts';

/** One Packman: its URL, the CA that its certificate is of (PEM), its bearer token. */
export type PackmanAddress = { url: string; ca: string; token: string };

export type CompileOutcome =
  | {
      status: 'compiled';
      digest: string;
      bytes: number;
      processTypes: Record<string, string>;
      buildpack: string;
      /** Commit or sha256 of each buildpack, - for our own. */
      buildpackVersions: string;
      configDefaults: Record<string, string>;
      processSettings: ProcessSettingsByType;
      /** Of an OCI image. */
      program?: ImageProgram;
    }
  /** The buildpacks are those of `builtWith`: there is a slug already. */
  | { status: 'known' }
  | { status: 'failed'; failure: string };

/** Throws build_server_failed, which is retried; `cancelled` when the signal fires, and the build ends with it. */
export type CompileSlug = (
  packman: PackmanAddress,
  request: CompileRequest & { app: string },
  watch: { onOutput: (text: string) => void; signal: AbortSignal },
) => Promise<CompileOutcome>;

const MOST_REFUSAL_CHARACTERS = 4096;
/** What an app may declare, four times 64 KiB and more, in base64. */
const MOST_TRAILER_BYTES = 1024 * 1024;
/** A build may be silent for long, but not for ever. */
const SILENCE_MS = 20 * 60_000;

export const compileSlug: CompileSlug = (packman, { app, ...request }, watch) =>
  new Promise((resolve, reject) => {
    const broke = (cause: unknown) =>
      reject(
        watch.signal.aborted
          ? new DcdgetError('cancelled', 'The compile was cancelled')
          : new DcdgetError('build_server_failed', `Packman at ${packman.url} broke off: ${sentenceOf(cause)}`, {
              cause,
            }),
      );
    const call = https.request(`${packman.url}/apps/${encodeURIComponent(app)}/compile`, {
      method: 'POST',
      ca: packman.ca,
      agent: false,
      signal: watch.signal,
      timeout: SILENCE_MS,
      maxHeaderSize: MOST_TRAILER_BYTES,
      headers: { authorization: `Bearer ${packman.token}`, 'content-type': 'application/json' },
    });
    call.on('timeout', () => call.destroy(new Error('no output for twenty minutes')));
    call.on('error', broke);
    call.on('response', (answer) => {
      answer.setEncoding('utf8');
      let said = '';
      answer.on('data', (text: string) => {
        said = (said + text).slice(0, MOST_REFUSAL_CHARACTERS);
        if (answer.statusCode === 200) watch.onOutput(text);
      });
      answer.on('error', broke);
      answer.on('end', () => {
        if (answer.statusCode === 422) reject(refusal(packman, said));
        else if (answer.statusCode !== 200) broke(new Error(`it answered ${answer.statusCode}`));
        else settle(answer.trailers, resolve, broke);
      });
    });
    call.end(JSON.stringify(request));
  });

type Trailers = NodeJS.Dict<string>;

function settle(trailers: Trailers, resolve: (outcome: CompileOutcome) => void, broke: (cause: unknown) => void): void {
  switch (trailers['dcdget-exit-status']) {
    case '0':
      if (trailers['dcdget-known'] !== undefined) return resolve({ status: 'known' });
      return resolve({
        status: 'compiled',
        digest: trailers['dcdget-slug-digest'] ?? '',
        bytes: Number(trailers['dcdget-slug-bytes']),
        processTypes: decoded(trailers['dcdget-process-types']),
        buildpack: trailers['dcdget-buildpack'] ?? '',
        buildpackVersions: trailers['dcdget-buildpack-versions'] ?? '',
        configDefaults: decoded(trailers['dcdget-config-defaults']),
        processSettings: decoded(trailers['dcdget-process-settings']),
        ...(trailers['dcdget-program'] === undefined
          ? {}
          : { program: JSON.parse(text(trailers['dcdget-program'])) as ImageProgram }),
      });
    case '1':
      return resolve({ status: 'failed', failure: text(trailers['dcdget-failure']) });
    default:
      return broke(new Error(text(trailers['dcdget-failure']) || 'the answer ended without its trailers'));
  }
}

/** What Packman finds wrong with the request is wrong again the next time. */
function refusal(packman: PackmanAddress, said: string): DcdgetError {
  return new DcdgetError('build_failed', `Packman at ${packman.url} refused the build`, { output: said });
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function text(value: string | undefined): string {
  return Buffer.from(value ?? '', 'base64').toString('utf8');
}

function decoded<T>(value: string | undefined): Record<string, T> {
  return JSON.parse(text(value) || '{}') as Record<string, T>;
}
