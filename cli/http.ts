import { createReadStream } from 'node:fs';
import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { CliError, EXIT } from './errors.ts';

export type Call = {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: string | UploadFile;
  /** PEM of a CA to trust for this call, besides the public ones. */
  ca: string | undefined;
  /** Only for fetching a CA that a person is then asked about. */
  trustAnyone?: boolean;
};

export type UploadFile = { path: string; bytes: number; onProgress?: (sentBytes: number) => void };

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends the call and reads the whole answer; throws a CliError when that takes longer than the deadline. */
export async function send(call: Call, timeoutMs: number): Promise<Answer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const response = await open(call, deadline);
    return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
  } catch (error) {
    throw deadline.aborted ? tooLate(call, timeoutMs) : networkError(call.url, error);
  }
}

/** Opens a long answer: the deadline is for its beginning and, after that, for the silence between two chunks. */
export async function openStream(call: Call, silenceMs: number, signal: AbortSignal): Promise<IncomingMessage> {
  try {
    const response = await open(call, signal, silenceMs);
    response.socket.setTimeout(silenceMs, () => response.destroy(tooLate(call, silenceMs)));
    return response;
  } catch (error) {
    throw networkError(call.url, error);
  }
}

function open(call: Call, signal: AbortSignal, silenceMs?: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method: call.method, headers: headersOf(call), signal, agent: false as const };
    const request =
      call.url.protocol === 'https:'
        ? requestHttps(call.url, { ...options, ...(call.trustAnyone ? TRUST_ANYONE : trustOf(call.ca)) }, resolve)
        : requestHttp(call.url, options, resolve);
    request.on('error', reject);
    if (silenceMs !== undefined) request.setTimeout(silenceMs, () => request.destroy(tooLate(call, silenceMs)));
    if (call.body === undefined || typeof call.body === 'string') request.end(call.body);
    else sendFile(call.body, request, reject);
  });
}

function sendFile(file: UploadFile, request: NodeJS.WritableStream, reject: (error: Error) => void): void {
  const content = createReadStream(file.path);
  let sentBytes = 0;
  content.on('data', (chunk) => file.onProgress?.((sentBytes += chunk.length)));
  content.on('error', reject);
  content.pipe(request);
}

function headersOf(call: Call): Record<string, string> {
  if (call.body === undefined) return call.headers;
  const bytes = typeof call.body === 'string' ? Buffer.byteLength(call.body) : call.body.bytes;
  return { ...call.headers, 'content-length': String(bytes) };
}

const contexts = new Map<string, SecureContext>();

const TRUST_ANYONE = { rejectUnauthorized: false };

/** Options of a TLS connection that trusts the public authorities and this one. */
export function trustOf(ca: string | undefined): { secureContext?: SecureContext } {
  return ca === undefined ? {} : { secureContext: contextOf(ca) };
}

/** Reading all the public certificates takes longer than the call itself. */
function contextOf(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca: [...rootCertificates, ca] });
  contexts.set(ca, context);
  return context;
}

function tooLate(call: Call, timeoutMs: number): CliError {
  return new CliError('timeout', `${place(call.url)} did not answer within ${timeoutMs / 1000} s.`, {
    hint: 'Try again; if it stays so, check that dcdget runs and that nothing between here and there blocks it.',
    exitCode: EXIT.unreachable,
  });
}

/** Where it went, without the query: that of a presigned URL is a secret. */
function place(url: URL): string {
  return url.origin + url.pathname;
}

const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
]);

/** Translates a failure of the network into a sentence that names the URL and what to check. */
function networkError(url: URL, error: unknown): CliError {
  if (error instanceof CliError) return error;
  const code = codeOf(error);
  const [id, message, hint] = sentenceOf(code, url, error);
  return new CliError(id, message, { hint, exitCode: EXIT.unreachable, cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function sentenceOf(code: string, url: URL, error: unknown): [id: string, message: string, hint: string] {
  if (UNTRUSTED.has(code)) return untrusted(url);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['unreachable', `The host name ${url.hostname} of ${url.origin} has no address.`, CHECK_URL];
    case 'ECONNREFUSED':
      return ['unreachable', `Nothing listens at ${url.origin}.`, `${CHECK_URL} Is dcdget running?`];
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return ['unreachable', `${url.origin} cannot be reached.`, `${CHECK_URL} Are you on the right network?`];
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return ['tls', `The certificate of ${url.origin} is not valid today.`, "Check this machine's clock first."];
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [
        'tls',
        `The certificate of ${url.origin} is for another host name.`,
        `${CHECK_URL} Use the name it was made for.`,
      ];
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return ['tls', `${url.origin} does not speak TLS.`, `${CHECK_URL} https or http?`];
    default:
      return ['unreachable', `The connection to ${url.origin} broke: ${reasonOf(error)}.`, CHECK_URL];
  }
}

const CHECK_URL = 'Check DCDGET_URL.';

function untrusted(url: URL): [string, string, string] {
  return [
    'tls',
    `The certificate of ${url.origin} is signed by a CA that is not trusted here.`,
    'Set DCDGET_CA to the file of that CA (PEM), or run dcdget login, which asks whether to trust it.',
  ];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
