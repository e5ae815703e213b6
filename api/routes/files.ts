import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { notFound } from '../../domain/errors.ts';
import { DIGEST } from '../../domain/names.ts';
import { assetKey } from '../../objects/keys.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { tokenOf, unauthorized } from '../plugins/auth.ts';

const DigestParams = Type.Object({ sha256: Type.String({ pattern: DIGEST.source }) });
const tags = ['for servers'];
const config = { access: 'signature' as const };

/** What servers fetch: by digest, each with a token that lives minutes and names it. */
export function fileRoutes(api: Api, { store, objects, recipes }: Dependencies): void {
  api.get(
    '/recipes/:sha256',
    { config, schema: { operationId: 'getRecipe', tags, params: DigestParams } },
    async (request, reply) => {
      const { sha256 } = request.params;
      assertSigned(request, `recipe:${sha256}`);
      const text = recipes.get(sha256);
      if (text === undefined) throw notFound('recipe', sha256);
      return lasting(reply).type('text/x-shellscript; charset=utf-8').send(text);
    },
  );

  api.get(
    '/assets/:sha256',
    { config, schema: { operationId: 'getAsset', tags, params: DigestParams } },
    async (request, reply) => {
      const { sha256 } = request.params;
      assertSigned(request, `asset:${sha256}`);
      const bytes = await objects.size(assetKey(sha256));
      const stream = bytes === null ? null : await objects.read(assetKey(sha256));
      if (stream === null) throw notFound('asset', sha256);
      return lasting(reply).type('application/octet-stream').header('content-length', bytes).send(stream);
    },
  );

  api.get(
    '/ca.pem',
    { config: { access: 'anyone' }, schema: { operationId: 'getAuthority', tags: ['platform'] } },
    async (_request, reply) => reply.type('application/x-pem-file').send(store.authority.certificate),
  );

  function assertSigned(request: FastifyRequest, thing: string): void {
    if (!store.signatures.isValid(tokenOf(request) ?? '', thing)) throw unauthorized();
  }
}

function lasting(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'private, max-age=31536000, immutable');
}
