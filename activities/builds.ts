import { createHash } from 'node:crypto';
import { isPinned, parseBuildpack } from '../domain/buildpacks.ts';
import { DcdgetError } from '../domain/errors.ts';
import type { OperationInput, Skipped, StepInput } from '../domain/operations.ts';
import { tail } from '../domain/redaction.ts';
import type { Build, Slug } from '../domain/releases.ts';
import type { Server } from '../domain/servers.ts';
import type { CompileOutcome } from '../packman/client.ts';
import { cacheKey, freshSlugKey, slugKey, sourceKey, uploadKey } from '../objects/keys.ts';
import { differs } from '../sources/archive.ts';
import type { Compiled } from '../store/builds.ts';
import type { ConfigVars } from '../store/configs.ts';
import { appOf, releaseOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';
import { openOutput } from './output.ts';
import { TOKEN_VALID_MS } from './recipes.ts';
import { bringSource } from './sources.ts';

/** Long enough for the longest build. */
const PRESIGNED_SECONDS = 3600;
export const PACKMAN_PORT = 7443;

export function createBuildActivities(deps: ActivityDeps) {
  const { builds, configs, releases, servers, signatures } = deps.store;

  return {
    /** The source becomes the app's own archive, known by its digest; a second run finds it there already. */
    async fetchSource({ operation }: StepInput): Promise<void> {
      const build = await buildOf(operation);
      const key = sourceKey(build.appId, build.sourceId);
      if ((await deps.objects.size(key)) === null) await bringSource(deps, build, key);
      const digest = await digestOf(key);
      const unlike = build.checksum ? differs(build.checksum, digest) : null;
      if (unlike !== null) throw unlike;
      await builds.change(build.id, { sourceDigest: digest });
      await deps.objects.removeAll(uploadKey(build.sourceId));
    },

    /** Compiles on a build server, or finds that the very same was compiled before. */
    async compileSlug({ operation }: StepInput): Promise<void | Skipped> {
      const build = await buildOf(operation);
      const vars = await varsOf(build, operation);
      const key = compiledKey(build, vars);
      const before = await findCompiled(build, key);
      const isKnown = before !== null && (build.buildpacks ?? []).map((name) => parseBuildpack(name)).every(isPinned);
      const made = isKnown ? null : await compile(operation, build, vars, before);
      if (made === null && before !== null) {
        await keepSlug(build, before.slug);
        return { skipped: `the same source was compiled before, slug ${before.slug.digest.slice(0, 12)}` };
      }
      if (made === null) throw new DcdgetError('internal', 'Packman knows a slug that is not known');
      await builds.rememberCompiled(key, build.appId, made);
      await keepSlug(build, made.slug);
      return undefined;
    },
  };

  /** What was compiled from the same, if its slug is still there. */
  async function findCompiled(build: Build, key: string): Promise<Compiled | null> {
    const found = await builds.findCompiled(key);
    if (found === null) return null;
    return (await deps.objects.size(slugKey(build.appId, found.slug.digest))) === null ? null : found;
  }

  /** Of the release's config vars those that its app gives to builds. */
  async function varsOf(build: Build, operation: OperationInput): Promise<ConfigVars> {
    const names = build.buildVars ?? [];
    if (names.length === 0) return {};
    const { appId, configVersion } = await releaseOf(deps, operation);
    const vars = await configs.get(appId, configVersion);
    return Object.fromEntries(
      names.toSorted().flatMap((name) => (Object.hasOwn(vars, name) ? [[name, vars[name] ?? '']] : [])),
    );
  }

  async function buildOf(operation: OperationInput): Promise<Build> {
    const release = await releaseOf(deps, operation);
    if (release.buildId === null) throw new DcdgetError('internal', `Release v${release.version} has no build`);
    return builds.get(release.appId, release.buildId);
  }

  async function digestOf(key: string): Promise<string> {
    const body = await deps.objects.read(key);
    if (body === null) throw new DcdgetError('source_invalid', 'The uploaded source is not in the object store');
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  /** Everything that decides what a compile makes but the versions of buildpacks, which only fetching tells. */
  function compiledKey(build: Build, vars: ConfigVars): string {
    if (build.sourceDigest === null) throw new DcdgetError('internal', 'The source was not fetched');
    const parts = [build.appId, build.sourceDigest, deps.assets.packman.sha256, deps.assets.image.version];
    parts.push(...(build.buildpacks ?? []));
    if (build.sourceKind !== undefined) parts.push(build.sourceKind);
    // Keyed, since whoever reads the store could try out what a short value is.
    parts.push(signatures.fixed(`build config ${JSON.stringify(vars)}`));
    return createHash('sha256').update(parts.join('\n')).digest('hex');
  }

  /** Null when it comes out that `before` is what would be made. */
  async function compile(
    operation: OperationInput,
    build: Build,
    vars: ConfigVars,
    before: Compiled | null,
  ): Promise<Compiled | null> {
    const [app, server] = await Promise.all([appOf(deps, operation), buildServer()]);
    const fresh = freshSlugKey(app.id, operation.operationId);
    const { image } = deps.assets;
    const output = await openOutput(deps.store.output, operation.operationId);
    for (const remark of build.remarks ?? []) output.write(` !     ${remark}\n`);
    const presign = (key: string) => deps.objects.presignGet(key, PRESIGNED_SECONDS);
    let outcome: CompileOutcome;
    try {
      outcome = await deps.compile(
        {
          url: `https://${server.host}:${PACKMAN_PORT}`,
          ca: deps.store.authority.certificate,
          token: signatures.fixed(`packman:${server.id}`),
        },
        {
          app: app.name,
          operationId: operation.operationId,
          source: {
            url: await presign(sourceKey(app.id, build.sourceId)),
            sha256: build.sourceDigest ?? '',
            ...(build.sourceKind === undefined ? {} : { kind: build.sourceKind }),
          },
          stack: app.stack,
          imageVersion: image.version,
          image: {
            url: `${deps.publicUrl}/assets/${image.sha256}`,
            sha256: image.sha256,
            token: signatures.sign(`asset:${image.sha256}`, TOKEN_VALID_MS),
          },
          cache: {
            getUrl: await presign(cacheKey(app.id, app.stack)),
            putUrl: await deps.objects.presignPut(cacheKey(app.id, app.stack), PRESIGNED_SECONDS),
          },
          slug: { putUrl: await deps.objects.presignPut(fresh, PRESIGNED_SECONDS) },
          buildpacks: build.buildpacks ?? [],
          ...(before === null || before.buildpackVersions === '' ? {} : { builtWith: before.buildpackVersions }),
          environment: vars,
          sourceVersion: build.sourceVersion ?? '',
        },
        { onOutput: (text) => output.write(text), signal: deps.signal() },
      );
    } finally {
      await output.close();
    }
    if (outcome.status === 'failed') {
      throw new DcdgetError('build_failed', outcome.failure, { output: tail(output.text()), server: server.name });
    }
    if (outcome.status === 'known') return null;
    await deps.objects.copy(fresh, slugKey(app.id, outcome.digest));
    await deps.objects.removeAll(fresh);
    const slug = {
      digest: outcome.digest,
      bytes: outcome.bytes,
      processTypes: outcome.processTypes,
      buildpack: outcome.buildpack,
      configDefaults: outcome.configDefaults,
      processSettings: outcome.processSettings,
      imageVersion: image.version,
      ...(outcome.program === undefined ? {} : { program: outcome.program }),
    };
    return { slug, buildpackVersions: outcome.buildpackVersions };
  }

  async function keepSlug(build: Build, slug: Slug): Promise<void> {
    await releases.setSlug(build.appId, build.version, slug);
    await builds.change(build.id, { slugDigest: slug.digest });
  }

  /** Any of them serves; by chance, so that they share the work. */
  async function buildServer(): Promise<Server> {
    const able = (await servers.list()).filter(({ roles, state }) => state === 'ready' && roles.includes('build'));
    const chosen = able[Math.floor(Math.random() * able.length)];
    if (chosen !== undefined) return chosen;
    throw new DcdgetError('no_server', 'No server has the role build', {
      hint: 'Add one: dcdget servers:add --role build',
    });
  }
}
