import type { FastifyRequest } from 'fastify';
import { invalid } from '../domain/errors.ts';
import { UUID } from '../domain/names.ts';
import type { Signatures } from '../store/signatures.ts';

const UPLOAD_VALID_MS = 3_600_000;
const STREAM_VALID_MS = 86_400_000;

/** URLs that need no credentials: each holds a token for one thing. Built on the host that the caller itself used. */
export function createSignedUrls(signatures: Signatures) {
  const url = (request: FastifyRequest, path: string, thing: string, validMs: number) =>
    `${request.protocol}://${request.host}${path}?token=${signatures.sign(thing, validMs)}`;

  return {
    sourcePut: (request: FastifyRequest, sourceId: string) =>
      url(request, archivePath(sourceId), sourceThing('put', sourceId), UPLOAD_VALID_MS),
    sourceGet: (request: FastifyRequest, sourceId: string) =>
      url(request, archivePath(sourceId), sourceThing('get', sourceId), UPLOAD_VALID_MS),
    stream: (request: FastifyRequest, operationId: string) =>
      url(request, `/streams/${operationId}`, streamThing(operationId), STREAM_VALID_MS),

    /** Id of the source behind one of our own get URLs, null for a URL of elsewhere. Throws invalid_params. */
    sourceOf(text: string, field: string): string | null {
      const parsed = URL.canParse(text) ? new URL(text) : null;
      const sourceId = /^\/sources\/([^/]+)\/archive$/.exec(parsed?.pathname ?? '')?.[1];
      if (sourceId === undefined) return null;
      const token = parsed?.searchParams.get('token') ?? '';
      const isOurs = UUID.test(sourceId) && signatures.isValid(token, sourceThing('get', sourceId));
      if (!isOurs) throw invalid(field, 'must be the get_url of a source made by POST /sources within the last hour');
      return sourceId;
    },
  };
}

export function sourceThing(verb: 'get' | 'put', sourceId: string): string {
  return `source:${verb}:${sourceId}`;
}

export function streamThing(operationId: string): string {
  return `stream:${operationId}`;
}

function archivePath(sourceId: string): string {
  return `/sources/${sourceId}/archive`;
}
