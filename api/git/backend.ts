import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { DcdgetError } from '../../domain/errors.ts';
import { tail } from '../../domain/redaction.ts';
import { endGroup, spawnGit, withoutGit } from '../../sources/git.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export type BackendCall = {
  /** The bare repository, and who asks for it. */
  path: string;
  user: string;
  service: GitService;
  /** The refs only, which come before everything else. */
  isAdvertisement: boolean;
};

/** `hook` leads to the pre-receive hook of a push, as its file descriptor 3. */
export type Backend = { hook: Duplex; ended: Promise<void>; end: () => void };

const MAX_HEAD_BYTES = 16 * 1024;
const PROTOCOL = /^[a-z0-9=:.-]{1,100}$/;

/**
 * Serves one request by git's own http-backend, a CGI program: the body goes in, what it writes is the answer. The
 * body is read to its end in any case, so that a sender that is still sending sees the answer.
 */
export function serveByGit(call: BackendCall, request: IncomingMessage, response: ServerResponse): Backend {
  const child = spawnGit(['http-backend'], cgiVariables(call, request), ['pipe', 'pipe', 'pipe', 'pipe']);
  const [stdin, stdout, stderr, hook] = child.stdio as unknown as [Writable, Readable, Readable, Duplex];
  // Whoever does not listen any more has said so by its answer.
  for (const stream of [stdin, hook]) stream.on('error', () => undefined);
  // Read to its end, or the program would never count as ended.
  hook.resume();
  request.pipe(stdin).on('close', () => request.resume());
  return { hook, ended: answered(child, { stdout, stderr }, response), end: () => endGroup(child) };
}

async function answered(
  child: ChildProcess,
  { stdout, stderr }: { stdout: Readable; stderr: Readable },
  response: ServerResponse,
): Promise<void> {
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-MAX_HEAD_BYTES)));
  const closed = once(child, 'close').catch((cause: unknown) => {
    throw withoutGit(cause);
  });
  const [hasAnswered] = await Promise.all([passOn(stdout, response), closed]);
  if (!hasAnswered) throw new DcdgetError('internal', `git http-backend gave no answer: ${tail(complaint, 3)}`);
}

/** Writes the head that the program begins with and everything after it; false when it ended before. */
async function passOn(stdout: Readable, response: ServerResponse): Promise<boolean> {
  let head = Buffer.alloc(0);
  for await (const chunk of stdout) {
    if (response.headersSent) await write(response, chunk as Buffer);
    else {
      head = Buffer.concat([head, chunk as Buffer]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1 && head.length > MAX_HEAD_BYTES) return false;
      if (end === -1) continue;
      writeHead(response, head.toString('latin1', 0, end));
      await write(response, head.subarray(end + 4));
    }
  }
  if (response.headersSent) response.end();
  return response.headersSent;
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (response.destroyed) throw new DcdgetError('cancelled', 'Whoever asked has left');
  if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

function writeHead(response: ServerResponse, head: string): void {
  const fields = head.split('\r\n').map((line) => line.split(/: */, 2) as [string, string]);
  const status = fields.find(([name]) => name.toLowerCase() === 'status')?.[1];
  response.writeHead(
    Number.parseInt(status ?? '200', 10),
    Object.fromEntries(fields.filter(([name]) => name.toLowerCase() !== 'status')),
  );
  response.flushHeaders();
}

function cgiVariables(
  { path, user, service, isAdvertisement }: BackendCall,
  { method = 'GET', headers }: IncomingMessage,
): Record<string, string> {
  const protocol = String(headers['git-protocol'] ?? '');
  return {
    GIT_PROJECT_ROOT: path,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: isAdvertisement ? '/info/refs' : `/${service}`,
    QUERY_STRING: isAdvertisement ? `service=${service}` : '',
    REQUEST_METHOD: method,
    REMOTE_USER: user,
    CONTENT_TYPE: headers['content-type'] ?? '',
    ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
    ...(PROTOCOL.test(protocol) ? { HTTP_GIT_PROTOCOL: protocol, GIT_PROTOCOL: protocol } : {}),
  };
}
