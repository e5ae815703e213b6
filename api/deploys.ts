import { randomUUID } from 'node:crypto';
import type { App } from '../domain/apps.ts';
import { COMMIT } from '../domain/branches.ts';
import type { Build, Release } from '../domain/releases.ts';
import { originName, type Sourced } from '../domain/sources.ts';
import type { User } from '../store/users.ts';
import { changeableApp } from './access.ts';
import type { Dependencies } from './dependencies.ts';
import { newRelease } from './new-release.ts';
import { newOperationId, type Starter } from './operations.ts';
import type { Turns } from './turns.ts';

/** An uploaded archive, or one that fetchSource makes of what it fetches. */
export type Source = {
  id: string;
  /** The caller's own word for it, such as a commit. */
  version: string | null;
  /** Those of this build alone; absent: the app's. */
  buildpacks?: string[];
  /** Absent: it was uploaded. */
  sourced?: Sourced;
  /** The sha256 in hex that it must have; absent: any. */
  checksum?: string;
  /** An OCI image; absent: an app's source. */
  kind?: 'image';
};

export type StartDeploy = ReturnType<typeof createDeploys>;

/** What begins every deploy, however its source came: a numbered release, its build, its operation. */
export function createDeploys({ store }: Pick<Dependencies, 'store'>, starter: Starter, turns: Turns) {
  return (appId: string, user: User, source: Source, operationId = newOperationId()): Promise<Build> =>
    turns.inTurn(appId, () => start(appId, user, source, operationId));

  async function start(appId: string, user: User, source: Source, id: string): Promise<Build> {
    const app = await changeableApp(store, user, appId);
    const release = await numberRelease(app, user, source, id);
    const build = newBuild(release, app, source);
    await store.builds.add(build, source.sourced?.secret);
    const { version } = release;
    await store.audit.append({ actor: user.email, action: 'builds:create', subject: app.name, operationId: id });
    await starter.start({ id, kind: 'deploy', app, subject: app.name, version, actor: user });
    return build;
  }

  async function numberRelease(
    app: App,
    user: User,
    source: Source,
    operationId: string,
  ): Promise<Release & { buildId: string }> {
    const buildId = randomUUID();
    const release = newRelease(app, user, {
      version: await store.apps.nextVersion(app.id),
      state: 'pending',
      description: `Deploy ${shortName(source)}`,
      operationId,
      configVersion: app.configVersion,
      buildId,
    });
    await store.releases.add(release);
    return { ...release, buildId };
  }
}

function newBuild(release: Release & { buildId: string }, app: App, source: Source): Build {
  return {
    id: release.buildId,
    appId: release.appId,
    version: release.version,
    operationId: release.operationId,
    state: 'pending',
    user: release.user,
    sourceId: source.id,
    sourceDigest: null,
    sourceVersion: source.version,
    origin: source.sourced?.origin ?? null,
    checksum: source.checksum ?? null,
    ...(source.kind === undefined ? {} : { sourceKind: source.kind }),
    buildpacks: source.buildpacks ?? app.buildpacks ?? [],
    buildVars: app.buildVars ?? [],
    slugDigest: null,
    createdAt: release.createdAt,
    updatedAt: release.updatedAt,
  };
}

function shortName({ id, version, sourced }: Source): string {
  if (version === null || version === '') return sourced === undefined ? id.slice(0, 8) : originName(sourced.origin);
  return COMMIT.test(version) ? version.slice(0, 8) : version;
}
