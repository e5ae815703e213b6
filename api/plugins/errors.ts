import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DcdgetError, notFound, type ErrorCode } from '../../domain/errors.ts';
import type { Api } from '../api.ts';
import type { ErrorShape } from '../schemas/errors.ts';

const STATUSES: Partial<Record<ErrorCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  already_live: 409,
  cancelled: 409,
  too_large: 413,
  invalid_params: 422,
  internal: 500,
};
/** Everything else is the world's fault and may be over when the same request comes again. */
const PASSING_STATUS = 503;

/** The one place where an error becomes an answer: { id, message, hint?, field? }. */
export function installErrors(api: Api): void {
  api.setErrorHandler((error: FastifyError | DcdgetError, request, reply) => {
    const { status, known } = told(error, request, reply);
    return answer(reply, status, known);
  });
  api.setNotFoundHandler((request, reply) =>
    answer(reply, 404, notFound('route', `${request.method} ${pathOf(request)}`)),
  );
}

/** What is told of an error, and under which status; logs what is ours to mend. */
export function told(
  error: FastifyError | DcdgetError,
  request: FastifyRequest,
  reply: FastifyReply,
): { status: number; known: DcdgetError } {
  const known = asDcdgetError(error, request);
  const status = STATUSES[known.code] ?? PASSING_STATUS;
  if (status >= 500) request.log.error({ err: error }, known.message);
  if (status === 401) void reply.header('www-authenticate', 'Basic realm="dcdget"');
  return { status, known };
}

function answer(reply: FastifyReply, status: number, error: DcdgetError): FastifyReply {
  const id = STATUSES[error.code] === undefined ? 'unavailable' : error.code;
  const body: ErrorShape = {
    id,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.field === undefined ? {} : { field: error.field }),
  };
  return reply.code(status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
}

function asDcdgetError(error: FastifyError | DcdgetError, request: FastifyRequest): DcdgetError {
  if (error instanceof DcdgetError) return error;
  if (error.validation) return invalidRequest(error, request);
  const status = error.statusCode ?? 500;
  if (status === 413) return new DcdgetError('too_large', 'The body of the request is too large');
  if (status === 404) return notFound('route', `${request.method} ${pathOf(request)}`);
  if (status < 500) return new DcdgetError('bad_request', error.message, { cause: error });
  return new DcdgetError('internal', `Something went wrong inside dcdget (request ${request.id})`, {
    hint: 'The log of the API tells more under that request.',
    cause: error,
  });
}

/** Names the first wrong field: `source_blob.url`, `roles.0`. */
function invalidRequest(error: FastifyError, request: FastifyRequest): DcdgetError {
  const wrong = error.validation?.[0];
  const missing = wrong?.params['missingProperty'];
  const path = [...(wrong?.instancePath ?? '').split('/').slice(1).map(unescape), missing].filter(
    (part) => typeof part === 'string',
  );
  const field = path.join('.') || (error.validationContext ?? 'body');
  if (error.validationContext === 'params') return notFound(field, pathOf(request));
  const sentence = typeof missing === 'string' ? 'is required' : sentenceOf(wrong?.message, wrong?.params);
  return new DcdgetError('invalid_params', `${field} ${sentence}`, { field, cause: error });
}

function sentenceOf(message: string | undefined, params: Record<string, unknown> | undefined): string {
  const allowed = params?.['allowedValues'];
  return Array.isArray(allowed)
    ? `must be one of: ${allowed.join(', ')}`
    : (message?.replace(',', ' or ') ?? 'is not valid');
}

/** Of a JSON pointer's part. */
function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Without the query, which may hold a signed token. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
