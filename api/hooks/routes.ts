import { Type } from 'typebox';
import { unauthorized } from '../plugins/auth.ts';
import { notFound } from '../../domain/errors.ts';
import { LOOK_SIGNAL } from '../../domain/sessions.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { failures } from '../schemas/errors.ts';
import { createAllowance } from './allowance.ts';
import { readReport } from './report.ts';
import { isSigned } from './signature.ts';

const MAX_REPORT_BYTES = 16 * 1024;
const INSTANCE_ID = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9_-]*\.\d{1,9}\.v\d{1,9}\.\d{1,15}$/;
const RETRY_AFTER_SECONDS = 30;

/** Where instances report what becomes of them; each signs with a key of its own. */
export function hookRoutes(api: Api, { store, temporal }: Dependencies): void {
  const allowance = createAllowance();

  // Within a plugin of its own: a signature is over the bytes as they came.
  void api.register(async (hooks: Api) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_REPORT_BYTES }, (_request, body, done) =>
      done(null, body),
    );

    hooks.post(
      '/hooks/instances/:instance',
      {
        config: { access: 'signature' },
        logLevel: 'warn',
        schema: {
          operationId: 'reportInstance',
          tags: ['hooks'],
          security: [],
          params: Type.Object({ instance: Type.String({ maxLength: 128 }) }),
          headers: Type.Object({
            'dcdget-signature': Type.Optional(
              Type.String({ description: "sha256=<hex HMAC-SHA256 of the body by the instance's key>" }),
            ),
          }),
          response: { 200: Type.Object({ known: Type.Boolean() }), ...failures },
        },
      },
      async (request, reply) => {
        const { instance: id } = request.params;
        if (!INSTANCE_ID.test(id)) throw notFound('instance', id);
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const signature = request.headers['dcdget-signature'];
        if (!isSigned(body, signature, store.signatures.fixed(`hook:${id}`))) throw unauthorized();
        if (!allowance.take(id)) {
          const message = `Instance ${id} reports too often.`;
          reply.code(429).header('retry-after', RETRY_AFTER_SECONDS);
          return reply.send({ id: 'rate_limit', message });
        }
        const event = readReport(id, body);
        const instance = await store.instances.placed(id);
        if (instance === null)
          return reply.code(410).send({ id: 'gone', message: `There is no instance ${id} any more.` });
        const isNew = await store.instanceEvents.record(event, instance);
        if (isNew && instance.sessionId !== undefined && (event.state === 'exited' || event.state === 'crashed')) {
          await temporal.signalSession(instance.sessionId, LOOK_SIGNAL);
        }
        if (isNew) return { known: false };
        return reply.code(409).send({ id: 'conflict', message: `Report ${event.run}:${event.n} is known.` });
      },
    );
  });
}
