import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { uploadKey } from '../../objects/keys.ts';
import { DcdgetError, notFound } from '../../domain/errors.ts';
import { unauthorized } from '../plugins/auth.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { limited, MAX_SOURCE_BYTES, tooLarge } from '../../sources/limited.ts';
import { failures } from '../schemas/errors.ts';
import { SourceParams, SourceShape, TokenQuery } from '../schemas/sources.ts';
import { createSignedUrls, sourceThing } from '../signed-urls.ts';

const tags = ['sources'];

export function sourceRoutes(api: Api, { store, objects }: Dependencies): void {
  const urls = createSignedUrls(store.signatures);

  api.post(
    '/sources',
    { schema: { operationId: 'createSource', tags, response: { 201: SourceShape, ...failures } } },
    async (request, reply) => {
      const sourceId = randomUUID();
      await store.audit.append({
        actor: request.user.email,
        action: 'sources:create',
        subject: sourceId,
        operationId: null,
      });
      reply.code(201);
      return {
        source_blob: { put_url: urls.sourcePut(request, sourceId), get_url: urls.sourceGet(request, sourceId) },
      };
    },
  );

  const schema = { tags, params: SourceParams, querystring: TokenQuery };
  const config = { access: 'signature' as const };

  api.get(
    '/sources/:source/archive',
    { config, schema: { ...schema, operationId: 'downloadSource' } },
    async (request, reply) => {
      const { source } = request.params;
      if (!store.signatures.isValid(request.query.token, sourceThing('get', source))) throw unauthorized();
      const archive = await objects.read(uploadKey(source));
      if (archive === null) throw notFound('source', source);
      return reply.type('application/gzip').send(archive);
    },
  );

  // Within a plugin of its own: here, and only here, a body of any type is a stream.
  void api.register(async (uploads: Api) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, body, done) => done(null, body));
    uploads.addHook('onRequest', async ({ raw }) => {
      // Some clients send an empty type, which is none.
      if ('content-type' in raw.headers) raw.headers['content-type'] = 'application/octet-stream';
    });
    uploads.put(
      '/sources/:source/archive',
      { config, schema: { ...schema, operationId: 'uploadSource' } },
      async (request, reply) => {
        const { source } = request.params;
        if (!store.signatures.isValid(request.query.token, sourceThing('put', source))) throw unauthorized();
        await upload(source, request.body, Number(request.headers['content-length'] ?? 0));
        return reply.code(200).send();
      },
    );
  });

  async function upload(source: string, body: unknown, announcedBytes: number): Promise<void> {
    if (!(body instanceof Readable)) throw new DcdgetError('invalid_params', 'The archive is empty', { field: 'body' });
    if (announcedBytes > MAX_SOURCE_BYTES) {
      // Read to its end and dropped: a sender that is still sending sees the answer, not a broken line.
      body.resume();
      throw tooLarge();
    }
    await limited(body, (stream) => objects.writeStream(uploadKey(source), stream));
  }
}
