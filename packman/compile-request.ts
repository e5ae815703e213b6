import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { MAX_BUILDPACKS, parseBuildpack } from '../domain/buildpacks.ts';
import { DcdgetError } from '../domain/errors.ts';
import { assertConfigSize, assertConfigVar, DIGEST } from '../domain/names.ts';

const Url = Type.String({ pattern: '^https?://', maxLength: 8192 });
const Digest = Type.String({ pattern: DIGEST.source });

const CompileRequest = Type.Object({
  operationId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' }),
  /** An archive of an app's source, or an OCI image that is the app. */
  source: Type.Object({ url: Url, sha256: Digest, kind: Type.Optional(Type.Literal('image')) }),
  stack: Type.Literal('batman'),
  imageVersion: Type.String({ pattern: '^[a-z]+-[a-z0-9]{1,64}$' }),
  image: Type.Optional(Type.Object({ url: Url, sha256: Digest, token: Type.Optional(Type.String()) })),
  cache: Type.Optional(Type.Object({ getUrl: Url, putUrl: Url })),
  slug: Type.Object({ putUrl: Url }),
  /** In order, as domain/buildpacks.ts reads them; empty: whichever of our own detects the app. */
  buildpacks: Type.Optional(Type.Array(Type.String({ maxLength: 800 }), { maxItems: MAX_BUILDPACKS })),
  /** The buildpacks' versions of the same app's last compile: when they are these again, nothing is compiled. */
  builtWith: Type.Optional(Type.String({ pattern: '^[0-9a-f -]{1,800}$' })),
  /** Config vars that the build is given. */
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  sourceVersion: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{0,200}$' })),
});
export type CompileRequest = Static<typeof CompileRequest>;

/** Throws bad_request for what is no JSON and invalid_params naming the field for what is no compile request. */
export function parseCompileRequest(body: string): CompileRequest {
  const request = parseJson(body);
  const [wrong] = Value.Errors(CompileRequest, request);
  if (wrong) {
    const field = wrong.instancePath.slice(1).replaceAll('/', '.') || 'body';
    throw new DcdgetError('invalid_params', `${field} ${wrong.message}`, { field });
  }
  const checked = request as CompileRequest;
  for (const [index, buildpack] of (checked.buildpacks ?? []).entries())
    parseBuildpack(buildpack, `buildpacks.${index}`);
  for (const [key, value] of Object.entries(checked.environment ?? {})) assertConfigVar(key, value);
  assertConfigSize(checked.environment ?? {});
  return checked;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new DcdgetError('bad_request', 'The request is not JSON.', { cause });
  }
}
