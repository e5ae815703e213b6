import type { Api } from '../api.ts';
import { pathOf } from './errors.ts';

/** One line a request: no header, no body, no query, for any of them may hold a secret. */
export function installRequestLog(api: Api): void {
  api.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', request.id);
  });
  api.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    const millis = Math.round(reply.elapsedTime);
    request.log.info({ method, path: pathOf(request), status: reply.statusCode, millis }, 'answered');
  });
}
