import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, OperationHead, OperationState, StepRow } from './api-types.ts';

export type Seen = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer };
export type Reply = { status?: number; headers?: Record<string, string>; body: unknown };
export type Route = (seen: Seen) => Reply | Promise<Reply>;
export type StreamEvent = { event: 'step' | 'output' | 'operation'; data: unknown };
/** A stream, and where it is cut; later connections go on after the Last-Event-ID they name. */
export type Stream = {
  events: Iterable<StreamEvent> | AsyncIterable<StreamEvent>;
  pauseMs?: number;
  cutAfter?: number;
};

/** A real HTTP server with answers made up by a test. */
export class FakeApi {
  readonly routes = new Map<string, Route>();
  readonly streams = new Map<string, Stream>();
  readonly seen: Seen[] = [];
  url = '';
  readonly #server;

  constructor(tls?: { key: string; cert: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response);
    this.#server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const scheme = 'setSecureContext' in this.#server ? 'https' : 'http';
    this.url = `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** `GET /apps` → what it answers. */
  on(route: string, reply: Reply | Route): this {
    this.routes.set(route, typeof reply === 'function' ? reply : () => reply);
    return this;
  }

  requestsTo(route: string): Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === route);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (request.url ?? '').split('?');
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: await buffer(request),
    };
    this.seen.push(seen);
    const stream = this.streams.get(path);
    if (stream !== undefined) return this.#stream(stream, request, response);
    const route = this.routes.get(`${seen.method} ${path}`);
    const reply = route === undefined ? NOT_FOUND : await route(seen);
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }

  async #stream(stream: Stream, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const first = Number(request.headers['last-event-id'] ?? 0);
    let id = 0;
    for await (const { event, data } of stream.events) {
      id += 1;
      if (id <= first) continue;
      await sleep(stream.pauseMs ?? 0);
      response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      if (id === stream.cutAfter) return void setTimeout(() => response.destroy(), 20);
    }
    response.end();
  }
}

const NOT_FOUND: Reply = { status: 404, body: { id: 'not_found', message: "Couldn't find that." } };

const STEPS =
  'createRelease fetchSource compileSlug placeInstances prepareServer uploadSlug writeEnvironment createContainer runReleaseCommand startProcess checkHealth updateNginx verifyRelease retireContainer completeRelease'.split(
    ' ',
  );

export function aStep(number: number, facts: Partial<StepRow> = {}): StepRow {
  return {
    number,
    step: STEPS[number - 1] ?? `step${number}`,
    subject: '',
    server: '',
    state: 'succeeded',
    attempt: 1,
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: '2026-01-02T03:04:05.250Z',
    next_retry_at: null,
    reason: null,
    output: null,
    ...facts,
  };
}

export function anOperation(state: OperationState, facts: Partial<Operation> = {}): Operation {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    kind: 'deploy',
    app: { id: '22222222-2222-4222-8222-222222222222', name: 'hello' },
    subject: 'hello',
    release: { version: 4 },
    scope: null,
    state,
    actor: { email: 'dev@example.com' },
    failure: null,
    superseded_by: null,
    created_at: '2026-01-02T03:04:05.000Z',
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: state === 'running' ? null : '2026-01-02T03:04:17.300Z',
    steps: STEPS.map((_, index) => aStep(index + 1)),
    ...facts,
  };
}

export function headOf({ steps: _, ...head }: Operation): OperationHead {
  return head;
}
