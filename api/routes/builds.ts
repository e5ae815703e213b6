import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { App } from '../../domain/apps.ts';
import { invalid } from '../../domain/errors.ts';
import type { Build } from '../../domain/releases.ts';
import { parseArchiveUrl, parseChecksum, parseRepository } from '../../domain/sources.ts';
import { uploadKey } from '../../objects/keys.ts';
import { changeableApp, readableApp } from '../access.ts';
import type { Api } from '../api.ts';
import type { Dependencies } from '../dependencies.ts';
import { createDeploys, type Source } from '../deploys.ts';
import type { Starter } from '../operations.ts';
import { page } from '../plugins/ranges.ts';
import { createReadiness } from '../readiness.ts';
import { checkedBuildpack } from './buildpacks.ts';
import { AppParams } from '../schemas/apps.ts';
import { BuildParams, BuildShape, buildShape, NewBuild } from '../schemas/builds.ts';
import { failures } from '../schemas/errors.ts';
import { createSignedUrls } from '../signed-urls.ts';
import type { Turns } from '../turns.ts';

const tags = ['builds'];
const RANGES = { created_at: (build: Build) => build.createdAt.toISOString(), id: (build: Build) => build.id };
const SOURCE_URL = 'source_blob.url';
type Blob = NonNullable<Static<typeof NewBuild>['source_blob']>;

export function buildRoutes(api: Api, deps: Dependencies, starter: Starter, turns: Turns): void {
  const { store, objects, gate, buildpacks: own } = deps;
  const urls = createSignedUrls(store.signatures);
  const readiness = createReadiness(deps);
  const startDeploy = createDeploys(deps, starter, turns);

  api.post(
    '/apps/:app/builds',
    {
      schema: {
        operationId: 'createBuild',
        tags,
        params: AppParams,
        body: NewBuild,
        response: { 201: BuildShape, ...failures },
      },
    },
    async (request, reply) => {
      const app = await changeableApp(store, request.user, request.params.app);
      const source = await checkedSource(request.body);
      await readiness.assertCanDeploy(app.stack);
      const build = await startDeploy(app.id, request.user, source);
      reply.code(201).header('dcdget-operation', build.operationId);
      return shape(request, app, build);
    },
  );

  api.get(
    '/apps/:app/builds',
    {
      schema: {
        operationId: 'listBuilds',
        tags,
        params: AppParams,
        response: { 200: Type.Array(BuildShape), ...failures },
      },
    },
    async (request, reply) => {
      const app = await readableApp(store, request.user, request.params.app);
      const builds = page(request, reply, await store.builds.list(app.id), RANGES);
      return Promise.all(builds.map((build) => shape(request, app, build)));
    },
  );

  api.get(
    '/apps/:app/builds/:build',
    { schema: { operationId: 'getBuild', tags, params: BuildParams, response: { 200: BuildShape, ...failures } } },
    async (request) => {
      const app = await readableApp(store, request.user, request.params.app);
      return shape(request, app, await store.builds.get(app.id, request.params.build));
    },
  );

  async function checkedSource({ source_blob: blob, git, buildpacks }: Static<typeof NewBuild>): Promise<Source> {
    if (blob && git) throw invalid('git', 'is given beside source_blob: a build has one source');
    if (!blob && !git) throw invalid('source_blob', 'or git must say where the source is');
    const chosen = (buildpacks ?? []).map(({ url, name }, index) =>
      checkedBuildpack(own, url ?? name ?? '', `buildpacks.${index}.url`),
    );
    const source = blob ? await sourceOfBlob(blob) : sourceOfGit(git);
    if (source.kind === 'image' && chosen.length > 0)
      throw invalid('buildpacks', 'must be empty for an image: nothing of it is compiled');
    if (source.kind === 'image') return { ...source, buildpacks: [] };
    return { ...source, ...(chosen.length === 0 ? {} : { buildpacks: chosen }) };
  }

  async function sourceOfBlob({ url, version = null, checksum, kind }: Blob): Promise<Source> {
    if (version !== null && /\p{Cc}/u.test(version)) {
      throw invalid('source_blob.version', 'must not contain control characters');
    }
    const wanted = checksum ? { checksum: parseChecksum(checksum, 'source_blob.checksum') } : {};
    const uploaded = urls.sourceOf(url, SOURCE_URL);
    if (uploaded === null) {
      if (kind === 'image') throw invalid('source_blob.kind', 'may be image only of a source that was uploaded');
      const sourced = parseArchiveUrl(url, SOURCE_URL);
      gate.assertOpen(url, SOURCE_URL);
      return { id: randomUUID(), version, sourced, ...wanted };
    }
    if ((await objects.size(uploadKey(uploaded))) === null)
      throw invalid(SOURCE_URL, 'names a source that was not uploaded yet');
    return { id: uploaded, version, ...wanted, ...(kind === undefined ? {} : { kind }) };
  }

  function sourceOfGit(git: Static<typeof NewBuild>['git']): Source {
    const { url = '', ref = null, token = null } = git ?? {};
    const sourced = parseRepository({ url, ref, token }, 'git');
    gate.assertOpen(url, 'git.url');
    return { id: randomUUID(), version: null, sourced };
  }

  async function shape(request: FastifyRequest, app: App, build: Build): Promise<BuildShape> {
    const release = await store.releases.findVersion(app.id, build.version);
    return buildShape(app, build, {
      outputUrl: urls.stream(request, build.operationId),
      sourceUrl: urls.sourceGet(request, build.sourceId),
      releaseId: release?.id ?? null,
    });
  }
}
