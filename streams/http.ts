import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Address } from '../config/settings.ts';

/** PEM texts. */
export type Tls = { certificate: string; privateKey: string };

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>;
/** By method and the path's first part: `GET /health`. */
export type Routes = Readonly<Record<string, Answer>>;

export type Log = {
  info(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
};

/** Serves the routes on every address; anything else is a 404. Returns what ends it, streams included. */
export async function serveHttp(
  listen: readonly Address[],
  tls: Tls,
  routes: Routes,
  log: Log,
): Promise<() => Promise<void>> {
  const servers = listen.map(() =>
    createServer(
      { cert: tls.certificate, key: tls.privateKey, headersTimeout: 10_000, requestTimeout: 30_000 },
      (request, response) => void answer(routes, request, response, log),
    ),
  );
  await Promise.all(servers.map((server, index) => listening(server, listen[index])));
  return async () => {
    await Promise.all(servers.map(close));
  };
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse, log: Log): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://streams');
  const route = routes[`${request.method} /${url.pathname.split('/')[1]}`];
  try {
    if (route === undefined) refuse(response, 404, 'There is nothing here.');
    else await route(request, response, url);
  } catch (error) {
    log.error({ err: error }, 'A request failed');
    if (response.headersSent) response.destroy();
    else refuse(response, 500, 'Something went wrong inside dcdget.');
  }
}

export function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${sentence}\n`);
}

async function listening(server: Server, address: Address | undefined): Promise<void> {
  server.listen(address);
  await once(server, 'listening');
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
