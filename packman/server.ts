import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server } from 'node:https';
import { DcdgetError } from '../domain/errors.ts';
import { APP_NAME } from '../domain/names.ts';
import { BuildLog } from './build-log.ts';
import type { BuildSlots } from './build-slots.ts';
import type { compile, Compiled } from './compile.ts';
import { parseCompileRequest, type CompileRequest } from './compile-request.ts';
import type { ServerLog } from './server-log.ts';
import type { Settings } from './settings.ts';
import { failureSentence, failureTrailers, trailersOf, TRAILERS, type Trailers } from './trailers.ts';

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
const WAITING_LINE_EVERY_MS = 30_000;
const KEEP_ALIVE_PROBE_MS = 15_000;

export type Deps = {
  settings: Settings;
  slots: BuildSlots;
  version: string;
  stopping: AbortSignal;
  serverLog: ServerLog;
  compile: typeof compile;
};

export function createServer(deps: Deps): Server {
  const { cert, key } = deps.settings.tls;
  // A caller whose machine died says no goodbye; the probe finds out.
  const probe = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS };
  return createHttpsServer({ cert, key, minVersion: 'TLSv1.2', ...probe }, (request, response) => {
    route(deps, request, response).catch((error: unknown) => refuse(deps, response, error));
  });
}

async function route(deps: Deps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = `${request.method} ${request.url}`;
  if (path === 'GET /health') return sendJson(response, 200, { version: deps.version });
  assertToken(request.headers.authorization, deps.settings.token);
  const app = /^POST \/apps\/([^/?]+)\/compile$/.exec(path)?.[1];
  if (app === undefined) throw new DcdgetError('not_found', 'Packman has no such address.');
  if (!APP_NAME.test(app)) throw new DcdgetError('invalid_params', 'app is not the name of an app', { field: 'app' });
  if (deps.slots.isFull()) throw new DcdgetError('unavailable', 'Too many builds wait on this build server.');
  return answer(deps, app, parseCompileRequest(await bodyOf(request)), response);
}

/** The log as it happens, then how it ended in trailers. The caller going away cancels the build. */
async function answer(deps: Deps, app: string, request: CompileRequest, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new DcdgetError('cancelled', 'The build was cancelled.')));
  response.once('error', (error) => gone.abort(new DcdgetError('cancelled', 'The caller is gone.', { cause: error })));
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', trailer: TRAILERS.join(', ') });
  response.flushHeaders();
  const write = (line: string): void => void (response.destroyed || response.write(line));
  const log = new BuildLog(write, deps.settings.limits.logMb * 1024 * 1024);
  const buildLog: ServerLog = (event, facts) =>
    deps.serverLog(event, { app, operation: request.operationId, ...facts });
  response.addTrailers(await outcome(deps, request, log, AbortSignal.any([gone.signal, deps.stopping]), buildLog));
  response.end();
}

async function outcome(
  deps: Deps,
  request: CompileRequest,
  log: BuildLog,
  cancelled: AbortSignal,
  serverLog: ServerLog,
): Promise<Trailers> {
  const startedAt = performance.now();
  const millis = (): number => Math.round(performance.now() - startedAt);
  try {
    const compiled = await compileInTurn(deps, request, log, cancelled);
    serverLog('compiled', { digest: compiled.outcome === 'made' ? compiled.digest : 'known', millis: millis() });
    return trailersOf(compiled);
  } catch (error) {
    serverLog('not compiled', { ...told(error), millis: millis() });
    if (failureSentence(error) !== log.complaint) log.failure(failureSentence(error));
    return failureTrailers(error);
  }
}

function told(error: unknown): Record<string, unknown> {
  if (!(error instanceof DcdgetError)) return { stack: error instanceof Error ? error.stack : error };
  return { code: error.code, reason: error.message, output: error.output };
}

async function compileInTurn(
  { settings, slots, ...deps }: Deps,
  request: CompileRequest,
  log: BuildLog,
  cancelled: AbortSignal,
): Promise<Compiled> {
  using slot = await takeSlot(slots, log, cancelled);
  return await deps.compile(settings, slot, request, log, cancelled);
}

async function takeSlot(slots: BuildSlots, log: BuildLog, cancelled: AbortSignal): ReturnType<BuildSlots['take']> {
  const say = (): void => log.step('Waiting for a build slot: other builds are running');
  let waiting: NodeJS.Timeout | undefined;
  try {
    return await slots.take(cancelled, () => {
      say();
      waiting = setInterval(say, WAITING_LINE_EVERY_MS);
    });
  } finally {
    clearInterval(waiting);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_REQUEST_BYTES) throw new DcdgetError('bad_request', 'The request is too large.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refuse({ serverLog }: Deps, response: ServerResponse, error: unknown): void {
  if (!(error instanceof DcdgetError)) serverLog('failed', told(error));
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known = error instanceof DcdgetError ? error : new DcdgetError('internal', 'Packman failed.');
  response.shouldKeepAlive = false;
  sendJson(response, statusOf(known), { id: known.code, message: known.message });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function assertToken(header: string | undefined, token: string): void {
  const given = digest(/^Bearer (.+)$/i.exec(header ?? '')?.[1] ?? '');
  if (!timingSafeEqual(given, digest(token))) throw new DcdgetError('unauthorized', 'The token is missing or wrong.');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function statusOf({ code }: DcdgetError): number {
  const statuses: Partial<Record<DcdgetError['code'], number>> = {
    bad_request: 400,
    invalid_params: 422,
    unauthorized: 401,
    not_found: 404,
    unavailable: 503,
  };
  return statuses[code] ?? 500;
}
